"""In which order a plan's actions come, and what each needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Final

from auditor.pairing import parent_and_own
from auditor.planned import Action
from auditor.planning.drafts import Draft
from auditor.planning.ground import Specs
from auditor.planning.symbols import needed, told
from auditor.policy import digest
from auditor.references import texts_in

_ID_LENGTH: Final = 12


def ordered(drafts: Iterable[Draft], specs: Specs) -> tuple[Action, ...]:
    """The drafts of all sites as actions with ids and needs, each after everything that it needs."""
    by_site: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_site.setdefault(draft.action.site, []).append(draft)
    return tuple(one for site in by_site for one in _site(by_site[site], specs))


def _site(drafts: list[Draft], specs: Specs) -> list[Action]:
    held = sorted(drafts, key=lambda one: (one.turn, one.action.type, one.action.name))
    named = [replace(one, action=replace(one.action, id=action_id(one.action))) for one in held]
    words = {one.action.id: _mention(one.action) for one in named}
    texts = {one.action.id: _text(one.action) for one in named}
    made = []
    for number, draft in enumerate(named):
        before = named[:number]
        needs = [one.action.id for one in before if _comes_first(one, draft, texts[draft.action.id], words, specs)]
        made.append(replace(draft.action, needs=tuple(needs)))
    return [replace(one, needs=_direct(one, made)) for one in made]


def action_id(action: Action) -> str:
    """Names an action: the same as long as it does the same to the same resource."""
    calls = [asdict(call) for call in action.calls]
    what = [action.site, action.type, action.name, action.verb, action.facet, calls]
    return digest(what, _ID_LENGTH)


def _text(action: Action) -> str:
    return "\n".join(text for call in action.calls for text in texts_in(call.params))


def _mention(action: Action) -> re.Pattern[str]:
    own = action.native.rpartition("/")[2] or action.native
    names = {re.escape(one) for one in (own, action.name.rpartition("/")[2]) if one}
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(names))})(?![\w-])")


def _comes_first(one: Draft, other: Draft, text: str, words: Mapping[str, re.Pattern[str]], specs: Specs) -> bool:
    """Whether an action that comes earlier is one that a later one depends on."""
    a, b = one.action, other.action
    same = (a.type, a.native) == (b.type, b.native)
    if same or told(a) & needed(b.calls):
        return True
    if one.turn == other.turn:
        return False
    family = _parent(a, specs) == (b.type, b.native) or _parent(b, specs) == (a.type, a.native)
    # That it is named is reason enough: to wait for one too many does no harm.
    return family or bool(words[a.id].search(text))


def _parent(action: Action, specs: Specs) -> tuple[str, str]:
    spec = specs[action.type]
    return (spec.parent, parent_and_own(action.native, True)[0]) if spec.parent else ("", "")


def _direct(action: Action, actions: Iterable[Action]) -> tuple[str, ...]:
    """What it needs, without what those need themselves."""
    needs = {one.id: set(one.needs) for one in actions}
    beyond = {further for one in action.needs for further in needs[one]}
    return tuple(one for one in action.needs if one not in beyond)

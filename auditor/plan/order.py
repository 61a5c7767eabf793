"""In which order a plan's actions come, and what each needs. Pure.

What is put in place comes after what it needs, and is taken away before that changes: both follow from the turns, from
what names what, and from the bonds that the types declare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from auditor.canonical.pairing import parent_and_own
from auditor.canonical.policy import digest
from auditor.canonical.references import texts_in
from auditor.model.plan import Action
from auditor.plan.bonded import first_by_bonds
from auditor.plan.draft import Draft
from auditor.plan.ground import Specs
from auditor.plan.symbols import needed, told
from auditor.plan.versions import PUBLISH

_ID_LENGTH: Final = 12


@dataclass(frozen=True)
class _Placed:
    """A draft with all that is asked of it again and again."""

    draft: Draft
    parent: tuple[str, str]
    names: frozenset[str]
    """What others call it."""
    mention: re.Pattern[str]
    calls: str
    """The text of its calls."""
    text: str
    """The same, with the text of all that they are about."""
    told: frozenset[str]
    needed: frozenset[str]

    @property
    def action(self) -> Action:
        return self.draft.action

    @property
    def key(self) -> tuple[str, str]:
        """The resource."""
        return self.action.type, self.action.native


def ordered(drafts: Iterable[Draft], specs: Specs) -> tuple[Action, ...]:
    """The drafts of all sites as actions with ids and needs, each after everything that it needs."""
    by_site: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_site.setdefault(draft.action.site, []).append(draft)
    return tuple(one for site in by_site for one in _site(by_site[site], specs))


def _site(drafts: list[Draft], specs: Specs) -> list[Action]:
    held = sorted(drafts, key=lambda one: (one.turn, one.action.type, one.action.name))
    named = [replace(one, action=replace(one.action, id=action_id(one.action))) for one in held]
    placed = [_placed(one, specs) for one in named]
    must, should = _edges(placed, specs)
    order = _sequence(len(placed), must, should)
    made: list[Action] = []
    for position, number in enumerate(order):
        own, before = placed[number], set(must[number] | should[number])
        needs = [placed[n].action.id for n in order[:position] if n in before or placed[n].key == own.key]
        made.append(replace(own.action, needs=tuple(needs)))
    return [replace(one, needs=_direct(one, made)) for one in made]


def required(drafts: Iterable[Draft], specs: Specs) -> Iterator[tuple[Action, Action]]:
    """The pairs of actions of which AWS takes the first only before the second."""
    by_site: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_site.setdefault(draft.action.site, []).append(draft)
    for own in by_site.values():
        placed = [_placed(one, specs) for one in own]
        must, _ = _edges(placed, specs)
        for number, before in enumerate(must):
            yield from ((own[earlier].action, own[number].action) for earlier in sorted(before))


def action_id(action: Action) -> str:
    """Names an action: the same as long as it does the same to the same resource."""
    calls = [asdict(call) for call in action.calls]
    what = [action.site, action.type, action.name, action.verb, action.facet, calls]
    return digest(what, _ID_LENGTH)


def _placed(draft: Draft, specs: Specs) -> _Placed:
    action = draft.action
    calls = "\n".join(text for call in action.calls for text in texts_in(call.params))
    own = action.native.rpartition("/")[2] or action.native
    names = frozenset(one for one in (own, action.name.rpartition("/")[2]) if one)
    mention = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, names)))})(?![\w-])")
    text = f"{calls}\n{draft.about}"
    return _Placed(draft, _parent(action, specs), names, mention, calls, text, told(action), needed(action.calls))


def _edges(placed: Sequence[_Placed], specs: Specs) -> tuple[list[set[int]], list[set[int]]]:
    """By draft, those that must come before it, and those that should."""
    must: list[set[int]] = [set() for _ in placed]
    should: list[set[int]] = [set() for _ in placed]
    for b, other in enumerate(placed):
        for a, one in enumerate(placed[:b]):
            first = _must_be_first(one, other, specs)
            if first is not None:
                must[b if first else a].add(a if first else b)
            elif one.key != other.key and _are_related(one, other):
                first = _should_be_first(one, other)
                should[b if first else a].add(a if first else b)
    return must, should


def _must_be_first(one: _Placed, other: _Placed, specs: Specs) -> bool | None:
    """Whether one of two comes first, or the other; None where neither has to."""
    if one.told & other.needed:
        return True
    if other.told & one.needed:
        return False
    if one.action.verb == "create" and not one.action.facet and (one.key in (other.key, other.parent)):
        return True
    if one.key == other.key and other.draft.turn == PUBLISH:
        # A version is what its function is by then. Of two, the one is the first in turn.
        return True
    return first_by_bonds(one.draft, other.draft, specs)


def _are_related(one: _Placed, other: _Placed) -> bool:
    """Whether one of two is a part of the other, or uses it. The later in turn is the one that uses."""
    if one.draft.rank == other.draft.rank:
        return False
    used, user = (one, other) if one.draft.rank < other.draft.rank else (other, one)
    if used.parent == user.key or user.parent == used.key:
        return True
    # That it is named is reason enough: to wait for one too many does no harm. A resource names itself, though.
    alike = used.names & {part for name in (user.action.native, user.action.name) for part in name.split("/")}
    text = user.calls if alike else user.text
    # A part is known by what it is a part of.
    whole = used.parent == user.parent or used.parent[1] in text
    return whole and any(name in text for name in used.names) and bool(used.mention.search(text))


def _should_be_first(one: _Placed, other: _Placed) -> bool:
    """Of two, the first in turn and another, whether the first comes before.

    What is used comes before what uses it, unless either is taken away. Deletes come after everything else.
    """
    used, user = (one, other) if one.draft.rank < other.draft.rank else (other, one)
    if "delete" in (used.action.verb, user.action.verb):
        user_first = used.action.verb == "delete"
    else:
        user_first = (used.draft.falls or user.draft.falls) and used.parent != user.key
    return (user is one) == user_first


def _sequence(count: int, must: Sequence[set[int]], should: Sequence[set[int]]) -> list[int]:
    """The numbers of all drafts, in the order of their turns, but for what comes before what."""
    waiting, order = list(range(count)), list[int]()
    left = set(waiting)
    while waiting:
        free = next((one for one in waiting if not (must[one] | should[one]) & left), None)
        if free is None:
            # Two that each use the other: what AWS demands counts.
            free = next((one for one in waiting if not must[one] & left), waiting[0])
        waiting.remove(free)
        left.remove(free)
        order.append(free)
    return order


def _parent(action: Action, specs: Specs) -> tuple[str, str]:
    spec = specs[action.type]
    return (spec.parent, parent_and_own(action.native, True)[0]) if spec.parent else ("", "")


def _direct(action: Action, actions: Iterable[Action]) -> tuple[str, ...]:
    """What it needs, without what those need themselves."""
    needs: Mapping[str, set[str]] = {one.id: set(one.needs) for one in actions}
    beyond = {further for one in action.needs for further in needs[one]}
    return tuple(one for one in action.needs if one not in beyond)

"""Which drafts of a site can be carried out: what they name must mean something there, or come to be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.canonical.key_references import keys_needed
from auditor.canonical.named_ids import made_up_ids
from auditor.canonical.pairing import name_symbol, parent_and_own
from auditor.canonical.references import VERSION_PREFIXES, unresolved_in
from auditor.canonical.strange import strange
from auditor.canonical.unknown import unknown_of
from auditor.model.plan import Action, Danger, LeftOut
from auditor.model.pointer import segments
from auditor.model.values import Change, Finding, State
from auditor.plan.bonded import refusal, siblings, with_ways_back
from auditor.plan.draft import Draft
from auditor.plan.fields import said_of
from auditor.plan.ground import Ground, Key, Specs
from auditor.plan.symbols import from_golden, holds_a_token, meant, meant_everywhere, needed, told
from auditor.plan.targets import missing_target
from auditor.plan.versions import DESCRIBED_OTHERWISE, publishing
from auditor.plan.whom import missing_of, principals_needed
from auditor.specs.field_tree import spec_tree
from auditor.specs.spec import FUNCTION


@dataclass(frozen=True)
class SitePlan:
    """What is to be done in one site."""

    drafts: tuple[Draft, ...]
    left_out: tuple[LeftOut, ...]
    symbols: Mapping[str, str]
    """What each symbol that is known there means."""
    unknown: frozenset[str]
    """Symbols of which nobody has said yet what they mean there."""


@dataclass(frozen=True)
class Limits:
    """What decides whether a draft can be carried out."""

    golden: Ground
    live: bool
    """Golden's secrets and code can be read when the plan is carried out."""
    actual: Ground
    specs: Specs
    meanings: Mapping[str, str]
    untold: Mapping[str, str]
    without: frozenset[Danger]
    findings: tuple[Finding, ...]
    """All of the site, those that were not chosen among them."""
    fixed: Mapping[Key, str]
    """By resource, where it differs from golden's for good (see `fixed`)."""


def possible(drafts: Iterable[Draft], limits: Limits) -> SitePlan:
    """The drafts that can be carried out, with those that publish what others point at; and why the rest cannot."""
    kept = list(drafts)
    out: list[LeftOut] = []
    unknown: frozenset[str] = frozenset()
    while True:
        symbols = _symbols(kept, limits)
        # Anew each time: what a version would be depends on the drafts that are left.
        whole = [*kept, *_published(kept, symbols, limits)]
        among = siblings(whole, limits.actual, limits.specs)
        obstacles = ((one, _obstacle(one, whole, symbols, limits) or refusal(one, among)) for one in kept)
        refused = {id(one): why for one, why in obstacles if why}
        if not refused:
            made = with_ways_back(whole, limits.actual, limits.specs)
            return SitePlan(made, tuple(out), symbols, unknown | _not_looked_up(made, symbols, limits))
        for one in kept:
            if id(one) in refused:
                out += left_out(one.action, refused[id(one)])
                unknown |= {name for name in _needed(one.action, limits) if name not in {*symbols, *limits.untold}}
        kept = [one for one in kept if id(one) not in refused]


def _not_looked_up(drafts: Iterable[Draft], symbols: Mapping[str, str], limits: Limits) -> frozenset[str]:
    """The roles and users that drafts name, as symbols, and of which nobody has asked yet whether they are there."""
    locale = limits.actual.locale
    needed = frozenset(name for one in drafts for name in principals_needed(one.action, locale, symbols))
    return needed - limits.meanings.keys() - limits.untold.keys()


def _symbols(drafts: Iterable[Draft], limits: Limits) -> dict[str, str]:
    made = {
        name_symbol(one.action.type, one.action.name): one.action.native
        for one in drafts
        if one.action.verb == "create" and not limits.specs[one.action.type].parent
    }
    there = meant_everywhere(limits.golden.locale, limits.actual.locale)
    return {**there, **made, **meant(limits.actual.locale), **limits.meanings}


def _published(drafts: list[Draft], symbols: Mapping[str, str], limits: Limits) -> list[Draft]:
    """The drafts that publish the versions that others point at, where a site is known to have none like them."""
    given = {symbol for one in drafts for symbol in told(one.action)} | symbols.keys()
    # One version can be named by its number alone, and by an ARN.
    wanted = {
        symbol.partition(":")[2]: (symbol, one.action)
        for one in drafts
        for symbol in sorted(needed(one.action.calls))
        if symbol.startswith(VERSION_PREFIXES) and symbol not in given and symbol in limits.untold
    }
    made = (_publishing(symbol, action, drafts, limits) for symbol, action in wanted.values())
    return [one for one in made if isinstance(one, Draft) and not _unlike(one.action, drafts, limits)]


def _publishing(symbol: str, user: Action, drafts: Iterable[Draft], limits: Limits) -> Draft | str:
    if limits.untold.get(symbol) == DESCRIBED_OTHERWISE:
        return DESCRIBED_OTHERWISE
    there = {one.name: one.native for one in limits.actual.documents.values() if one.type == FUNCTION}
    actions = (one.action for one in drafts)
    made = {one.name: one.native for one in actions if one.type == FUNCTION and one.verb == "create"}
    return publishing(symbol, user, {**there, **made}, limits.golden, limits.specs[FUNCTION])


def _unlike(publish: Action, drafts: list[Draft], limits: Limits) -> str:
    """What of a function will still differ from golden when a version of it is to be published."""
    covered = {change.path for one in drafts if _about(one.action, publish) for change in one.action.changes}
    made = any(one.action.verb == "create" and _about(one.action, publish) for one in drafts)
    own = [one for one in limits.findings if (one.type, one.name) == (FUNCTION, publish.name)]
    if any(one.kind == "missing" for one in own) and not made:
        return "it is not there"
    paths = [change.path for one in own for change in one.changes if _versioned(change.path)]
    return next((path or "what nobody could read" for path in paths if path not in covered), "")


def _about(one: Action, other: Action) -> bool:
    return (one.type, one.native) == (other.type, other.native)


def _versioned(path: str) -> bool:
    # What belongs to the function as a whole is in no version of it.
    return path.removeprefix("/").partition("/")[0] not in _OF_THE_WHOLE


_OF_THE_WHOLE: Final = frozenset(
    {
        "Code",
        "Tags",
        "ReservedConcurrentExecutions",
        "Policy",
        "CodeSigningConfigArn",
        "CodeSigningConfig",
        "RuntimeManagementConfig",
        "RecursiveLoop",
        "FunctionScalingConfig",
    }
)


def _obstacle(one: Draft, drafts: list[Draft], symbols: Mapping[str, str], limits: Limits) -> str:
    """Why a draft cannot be carried out; "" where nothing is in its way."""
    action = one.action
    danger = next((warned for warned in action.warnings if warned.danger in limits.without), None)
    if danger:
        return f"left out by --without {danger.danger}: {danger.text}"
    if not limits.live and from_golden(action.calls):
        return "golden is a snapshot, which holds neither secrets nor code: plan with a golden site that can be read"
    barred = _barred(action) or missing_of(action, limits.actual.locale, symbols, limits.untold)
    if barred:
        return barred
    unresolved = _strange(action, limits)
    if unresolved:
        return f"unresolved reference: {unresolved}"
    unknown = unknown_of([call.params for call in action.calls], limits.actual.locale)
    unmade = unknown or _unmade(one, drafts, limits) or _of_another_kind(action, limits)
    unmade = unmade or missing_target(action, limits.findings, (other.action for other in drafts))
    return unmade or _unknown(one, drafts, symbols, limits)


def _barred(action: Action) -> str:
    """Why AWS takes an action's calls in no site, or must not be sent them; "" where neither is so."""
    if _replicates_to_itself(action):
        return "it would replicate the bucket to itself"
    return "it holds a token of which a fingerprint is kept only" if holds_a_token(action.calls) else ""


def _of_another_kind(action: Action, limits: Limits) -> str:
    """What sets a resource's parent apart from golden's for good; "" where nothing does, or it is to be deleted."""
    spec = limits.specs[action.type]
    parent = limits.specs.get(spec.parent)
    if parent is None or parent.versioned or action.verb == "delete":
        return ""
    name = parent_and_own(action.name, True)[0]
    path = limits.fixed.get((parent.type, name), "")
    return f"its {parent.type}, {name}, differs in {path}, which is set when it is made" if path else ""


def fixed(findings: Sequence[Finding], specs: Specs) -> dict[Key, str]:
    """By resource, a place in which it differs from golden's, and which is set when it is made."""
    found: dict[Key, str] = {}
    trees = {type_: spec_tree(specs[type_]) for type_ in {one.type for one in findings}}
    for one in findings:
        own = [
            change.path
            for change in (one.changes if one.kind == "changed" else ())
            if said_of(specs[one.type], trees[one.type], change.path, "immutable")
        ]
        found |= {(one.type, one.name): own[0]} if own else {}
    return found


def _strange(action: Action, limits: Limits) -> str:
    """What the calls would write of golden's that nobody knows what it is in the site, and why; "" for nothing.

    What the site has by the same symbol, and what is no part of what differs, stays in what is written whole.
    """
    golden, actual = limits.golden.locale, limits.actual.locale
    new, theirs = [one.golden for one in action.changes], [one.actual for one in action.changes]
    params = [call.params for call in action.calls]
    own = set() if action.verb == "create" else set(unresolved_in(params, actual))
    brought = {**strange(new or params, golden, theirs, actual), **_made_up(action.changes)}
    whole = strange(params, golden, theirs, actual)
    kept = {one: why for one, why in whole.items() if one in golden.unresolved and one not in own}
    found = {one: why for one, why in brought.items() if one in whole}
    return next((f"{one}: {why}" for one, why in {**found, **kept}.items()), "")


def _made_up(changes: Iterable[Change]) -> dict[str, str]:
    return {
        one: why
        for change in changes
        for one, why in made_up_ids(change.golden, change.actual, "".join(segments(change.path)[-1:])).items()
    }


def _replicates_to_itself(action: Action) -> bool:
    own = (f":::{action.name}'", f":::{action.native}'")
    puts = (repr(call.params) for call in action.calls if call.operation == "PutBucketReplication")
    return any(name in params for params in puts for name in own)


def _unmade(one: Draft, drafts: list[Draft], limits: Limits) -> str:
    """What must be there and neither is nor comes to be."""
    action, spec = one.action, limits.specs[one.action.type]
    makes = {(other.action.type, other.action.native) for other in drafts if _makes(other.action)}
    there = limits.actual.resources.keys() | makes
    if action.verb == "create" and not _makes(action) and (action.type, action.native) not in makes:
        return "it is not made"
    held = _held(action, drafts, limits) if action.verb == "delete" else ""
    if held:
        return f"it still holds {held}"
    parent = (spec.parent, parent_and_own(action.native, True)[0])
    return f"its {parent[0]}, {parent[1]}, is not there and not made" if spec.parent and parent not in there else ""


def _held(action: Action, drafts: list[Draft], limits: Limits) -> str:
    """A part of what is to be deleted that is not deleted itself, or that nobody knows of; "" for none."""
    # What is implied goes with it, as what is deleted says.
    parts = {name for name, spec in limits.specs.items() if spec.parent == action.type and not spec.implied}
    deleted = {(one.action.type, one.action.native) for one in drafts if one.action.verb == "delete"}
    prefix = f"{action.native}/"
    there = (key for key in limits.actual.resources if key[0] in parts and key[1].startswith(prefix))
    left = next((f"{type_}/{name}, which is not deleted" for type_, name in there if (type_, name) not in deleted), "")
    unread = (one for one in limits.actual.snapshot.unread if one.type in parts and one.state is State.UNREADABLE)
    unknown = (f"what could not be read ({one.error})" for one in unread if one.parent in ("", action.native))
    return left or next(unknown, "")


def _makes(action: Action) -> bool:
    return action.verb == "create" and bool(action.undo or action.cannot_undo)


def _needed(action: Action, limits: Limits) -> frozenset[str]:
    """The symbols that must mean something in the site: those of the calls, and the keys that they name."""
    return needed(action.calls) | keys_needed(action.calls, action.undo, limits.specs[action.type])


def _unknown(one: Draft, drafts: list[Draft], symbols: Mapping[str, str], limits: Limits) -> str:
    given = {symbol for other in drafts for symbol in told(other.action)}
    beyond = _needed(one.action, limits) - symbols.keys() - given
    # What a call says counts before what must be true of the keys that it names.
    missing = sorted(beyond, key=lambda symbol: (symbol not in needed(one.action.calls), symbol))
    if not missing:
        return ""
    symbol = missing[0]
    if symbol.startswith(VERSION_PREFIXES) and symbol in limits.untold:
        draft = _publishing(symbol, one.action, drafts, limits)
        differs = draft if isinstance(draft, str) else _unlike(draft.action, drafts, limits)
        said = differs if isinstance(draft, str) else f"{differs} of its function differs"
        return f"unresolved reference: {limits.actual.site} has no such version, and none can be published: {said}"
    made = {name_symbol(other.action.type, other.action.name) for other in drafts if _makes(other.action)}
    known_then = "this plan makes it, and only then it is known: apply it, then plan again"
    why = known_then if symbol in made else limits.untold.get(symbol, "it was not looked up")
    return f"unresolved reference: what '{symbol}' is in {limits.actual.site}: {why}"


def left_out(action: Action, why: str) -> Iterator[LeftOut]:
    """The differences that stay where an action is not carried out."""
    finding = "".join(action.reason[:1])
    for path in [change.path for change in action.changes] or [""]:
        yield LeftOut(action.site, action.type, action.name, path, why, finding)

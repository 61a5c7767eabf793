"""What is to be done in one site about its findings, resource by resource. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from auditor.canonical.pairing import BY_NAME, Pairing
from auditor.errors import UnresolvedError
from auditor.model.plan import LeftOut
from auditor.model.pointer import pointer
from auditor.model.values import ABSENT, Change, Finding
from auditor.plan.choice import Choice, chosen, guarded, left
from auditor.plan.deletes import deleted
from auditor.plan.draft import Draft
from auditor.plan.drafts import Drafted, Refusal, created, updated
from auditor.plan.ground import Ground, Key, Specs, Subject, nothing_on, subject
from auditor.plan.names import Names, claims, native, obstacle
from auditor.plan.possible import Limits, SitePlan, fixed, possible
from auditor.plan.statements import apart, barred_statements, reason_at

Meanings = Mapping[str, Mapping[str, str]]
"""By site and symbol."""
Row = tuple[Finding, Change | None, str]
"""One difference, and why it is left as it is; "" for one that is to go."""


@dataclass(frozen=True)
class Planner:
    """What planning takes beside the drift."""

    specs: Specs
    golden: Callable[[bool], Ground]
    """Golden, as it is worded for a site of its own partition (False), or of another one (True)."""
    live: bool = True
    """Golden can be read; otherwise it is a snapshot, which holds neither secrets nor code."""
    choice: Choice = field(default_factory=Choice)
    pairing: Pairing = BY_NAME
    meanings: Meanings = field(default_factory=dict)
    """What was looked up, beside what each site's snapshot knows."""
    untold: Meanings = field(default_factory=dict)
    """Why the meaning of symbols that were looked up is not known."""
    names: Names = field(default_factory=Names)
    """Those that are taken in all sites."""


def with_claims(findings: Iterable[Finding], planner: Planner, sites: Mapping[str, Ground]) -> Planner:
    """The planner, knowing what all that is to be made, in all sites, would be called."""
    missing = [
        (one, subject(_key(one), planner.specs, planner.golden(actual.wide), actual), actual)
        for one in findings
        if one.kind == "missing"
        and one.site in sites
        and chosen(one, planner.choice)
        and not left(one, None, planner.choice)
        for actual in [sites[one.site]]
    ]
    return replace(planner, names=replace(planner.names, claims=claims(missing, planner.pairing)))


def site_plan(findings: Iterable[Finding], planner: Planner, actual: Ground) -> SitePlan:
    """The drafts of one site that can be carried out, and everything that is left as it is."""
    site = str(actual.site)
    own = sorted((one for one in findings if one.site == site), key=lambda one: (*_key(one), one.kind, one.id))
    drafts: list[Draft] = []
    out: list[LeftOut] = []
    for key, group in groupby((one for one in own if chosen(one, planner.choice)), key=_key):
        made, rows = _resource(list(group), key, planner, actual)
        drafts += made
        out += rows
    limits = Limits(
        planner.golden(actual.wide),
        planner.live,
        actual,
        planner.specs,
        planner.meanings.get(site, {}),
        planner.untold.get(site, {}),
        planner.choice.without,
        tuple(own),
        fixed(own, planner.specs),
    )
    made_possible = possible(drafts, limits)
    return replace(made_possible, left_out=(*out, *made_possible.left_out))


def _key(finding: Finding) -> Key:
    return finding.type, finding.name


def _resource(findings: list[Finding], key: Key, planner: Planner, actual: Ground) -> tuple[list[Draft], list[LeftOut]]:
    one = subject(key, planner.specs, planner.golden(actual.wide), actual)
    barred = barred_statements(one, actual, planner.untold.get(str(actual.site), {}))
    rows = [row for finding in findings for row in _rows(finding, barred, planner.choice)]
    open_ = [row for row in rows if not row[2]]
    out = [_left_out(row) for row in rows if row[2]]
    if not open_:
        return [], out
    guard = guarded(open_[0][0], key, planner.golden(actual.wide), actual, planner.specs, planner.choice)
    if guard:
        return [], [*out, *(_left_out((finding, change, guard)) for finding, change, _ in open_)]
    drafts, refusals = _drafted(one, open_, [row[1].path for row in rows if row[2] and row[1]], planner, actual)
    ids = {change.path if change else "": finding.id for finding, change, _ in open_}
    out += [
        LeftOut(str(actual.site), *key, path, refusal.why, ids.get(path, next(iter(ids.values()))))
        for refusal in refusals
        for path in refusal.paths
    ]
    reason = tuple(dict.fromkeys(ids.values()))
    return [replace(draft, action=replace(draft.action, reason=reason)) for draft in drafts], out


def _rows(finding: Finding, barred: Mapping[str, str], choice: Choice) -> Iterator[Row]:
    """The differences of a finding, each with why it stays; of a resource to be made, also what it is made without."""
    for change in finding.changes:
        why = left(finding, change, choice)
        parts = (change,) if why else apart(change, barred)
        yield from ((finding, part, why or reason_at(part.path, barred)) for part in parts)
    if not finding.changes:
        why = left(finding, None, choice)
        yield finding, None, why
        without = barred.items() if finding.kind == "missing" and not why else ()
        yield from ((finding, Change(path, ABSENT, ABSENT), why) for path, why in without)


def _left_out(row: Row) -> LeftOut:
    finding, change, why = row
    return LeftOut(finding.site, finding.type, finding.name, change.path if change else "", why, finding.id)


def _drafted(one: Subject, rows: list[Row], kept: list[str], planner: Planner, actual: Ground) -> Drafted:
    site, kind = str(actual.site), rows[0][0].kind
    changes = [change for _, change, _ in rows if change]
    if kind == "changed" and one.actual:
        return updated(one, changes, kept, site)
    if kind == "extra":
        return deleted(one, site)
    name, why = _named(one, planner, actual)
    if name and kind == "changed" and one.golden:
        return updated(replace(one, actual=nothing_on(one.golden, name)), changes, kept, site)
    if name:
        why = obstacle(one, name, planner.names, planner.pairing, planner.golden(actual.wide), actual)
    return ((), (Refusal(("",), why),)) if why else created(one, name, site, kept)


def _named(one: Subject, planner: Planner, actual: Ground) -> tuple[str, str]:
    """What a resource that is not there yet is to be called, or why it cannot be told that it is to be there."""
    untold = next(iter(one.golden.document.unknown.items()), None) if one.golden else None
    if untold:
        return "", f"golden's {pointer(untold[0])} is not known ({untold[1].why}): nothing is made without it"
    try:
        name = native(one, planner.pairing, actual)
    except UnresolvedError as error:
        return "", f"unresolved reference in its name: {error}"
    return name, "" if name else f"the settings do not say what it is to be called in {actual.site}"

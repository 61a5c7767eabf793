"""Decisions held against what is found now: which are out of date, and what exceptions accepting comes to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from auditor.compare.exceptions import WHOLE, escaped
from auditor.compare.findings import EVERY, finding_id
from auditor.errors import DecisionError
from auditor.model.values import Decision, Drift, DriftException, Finding, parse_site
from auditor.report.display import visible

NAMED: Final = 5
"""How many decisions a refusal names; the others are counted."""
AGAIN: Final = "Look at a new report, and decide again."


@dataclass(frozen=True)
class Accepting:
    """What accepting comes to: the exceptions to be written, and what an exception covers as it is."""

    exceptions: tuple[DriftException, ...]
    already: tuple[Decision, ...]


def refuse_changed(decisions: Iterable[Decision], found: Drift, undone: str) -> None:
    """Raise DecisionError, naming them, for decisions that are not about what was found.

    They are about findings that are not there, or not any more, about something else than they say, or were made
    against another golden. `undone` says what was not done, in a sentence.
    """
    held = list(decisions)
    _refuse_other_golden(held, found, undone)
    there = {one.id: one for one in found.findings}
    parts = _accepted_since(found.findings)
    gone = [one for one in held if one.finding not in there and one.finding not in parts]
    if gone:
        told = [f"{called(one)} (decided: {one.decision}): {_now(one, found.findings)}" for one in gone]
        what = f"{len(gone)} {'decision is' if len(gone) == 1 else 'decisions are'} about what has changed since:"
        raise DecisionError(_refusal(what, told, f"{undone} {AGAIN}"))
    _refuse_other(held, there, undone)


def _refuse_other_golden(decisions: Iterable[Decision], found: Drift, undone: str) -> None:
    other = next((one.golden for one in decisions if one.golden not in ("", found.golden)), "")
    if other:
        raise DecisionError(
            f"The decisions were made against {visible(other)}, and golden is {visible(found.golden)} now. {undone} "
            f"Say --golden {visible(other)}, or decide in a report against {visible(found.golden)}."
        )


def _refuse_other(decisions: Iterable[Decision], there: Mapping[str, Finding], undone: str) -> None:
    """What a file says of a finding is what somebody reviewed: it is not something else that is carried out."""
    wrong = [
        f"{called(one)}: finding {visible(one.finding)} is {visible(found.type)}/{visible(found.name)} in "
        f"{visible(found.site)}, {found.kind}"
        for one in decisions
        if (found := there.get(one.finding))
        and not all(
            said in ("", so)
            for said, so in (
                (one.resource, visible(f"{found.type}/{found.name}")),
                (one.site, visible(found.site)),
                (one.kind, found.kind),
            )
        )
    ]
    if wrong:
        what = f"{len(wrong)} {'decision says' if len(wrong) == 1 else 'decisions say'} another thing than it is about:"
        raise DecisionError(_refusal(what, wrong, f"{undone} {AGAIN}"))


def accepting(decisions: Iterable[Decision], findings: Sequence[Finding], accounts: bool, on: str) -> Accepting:
    """The exceptions that cover what is to be accepted, and nothing else.

    `accounts` tells whether sites of other accounts may be audited too, `on` the day (`2026-11-24`). Raises
    DecisionError for what is unknown, and for what would be accepted until a day that is over.
    """
    wanted = [one for one in decisions if one.decision == "accept"]
    found = {one.id: one for one in findings}
    _refuse_unknown([one for one in wanted if one.finding in found and found[one.finding].kind == "unreadable"])
    _refuse_over([one for one in wanted if one.until and one.until < on])
    opened = [one for one in wanted if one.finding in found and not found[one.finding].exception]
    made = (exception for one in opened for exception in exceptions_for(found[one.finding], one, accounts))
    return Accepting(tuple(made), tuple(one for one in wanted if one not in opened))


def exceptions_for(finding: Finding, decision: Decision, accounts: bool) -> tuple[DriftException, ...]:
    """One exception for each change, or one for the resource's being there or not."""
    site = parse_site(finding.site)
    # A region's name alone covers that region in every account.
    narrow = "site" if accounts or site.account else "region"
    one = DriftException(escaped(f"{finding.type}/{finding.name}"), decision.reason, WHOLE, until=decision.until)
    one = replace(one, **{narrow: escaped(finding.site)})
    paths = [escaped(change.path) for change in finding.changes]
    return tuple(replace(one, path=path) for path in paths or [WHOLE])


def called(decision: Decision) -> str:
    """What a decision is about, by name as far as it tells."""
    if not decision.resource:
        return f"finding {visible(decision.finding)}"
    return visible(decision.resource) + (f" in {visible(decision.site)}" if decision.site else "")


def _accepted_since(findings: Iterable[Finding]) -> set[str]:
    """The ids of findings that are several now, since each of their changes was accepted by itself."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        if one.exception and one.changes:
            key = one.site, one.type, one.name, one.exception.reason, one.exception.until
            alike.setdefault(key, []).append(one)
    return {finding_id(_in_one(several)) for several in alike.values()}


def _in_one(findings: Sequence[Finding]) -> Finding:
    changes = sorted((change for one in findings for change in one.changes), key=lambda change: change.path)
    return replace(findings[0], changes=tuple(changes))


def _now(decision: Decision, findings: Iterable[Finding]) -> str:
    """What is so now of that which a decision is about."""
    if not decision.resource:
        return "there is no such finding now"
    here = [one for one in findings if decision.site in ("", one.site) and _is_about(one, decision.resource)]
    if any(one.kind != "unreadable" for one in here):
        return "it differs otherwise now"
    return "it could not be read now" if here else "it is alike, or not compared, now"


def _is_about(finding: Finding, resource: str) -> bool:
    name = f"{finding.type}/{finding.name}"
    listing = finding.kind == "unreadable" and name.endswith(f"/{EVERY}")
    return name == resource or (listing and resource.startswith(name.removesuffix(EVERY)))


def _refuse_unknown(decisions: Sequence[Decision]) -> None:
    if decisions:
        undone = "Nothing was written. Let it be read, or decide 'later'."
        raise DecisionError(_refusal("What could not be read cannot be accepted:", map(called, decisions), undone))


def _refuse_over(decisions: Sequence[Decision]) -> None:
    if decisions:
        told = (f"{called(one)} (until: {one.until})" for one in decisions)
        undone = "Nothing was written. Name a later day, or none."
        raise DecisionError(_refusal("The last day of what is accepted is over:", told, undone))


def _refusal(what: str, told: Iterable[str], undone: str) -> str:
    lines = [*told]
    more = len(lines) - NAMED
    rest = [f"… and {more} more"] if more > 0 else []
    return "\n".join([what, *(f"  {line}" for line in [*lines[:NAMED], *rest]), undone])

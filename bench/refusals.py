"""Each read refused in turn, in golden, in the site and in both: what depends on it is unknown, and all else as it was.

    python -m bench.refusals [OPERATION…]

What a run that is refused nothing calls, finds and plans is the oracle: the operations are derived from it, so that a
new one is taken in by itself. Everything is answered in this process, from plain values.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any, Final

from auditor.aws.pacing import UNPACED, Pacer
from auditor.cli.options import code_of
from auditor.commands.context import reader_of
from auditor.commands.drift import drift_of, live_sides
from auditor.commands.plan import looking_up, plan_for
from auditor.errors import AuditorError
from auditor.model.plan import Plan
from auditor.model.pointer import overlap
from auditor.model.values import Drift, Finding, Site, Value
from auditor.plan.choice import Choice
from auditor.settings.load import Settings
from bench.case_aws import Refusal
from bench.case_run import KEY, NOT_STRICT
from bench.case_sessions import CaseSessions, Reply
from bench.faults import Sent
from bench.torture_world import GOLDEN, REGIONS, SITE, World

FAMILIES: Final = ("AWS::CodeDeploy::*", "AWS::S3::*", "AWS::Lambda::*")
SIDES: Final[Mapping[str, tuple[str, ...]]] = {"golden": (GOLDEN,), "site": (SITE,), "both": (GOLDEN, SITE)}
NOT_READING: Final = frozenset({"s3.ListBuckets"})
_CHOICE: Final = Choice(deletes=True, stacks=True, suspects=True)
_REFUSED: Final = Refusal("AccessDeniedException", "It is refused.")
_OPEN: Final = ("changed", "missing", "extra")
Place = tuple[str, str, str, str, str]
"""A site, a type, a name, a kind and a path."""


@dataclass(frozen=True)
class Came:
    """What a run came to."""

    drift: Drift
    plan: Plan
    exit: int
    called: frozenset[str]

    @property
    def open(self) -> frozenset[Place]:
        """What is said to differ."""
        return frozenset(place for place in _places(self.drift.findings) if place[3] in _OPEN)

    @property
    def unread(self) -> frozenset[Place]:
        """What is said to be unknown."""
        return frozenset(place for place in _places(self.drift.findings) if place[3] not in _OPEN)

    @property
    def calls(self) -> frozenset[tuple[str, ...]]:
        """What is planned: where, of what, and which call with what."""
        return frozenset(
            (
                one.site,
                one.type,
                one.name,
                one.verb,
                f"{call.service}.{call.operation}",
                repr(sorted(call.params.items())),
            )
            for one in self.plan.actions
            for call in one.calls
        )


def _places(findings: Iterable[Finding]) -> Iterator[Place]:
    for one in findings:
        if not one.changes:
            yield (one.site, one.type, one.name, one.kind, "")
        for change in one.changes:
            kind = "unreadable" if change.unreadable else one.kind
            yield (one.site, one.type, one.name, kind, change.path)


def came_of(family: str, refused: str = "", sides: tuple[str, ...] = ()) -> Came:
    """What comes of a family's types where one operation is refused in some regions. Raises AuditorError."""
    world, called = World(), set[str]()

    def ask(site: Site, model: Any, params: Mapping[str, Value]) -> Reply:
        sent = Sent(model, site.region, params, None)
        called.add(sent.called)
        return _REFUSED if sent.called == refused and site.region in sides else world.answer(sent)

    with TemporaryDirectory(prefix="refusals-") as folder:
        values = {"golden": GOLDEN, "regions": REGIONS, "types": (family,), "store": f"{folder}/store", "pace": "off"}
        settings = Settings.model_validate(values)
        reader = reader_of(settings, {"AUDITOR_FINGERPRINT_KEY": KEY})
        reader = replace(reader, sessions=CaseSessions({}, ask), pacer=Pacer(UNPACED))
        with live_sides(settings, reader, lambda *_: None) as (both, _):
            found = drift_of(settings, *both)
            plan = plan_for(settings, found, both, _CHOICE, looking_up(reader))
    return Came(found, plan, code_of(found, NOT_STRICT), frozenset(called))


@cache
def undisturbed(family: str) -> Came:
    """What comes of a family where nothing is refused."""
    return came_of(family)


@cache
def operations() -> tuple[tuple[str, str], ...]:
    """Every operation that is called, each with the first family that calls it."""
    first: dict[str, str] = {}
    for family in FAMILIES:
        for called in sorted(undisturbed(family).called):
            first.setdefault(called, family)
    return tuple((called, family) for called, family in first.items())


def wrong_where(called: str, family: str, side: str) -> Iterator[str]:
    """What is wrong where an operation is refused on a side, in lines."""
    whole = undisturbed(family)
    try:
        came = came_of(family, called, SIDES[side])
    except AuditorError as error:
        if called != "sts.GetCallerIdentity" or side == "site":
            yield f"the run ended: {error}"
        return
    yield from (f"found, and not so: {place}" for place in sorted(came.open - whole.open))
    yield from (f"planned, and not so: {call}" for call in sorted(came.calls - whole.calls))
    lost = [place for place in sorted(whole.open - came.open) if not _is_unread(place, came.unread)]
    yield from (f"lost, and not called unread: {place}" for place in lost)
    yield from (f"unread, and planned: {call[:5]}" for call in sorted(came.calls) if _concerns(call, came))
    if came.exit != 3 and (came.open, came.calls) != (whole.open, whole.calls):
        yield f"something was not read, and the exit code is {came.exit}"
    if came.drift.complete is not (came.exit != 3):
        yield f"complete is {came.drift.complete}, and the exit code {came.exit}"


def _is_unread(place: Place, unread: Iterable[Place]) -> bool:
    site, type_, name, kind, path = place
    return any(
        (at, of) == (site, type_)
        and (own in ("*", name) or (own.endswith("/*") and name.startswith(own[:-1])))
        and (kind != "changed" or not where or overlap(where, path))
        for at, of, own, _, where in unread
    ) or (kind == "extra" and any((at, of, where) == (site, type_, "") for at, of, _, _, where in unread))


def _concerns(call: tuple[str, ...], came: Came) -> bool:
    """Whether a planned call makes or deletes a resource that is unknown as a whole."""
    whole = any((at, of, own) == call[:3] and not where for at, of, own, _, where in came.unread)
    return whole and call[3] in ("create", "delete")


def main(names: list[str]) -> int:
    """Print what is wrong; how many lines that are."""
    wrong = 0
    for called, family in operations():
        for side in SIDES:
            lines = list(wrong_where(called, family, side)) if not names or called in names else []
            wrong += len(lines)
            print(*(f"{called} in {side}: {line}" for line in lines[:5]), sep="\n", end="\n" if lines else "")
    print(f"operations {len(operations())}, violations {wrong}")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)

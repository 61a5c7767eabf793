"""Every operation that reading makes, answered wrongly in every way: what is said must be true, or said to be unknown.

The operations are those that a run which nothing disturbs has called, so that a new one is taken in by itself. What
such a run finds is the oracle: a disturbed one finds nothing else, and what it does not find it calls unread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

from botocore.exceptions import EndpointConnectionError

from auditor.plan.document import plan_from
from bench.faults import FAILING, UNUSABLE, Fault, Reply, Send, Sent
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import GOLDEN, SITE, World
from bench.wire import Wire, on_wire

PART: Final = "reads"
FAMILIES: Final = ("AWS::CodeDeploy::*", "AWS::S3::*", "AWS::Lambda::*")
"""The types that are read together: an operation is tried with those that are first to need it."""
SIDES: Final[Mapping[str, tuple[str, ...]]] = {"golden": (GOLDEN,), "site": (SITE,), "both": (GOLDEN, SITE)}
_OPEN: Final = ("changed", "missing", "extra")
_DOWN: Final = "region down"
Known = frozenset[tuple[str, ...]]
"""Findings: site, type, name, kind and path."""


def throttled(share: float) -> Fault:
    """So many of the answers are that it is throttled."""
    chance = Random(1)  # noqa: S311 guards nothing

    def fault(sent: Sent, send: Send) -> Reply:
        return FAILING["throttled"](sent, send) if chance.random() < share else send()

    return fault


def _down(sent: Sent, _: Send) -> Reply:
    raise EndpointConnectionError(endpoint_url=sent.request.url)


FAULTS: Final[Mapping[str, Callable[[], Fault]]] = {
    **{name: partial(lambda fault: fault, fault) for name, fault in {**FAILING, **UNUSABLE}.items()},
    "throttled 10 %": partial(throttled, 0.1),
    "throttled 60 %": partial(throttled, 0.6),
}


@dataclass(frozen=True)
class Found:
    """What a command said."""

    known: Known
    unread: frozenset[tuple[str, str, str]]
    complete: bool


@dataclass(frozen=True)
class Undisturbed:
    """What a run that nothing disturbs calls, and finds."""

    called: Mapping[str, frozenset[str]]
    """Each operation, with the regions in which it is called."""
    found: Found
    planned: Known


@cache
def undisturbed(family: str) -> Undisturbed:
    """The same, of the types of a family. Raises RuntimeError where that is not all of it."""
    world, called = World(), dict[str, set[str]]()

    def listening(sent: Sent) -> Reply:
        called.setdefault(sent.called, set()).add(sent.region)
        return world.wire(sent)

    with workplace(types=[family]), on_wire(listening):
        ended = run("diff", "--format", "json")
        found, planned = found_in(ended), _planned()
    if ended.code != 2 or not found or not found.complete or not planned:
        raise RuntimeError(f"{family} is not read as it is: {ended.code} {ended.crash or ended.err} {found}")
    return Undisturbed({one: frozenset(called[one]) for one in sorted(called)}, found, planned)


def trials() -> Iterator[Trial]:
    """Every operation with every fault under `diff`; under the other commands, a third of them each."""
    number = count()
    for family, called in _operations():
        for name in FAULTS:
            for command in COMMANDS:
                turn = next(number)
                if command == "diff" or turn % 3 == 0:
                    asked = undisturbed(family).called[called]
                    side = [one for one in SIDES if asked & set(SIDES[one])][turn // 3 % (3 if len(asked) > 1 else 2)]
                    yield Trial(
                        PART, f"{command} {called} {name} {side}", partial(tried, command, family, called, name, side)
                    )
    for command in COMMANDS:
        for family in FAMILIES:
            for side in ("golden", "site"):
                yield Trial(
                    PART, f"{command} {family} {_DOWN} {side}", partial(tried, command, family, "", _DOWN, side)
                )


def _operations() -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for family in FAMILIES:
        for one in undisturbed(family).called:
            if one not in seen:
                seen.add(one)
                yield family, one


def tried(command: str, family: str, called: str, fault: str, side: str) -> Iterator[str]:
    """What is wrong with a command's run in which one operation (or all) is answered so on a side."""
    world, made = World(), FAULTS[fault]() if fault != _DOWN else _down
    happened: list[str] = []

    def wire(sent: Sent) -> Reply:
        if sent.region not in SIDES[side] or called not in ("", sent.called):
            return world.wire(sent)
        happened.append(sent.called)
        return made(sent, lambda: world.wire(sent))

    yield from COMMANDS[command](undisturbed(family), family, world.wire, wire)
    if not happened:
        yield "it never happened"


def _diff(model: Undisturbed, family: str, _: Wire, wire: Wire) -> Iterator[str]:
    with workplace(types=[family]), on_wire(wire):
        yield from judged(model, run("diff", "--format", "json"))


def _snapshot(model: Undisturbed, family: str, _: Wire, wire: Wire) -> Iterator[str]:
    with workplace(types=[family]):
        with on_wire(wire):
            ended = run("snapshot")
        if ended.crash or ended.code == 1:
            yield from ended.wrong(1)
            return
        yield from ended.wrong(0, 3)
        yield from judged(model, run("diff", "latest", "--format", "json"))


def _audit(model: Undisturbed, family: str, real: Wire, wire: Wire) -> Iterator[str]:
    with workplace(types=[family]) as folder:
        with on_wire(real):
            run("audit")
        with on_wire(wire):
            ended = run("audit")
        yield from ended.wrong(1, 2, 3)
        if ended.crash or ended.code == 1:
            return
        latest = (folder / "store" / "reports" / "latest.json").read_text(encoding="utf-8")
        yield from judged(model, Ended(ended.code, latest, ended.err))
        told = json.loads(run("history", "--format", "json").out)
        changed = [one for one in told["findings"] if one["new"]] + told["fixed"]
        yield from (f"nothing changed in AWS, and new or fixed: {one}" for one in changed)


def _plan(model: Undisturbed, family: str, _: Wire, wire: Wire) -> Iterator[str]:
    with workplace(types=[family]), on_wire(wire):
        ended = run("plan", "-o", "plan.json", "--allow-delete")
        yield from ended.wrong(0, 1, 2, 3)
        strange = _calls_of("plan.json") - model.planned
        yield from (f"planned, and not planned of what is: {one}" for one in sorted(strange))


COMMANDS: Final[Mapping[str, Callable[[Undisturbed, str, Wire, Wire], Iterator[str]]]] = {
    "diff": _diff,
    "snapshot": _snapshot,
    "audit": _audit,
    "plan": _plan,
}


def judged(model: Undisturbed, ended: Ended) -> Iterator[str]:
    """What is wrong with what a command said, held against a run that nothing disturbed."""
    yield from ended.wrong(1, 2, 3)
    found = None if ended.crash or ended.code == 1 else found_in(ended)
    if not found:
        return
    for one in sorted(found.known - model.found.known):
        yield f"found, and not so: {' '.join(one)}"
    for one in sorted(model.found.known - found.known):
        if not _covered(one, found):
            yield f"{'' if found.complete else 'not '}complete, and lost: {' '.join(one)}"
    if found.complete != (ended.code != 3):
        yield f"complete is {found.complete}, and the exit code {ended.code}"


def _covered(finding: tuple[str, ...], found: Found) -> bool:
    site, type_, name = finding[:3]
    return any(
        at == site and kind in (type_, "*") and (own == name or own.endswith("*")) for at, kind, own in found.unread
    )


def found_in(ended: Ended) -> Found | None:
    """What a JSON report says; None where there is none."""
    if ended.crash or ended.code not in (0, 2, 3):
        return None
    told = json.loads(ended.out)
    known, unread = set[tuple[str, ...]](), set[tuple[str, str, str]]()
    for one in told["findings"]:
        place = (str(one["site"]), str(one["type"]), str(one["name"]))
        if one["kind"] in _OPEN:
            known |= {(*place, one["kind"], change["path"]) for change in one["changes"] or [{"path": ""}]}
        else:
            unread.add(place)
    return Found(frozenset(known), frozenset(unread), bool(told["complete"]))


def _planned() -> Known:
    run("plan", "-o", "plan.json", "--allow-delete")
    return _calls_of("plan.json")


def _calls_of(path: str) -> Known:
    """The calls of a plan's file, each with what it is about and its parameters; none where there is no file."""
    try:
        plan: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return frozenset()
    return frozenset(
        (one.site, one.type, one.name, f"{call.service}.{call.operation}", json.dumps(call.params, sort_keys=True))
        for one in plan_from(plan).actions
        for call in one.calls
    )

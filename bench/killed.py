"""Kills a run before and after each of its calls, in turn, and takes it up again; loses the answers of all.

    python -m bench.killed        (make killed)

Every point has an account of its own in the embedded AWS, seeded alike, and is held against a run that nothing
disturbed: the same resources in the end, as many of each, and nothing made twice. Exit code 0 if all are.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from auditor.model.plan import Plan
from auditor.sandbox.server import Sandbox
from bench.between import Between, Moment, Strike, Write
from bench.lossy import Lossy
from bench.world_killed import PLAN, Accounts, Kind, World, ended

AT_ONCE: Final = 2
APPLY: Final = ("apply", PLAN, "--yes")
IN_SYNC: Final = "in sync"
_KILLED: Final = -signal.SIGKILL
_LONGEST: Final = 900
Seen = tuple[str, int]
"""What is written, and which time that is (from 1)."""


@dataclass(frozen=True)
class Point:
    """What happens at some writes; `again` is what happens while the run is taken up."""

    moment: Moment
    at: tuple[Seen, ...]
    again: Point | None = None

    def __str__(self) -> str:
        """In words."""
        first, turn = self.at[0]
        words = f"{len(self.at)} writes" if len(self.at) > 1 else f"{first}{f' (time {turn})' if turn > 1 else ''}"
        return f"{self.moment}: {words}{f'; then {self.again}' if self.again else ''}"


@dataclass(frozen=True)
class Model:
    """A run that nothing disturbed."""

    account: str
    plan: Plan
    writes: tuple[Write, ...]
    state: Mapping[str, Any]

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Its writes, each with which time it was."""
        return seen_of(self.writes)


@dataclass(frozen=True)
class Result:
    """What a run that was disturbed came to."""

    disturbed: int = 0
    """How many calls."""
    wrong: tuple[str, ...] = ()
    repeated: tuple[str, ...] = field(default=())
    """What was made more than once, though that makes another one."""


def seen_of(writes: Iterable[Write]) -> tuple[Seen, ...]:
    """Writes, each with which time it was."""
    turns: Counter[str] = Counter()
    made = []
    for write in writes:
        turns[write.what] += 1
        made.append((write.what, turns[write.what]))
    return tuple(made)


def undisturbed(world: World) -> Model:
    """A run that nothing disturbs. Raises RuntimeError where it does not come to its end."""
    world.seed()
    plan = world.plan()
    with Between(world.environment).running() as between:
        wrong = list(unwell(world, world.run(*APPLY, through=between.environment), IN_SYNC))
        if wrong:
            raise RuntimeError(wrong[0])
        return Model(world.account, plan, tuple(between.log), world.state())


def disturbed(world: World, point: Point, model: Model) -> Result:
    """A run that is struck at a point and taken up until it is over, held against the model."""
    world.seed()
    world.take(model.plan, model.account)
    with Between(world.environment).running() as between:
        told = list(struck(world, APPLY, point, between, IN_SYNC))
        number, writes = between.struck, tuple(between.log)
    told += [] if told else unlike(world.state(), model.state)
    return Result(number, tuple(f"{point}: {one}" for one in told), tuple(repeated(writes)))


def struck(world: World, command: tuple[str, ...], point: Point, between: Between, sign: str) -> Iterator[str]:
    """Run a command that is struck at a point, and take it up until it is over; what of that went wrong."""
    arguments = command
    now: Point | None = point
    code: int | None = None
    while now:
        before = between.struck
        code = _until(world, arguments, now, between)
        if between.struck - before != len(now.at):
            yield f"{now} was not reached; it ended with {code}: {world.told()[-900:]}"
        if now.moment == "lost":
            break
        if code != _KILLED:
            yield f"it was not killed, but ended with {code}: {world.told()[-900:]}"
        runs = sorted((world.folder / "snapshots" / "runs").iterdir())
        arguments, now = ("resume", runs[-1].name), now.again
    between.arm(None)
    yield from unwell(world, code if now else world.run(*arguments, through=between.environment), sign)


def _until(world: World, arguments: tuple[str, ...], point: Point, between: Between) -> int | None:
    running: list[int] = []
    between.arm(Strike(point.moment, point.at, lambda: os.kill(running[0], signal.SIGKILL)))
    process = world.begin(*arguments, through=between.environment)
    # It is known long before the first write comes.
    running.append(process.pid or 0)
    return ended(process)


def unwell(world: World, code: int | None, sign: str) -> Iterator[str]:
    """What to say of a run that did not end as one does that says `sign` when all is well."""
    if code != 0 or sign not in world.told("out"):
        yield f"it ended with {code}: {world.told()[-900:]}"


def unlike(state: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    """Whatever is other than in a run that nothing disturbed."""
    for name in sorted({*state, *model}):
        if state.get(name) != model.get(name):
            yield f"{name} is {state.get(name)}, and was {model.get(name)} in a run that nothing disturbed"


def repeated(writes: Iterable[Write]) -> Iterator[str]:
    """What AWS made more than once."""
    made = Counter(one.what for one in writes if one.makes and 200 <= one.status < 300)
    yield from (f"made {number} times: {what}" for what, number in made.items() if number > 1)


def points(model: Model) -> Mapping[str, list[Point]]:
    """Where a run is disturbed, by what happens."""
    seen = model.seen
    makes = [one for one, write in zip(seen, model.writes, strict=True) if write.makes]
    some = [one for one in seen[2::6] if one != seen[-1]]
    twice = [Point("before", (one,), Point("before", ((one[0], 1),), Point("after", ((one[0], 1),)))) for one in some]
    return {
        "killed before the call": [Point("before", (one,)) for one in seen],
        "killed after the call, before its answer": [Point("after", (one,)) for one in seen],
        "killed after the answer, before it was verified": [Point("answered", (one,)) for one in makes],
        "killed in apply, and twice in resume": twice,
        "answer lost, the process lives": [Point("lost", at) for at in (seen[::2], seen[1::2], seen)],
    }


def in_turn(
    accounts: Accounts[Kind],
    chosen: Iterable[Point],
    disturb: Callable[[Kind, Point], Result],
    tell: Callable[[Result], object] = lambda _: None,
) -> list[Result]:
    """Every point, some at the same time, each in an account of its own; the first account is the model's."""

    def one(number: int, point: Point) -> Result:
        came = disturb(accounts.world(number), point)
        tell(came)
        return came

    listed = list(chosen)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(1, len(listed) + 1), listed, timeout=_LONGEST))


def lossy(world: World, model: Model) -> Result:
    """A run of which microburst loses answers."""
    world.seed()
    world.take(model.plan, model.account)
    with Lossy(world.environment) as proxies:
        code = world.run(*APPLY, through=proxies.environment)
        fired = proxies.fired()
    wrong = [*unwell(world, code, IN_SYNC), *unlike(world.state(), model.state)]
    return Result(fired, tuple(wrong if fired else [*wrong, "no answer was lost"]))


def main() -> int:
    """All of it, and what it came to."""
    import bench.warm  # noqa: F401, PLC0415 for this process alone, and not for one that only imports this module

    begun = time.monotonic()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="auditor-killed-") as folder:
        accounts = Accounts(sandbox.environment(), Path(folder), 1, World)
        model = undisturbed(accounts.world(0))
        print(f"the plan has {len(model.plan.actions)} actions, {len(model.writes)} calls", flush=True)
        kinds = [(kind, point) for kind, chosen in points(model).items() for point in chosen]
        came = in_turn(accounts, (point for _, point in kinds), partial(disturbed, model=model), complain)
        lost = lossy(accounts.world(len(kinds) + 1), model)
    complain(lost)
    failures = told_by_kind([*zip((kind for kind, _ in kinds), came, strict=True), ("answer lost by microburst", lost)])
    print(f"{failures} failures in all, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


def complain(came: Result) -> None:
    """Print what was wrong."""
    for one in (*came.wrong, *came.repeated):
        print(one, flush=True)


def told_by_kind(results: Iterable[tuple[str, Result]]) -> int:
    """Print a line for each kind of disturbance; how many failures there were in all."""
    by_kind: dict[str, list[Result]] = {}
    for kind, one in results:
        by_kind.setdefault(kind, []).append(one)
    return sum(_told(kind, own) for kind, own in by_kind.items())


def _told(kind: str, own: list[Result]) -> int:
    calls, repetitions = sum(one.disturbed for one in own), sum(len(one.repeated) for one in own)
    failures = sum(bool(one.wrong or one.repeated) for one in own)
    print(f"{kind}: {calls} points in {len(own)} runs, {failures} failures, {repetitions} repeated calls")
    return failures


if __name__ == "__main__":
    sys.exit(main())

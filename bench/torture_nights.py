"""Very many nights of a world in which people work, AWS refuses and clocks step: each report is held against an oracle.

The audits are the program's own, into one store; bench.torture_oracle says what each must report. Handles, memory and
the store must stay bounded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final, Self

from auditor.commands import audit as audit_command, context as context_command
from auditor.store import audit_lock, snapshot
from bench.faults import FAILING, UNUSABLE, Fault, Reply, Sent
from bench.instead import instead
from bench.torture_oracle import Blind, Memory, Night, Region, night, places_of
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import World
from bench.wire import on_wire

PART: Final = "nights"
GOLDEN: Final = "us-east-1"
REGIONS: Final = (GOLDEN, "eu-west-1", "eu-central-1")
KEEP: Final = {"daily": 5, "monthly": 2}
FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
APPLICATION, GROUP = "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"
CHOICES: Final[Mapping[str, Mapping[str, tuple[Any, ...]]]] = {
    FUNCTION: {
        "/MemorySize": (128, 256, 512),
        "/Timeout": (3, 10),
        "/Description": ("takes orders", "takes all orders"),
        "/Environment/Variables/LEVEL": ("INFO", "DEBUG"),
        "/Tags/team": ("shop", "office"),
    },
    BUCKET: {"/VersioningConfiguration/Status": ("Enabled", "Suspended"), "/Tags/team": ("shop", "office")},
    APPLICATION: {"/Tags/team": ("shop", "office")},
    GROUP: {"/autoRollbackConfiguration/enabled": (True, False), "/Tags/team": ("shop", "office")},
}
"""What people change, and to what."""
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    FUNCTION: ("api", "worker", "debug"), BUCKET: ("assets-${region}", "logs-${region}"),
    APPLICATION: ("shop", "office"), GROUP: ("shop/web", "office/web"),
}  # fmt: skip
BLINDS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "lambda.ListFunctions": ((FUNCTION, ""),),
    "s3.GetBucketVersioning": ((BUCKET, "/VersioningConfiguration"),),
    "s3.GetBucketTagging": ((BUCKET, "/Tags"),),
    "codedeploy.ListApplications": ((APPLICATION, ""), (GROUP, "")),
    "codedeploy.ListDeploymentGroups": ((GROUP, ""),),
    "codedeploy.ListTagsForResource": ((APPLICATION, "/Tags"), (GROUP, "/Tags")),
}
"""What is not known where one operation is not answered."""
_MOST_HANDLES: Final = 20
_MOST_DARK: Final = 10
_MOST_GROWTH: Final = 100 * 2**20


def trials(nights: int = 1000) -> Iterator[Trial]:
    """One long story, and a few short ones with other people in them."""
    yield Trial(PART, f"{nights} nights, seed 0", partial(story, nights, 0), nights)
    for seed in range(1, 1 + nights // 50):
        yield Trial(PART, f"20 nights, seed {seed}", partial(story, 20, seed), 20)


@dataclass
class Town:
    """Owns the world's values, the clock, and what was known night by night."""

    chance: Random
    regions: dict[str, dict[tuple[str, str], dict[str, Any]]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    days: float = 0.0
    world: World = field(default_factory=lambda: World({}))


def story(nights: int, seed: int) -> Iterator[str]:
    """What goes wrong in so many nights."""
    town = Town(Random(seed))  # noqa: S311 guards nothing
    people = {
        (type_, name): {path: one[0] for path, one in CHOICES[type_].items()}
        for type_ in NAMES
        for name in NAMES[type_]
    }
    town.regions = {region: {key: dict(own) for key, own in people.items()} for region in REGIONS}
    settings = {"regions": list(REGIONS), "types": list(NAMES), "keep": KEEP}
    with workplace(**settings) as folder, clock(town):
        start = (0, 0)
        for number in range(nights):
            _work(town)
            yield from (f"night {number}: {one}" for one in _night(town, folder))
            start = _used() if number == min(50, nights // 2) else start
        yield from _bounded(start, folder, nights)


def _work(town: Town) -> None:
    """What people do in a day: they change, make, delete and repair; and clocks step."""
    chance = town.chance
    town.days += chance.choices((1, 0.0001, -3, 40), (90, 4, 3, 3))[0]
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        change(town)


def change(town: Town) -> None:
    """One thing that somebody does."""
    chance, region = town.chance, town.chance.choice(REGIONS)
    type_ = chance.choice(list(NAMES))
    key, own = (type_, chance.choice(NAMES[type_])), town.regions[region]
    what = chance.choices(("set", "repair", "remove"), (5, 5, 1))[0]
    if what == "repair" and region != GOLDEN:
        wanted = town.regions[GOLDEN].get(key)
        own.pop(key, None)
        own.update({key: dict(wanted)} if wanted else {})
    elif what == "remove" and len([one for one in own if one[0] == type_]) > 1 and type_ in (FUNCTION, BUCKET):
        own.pop(key, None)
    else:
        path = chance.choice(list(CHOICES[type_]))
        begun = own.setdefault(key, {place: one[0] for place, one in CHOICES[type_].items()})
        begun[path] = chance.choice(CHOICES[type_][path])


def _night(town: Town, folder: Path) -> Iterator[str]:
    for region in REGIONS:
        town.world.change(region, resources(town.regions[region]))
    blind, wire = _trouble(town)
    before = {region: {key: dict(own) for key, own in held.items()} for region, held in town.regions.items()}
    with on_wire(wire):
        ended = run("audit")
    if ended.crash or ended.code == 1:
        yield from ended.wrong(*([1] if blind is None else []))
        return
    tonight = night(GOLDEN, before, blind or ())
    yield from _reported(town, tonight, ended, folder)
    town.memory.remember(tonight, places_of(GOLDEN, before))


def _trouble(town: Town) -> tuple[tuple[Blind, ...] | None, Callable[[Sent], Reply]]:
    """What is not answered in a night, and what that hides; None where nothing can come of it."""
    chance, region = town.chance, town.chance.choice(REGIONS)
    if chance.random() > 0.35:
        return (), town.world.wire
    called = chance.choice([*BLINDS, ""])
    fault: Fault = chance.choice([FAILING["denied"], FAILING["closed"], FAILING["throttled"], UNUSABLE["html"]])
    hidden = BLINDS[called] if called else tuple((type_, "") for type_ in NAMES)
    if not called:
        fault = FAILING["unreachable"]

    def wire(sent: Sent) -> Reply:
        send = partial(town.world.wire, sent)
        return fault(sent, send) if sent.region == region and called in ("", sent.called) else send()

    known = None if not called and region == GOLDEN else tuple(Blind(region, *one) for one in hidden)
    return known, wire


def _reported(town: Town, tonight: Night, ended: Ended, folder: Path) -> Iterator[str]:
    report = json.loads((folder / "store" / "reports" / "latest.json").read_text(encoding="utf-8"))
    found = {(one["site"], one["type"], one["name"]): one for one in report["findings"] if one["kind"] != "unreadable"}
    said = {place: (one["kind"], frozenset(each["path"] for each in one["changes"])) for place, one in found.items()}
    wanted = {place: (one.kind, frozenset(path for path, _, _ in one.values)) for place, one in tonight.open.items()}
    yield from (
        f"open is {place} {said.get(place)}, and should be {wanted.get(place)}"
        for place in sorted(said.keys() | wanted.keys())
        if said.get(place) != wanted.get(place)
    )
    code = 3 if tonight.unread else 2 if tonight.open else 0
    if ended.code != code:
        yield f"exit code {ended.code}, and should be {code}"
    yield from _remembered(town, tonight)


def _remembered(town: Town, tonight: Night) -> Iterator[str]:
    listed = run("history", "--format", "json")
    if listed.crash or listed.code:
        yield from (f"history: {one}" for one in listed.wrong(0))
        return
    told = json.loads(listed.out)
    new = frozenset((one["site"], one["type"], one["name"]) for one in told["findings"] if one["new"])
    fixed = frozenset((one["site"], one["type"], one["name"], one["kind"]) for one in told["fixed"])
    for what, is_, wanted in (("new", new, town.memory.new(tonight)), ("fixed", fixed, town.memory.fixed(tonight))):
        if is_ != wanted:
            yield f"{what} is {sorted(is_ - wanted)} too much, and {sorted(wanted - is_)} too little"
    if len(told["runs"]) != min(town.memory.nights + 1, 120):
        yield f"the history has {len(told['runs'])} runs after {town.memory.nights} nights"


def _used() -> tuple[int, int]:
    """Handles and memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return len(os.listdir("/proc/self/fd")), pages * os.sysconf("SC_PAGE_SIZE")  # noqa: PTH208 names are enough


def _bounded(start: tuple[int, int], folder: Path, nights: int) -> Iterator[str]:
    handles, memory = _used()
    if handles > start[0] + _MOST_HANDLES:
        yield f"{handles} handles are open after {nights} nights, and were {start[0]}"
    if memory > start[1] + _MOST_GROWTH:
        yield f"memory grew from {start[1]:,} to {memory:,} bytes in {nights} nights"
    kept = [one for one in (folder / "store").iterdir() if (one / "manifest.json").exists()]
    reports = list((folder / "store" / "reports").iterdir())
    # While not all can be read, nothing is removed; so many nights in a row are like that.
    most = KEEP["daily"] + KEEP["monthly"] + 1 + _MOST_DARK
    if len(kept) > most or len(reports) > 2 * most + 2:
        yield f"{len(kept)} snapshots and {len(reports)} reports are kept; {most} snapshots may be"


def resources(own: Region) -> dict[str, dict[str, Any]]:
    """A region's values as AWS's properties, worded canonically."""
    made: dict[str, dict[str, Any]] = {}
    for (type_, name), values in own.items():
        properties: dict[str, Any] = {}
        for path, value in values.items():
            *above, last = path.strip("/").split("/")
            inside = properties
            for one in above:
                inside = inside.setdefault(one, {})
            inside[last] = value
        made.setdefault(type_, {})[name] = properties
    return made


class _Clock(datetime):
    """The time, and the days that somebody set the clock to."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The time that the clock shows."""
        shown = datetime.now(UTC) + cls.ahead
        return cls.fromtimestamp(shown.timestamp(), tz)


def clock(town: Town) -> AbstractContextManager[None]:
    """Meanwhile the program reads the town's clock."""

    class Clock(_Clock):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            cls.ahead = timedelta(days=town.days)
            return super().now(tz)

    readers = (snapshot, context_command, audit_command, audit_lock)
    return instead(*((vars(one), "datetime", Clock) for one in readers))

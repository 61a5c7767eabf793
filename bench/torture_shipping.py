"""Every operation that shipping makes, answered wrongly in every way, in `deploy`, `release` and on the way back.

Right is: what is said to be deployed is, nothing is deployed twice or by nobody's order, nothing secret is told, and
once AWS answers again the run, or a new one, comes to its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import count
from typing import Any, Final

from auditor.aws import waits
from auditor.deploy import archive, fanout
from auditor.specs.spec import FUNCTION
from bench import torture_writes
from bench.faults import Fault, Reply, Sent
from bench.instead import instead
from bench.torture_canaries import echo, found_in
from bench.torture_drifts import drifts
from bench.torture_shop import APPLICATION, GROUP, OLD, PLATFORMS, WRITES, Shop
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import REGIONS
from bench.torture_writes import Estate, journal_in
from bench.wire import on_wire

PART: Final = "shipping"
IN_PARTS: Final = "Server, in parts"
KINDS: Final = (*PLATFORMS, IN_PARTS)
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "deploy": ("deploy", "app", "--yes", "--json-log"),
    "deploy, back on failure": ("deploy", "app", "--yes", "--json-log", "--on-failure", "rollback"),
    "release": ("release", "app", "--yes", "--json-log"),
    "rollback": ("rollback", "RUN", "--yes", "--json-log"),
}
FAULTS: Final[Mapping[str, Callable[[], Fault]]] = {
    **torture_writes.FAULTS,
    **{f"echo {status}": partial(echo, status) for status in (400, 500)},
}
ENDS: Final = ("Failed", "Stopped")
_SERVER: Final = "version: 0.0\nos: linux\nfiles:\n  - {source: app.py, destination: /srv}\n"
_LAMBDA: Final = (
    "version: 0.0\nResources:\n"
    '  - api: {Type: "AWS::Lambda::Function", Properties: {Name: api, Alias: live, CurrentVersion: "1",'
    ' TargetVersion: "2"}}\n'
)
_SMALL: Final = 100
_MOMENT: Final = 0.3


@dataclass
class Yard:
    """Owns what is shipped to in all regions, beside what is compared in them."""

    kind: str
    estate: Estate
    fault: Fault | None = None
    at: str = ""
    """The operation that the fault happens to; of both regions."""
    shops: dict[str, Shop] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)
    happened: int = 0

    def __post_init__(self) -> None:
        platform = self.kind.partition(",")[0]
        self.shops = {region: Shop(region, platform) for region in REGIONS}

    def wire(self, sent: Sent) -> Reply:
        """What AWS answers, or what the fault makes of it."""
        self.called.append(sent.called)
        own = self.shops[sent.region].answers(sent)
        send = partial(own or self.estate.wire, sent)
        if self.fault and sent.called == self.at:
            self.happened += 1
            return self.fault(sent, send)
        return send()

    def shown(self) -> str:
        """All that can be shipped to, and what the site is made of."""
        return "".join(shop.shown() for shop in self.shops.values()) + self.estate.shown()

    def twice(self) -> Iterator[str]:
        """The deployments that were made again although the one before them was well, or under way."""
        for region, shop in self.shops.items():
            for one, other in zip(shop.deployments, shop.deployments[1:], strict=False):
                again = one["description"] == other["description"] and one["status"] not in ENDS
                if again:
                    yield f"{region}: deployed twice: {one['description']}"


@contextmanager
def yard_of(kind: str) -> Iterator[Yard]:
    """What is shipped to, new, with nothing shipped yet; the folder to ship from is the one that one is in."""
    groups = [] if kind == "alias" else [GROUP]
    deploy = {
        "application": APPLICATION, "groups": groups, "bucket": "shop-artifacts-{region}",
        "waves": [[region] for region in REGIONS],
    }  # fmt: skip
    drifted = next(one for one in drifts() if one.name == f"{FUNCTION}/Tags")
    part = _SMALL if kind == IN_PARTS else archive.PART
    with workplace(types=[FUNCTION], deploy=deploy) as folder, _parts(part):
        (folder / "app").mkdir()
        (folder / "app" / "appspec.yml").write_text(_SERVER if kind.startswith("Server") else _LAMBDA)
        (folder / "app" / "app.py").write_text("print('what is shipped')\n" * 3)
        yard = Yard(kind, Estate(drifted, folder))
        with on_wire(yard.wire), _impatient():
            yield yard


def _impatient() -> AbstractContextManager[None]:
    """Meanwhile, nothing is waited for longer than a moment: what says nothing would be asked for minutes."""
    moments = {name: replace(one, seconds=_MOMENT) for name, one in waits.WAITS.items()}
    return instead((vars(waits), "WAITS", moments))


def _parts(size: int) -> AbstractContextManager[None]:
    """Meanwhile, an artifact is uploaded in parts of so many bytes."""
    chunk = min(size, vars(archive)["CHUNK"])
    return instead((vars(archive), "PART", size), (vars(fanout), "PART", size), (vars(archive), "CHUNK", chunk))


@dataclass(frozen=True)
class Known:
    """What a command calls that nothing disturbs, and what it ships."""

    called: tuple[str, ...]
    sha: str


@cache
def undisturbed(kind: str, command: str) -> Known:
    """The same. Raises RuntimeError where it does not come to its end."""
    with yard_of(kind) as yard:
        arguments = _begun(yard, command)
        yard.called.clear()
        ended = run(*arguments)
        (sha,) = {shop.deployed() for shop in yard.shops.values()}
        wrong = [*ended.wrong(0), *yard.estate.strange, *yard.twice(), *found_in(ended, yard.estate.folder)]
        if wrong or (sha in ("", "old")) is not (command == "rollback"):
            raise RuntimeError(f"{kind}: {command} does not come to its end: {wrong} {sha} {ended}")
        return Known(tuple(dict.fromkeys(yard.called)), sha)


def _begun(yard: Yard, command: str) -> tuple[str, ...]:
    """The arguments of a command, once what comes before it is done."""
    arguments = COMMANDS[command]
    if command != "rollback":
        return arguments
    run(*COMMANDS["deploy"])
    return tuple(journal_in(yard.estate.folder)[0] if one == "RUN" else one for one in arguments)


def trials() -> Iterator[Trial]:
    """Every operation with every fault in `deploy`; with a third of them under the others."""
    number = count()
    for kind in KINDS:
        for command in COMMANDS:
            for called, fault in _faulty(kind, command):
                if command == "deploy" or next(number) % 3 == 0:
                    yield Trial(
                        PART, f"{kind}: {command} {called} {fault}", partial(tried, kind, command, called, fault)
                    )
            for end in ENDS if kind != "alias" else ():
                yield Trial(PART, f"{kind}: {command} ends {end}", partial(ended_so, kind, command, end))


def _faulty(kind: str, command: str) -> Iterator[tuple[str, str]]:
    for called in undisturbed(kind, command).called:
        writes = called.partition(".")[2] in WRITES
        # What a release reads to compare is the same for whatever is shipped.
        if kind == "Server" or writes or called in undisturbed(kind, "deploy").called:
            yield from ((called, one) for one in FAULTS if writes or not one.startswith("done, "))


def tried(kind: str, command: str, called: str, fault: str) -> Iterator[str]:
    """What is wrong with a run in which one operation is answered so, and with taking it up again."""
    sha = undisturbed(kind, command).sha
    with yard_of(kind) as yard:
        arguments = _begun(yard, command)
        before = yard.shown()
        yard.fault, yard.at = FAULTS[fault](), called
        ended = run(*arguments)
        yard.fault = None
        yield from judged(yard, command, ended, before, sha)
        yield from _taken_up(yard, command, arguments, ended, sha)
        if not yard.happened:
            yield "it never happened"


def ended_so(kind: str, command: str, end: str) -> Iterator[str]:
    """What is wrong with a run whose deployments in the second region end so, and with taking it up again."""
    sha = undisturbed(kind, command).sha
    with yard_of(kind) as yard:
        arguments = _begun(yard, command)
        before = yard.shown()
        yard.shops[REGIONS[1]].ends = end
        ended = run(*arguments)
        yield from ended.wrong(3)
        yield from judged(yard, command, ended, before, sha)
        yard.shops[REGIONS[1]].ends = "Succeeded"
        yield from _taken_up(yard, command, arguments, ended, sha)


def judged(yard: Yard, command: str, ended: Ended, before: str, sha: str) -> Iterator[str]:
    """What is wrong with what a run did, and said that it did."""
    yield from ended.wrong(0, 1, 3, *([2] if command == "release" else []))
    yield from yard.estate.strange
    yield from yard.twice()
    yield from found_in(ended, yard.estate.folder)
    if ended.code == 0 and not ended.crash:
        yield from (f"said to be done, and is not: {one}" for one in _not_so(yard, command, sha))
    if ended.code == 1 and yard.shown() != before:
        yield "said that it failed with nothing done, and something was"
    if ended.code == 2 and any(shop.writes for shop in yard.shops.values()):
        yield "said that the drift is in the way, and shipped all the same"
    yield from _said_and_not_so(yard, command, ended, sha)


def _said_and_not_so(yard: Yard, command: str, ended: Ended, sha: str) -> Iterator[str]:
    """What each line told of a deployment, and is not so in the end."""
    last: dict[str, str] = {}
    for event in _events(ended):
        if event.get("event") == "deployment" and event["state"] in ("deployed", "rolled back"):
            last[event["site"]] = event["state"]
    for region, state in last.items():
        wanted = sha if state == "deployed" or command == "rollback" else "old"
        if yard.shops[region].deployed() != wanted:
            yield f"{region}: {state}, it says, and it is not so"


def _events(ended: Ended) -> Iterator[Mapping[str, Any]]:
    for line in (ended.out + ended.err).splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _not_so(yard: Yard, command: str, sha: str) -> Iterator[str]:
    yield from (region for region, shop in yard.shops.items() if shop.deployed() != sha)
    if command == "release" and not yard.estate.is_wanted():
        yield "the drift"


def _taken_up(yard: Yard, command: str, arguments: tuple[str, ...], ended: Ended, sha: str) -> Iterator[str]:
    """Whether, now that AWS answers, it comes to its end: by itself, by the same run, or anew where that says so."""
    again = ended
    if ended.code != 0 or ended.crash:
        begun = command != "rollback" and (yard.estate.folder / "store" / "runs").is_dir()
        again = run("resume", journal_in(yard.estate.folder)[0], "--json-log") if begun else run(*arguments)
        again = run(*arguments) if begun and again.code == 1 else again
    yield from (f"taken up: {one}" for one in again.wrong(0))
    yield from (f"taken up: {one}" for one in yard.twice())
    yield from (f"taken up, and not so: {one}: {_end(again)}" for one in _not_so(yard, command, sha))
    for region, shop in yard.shops.items():
        runs = [one["description"] for one in shop.deployments if one["description"] != OLD]
        if len(set(runs)) > 1 and command in ("deploy", "release"):
            yield f"{region}: deployed by several runs: {runs}"
        if len(shop.versions) > 2:
            yield f"{region}: published {len(shop.versions)} versions"


def _end(ended: Ended) -> str:
    return f"{ended.code} {ended.err.strip()[-300:]}{ended.out.strip()[-300:]}"

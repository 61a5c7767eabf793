"""SIGKILL at every moment at which a command touches a file here: what is left is whole, and the next run goes on.

The command runs in a process that is forked for it. A moment is an opening for writing, a rename, a removal or a new
folder, as Python's audit events tell of them before they happen, and each `write` and `fsync`: before it, in its
middle, and after it. How many there are, a run that nobody kills tells.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from bench.torture_drifts import Drifted, drifts
from bench.torture_trial import Trial, run, workplace
from bench.torture_world import World
from bench.torture_writes import Estate, journal_in
from bench.wire import on_wire

PART: Final = "kills"
TYPES: Final = ("AWS::CodeDeploy::*",)
WORLDS: Final = ("AWS::Lambda::Function/Tags", "AWS::S3::Bucket missing", "AWS::Lambda::EventSourceMapping missing")
"""Worlds of bench.torture_drifts whose plans are carried out, and taken back."""
_NEVER: Final = 10**9
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS: Final = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link"})


class Counting:
    """Owns the count of moments in this process, and ends it at one of them."""

    def __init__(self, folder: Path, last: int) -> None:
        self.number = 0
        self._folder = str(folder.resolve())
        self._last = last

    def moment(self) -> None:
        """One more; the last one is not survived."""
        self.number += 1
        if self.number == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit event of Python's (https://docs.python.org/3/library/audit_events.html)."""
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if (writes or event in _EVENTS) and self._is_here(arguments[0]):
            self.moment()

    def _is_here(self, path: object) -> bool:
        named = isinstance(path, str | bytes | os.PathLike)
        return named and str(Path(os.fsdecode(path)).absolute()).startswith(self._folder)  # type: ignore[arg-type]

    def listen(self) -> None:
        """Count from now on, in this process and for all of its life."""
        write, sync = os.write, os.fsync

        def written(handle: int, content: Any) -> int:
            self.moment()
            half = len(content) // 2
            done = write(handle, content[:half]) if half and self.number + 1 == self._last else 0
            self.moment()
            return done + write(handle, content[done:])

        def synced(handle: int) -> None:
            self.moment()
            sync(handle)
            self.moment()

        vars(os).update(write=written, fsync=synced)
        sys.addaudithook(self.heard)


def ended_at(folder: Path, last: int, command: Callable[[], int]) -> tuple[bool, int]:
    """Run a command in a process of its own that ends at a moment: whether it was killed, and how many there were."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        counting = Counting(folder, last)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        counting.listen()
        try:
            command()
        finally:
            count = str(counting.number).encode()
            os.writev(writing, [count])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as counted:
        number = int(counted.read() or b"0")
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status), number


def trials() -> Iterator[Trial]:
    """Each command at each of its moments."""
    for name in AUDITS:
        for number in range(1, moments_of_audit(name) + 1):
            yield Trial(PART, f"{name}, moment {number}", partial(audit_killed, name, number))
    for name in WORLDS:
        for back in (False, True):
            for number in range(1, moments_of_apply(name, back) + 1):
                what = "rollback" if back else "apply"
                yield Trial(PART, f"{what} {name}, moment {number}", partial(apply_killed, name, back, number))


AUDITS: Final = {"snapshot": ("snapshot",), "audit": ("audit",), "audit again": ("audit",)}


@contextmanager
def _audited(name: str) -> Iterator[Path]:
    keep = {"keep": {"daily": 1}} if name == "audit again" else {}
    with workplace(types=list(TYPES), **keep) as folder, on_wire(World().wire):
        if name == "audit again":
            run("audit")
        yield folder


@cache
def moments_of_audit(name: str) -> int:
    """How many moments it has."""
    with _audited(name) as folder:
        return ended_at(folder, _NEVER, lambda: run(*AUDITS[name]).code)[1]


def audit_killed(name: str, number: int) -> Iterator[str]:
    """What is wrong after a run that reads was killed."""
    with _audited(name) as folder:
        yield from _spared(*ended_at(folder, number, lambda: run(*AUDITS[name]).code), number)
        if (folder / "store").is_dir():
            yield from (f"left: {one}" for one in run("snapshot", "verify").wrong(*((0,) if _kept(folder) else (0, 1))))
        latest = folder / "store" / "reports" / "latest.json"
        if latest.exists():
            json.loads(latest.read_text(encoding="utf-8"))
        for again in (AUDITS[name], ("audit",)):
            yield from (f"next: {one}" for one in run(*again).wrong(0 if again[0] == "snapshot" else 2))
        yield from (f"next: {one}" for one in run("snapshot", "verify").wrong(0))
        yield from (f"history: {one}" for one in run("history").wrong(0))


def _spared(killed: bool, there: int, number: int) -> Iterator[str]:
    # A run that begins in another second than the one before needs no second name, and has moments fewer.
    if not killed and there >= number:
        yield "it was not killed"


def _kept(folder: Path) -> bool:
    return any((folder / "store").glob("*/manifest.json"))


def _drifted(name: str) -> Drifted:
    return next(one for one in drifts() if one.name == name)


@dataclass
class Lasting(Estate):
    """An estate whose state outlives the process that writes to it, as AWS's does."""

    def keep(self) -> None:
        """Write down what AWS has by now."""
        state = json.dumps({"site": self.site, "accepted": self.accepted, "makes": sorted(self.makes)})
        handle = os.open(self.folder.with_suffix(".aws"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.writev(handle, [state.encode()])
        os.close(handle)

    def recall(self) -> None:
        """Be as it was written down last."""
        path = self.folder.with_suffix(".aws")
        if path.exists():
            state = json.loads(path.read_text(encoding="utf-8"))
            self.accepted = [tuple(one) for one in state["accepted"]]
            self.makes = {tuple(one) for one in state["makes"]}
            self.become(state["site"])
            path.unlink()


@contextmanager
def _planned(name: str, back: bool) -> Iterator[tuple[Lasting, tuple[str, ...]]]:
    drifted = _drifted(name)
    with workplace(types=list(drifted.types)) as folder:
        estate = Lasting(drifted, folder)
        with on_wire(estate.wire):
            run("plan", "--allow-delete", "-q", "-o", "plan.json")
            command: tuple[str, ...] = ("apply", "plan.json", "--yes")
            if back:
                run(*command)
                estate.wanted = drifted.site
                command = ("rollback", journal_in(folder)[0], "--yes")
            yield estate, command


@cache
def moments_of_apply(name: str, back: bool) -> int:
    """How many moments it has."""
    with _planned(name, back) as (estate, command):
        return ended_at(estate.folder, _NEVER, lambda: run(*command).code)[1]


def apply_killed(name: str, back: bool, number: int) -> Iterator[str]:
    """What is wrong after a run that writes was killed, and taken up again."""
    with _planned(name, back) as (estate, command):
        runs = set((estate.folder / "store" / "runs").glob("*")) if back else set()
        ended = ended_at(estate.folder, number, lambda: run(*command).code)
        estate.recall()
        yield from _spared(*ended, number)
        begun = [one for one in (estate.folder / "store" / "runs").glob("*/journal.jsonl") if one.parent not in runs]
        again = run("resume", begun[0].parent.name) if begun else run(*command)
        if again.code != 0 and begun and not estate.accepted_in(begun[0].parent.name):
            # A run that ended before its first entry says so: its plan is applied again.
            again = run(*command)
        yield from (f"taken up: {one}" for one in again.wrong(0))
        if not estate.is_wanted():
            yield f"taken up, and not done: {again.err.strip()[-300:]}"
        yield from estate.strange
        once = [key for key in estate.accepted if estate.accepted.count(key) > 1 and key in estate.makes]
        yield from (f"made twice: {one}" for one in sorted(set(once)))

"""A full disk at every write of every command that writes here: one message, nothing half, and the next run goes on.

The writes are those that a run on a large disk makes, so that a new one is taken in by itself.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, get_args

from auditor.errors import AuditorError
from auditor.store.site_file import site_of
from bench.full_disk import How, filling, fitting
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import World
from bench.wire import on_wire

PART: Final = "disk"
TYPES: Final = ["AWS::CodeDeploy::*"]
NEVER: Final = 10**6
FITS: Final = (1, 100, 1_000, 10_000)
"""Bytes that a file may have at most, where it is cut off in the middle."""
_DEPLOY: Final[Mapping[str, Any]] = {
    "application": "shop", "groups": ["web"], "bucket": "shop-artifacts-{account}-{region}",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Command:
    """What is run, after what, and with what codes it ends on a large disk."""

    arguments: tuple[str, ...]
    codes: tuple[int, ...]
    before: tuple[tuple[str, ...], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


COMMANDS: Final[Mapping[str, Command]] = {
    "snapshot": Command(("snapshot",), (0,)),
    "audit": Command(("audit",), (2,)),
    "audit again": Command(("audit",), (2,), before=(("audit",),), settings={"keep": {"daily": 1}}),
    "audit, metrics": Command(
        ("audit", "-o", "page.html"), (2,), settings={"metrics": {"prometheus": "m/a.prom", "emf": "m/a.emf"}}
    ),
    "diff": Command(("diff", "latest", "--format", "json", "-o", "drift.json"), (2,), before=(("snapshot",),)),
    "report": Command(("report", "latest", "-o", "new/report.html"), (2,), before=(("snapshot",),)),
    "plan": Command(("plan", "-o", "plan.json"), (2,)),
    # The wire answers what is read and keeps nothing: what was written is not found, and nothing can be verified.
    "apply": Command(("apply", "plan.json", "--yes"), (3,), before=(("plan", "-o", "plan.json"),)),
    "deploy-setup": Command(("deploy-setup", "-o", "setup"), (0,), settings={"deploy": _DEPLOY}),
    "schedule-setup": Command(
        ("schedule-setup", "-o", "nightly.yaml"), (0,), settings={"store": "s3://auditor-store/snapshots"}
    ),
    "iam-policy": Command(("iam-policy", "-o", "policies"), (0,)),
}


def trials() -> Iterator[Trial]:
    """Each command at each of its writes, with a disk that has no place for files, or none for what they hold."""
    for name, command in COMMANDS.items():
        for how in get_args(How):
            for turn in range(1, writes_of(command) + 1):
                full = partial(filling, full_from=turn, how=how)
                yield Trial(PART, f"{name}, write {turn}, {how}", partial(wrong, command, full))
        for size in FITS:
            yield Trial(PART, f"{name}, {size} bytes fit", partial(wrong, command, partial(_fitting, size)))


def _fitting(size: int, _: Path) -> AbstractContextManager[None]:
    return fitting(size)


@cache
def writes_of(command: Command) -> int:
    """How often a command opens something for writing. Raises RuntimeError where it does not end as it should."""
    with prepared(command) as folder, filling(folder, NEVER) as disk:
        ended = run(*command.arguments)
    if ended.crash or ended.code not in command.codes:
        raise RuntimeError(f"{command.arguments}: {ended.code} {ended.crash or ended.err}")
    return len(disk.written)


@contextmanager
def prepared(command: Command) -> Iterator[Path]:
    """A workplace in which a command can be run."""
    with workplace(types=TYPES, **command.settings) as folder, on_wire(World().wire):
        for arguments in command.before:
            run(*arguments)
        yield folder


def wrong(command: Command, full: Callable[[Path], AbstractContextManager[Any]]) -> Iterator[str]:
    """What is wrong with how a command ends on a disk that gets full, with what it leaves, and with the next run."""
    with prepared(command) as folder:
        before = contents(folder)
        with full(folder):
            ended = run(*command.arguments)
        yield from ended.wrong(1, *command.codes)
        if ended.code == 1 and not ended.crash:
            yield from told_badly(ended)
        yield from left_badly(folder, {} if "keep" in command.settings else before)
        again = run(*command.arguments)
        yield from (f"with space again: {one}" for one in again.wrong(*command.codes))
        if (folder / "store").is_dir() and any(run("snapshot", "list").out):
            yield from (f"afterwards: {one}" for one in run("snapshot", "verify").wrong(0))


def told_badly(ended: Ended) -> Iterator[str]:
    """What is wrong with the message of a command that failed: it is one, and says why."""
    lines = [one for one in ended.err.splitlines() if one.startswith("auditor: ")]
    if len(lines) != 1 or not any(why in ended.err for why in ("File too large", "No space left on device")):
        yield f"told: {ended.err.strip()[-300:]}"


def left_badly(folder: Path, before: Mapping[str, bytes]) -> Iterator[str]:
    """What lies about that is half written, or was there before and is gone."""
    now = contents(folder)
    yield from (f"{name} is gone" for name in before.keys() - now.keys())
    for name, content in now.items():
        if name not in before and Path(name).name.startswith(".") and Path(name).name.count(".") > 2:
            yield f"{name} was left"
        elif before.get(name) != content and not is_whole(name, content):
            yield f"{name} is not whole"


def contents(folder: Path) -> dict[str, bytes]:
    """What each file below a folder holds."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def is_whole(name: str, content: bytes) -> bool:
    """Whether a file is what its name says; what is only locked may be empty."""
    if Path(name).name in {".audit-lock", ".guard"}:
        return True
    try:
        return _READ.get(Path(name).suffix, bool)(content) is not False
    except (ValueError, AuditorError, zipfile.BadZipFile):
        return False


_READ: Final[Mapping[str, Callable[[bytes], Any]]] = {
    ".json": json.loads,
    ".jsonl": lambda content: content.endswith(b"\n"),
    ".emf": lambda content: content.endswith(b"\n"),
    ".prom": lambda content: content.endswith(b"\n"),
    ".html": lambda content: content.rstrip().endswith(b"</html>"),
    ".zst": lambda content: site_of("one.json.zst", content),
    ".zip": lambda content: zipfile.ZipFile(io.BytesIO(content)).testzip() is None,
    ".key": lambda content: len(content) >= 32,
}

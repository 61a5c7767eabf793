"""Who may write to a site: one file a site in STORE/locks, so that two runs never change the same site at once."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from auditor.errors import LockedError, StoreError
from auditor.model.json_text import parse_json

LOCKS: Final = "locks"
LOCK_SCHEMA: Final = "auditor/lock/1"
_GUARD: Final = ".guard"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_MOST_PIDS: Final = 2**31
_NOT_LOCKED: Final = (
    "No site was locked, and nothing was called. Check the path, its permissions and the space left, or choose "
    "another with --store."
)
_NOT_RELEASED: Final = "The run is over, and its locks are still there: delete them yourself."


@dataclass(frozen=True)
class Owner:
    """Who holds a lock: the user `who` on `host`, with the process `pid`, for a run, since a time in UTC."""

    run: str
    who: str
    host: str
    pid: int
    since: str
    """ISO 8601 (`2026-11-24T01:02:03Z`)."""


def owner_now(run: str) -> Owner:
    """This process, as the owner of locks for a run from now on."""
    return Owner(run, _user(), socket.gethostname(), os.getpid(), datetime.now(UTC).strftime(_TIME))


@contextmanager
def held(store: Path, sites: Iterable[str], owner: Owner, take_over: bool = False) -> Iterator[None]:
    """Hold the locks of all these sites, or of none.

    A lock that the same run left on this host goes to `owner` if its process is dead; `take_over` takes any other
    lock too, but never that of a process that is alive on this host. Raises LockedError for a site that somebody
    else holds, StoreError where the locks cannot be kept.
    """
    paths = {site: store / LOCKS / _file_name(site) for site in sorted(sites)}
    taken: list[Path] = []
    try:
        with _alone(store / LOCKS, _NOT_LOCKED):
            for site, path in paths.items():
                _free(site, path, owner, take_over)
                _make(path, owner)
                taken.append(path)
        yield
    finally:
        if taken:
            _release(store / LOCKS, taken, owner)


def running(store: Path) -> frozenset[str]:
    """The runs that hold a lock, but for those whose process is known to be dead: one of another host may be alive.

    Raises StoreError where the locks cannot be read.
    """
    host = socket.gethostname()
    with _refusing(store / LOCKS, "Nothing was told. Check its permissions.", "read"):
        contents = [_content(path) for path in _locks(store / LOCKS)]
    owners = [owner for content in contents if content is not None and (owner := _parsed(content))]
    return frozenset(one.run for one in owners if one.host != host or _alive(one.pid))


def _locks(folder: Path) -> list[Path]:
    try:
        return sorted(one for one in folder.iterdir() if one.suffix == ".json")
    except (FileNotFoundError, NotADirectoryError):
        return []


@contextmanager
def _alone(folder: Path, remedy: str) -> Iterator[None]:
    """No other process looks at the locks, or changes one, within: what was found does not change meanwhile.

    The system releases it with the process, however that ends.
    """
    with _refusing(folder, remedy):
        folder.mkdir(parents=True, exist_ok=True)
        # Open for writing, because NFS locks no file that is only read.
        handle = os.open(folder / _GUARD, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _free(site: str, path: Path, owner: Owner, take_over: bool) -> None:
    content = _content(path)
    if content is None:
        return
    found = _parsed(content)
    if found is None:
        refusal = _refused_unknown(site, path)
    elif found.host == owner.host and _alive(found.pid):
        raise LockedError(_refused_alive(site, path, found, owner))
    elif found.host == owner.host and found.run == owner.run:
        refusal = ""
    else:
        refusal = _refused(site, found, owner)
    if refusal and not take_over:
        raise LockedError(refusal)
    path.unlink()


def _refused_unknown(site: str, path: Path) -> str:
    return (
        f"{site} is locked, and by whom cannot be told: {path} is not a whole lock. Nothing was called. If no run is "
        "going on there, take the lock over with --take-over."
    )


def _refused_alive(site: str, path: Path, found: Owner, owner: Owner) -> str:
    return (
        f"{_told(site, found, owner)} It is still running (pid {found.pid}). Nothing was called. Wait for its end or "
        f"stop it; if process {found.pid} is another program by now, delete {path}."
    )


def _refused(site: str, found: Owner, owner: Owner) -> str:
    return (
        f"{_told(site, found, owner)} Nothing was called. If that run is dead, take the lock over with --take-over; "
        f"'auditor resume {found.run}' goes on with what it left."
    )


def _told(site: str, found: Owner, owner: Owner) -> str:
    age = _age(datetime.strptime(owner.since, _TIME) - datetime.strptime(found.since, _TIME))
    return (
        f"{site} is locked by {found.who}@{found.host} (pid {found.pid}) for run {found.run}, "
        f"since {found.since}, {age} ago."
    )


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    for unit, length in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            count = minutes // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Another user's, but there.
        return True
    return True


def _make(path: Path, owner: Owner) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_rendered(owner))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


def _release(folder: Path, paths: Iterable[Path], owner: Owner) -> None:
    with _alone(folder, _NOT_RELEASED):
        for path in paths:
            # Somebody else's, if it was taken over.
            if _content(path) == _rendered(owner):
                path.unlink()


def _content(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _rendered(owner: Owner) -> bytes:
    told = {
        "schema": LOCK_SCHEMA,
        "run": owner.run,
        "owner": f"{owner.who}@{owner.host}",
        "pid": owner.pid,
        "since": owner.since,
    }
    return json.dumps(told, sort_keys=True, indent=1).encode() + b"\n"


def _parsed(content: bytes) -> Owner | None:
    """The owner that a lock's file names; None where it was not written whole."""
    try:
        told = parse_json(content)
        who, _, host = told["owner"].rpartition("@")
        owner = Owner(told["run"], who, host, told["pid"], told["since"])
        datetime.strptime(owner.since, _TIME)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    # Any other number would ask kill() about more than one process.
    is_one = isinstance(owner.pid, int) and 0 < owner.pid < _MOST_PIDS
    return owner if is_one and _rendered(owner) == content else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        # In a container a user may have a number and no name.
        return str(os.getuid())


def _file_name(site: str) -> str:
    return site.replace("/", "__") + ".json"


@contextmanager
def _refusing(folder: Path, remedy: str, what: str = "written") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{folder} could not be {what} ({error.strerror or error}). {remedy}") from None

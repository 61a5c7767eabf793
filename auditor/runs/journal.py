"""What a run did, entry by entry, in STORE/runs/RUN/: it is readable after a kill at any moment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from auditor import __version__
from auditor.errors import StoreError
from auditor.model.json_text import parse_json
from auditor.model.values import Value
from auditor.runs.files import ID, TIME, age, sync, time_after
from auditor.runs.seals import SEAL, is_sealed, seal

RUNS: Final = "runs"
PLAN: Final = "plan.json"
JOURNAL: Final = "journal.jsonl"
JOURNAL_SCHEMA: Final = "auditor/journal/3"
CHECKSUM: Final = "sha256"
"""In each entry: the first digits of the entry's SHA-256. Beside it stands a seal, of run and entry."""

Clock = Callable[[], datetime]
"""Tells the time, with its zone."""


@dataclass(frozen=True)
class Record:
    """What is known of a run. Each entry has `n` (from 0), `at` (UTC), `event` and that event's own fields; its
    checksum was held against it, and is left out.

    `plan` is "" where not even the first entry, which vouches for it, was whole.
    """

    run: str
    plan: str
    entries: tuple[Mapping[str, Value], ...]


def _clock() -> datetime:
    return datetime.now(UTC)


class Journal:
    """Owns the open journal of one run. Several threads may write at the same time."""

    def __init__(self, path: Path, count: int, size: int, key: bytes, clock: Clock = _clock) -> None:
        self.run = path.parent.name
        self._path = path
        self._key, self._clock = key, clock
        self._whole = (count, size)
        self._torn = False
        self._lock = threading.Lock()
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def write(self, event: str, /, **fields: Value) -> None:
        """Append an entry; it is on the disk when this returns. What did not return counts as never written.

        Raises StoreError where it cannot be written, or another process went on with the run; TypeError or
        ValueError for what JSON cannot hold, and for a field named `n`, `at` or `event`.
        """
        with self._lock:
            count, size = self._whole
            line = _line(dict(**fields, n=count, at=_utc(self._clock()), event=event), self.run, self._key)
            with _refusing(self._path, "written", self._remedy()):
                self._end_at(size)
                self._torn = True
                _write(self._file.fileno(), line)
                # One assignment: Ctrl-C cannot come between the number and the size.
                self._whole = (count + 1, size + len(line))
                self._torn = False

    def entries(self) -> tuple[Mapping[str, Value], ...]:
        """All that is written so far. Raises StoreError as `read` does."""
        return read(self._path.parents[2], self.run, self._key).entries

    def _end_at(self, size: int) -> None:
        if self._torn:
            self._file.truncate(size)
        elif os.fstat(self._file.fileno()).st_size != size:
            raise StoreError(
                f"{self._path} was written by another process meanwhile: somebody took run {self.run} over. This "
                "process calls nothing more. Leave the run to that one."
            )

    def _remedy(self) -> str:
        return (
            "Nothing is called without its entry, so the run stops here. Check the space left, then go on with "
            f"'auditor resume {self.run}'."
        )


def begin(
    store: Path, now: datetime, plan: str, header: Mapping[str, Value], key: bytes, clock: Clock = _clock
) -> Journal:
    """Start a run, named by the time in UTC, and after the newest: its plan as given, and its first entry, `run`.

    Each entry is sealed with the key of the fingerprints.

    Raises StoreError where that cannot be written; nothing of the run is left then.
    """
    content = plan.encode(errors="backslashreplace")
    told = {"schema": JOURNAL_SCHEMA, "plan_sha256": hashlib.sha256(content).hexdigest()}
    first = dict(**header, **told, n=0, at=_utc(clock()), event="run")
    with _refusing(store / RUNS, "written", "No run was begun, nothing was called. Choose another place with --store."):
        folder = _made(store / RUNS, time_after(reversed(runs(store)), now).strftime(TIME))
        try:
            opening = _line(first, folder.name, key)
            _write_new(folder / PLAN, content)
            _write_new(folder / JOURNAL, opening)
            for one in (folder, folder.parent, store):
                sync(one)
            return Journal(folder / JOURNAL, 1, len(opening), key, clock)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def reopen(store: Path, run: str, key: bytes, clock: Clock = _clock) -> Journal:
    """Go on with a run after its last whole entry; what a kill cut off is taken away first.

    Hold the locks of its sites first: its own process may be in the middle of an entry.
    Raises StoreError as `read` does, and for a run of which not even the first entry is whole.
    """
    record, size = _recorded(store, run, key)
    path = store / RUNS / run / JOURNAL
    if not record.entries:
        raise StoreError(f"{path}: the run ended before its first entry. Nothing was called. Apply its plan again.")
    with _refusing(path, "written", "Nothing was called. Check its permissions and the space left."):
        with path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())
        return Journal(path, len(record.entries), size, key, clock)


def read(store: Path, run: str, key: bytes | None) -> Record:
    """What a run's folder tells. A last line that was cut off was never promised, and is passed over.

    `key`: None where no seal is looked at, as by who lists runs. Raises StoreError for a run that is not there, or of
    which anything is not what was written with this key.
    """
    return _recorded(store, run, key)[0]


def abandon(store: Path, run: str, key: bytes) -> None:
    """Leave nothing of a run that was begun and never called anything.

    Raises StoreError for a run that did something, or that cannot be removed.
    """
    folder = store / RUNS / run
    if len(read(store, run, key).entries) > 1:
        raise StoreError(
            f"{folder} tells what run {run} did. It was not removed. Undo it with 'auditor rollback {run}'."
        )
    with _refusing(folder, "removed", "Nothing was called in it. Remove it yourself."):
        (folder / JOURNAL).unlink()
        shutil.rmtree(folder)


def runs(store: Path) -> tuple[str, ...]:
    """The ids of all runs, oldest first. Raises StoreError where the folder cannot be read."""
    folder = store / RUNS
    with _refusing(folder, "read", "Nothing was called. Check its permissions."):
        if not folder.is_dir():
            return ()
        found = (one.name for one in folder.iterdir() if ID.fullmatch(one.name) and (one / JOURNAL).is_file())
        return tuple(sorted(found, key=age))


def _recorded(store: Path, run: str, key: bytes | None) -> tuple[Record, int]:
    known = runs(store)
    if run not in known:
        held = f"It holds {', '.join(known[-3:]) or 'none'}"
        raise StoreError(f"{store} has no run '{run}'. {held}. Nothing was called. Name a run that is there.")
    folder = store / RUNS / run
    *lines, _ = _content(folder / JOURNAL).split(b"\n")
    entries = tuple(_entry(folder / JOURNAL, n, line, key) for n, line in enumerate(lines))
    record = Record(run, _plan(folder, entries[0]) if entries else "", entries)
    return record, sum(len(line) + 1 for line in lines)


def _entry(path: Path, n: int, line: bytes, key: bytes | None) -> Mapping[str, Value]:
    try:
        entry = parse_json(line)
    except ValueError:
        entry = None
    if not n:
        _refuse_older(path, entry)
    whole: dict[str, Value] = entry if isinstance(entry, dict) else {}
    own = {name: one for name, one in whole.items() if name not in (CHECKSUM, SEAL)}
    # As it was written, to the byte: what says the same in other words was not written by this program.
    if own.get("n") != n or _json({**own, CHECKSUM: _checksum(own), SEAL: whole.get(SEAL)}) != line:
        raise StoreError(
            f"{path}, line {n + 1}: entry {n} should stand there, and does not. What the run did cannot be told "
            "from it, and nothing was called. Restore the file from a backup, or make a new plan."
        )
    if key is not None and not is_sealed(whole.get(SEAL), f"{JOURNAL_SCHEMA} {path.parent.name}", _json(own), key):
        raise StoreError(
            f"{path}, line {n + 1}: the entry was not sealed with the key that is here, so that nobody can tell who "
            "wrote it. Nothing was called. Set AUDITOR_FINGERPRINT_KEY to the key that the run was begun with."
        )
    return own


def _refuse_older(path: Path, first: Value) -> None:
    """Raise StoreError for a journal of another schema: its entries may have no checksum."""
    schema = first.get("schema") if isinstance(first, dict) else None
    if isinstance(schema, str) and schema != JOURNAL_SCHEMA:
        raise StoreError(
            f"{path} is of schema {schema!r}, and this program (auditor {__version__}) reads "
            f"{JOURNAL_SCHEMA!r}. Nothing was called. Go on with the version that began the run."
        )


def _plan(folder: Path, first: Mapping[str, Value]) -> str:
    content = _content(folder / PLAN)
    if hashlib.sha256(content).hexdigest() != first.get("plan_sha256"):
        raise StoreError(
            f"{folder / PLAN} is not the plan that the run began with: its sha256 differs from the journal's. "
            "Nothing was called. Restore the file from a backup, or make a new plan."
        )
    return content.decode()


def _content(path: Path) -> bytes:
    with _refusing(path, "read", "Nothing was called. Check its permissions."):
        return path.read_bytes()


def _made(folder: Path, time_: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    number, made = 1, folder / time_
    while True:
        try:
            made.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
            made = folder / f"{time_}-{number}"
        else:
            return made


def _line(entry: Mapping[str, Value], run: str, key: bytes) -> bytes:
    own = seal(f"{JOURNAL_SCHEMA} {run}", _json(entry), key)
    return _json({**entry, CHECKSUM: _checksum(entry), SEAL: own}) + b"\n"


def _checksum(entry: Mapping[str, Value]) -> str:
    return hashlib.sha256(_json(entry)).hexdigest()[:16]


def _json(entry: Mapping[str, Value]) -> bytes:
    return json.dumps(entry, sort_keys=True, allow_nan=False).encode()


def _utc(time_: datetime) -> str:
    return time_.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write(handle, content)
    finally:
        os.close(handle)


def _write(handle: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]
    os.fsync(handle)


@contextmanager
def _refusing(path: Path, what: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} could not be {what} ({error.strerror or error}). {remedy}") from None

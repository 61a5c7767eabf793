"""Every case of `tests/cases/`, run and counted by its kind."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from auditor.cli.main import main
from auditor.sandbox.server import Sandbox
from bench.case_file import CaseKind, read_case
from bench.case_run import KEY, titles, wrong_in
from bench.case_sandbox import Ended, wrong_on_sandbox

SANDBOXES: Final = 2


@dataclass(frozen=True)
class Ran:
    """One case, and what was wrong with it."""

    title: str
    kind: str
    wrong: tuple[str, ...]
    seconds: float = 0
    on_sandbox: bool = False


def run_all(pool: ProcessPoolExecutor) -> tuple[Ran, ...]:
    """Every case, those that take the embedded AWS in sandboxes of their own."""
    cases = titles()
    on_sandbox = [title for title, path in cases.items() if read_case(path).on_sandbox]
    beside = [pool.submit(_on_one_sandbox, on_sandbox[number::SANDBOXES]) for number in range(SANDBOXES)]
    quick = list(pool.map(_in_memory, [title for title in cases if title not in on_sandbox], chunksize=20))
    return (*quick, *(one for share in beside for one in share.result()))


def _in_memory(title: str) -> Ran:
    return _ran(title, wrong_in)


def _ran(title: str, wrong: Callable[[Path], tuple[str, ...]]) -> Ran:
    path = titles()[title]
    case, begun = read_case(path), time.monotonic()
    try:
        told = wrong(path)
    except Exception as error:  # noqa: BLE001 whatever it is, it is to be told with the case
        told = (f"crashed: {error!r}",)
    return Ran(title, case.kind, told, time.monotonic() - begun, case.on_sandbox)


def _on_one_sandbox(cases: list[str]) -> list[Ran]:
    if not cases:
        return []
    with Sandbox() as sandbox, sandbox.entered():
        os.environ["AUDITOR_FINGERPRINT_KEY"] = KEY
        return [_in_account(title, f"{number:012}") for number, title in enumerate(cases, start=1)]


def _in_account(title: str, account: str) -> Ran:
    os.environ["AWS_ACCESS_KEY_ID"] = account
    return _ran(title, lambda path: wrong_on_sandbox(path, account, _program))


def _program(*arguments: object) -> Ended:
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            main([str(one) for one in arguments])
        except SystemExit as ended:
            return Ended(int(ended.code or 0), printed.getvalue())
    return Ended(0, printed.getvalue())


def lines(ran: Iterable[Ran]) -> Iterator[str]:
    """A row for each kind, what is wrong, and the total."""
    held = tuple(ran)
    yield f"{'cases by kind':42} {'cases':>6} {'right':>6}"
    for kind in get_args(CaseKind):
        own = [one for one in held if one.kind == kind]
        yield f"{kind:42} {len(own):6} {sum(not one.wrong for one in own):6}"
    for one in held:
        if one.wrong:
            yield f"WRONG  {one.title}"
            yield from (f"       {line[:400]}" for line in one.wrong)
    memory, sandbox = (sum(one.seconds for one in held if one.on_sandbox is where) for where in (False, True))
    yield (
        f"cases: {sum(not one.wrong for one in held)} of {len(held)}; "
        f"{memory:.1f} s of computing in memory, {sandbox:.1f} s on the sandbox"
    )

"""Does to the program whatever can go wrong, and counts where it says what is not so, writes it, or breaks.

    python -m bench.torture                         (make torture)
    python -m bench.torture --only reads --sample 50
    python -m bench.torture --case 'reads: diff lambda.GetPolicy html golden'

No AWS and no sandbox is needed: the world is plain values, answered at botocore's HTTP layer. The last line counts all
cases and violations; exit code 1 if there is a violation.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import click

from bench import (
    torture_canaries,
    torture_disk,
    torture_forgeries,
    torture_fuzz,
    torture_kills,
    torture_nights,
    torture_reads,
    torture_shipping,
    torture_writes,
)
from bench.torture_trial import Trial

PARTS: Final[Mapping[str, Callable[[], Iterable[Trial]]]] = {
    torture_nights.PART: torture_nights.trials,
    torture_reads.PART: torture_reads.trials,
    torture_writes.PART: torture_writes.trials,
    torture_shipping.PART: torture_shipping.trials,
    torture_disk.PART: torture_disk.trials,
    torture_kills.PART: torture_kills.trials,
    torture_canaries.PART: torture_canaries.trials,
    torture_forgeries.PART: torture_forgeries.trials,
    torture_fuzz.PART: torture_fuzz.trials,
}
_SHOWN: Final = 40
"""So many violations are printed of each part."""
_WIDTH: Final = 600
_BEGIN: Final = "<!-- make torture -->"
_END: Final = "<!-- made by make torture -->"


@dataclass(frozen=True)
class Came:
    """What came of a trial."""

    part: str
    name: str
    cases: int
    wrong: tuple[str, ...]


def chosen(parts: Iterable[str], sample: int = 0, seed: int = 0) -> list[Trial]:
    """The trials of these parts, or so many of each, at random."""
    made: list[Trial] = []
    for part in parts:
        trials = list(PARTS[part]())
        made += _sampled(trials, sample, Random(seed)) if sample else trials  # noqa: S311
    return made


def _sampled(trials: Sequence[Trial], most: int, chance: Random) -> list[Trial]:
    """Some of the trials, of so many cases together or a few more; what is longer by itself is left out."""
    short = [one for one in trials if one.cases <= most]
    made: list[Trial] = []
    for one in chance.sample(short, len(short)):
        if sum(each.cases for each in made) < most:
            made.append(one)
    return made


def came_of(trial: Trial) -> Came:
    """What came of one trial; what breaks the trial itself is wrong too."""
    try:
        wrong = tuple(trial.run())
    except Exception:  # noqa: BLE001 the others are tried all the same
        wrong = (traceback.format_exc(),)
    return Came(trial.part, trial.name, trial.cases, wrong)


@dataclass(frozen=True)
class Row:
    """What a part came to."""

    part: str
    cases: int
    violations: int


_TRIALS: list[Trial] = []
"""What the processes that are forked have to do."""


def _came(number: int) -> Came:
    return came_of(_TRIALS[number])


def tortured(trials: Sequence[Trial], processes: int) -> Iterator[Came]:
    """What came of each trial, in any order."""
    if processes < 2:
        yield from map(came_of, trials)
        return
    _TRIALS[:] = trials
    # What was recorded once is there in each: the processes are forked.
    pool = multiprocessing.get_context("fork").Pool(processes)
    yield from pool.imap_unordered(_came, range(len(trials)), chunksize=4)
    pool.close()
    pool.join()


@click.command()
@click.option("--only", "only", multiple=True, type=click.Choice(list(PARTS)), help="This part; may be given again.")
@click.option("--sample", default=0, metavar="N", help="So many trials of each part, at random.")
@click.option("--seed", default=0, help="Which ones.")
@click.option("--case", "case", default="", metavar="'PART: NAME'", help="One trial, and all that is wrong with it.")
@click.option(
    "--write", "document", type=click.Path(path_type=Path, exists=True), help="Write the table in there, too."
)
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
def main(only: tuple[str, ...], sample: int, seed: int, case: str, document: Path | None, processes: int) -> None:
    """Torture the program."""
    warnings.simplefilter("ignore")
    begun, parts = time.monotonic(), only or tuple(PARTS)
    if case:
        part, _, name = case.partition(": ")
        trials, processes = [one for one in PARTS[part]() if one.name == name], 1
    else:
        trials = chosen(parts, sample, seed)
    rows = print_results(tortured(trials, processes), begun, _SHOWN)
    if document:
        document.write_text(with_table(document.read_text(encoding="utf-8"), rows), encoding="utf-8")
    sys.exit(1 if any(one.violations for one in rows) else 0)


def print_results(results: Iterable[Came], begun: float, most: int) -> tuple[Row, ...]:
    """Print what was wrong, then a line a part, then all of it; what the parts came to."""
    cases, wrong = Counter[str](), Counter[str]()
    for one in results:
        cases[one.part] += one.cases
        wrong[one.part] += len(one.wrong)
        if one.wrong and wrong[one.part] <= most:
            again = f"python -m bench.torture --case '{one.part}: {one.name}'"
            print(again, *map(_short, one.wrong[:3]), sep="\n    ", flush=True)
    rows = tuple(Row(part, cases[part], wrong[part]) for part in PARTS if part in cases)
    print(f"{'part':12} {'cases':>7} {'violations':>11}")
    for row in rows:
        print(f"{row.part:12} {row.cases:7} {row.violations:11}")
    print(f"{time.monotonic() - begun:.0f} s")
    print(f"cases {cases.total()}, violations {wrong.total()}")
    return rows


def with_table(text: str, rows: Sequence[Row]) -> str:
    """A document whose table of the torture has these rows; what is outside of it stays."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    lines = ["| part | what is done | cases | violations |", "| --- | --- | ---: | ---: |"]
    for one in rows:
        says = " ".join((sys.modules[PARTS[one.part].__module__].__doc__ or "").split("\n\n")[0].split())
        lines.append(f"| {one.part} | {says} | {one.cases:,} | {one.violations:,} |")
    cases, wrong = (sum(each) for each in zip(*((one.cases, one.violations) for one in rows), strict=True))
    lines.append(f"| **all** | | **{cases:,}** | **{wrong:,}** |")
    return "\n".join([f"{before}{_BEGIN}", "", *lines, "", f"{_END}{after}"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) < _WIDTH else f"{line[: _WIDTH // 2]} … {line[-_WIDTH // 2 :]}"


if __name__ == "__main__":
    main()

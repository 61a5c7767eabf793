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
from random import Random
from typing import Final

import click

from bench import (
    torture_canaries,
    torture_disk,
    torture_fuzz,
    torture_kills,
    torture_nights,
    torture_reads,
    torture_writes,
)
from bench.torture_trial import Trial

PARTS: Final[Mapping[str, Callable[[], Iterable[Trial]]]] = {
    torture_nights.PART: torture_nights.trials,
    torture_reads.PART: torture_reads.trials,
    torture_writes.PART: torture_writes.trials,
    torture_disk.PART: torture_disk.trials,
    torture_kills.PART: torture_kills.trials,
    torture_canaries.PART: torture_canaries.trials,
    torture_fuzz.PART: torture_fuzz.trials,
}
_SHOWN: Final = 40
"""So many violations are printed of each part."""
_WIDTH: Final = 600


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
        made += Random(seed).sample(trials, sample) if 0 < sample < len(trials) else trials  # noqa: S311
    return made


def came_of(trial: Trial) -> Came:
    """What came of one trial; what breaks the trial itself is wrong too."""
    try:
        wrong = tuple(trial.run())
    except Exception:  # noqa: BLE001 the others are tried all the same
        wrong = (traceback.format_exc(),)
    return Came(trial.part, trial.name, trial.cases, wrong)


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
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
def main(only: tuple[str, ...], sample: int, seed: int, case: str, processes: int) -> None:
    """Torture the program."""
    warnings.simplefilter("ignore")
    begun, parts = time.monotonic(), only or tuple(PARTS)
    if case:
        part, _, name = case.partition(": ")
        trials, processes = [one for one in PARTS[part]() if one.name == name], 1
    else:
        trials = chosen(parts, sample, seed)
    sys.exit(1 if told(tortured(trials, processes), begun, _SHOWN) else 0)


def told(results: Iterable[Came], begun: float, most: int) -> int:
    """Print what was wrong, then a line a part, then all of it; how many violations there were."""
    cases, wrong = Counter[str](), Counter[str]()
    for one in results:
        cases[one.part] += one.cases
        wrong[one.part] += len(one.wrong)
        if one.wrong and wrong[one.part] <= most:
            print(
                f"python -m bench.torture --case '{one.part}: {one.name}'",
                *map(_short, one.wrong[:3]),
                sep="\n    ",
                flush=True,
            )
    print(f"{'part':12} {'cases':>7} {'violations':>11}")
    for part, number in cases.items():
        print(f"{part:12} {number:7} {wrong[part]:11}")
    print(f"{time.monotonic() - begun:.0f} s")
    print(f"cases {cases.total()}, violations {wrong.total()}")
    return wrong.total()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) < _WIDTH else f"{line[: _WIDTH // 2]} … {line[-_WIDTH // 2 :]}"


if __name__ == "__main__":
    main()

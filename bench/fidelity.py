"""`make fidelity`: how many differences are found, and how many are found that are none, over the whole corpus.

    python -m bench.fidelity [--only GLOB] [--unclassified]

Runs the cases of `tests/cases/` beside it. Ends with exit code 1 unless every mutation is found exactly once at its
place, nothing legitimate is found, there are more than 1,500 pairs, and every case comes out as it says.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain, product
from typing import Final
from zlib import crc32

from bench import case_table, equivalences, examples, legitimate, made_up, mutate, names, order, rows
from bench.cases import Case, verdict
from bench.sites import SPECS, findings
from bench.unclassified import unclassified

LEAST: Final = 1500
SHARES: Final = 8
"""Into how many parts the cases of a type are dealt out, so that all processors have some."""


@dataclass(frozen=True)
class Failure:
    """A case that did not come out as it must: a mutation missed, or a legitimate pair that was found."""

    case: str
    what: str
    missed: bool


@dataclass(frozen=True)
class Measured:
    """What the cases of one type came to."""

    type: str
    mutations: int = 0
    legitimate: int = 0
    failures: tuple[Failure, ...] = field(default=())


def cases(type_: str) -> Iterator[Case]:
    """Every case of one type."""
    spec = SPECS[type_]
    yield from chain(
        mutate.mutations(spec),
        legitimate.pairs(spec),
        rows.pairs(spec),
        made_up.pairs(spec),
        names.pairs(spec),
        equivalences.pairs(spec),
    )


def judged(case: Case) -> str:
    """What is wrong with a case; an exception is wrong too, for it would end the whole run."""
    try:
        return verdict(case, findings(case.pair))
    except Exception as error:  # noqa: BLE001 whatever it is, it is to be told with the case
        return f"crashed: {error!r}"


def measure(part: tuple[str, int], only: str = "*", shares: int = SHARES) -> Measured:
    """What one share of the cases of a type comes to, of those that `only` matches."""
    type_, number = part
    counts: Counter[bool] = Counter()
    failures = []
    for case in (one for one in cases(type_) if fnmatchcase(one.id, only) and dealt(one, shares) == number):
        counts[case.expected is not None] += 1
        wrong = judged(case)
        if wrong:
            failures.append(Failure(case.id, wrong, case.expected is not None))
    return Measured(type_, counts[True], counts[False], tuple(failures))


def dealt(case: Case, shares: int) -> int:
    """The share that a case is in, the same in every run; cases that follow one another in a rhythm are spread."""
    return crc32(case.id.encode()) % shares


def together(parts: Iterable[Measured]) -> tuple[Measured, ...]:
    """What the types' shares come to, by type."""
    whole: dict[str, Measured] = {}
    for part in parts:
        held = whole.get(part.type, Measured(part.type))
        cases = held.mutations + part.mutations, held.legitimate + part.legitimate
        whole[part.type] = Measured(part.type, *cases, held.failures + part.failures)
    return tuple(whole[name] for name in sorted(whole))


def lines(measured: Iterable[Measured]) -> Iterator[str]:
    """The table, the failures and the totals."""
    held = tuple(measured)
    yield f"{'type':42} {'cases':>6} {'found':>6} {'missed':>6} {'false':>6}"
    for one in held:
        missed, false = _failed(one)
        yield f"{one.type:42} {one.mutations + one.legitimate:6} {one.mutations - missed:6} {missed:6} {false:6}"
    for failure in (failure for one in held for failure in one.failures):
        yield f"{'MISSED' if failure.missed else 'FALSE '} {failure.case}\n       {failure.what[:400]}"
    mutations, pairs = sum(one.mutations for one in held), sum(one.legitimate for one in held)
    missed, false = (sum(counts) for counts in zip(*map(_failed, held), strict=True))
    share = 100 * (mutations - missed) / max(mutations, 1)
    yield (
        f"recall {mutations - missed}/{mutations} = {share:.1f} %, "
        f"false findings {false} in {pairs} legitimate pairs, {mutations + pairs} cases in all"
    )


def _failed(one: Measured) -> tuple[int, int]:
    missed = sum(failure.missed for failure in one.failures)
    return missed, len(one.failures) - missed


def perfect(measured: Iterable[Measured], only: str) -> bool:
    """Whether the goal is met."""
    held = tuple(measured)
    enough = only != "*" or sum(one.mutations + one.legitimate for one in held) > LEAST
    return enough and not any(one.failures for one in held)


def main() -> int:
    """The whole corpus, types in parallel."""
    parser = argparse.ArgumentParser(prog="bench.fidelity", description=__doc__)
    parser.add_argument("--only", default="*", help="a glob over the cases, as they are printed: 'AWS::S3::*/acl/*'")
    parser.add_argument("--unclassified", action="store_true", help="name each field that no spec classifies")
    given = parser.parse_args()
    parts = list(product(sorted(SPECS), range(SHARES)))
    with ProcessPoolExecutor() as pool:
        measured = together(pool.map(partial(measure, only=given.only), parts))
        ran = case_table.run_all(pool) if given.only == "*" else ()
    print("\n".join([*unclassified(given.unclassified), *lines(measured)]))
    further = dict(beside()) if given.only == "*" else {}
    print("\n".join(f"{what}: {told or 'as it must be'}" for what, told in further.items()))
    print("\n".join(case_table.lines(ran) if ran else ()))
    right = perfect(measured, given.only) and not any(one.wrong for one in ran)
    return 0 if right and not any(further.values()) else 1


def beside() -> Iterator[tuple[str, str]]:
    """The checks on real shapes, with what is wrong; "" for nothing."""
    held = dict(examples.checked())
    wrong = [f"{name}: {told}" for name, told in held.items() if told]
    yield f"{len(held)} examples of botocore's, taken, redacted and made documents", "; ".join(wrong)
    yield "a site of the sandbox, listed in another order, stored", order.difference()


if __name__ == "__main__":
    sys.exit(main())

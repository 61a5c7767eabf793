"""`python -m bench.case_show NAME…`: what cases in memory come to, to write down of it what is right.

A name is part of a case's file, `lambda/kafka`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bench.case_file import read_case
from bench.case_judge import Row, said_call, said_left_out, said_row
from bench.case_run import Outcome, outcome_of, titles


def lines(title: str, came: Outcome) -> Iterator[str]:
    """What a case came to, a row a line, as a case says it."""
    yield f"{title}: exit {came.exit}"
    for found in came.drift.findings:
        yield from (f"  finding   {said_row(Row(found, change))}" for change in found.changes or (None,))
    for action in came.plan.actions:
        yield from (f"  call      {said_call((action, call))}" for call in action.calls)
        yield from (f"  warning   {one.danger}: {one.text}" for one in action.warnings)
        if action.cannot_undo:
            yield f"  no undo   {action.cannot_undo}"
    yield from (f"  left out  {said_left_out(one)}" for one in came.plan.left_out)


def main() -> int:
    """Each case that is named."""
    for title, path in titles().items():
        if any(part in title for part in sys.argv[1:]):
            print("\n".join(lines(title, outcome_of(read_case(path), path))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

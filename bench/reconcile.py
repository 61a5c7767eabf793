"""`make reconcile-corpus`: every writable field is changed in one region of the sandbox, planned, applied and audited.

    python -m bench.reconcile [--only GLOB] [--estate GLOB]

Then each run is taken back. Ends with exit code 1 unless every case converges, or is refused with the reason that it
must be refused with, what can be taken back is byte for byte what it was, nothing else is touched, and there are at
least 300 cases.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatchcase
from typing import Any, Final

import botocore.handlers

from auditor.sandbox.server import Sandbox
from bench.reconcile_cases import Case
from bench.reconcile_estate import Estate, estates
from bench.reconcile_judge import Result
from bench.reconcile_run import KEY, Share, run_share

LEAST: Final = 300
WORKERS: Final = 2
Part = tuple[str, int, str, int]
"""An estate's name, which share of it, a glob over its cases, and a number of its own."""


class Requests:
    """Owns the count of requests that this process's AWS clients have sent."""

    def __init__(self) -> None:
        self.sent = 0

    def count(self, **_: Any) -> None:
        """One more; botocore calls it, whoever made the client."""
        self.sent += 1


def main() -> int:
    """The whole corpus, estates in parallel."""
    parser = argparse.ArgumentParser(prog="bench.reconcile", description=__doc__)
    parser.add_argument("--only", default="*", help="a glob over the cases, as they are printed: 'AWS::S3::*/cors/*'")
    parser.add_argument("--estate", default="*", help="a glob over the files of bench/reconciled, without .yaml")
    given = parser.parse_args()
    wanted = [one for one in estates() if fnmatchcase(one.name, given.estate)]
    pairs = [(one.name, share, given.only) for one in wanted for share in range(one.shares)]
    parts = [(*pair, number) for number, pair in enumerate(pairs, start=1)]
    with ProcessPoolExecutor(WORKERS) as pool:
        shares = together(pool.map(measured, parts))
    print("\n".join(lines(shares)))
    return 0 if perfect(shares, whole=(given.only, given.estate) == ("*", "*")) else 1


def measured(part: Part) -> Share:
    """One share of an estate's cases, on a sandbox of its own; an exception is a failure, and ends nothing else."""
    name, number, only, account = part
    estate = next(one for one in estates() if one.name == name)
    requests = Requests()
    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", requests.count))
    try:
        with Sandbox() as sandbox:
            return on_sandbox(sandbox, estate, number, only, f"{account:012}", requests)
    except Exception as error:  # noqa: BLE001 whatever it is, it is to be told with the share
        return Share(estate.type, (Result(f"{name}, share {number}", "failed", f"crashed: {error!r}"),))
    finally:
        botocore.handlers.BUILTIN_HANDLERS.pop()


def on_sandbox(sandbox: Sandbox, estate: Estate, number: int, only: str, account: str, requests: Requests) -> Share:
    """One share in an empty account of a sandbox, which this process's environment names meanwhile."""
    environ = {**sandbox.environment(), "AWS_ACCESS_KEY_ID": account, "AUDITOR_FINGERPRINT_KEY": KEY}
    with sandbox.entered():
        os.environ.update(environ)

        def wanted(case: Case) -> bool:
            return fnmatchcase(case.id, only)

        return run_share(estate, number, wanted, environ, lambda: requests.sent)


def together(shares: Iterable[Share]) -> tuple[Share, ...]:
    """The shares by type, one for each."""
    whole: dict[str, Share] = {}
    for share in shares:
        held = whole.get(share.type, Share(share.type))
        whole[share.type] = Share(share.type, held.results + share.results, held.requests + share.requests)
    return tuple(whole[name] for name in sorted(whole))


def lines(shares: Iterable[Share]) -> Iterator[str]:
    """The table, the reasons, the failures in full, and the totals."""
    held = tuple(share for share in shares if share.results)
    heads = ("cases", "converged", "refused", "failed", "undone", "one way", "calls/fix")
    yield f"{'type':34} " + " ".join(f"{one:>9}" for one in heads)
    yield from (_row(share) for share in held)
    results = [one for share in held for one in share.results]
    yield from _reasons("refused", (one.reason for one in results if one.outcome == "refused"))
    one_way = (one.undone for one in results if one.outcome == "converged" and one.undone != "undone")
    yield from _reasons("no way back", one_way)
    yield from (f"FAILED {one.case}\n       {one.reason}" for one in results if one.outcome == "failed")
    yield _row(Share("in all", tuple(results)))
    requests = sum(share.requests for share in held)
    yield f"{requests} requests in all runs of plan and apply: {requests / max(len(results), 1):.1f} a case"


def _row(share: Share) -> str:
    fixed = [one for one in share.results if one.outcome == "converged"]
    undone = sum(one.undone == "undone" for one in fixed)
    counts = [len(share.results), *(_count(share.results, one) for one in ("converged", "refused", "failed"))]
    numbers = " ".join(f"{one:9}" for one in (*counts, undone, len(fixed) - undone))
    return f"{share.type:34} {numbers} {sum(one.calls for one in fixed) / max(len(fixed), 1):9.2f}"


def _count(results: Iterable[Result], outcome: str) -> int:
    return sum(one.outcome == outcome for one in results)


def _reasons(what: str, reasons: Iterable[str]) -> Iterator[str]:
    counts = Counter(_general(reason) for reason in reasons)
    yield from (f"{what}: {number:4}  {reason}" for reason, number in counts.most_common())


def _general(reason: str) -> str:
    # Of which copy it was said is of no account.
    return re.sub(r"\bc\d{3}\b", "cNNN", reason)


def perfect(shares: Iterable[Share], whole: bool) -> bool:
    """Whether the goal is met."""
    results = [one for share in shares for one in share.results]
    enough = not whole or len(results) >= LEAST
    return enough and not any(one.outcome == "failed" for one in results)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.agent_verdicts --agent CHECKOUT`: what CodeDeploy's agent does with bundles, and our checks say.

Every bundle of `tests/deploy/agent/` is deployed by the agent itself and given to the checks; see docs/shipping.md.
Ends with 1 where the two differ and no case says why, or where either is not what its case says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.agent_cases import AgentCase, Answer, answer, build, cases
from bench.agent_run import Said, agent


def ours(case: AgentCase) -> Answer:
    """What the checks say of a bundle."""
    with tempfile.TemporaryDirectory() as folder:
        return answer(build(case, Path(folder)))


def relation(found: Answer, said: Said, server: str = "") -> str:
    """How our verdict compares with the agent's: the same, stricter, laxer, or one that only the server can tell."""
    if (found.verdict == "refused") == (said.verdict != "taken"):
        return "the same"
    if server:
        return "up to the server"
    return "stricter" if found.verdict == "refused" else "laxer"


def _told(case: AgentCase, found: Answer, said: Said) -> Iterator[str]:
    kind = relation(found, said, case.server)
    expected = (case.ours, case.agent) == (found.verdict, said.verdict)
    if kind != "the same" or not expected:
        yield f"{kind}: {case.title}" + ("" if expected else f"  <- expected {case.ours}, agent {case.agent}")
        yield f"    ours:  {found.verdict} {'; '.join(found.lines)[:300]}"
        yield f"    agent: {said.verdict} {said.why[:300]}"
        if case.because or case.server:
            yield f"    why:   {case.because or case.server}"


def main() -> int:
    """Every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--only", default="", metavar="TEXT", help="of a case's title")
    options = parser.parse_args()
    counts, wrong = Counter[str](), 0
    with agent(options.agent) as deploying:
        for case in (one for one in cases() if options.only in one.title):
            found, said = ours(case), deploying.deploys(case)
            lines = list(_told(case, found, said))
            counts[relation(found, said, case.server)] += 1
            wrong += any("<- expected" in one for one in lines)
            print("\n".join(lines), end="\n" if lines else "", flush=True)
    print(
        f"{sum(counts.values())} bundles: " + ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    )
    print(f"{wrong} not as their case says" if wrong else "each as its case says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

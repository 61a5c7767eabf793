"""The actions of one site, each after those that it needs, the others at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

from auditor.errors import AuditorError, StoppedError
from auditor.model.plan import Action

AT_ONCE: Final = 8


@dataclass(frozen=True)
class Outcome:
    """What became of one action. `error` is why it failed, `because` why it was not begun; both "" where it is done."""

    action: Action
    error: str = ""
    because: str = ""

    @property
    def done(self) -> bool:
        """Whether it was carried out and verified."""
        return not self.error and not self.because


def carried_out(
    actions: Iterable[Action],
    done: frozenset[str],
    carry_out: Callable[[Action], object],
    may_go_on: Callable[[Outcome], bool],
) -> tuple[Outcome, ...]:
    """Carry actions out in the order of their needs; `done` are those that were before, and need not be.

    What needs an action that failed is not begun. After each outcome `may_go_on` is asked; where it says no, nothing
    further is begun, and what is under way ends, a resource that was made with all that it is configured with. A bug,
    or Ctrl-C, ends it all.
    """
    outcomes = {one.id: Outcome(one) for one in actions if one.id in done}
    waiting = [one for one in actions if one.id not in done]
    going: dict[Future[object], Action] = {}
    stopped = ""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while waiting or going:
            waiting = _skipped(waiting, outcomes, stopped)
            for one in [one for one in waiting if all(need in outcomes for need in one.needs)]:
                waiting.remove(one)
                going[pool.submit(carry_out, one)] = one
            ended, _ = wait(going, return_when=FIRST_COMPLETED)
            for future in ended:
                outcome = _outcome(going.pop(future), future)
                outcomes[outcome.action.id] = outcome
                if not may_go_on(outcome):
                    stopped = "an action before it failed"
    return tuple(outcomes[one.id] for one in actions)


def _skipped(waiting: list[Action], outcomes: dict[str, Outcome], stopped: str) -> list[Action]:
    """Those that can still be begun; the others are told as skipped."""
    kept = []
    for one in waiting:
        failed = next((need for need in one.needs if need in outcomes and not outcomes[need].done), "")
        if failed or (stopped and not _completes(one, outcomes)):
            outcomes[one.id] = Outcome(one, because=_because(failed, outcomes) if failed else stopped)
        else:
            kept.append(one)
    return kept


def _completes(action: Action, outcomes: Mapping[str, Outcome]) -> bool:
    """Whether an action configures what this run has made: half of it could be open, or lack what protects it."""
    made = [one.action for one in outcomes.values() if one.done and not one.action.facet]
    configures = action.verb == "create" and action.facet
    return bool(configures) and any((one.type, one.native) == (action.type, action.native) for one in made)


def _because(need: str, outcomes: Mapping[str, Outcome]) -> str:
    action = outcomes[need].action
    return f"it needs {action.type}/{action.name}{f' ({action.facet})' if action.facet else ''}, which was not done"


def _outcome(action: Action, future: Future[object]) -> Outcome:
    try:
        future.result()
    except StoppedError as error:
        return Outcome(action, because=str(error))
    except AuditorError as error:
        return Outcome(action, error=str(error))
    return Outcome(action)

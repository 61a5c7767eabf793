"""What a run was, and what became of it, told from its journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from auditor.model.rollout import SUCCEEDED, progress_of
from auditor.model.values import Value

What = Literal["apply", "rollback", "deploy", "release", "unknown"]
State = Literal["running", "done", "drift remains", "incomplete", "interrupted", "rolled back", "damaged"]
OPEN: Final[tuple[State, ...]] = ("incomplete", "interrupted")
"""The states that `auditor resume` goes on from."""
_ENDS: Final = ("end", "deployments ended")


@dataclass(frozen=True)
class RunSummary:
    """A run in one line."""

    run: str
    state: State
    at: str = ""
    """When it was begun, UTC; "" where its journal does not tell."""
    what: What = "unknown"
    sites: tuple[str, ...] = ()
    about: str = ""
    """What was shipped, or the run that was taken back; for a plan "", which is named by nothing."""
    by: str = ""
    """The run that took it back, where it was another one."""
    error: str = ""
    """Why nothing more is known of a damaged one."""


def run_summary(run: str, entries: tuple[Mapping[str, Value], ...], has_plan: bool, alive: bool) -> RunSummary:
    """What the journal's entries come to. `alive`: the process that writes them is there still."""
    if not entries:
        return RunSummary(run, "running" if alive else "interrupted")
    first = entries[0]
    ships, undoes = first.get("deployment"), str(first.get("undoes", ""))
    what: What = "release" if ships and has_plan else "deploy" if ships else "rollback" if undoes else "apply"
    about = str(ships["source"]) if ships else undoes
    state: State = "running" if alive else _state(entries, bool(ships), has_plan)
    return RunSummary(run, state, str(first["at"]), what, tuple(first["sites"]), about)


def _state(entries: tuple[Mapping[str, Value], ...], ships: bool, has_plan: bool) -> State:
    progress = progress_of(entries)
    if progress.back:
        back = all(progress.ended.get(one) == SUCCEEDED for one in progress.back)
        return "rolled back" if back and progress.back >= progress.previous.keys() else "incomplete"
    if entries[-1]["event"] not in _ENDS:
        return "interrupted"
    last = {entry["event"]: entry for entry in entries if entry["event"] in _ENDS}
    wanted = [*(["end"] if has_plan else []), *(["deployments ended"] if ships else [])]
    if not all(name in last and last[name]["complete"] for name in wanted):
        return "incomplete"
    return "done" if all(one.get("in_sync", True) for one in last.values()) else "drift remains"


def with_rollbacks(runs: Iterable[RunSummary]) -> tuple[RunSummary, ...]:
    """The same runs, those among them that another one took back said to be so."""
    told = tuple(runs)
    back: Mapping[str, str] = {one.about: one.run for one in told if one.what == "rollback" and one.state == "done"}
    return tuple(replace(one, state="rolled back", by=back[one.run]) if one.run in back else one for one in told)

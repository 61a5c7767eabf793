"""How far a run came, told from its journal's entries alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from auditor.model.values import Value

_Fate = Literal["made", "not made", "unseen", "unknown"]
_FATES: Final[Mapping[str, _Fate]] = {
    "calling": "unknown",
    "lost": "unknown",
    "called": "made",
    "refused": "not made",
}
_VERDICTS: Final = ("done", "failed")


@dataclass(frozen=True)
class RunState:
    """How far a run came. Actions are named by their ids."""

    done: frozenset[str]
    """Verified by reading."""
    failed: Mapping[str, str]
    """The error of each action that failed, and was not done later."""
    called: Mapping[str, int]
    """How many of an action's calls, from its first on, are known to have been made; none: not in it."""
    open: Mapping[str, int]
    """The first call of each action of which it is unknown whether it was made, by its index."""
    tells: Mapping[str, Mapping[str, Value]]
    """What symbols mean, by site: as calls' answers said, or as reading told of a call that was made."""
    unseen: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The calls of each action that were sent, and of which reading found nothing: it may have come too early."""

    def touched(self, action: str) -> bool:
        """Whether an action may have changed anything."""
        return action in self.called or action in self.open or action in self.unseen


def run_state(entries: Iterable[Mapping[str, Value]]) -> RunState:
    """What the entries come to. Of each call, and of each action, the last word counts.

    `entries` is read whole, in order (see auditor.runs.journal); events that say nothing of an action are passed over.
    """
    told = tuple(entries)
    verdicts = {entry["action"]: entry for entry in told if entry["event"] in _VERDICTS}
    fates = _fates(told)
    return RunState(
        done=frozenset(action for action, entry in verdicts.items() if entry["event"] == "done"),
        failed={action: entry["error"] for action, entry in verdicts.items() if entry["event"] == "failed"},
        called={action: count for action, own in fates.items() if (count := _made_in_order(own))},
        open={action: min(unknown) for action, own in fates.items() if (unknown := _of(own, "unknown"))},
        tells=_tells(told),
        unseen={action: unseen for action, own in fates.items() if (unseen := _of(own, "unseen"))},
    )


def _fates(entries: Iterable[Mapping[str, Value]]) -> dict[str, dict[int, _Fate]]:
    fates: dict[str, dict[int, _Fate]] = {}
    for entry in entries:
        _told(fates, entry)
    return fates


def _told(fates: dict[str, dict[int, _Fate]], entry: Mapping[str, Value]) -> None:
    if entry["event"] in _FATES:
        fates.setdefault(entry["action"], {})[entry["call"]] = _FATES[entry["event"]]
    elif entry["event"] == "settled":
        fates.setdefault(entry["action"], {})[entry["call"]] = "made" if entry["done"] else "unseen"


def _made_in_order(fates: Mapping[int, _Fate]) -> int:
    count = 0
    while fates.get(count) == "made":
        count += 1
    return count


def _of(fates: Mapping[int, _Fate], wanted: _Fate) -> frozenset[int]:
    return frozenset(index for index, fate in fates.items() if fate == wanted)


def _tells(entries: Iterable[Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
    tells: dict[str, dict[str, Value]] = {}
    for entry in entries:
        # What was found where nothing was made is not what the call would have told.
        if entry.get("tells") and (entry["event"] == "called" or entry.get("done")):
            tells.setdefault(entry["site"], {}).update(entry["tells"])
    return tells

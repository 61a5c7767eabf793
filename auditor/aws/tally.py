"""How many calls a run has made, over all its sites."""

from __future__ import annotations

import threading
from collections import Counter


class Tally:
    """Owns the count of a run's calls, by operation (`lambda.GetPolicy`), retries included."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, operation: str, times: int) -> None:
        """So many more of an operation."""
        with self._lock:
            self._counts[operation] += times

    @property
    def counts(self) -> dict[str, int]:
        """Those made so far."""
        with self._lock:
            return dict(self._counts)

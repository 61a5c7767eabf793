"""The secrets that a run has filled into calls, in memory only: nothing that it tells afterwards may hold one."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from auditor.model.values import Change, Finding, Value

MASK: Final = "***"
_CERTAIN: Final = 6
"""Characters in a row that two texts hardly share by chance; a shorter secret is masked where it stands alone."""


class Filled:
    """Owns the secrets of a run. Several threads add to them."""

    def __init__(self) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def add(self, secret: Value) -> None:
        """One more that no text may hold from now on; what is no text is none."""
        if isinstance(secret, str) and secret:
            with self._lock:
                self._secrets |= {secret}

    def masked(self, value: Any) -> Any:
        """A value as JSON has it, without the secrets: a text that is one, and every part of a text that is one."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {self._text(str(name)): self.masked(member) for name, member in value.items()}
        return [self.masked(one) for one in value] if isinstance(value, list | tuple) else value

    def finding(self, finding: Finding) -> Finding:
        """A finding, of which neither side tells a secret, wherever that has come to stand."""
        return replace(finding, changes=tuple(map(self._change, finding.changes)))

    def _change(self, change: Change) -> Change:
        statement = change.statement and (self.masked(change.statement[0]), self.masked(change.statement[1]))
        sides = {"golden": self.masked(change.golden), "actual": self.masked(change.actual)}
        return replace(change, **sides, unreadable=self._text(change.unreadable), statement=statement)

    def _text(self, text: str) -> str:
        if text in self._secrets:
            return MASK
        forms = {form for one in self._secrets if len(one) >= _CERTAIN for form in (one, json.dumps(one)[1:-1])}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, MASK)
        return text

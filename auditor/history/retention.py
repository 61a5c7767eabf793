"""Which snapshots are kept no longer. Pure.

As restic and borg count: the newest of each of the last days, and of each of the last months, that have one. A pause
in the audits so removes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ID: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z(-[1-9][0-9]*)?")
_DAY: Final = 8
_MONTH: Final = 6


def surplus(ids: Sequence[str], daily: int, monthly: int, named: str, current: str) -> tuple[str, ...]:
    """Those of the snapshots, given oldest first, that are neither a day's nor a month's, the oldest first.

    Never the newest, nor the `current` one (of the audit that asks), nor one that golden is `named` by
    (`snapshot:ID`, `file:PATH`), nor one that somebody gave a name of its own.
    """
    kept = {*ids[-1:], current, *re.split(r"[:/]", named), *_newest(ids, _DAY, daily), *_newest(ids, _MONTH, monthly)}
    return tuple(one for one in ids if _ID.fullmatch(one) and one not in kept)


def _newest(ids: Sequence[str], digits: int, most: int) -> tuple[str, ...]:
    """The newest of each of the last times: ids begin with their time in UTC, so a day is its first eight digits."""
    last = {one[:digits]: one for one in ids if _ID.fullmatch(one)}
    return tuple(last.values())[-most:] if most else ()

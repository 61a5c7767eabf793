"""When a file of an artifact says that it was changed: a time made of its content, so that other content has another.

The time that the file really has would do, if everybody had it: a checkout, a download and a build each have their own,
and the same tree would be other bytes each time. One time for all files is worse: what keeps something made of a file
(Python's `__pycache__`, PHP's opcache, a server's ETag, rsync) asks its time and size, and takes a new release for the
one before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

Moment = tuple[int, int, int, int, int, int]
"""Year, month, day, hour, minute and second, as a zip has it: of no time zone, and in steps of two seconds."""
# The earliest that a zip can say: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.6
EARLIEST: Final[Moment] = (1980, 1, 1, 0, 0, 0)
"""When a folder, which has no content, was changed."""
_FIRST: Final = datetime(1981, 1, 1)
# All in the past: opcache keeps nothing that is younger than two seconds, and make waits for no file of the future.
_STEPS: Final = 40 * 365 * 24 * 60 * 60 // 2


def entry_time(digest: bytes) -> Moment:
    """The time of a file, of the SHA-256 of its content: one of 630 million, between 1981 and 2021."""
    step = int.from_bytes(digest[:8], "big") % _STEPS
    moment = _FIRST + timedelta(seconds=2 * step)
    return (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)

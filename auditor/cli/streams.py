"""Standard output and error of the process: what cannot be printed is one message, and a closed pipe is none.

Whatever prints (click, rich, Python at its end) writes to the same two descriptors, so it is there that it is seen.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from auditor.errors import OutputError

_INPUT: Final = 0
_OUTPUT: Final = 1
_ERROR: Final = 2


class _Output(io.FileIO):
    """Who reads it may have seen enough (auditor diff | head): the rest is not an error. Anything else is."""

    over = False
    """Whether the program has ended: its buffer is emptied, and nobody is to be told again of what cannot be."""

    def write(self, content: Any, /) -> int:
        try:
            return super().write(content) or 0
        except OSError as error:
            if error.errno != errno.EPIPE and not self.over:
                raise OutputError(
                    f"Standard output could not be written ({error.strerror}). The result was not printed whole. Check "
                    "the space left where it is sent to, or write to a file with -o where the command has it."
                ) from None
            return len(content)


class _Error(io.FileIO):
    """Notes that nobody can be told of end nothing: a run that writes goes on to where it can be left."""

    def write(self, content: Any, /) -> int:
        try:
            return super().write(content) or 0
        except OSError:
            return len(content)


@contextmanager
def guarded() -> Iterator[None]:
    """Within, printing raises OutputError where standard output cannot be written, and no OSError.

    Streams that are not the process's own (a test's, for instance) stay as they are.
    """
    _occupy()
    before = sys.stdout, sys.stderr
    output, error = _Output(_OUTPUT, "w", closefd=False), _Error(_ERROR, "w", closefd=False)
    sys.stdout, sys.stderr = _over(before[0], output), _over(before[1], error)
    try:
        yield
    finally:
        output.over = True
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _over(stream: TextIO | None, raw: io.FileIO) -> TextIO:
    """The same stream over `raw`, or itself where it is not of the same descriptor."""
    if stream is None:
        return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace")
    if type(stream) is not io.TextIOWrapper or stream.fileno() != raw.fileno():
        return stream
    # A value that the terminal cannot show, a lone surrogate for one, is shown by its escape.
    wrapped = io.BufferedWriter(raw)
    # Of PYTHONUNBUFFERED, a line at a time is what matters: who follows a run has each line when it is told.
    by_line = stream.line_buffering or stream.write_through
    return io.TextIOWrapper(wrapped, stream.encoding, "backslashreplace", line_buffering=by_line)


def _occupy() -> None:
    """Keep the standard descriptors from the next files that are opened, where the process was started without them."""
    for descriptor, flags in ((_INPUT, os.O_RDONLY), (_OUTPUT, os.O_RDONLY), (_ERROR, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            # It gets the lowest number that is free. Output that nobody can get is refused: this one is for reading.
            os.open(os.devnull, flags)

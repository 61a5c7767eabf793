"""The program's process: `python -m auditor`, and the script of that name.

It takes a while to load. Ctrl-C and SIGTERM end it meanwhile as they do later, and while Python is leaving.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any, Final

_INTERRUPTED: Final = 130
_WORDS: Final = "interrupted; nothing was left half-written."
_Handlers = dict[int, Any]


def main() -> None:
    """Run the program and exit."""
    before = _end_at_once()
    from auditor.cli.main import main as program  # noqa: PLC0415 it takes a while, and is interrupted well by now

    try:
        # Within, as Ctrl-C raises from here on.
        for number, handler in before.items():
            signal.signal(number, handler)
        program()
    except KeyboardInterrupt:
        _end()
    finally:
        _end_at_once()


def _end_at_once() -> _Handlers:
    """Let both signals end the process without a word of Python's. What was ignored (nohup, `&`) stays so."""
    heard = (one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not signal.SIG_IGN)
    return {one: signal.signal(one, _end) for one in heard}


def _end(*_: object) -> None:
    """Say so, and leave: there is nothing yet, or nothing more, to leave in order."""
    line = f"auditor: {_WORDS}"
    if "--json-log" in sys.argv:
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        line = f'{{"event": "failed", "exit_code": {_INTERRUPTED}, "text": "{_WORDS}", "time": "{now}"}}'
    with suppress(OSError):
        os.write(2, f"{line}\n".encode())
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()

"""What a signal comes to, for as long as the program runs, and not longer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def leaving_at_sigterm(leave: Callable[..., None]) -> Iterator[None]:
    """A scheduler that ends the program lets it leave as Ctrl-C does: nothing half-written, no file left behind.

    Who handled SIGTERM before does so again afterwards. Outside of the main thread, which alone is told of signals,
    nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

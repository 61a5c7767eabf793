"""An HTTP server for tests and benches, on this machine."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that hang up: it would stand among the output of whatever runs by then."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of anything else, as ever."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

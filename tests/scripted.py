"""An AWS that answers what a test tells it to: a real HTTP server for the real botocore, on 127.0.0.1."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from bench.quiet_server import serving


@dataclass
class Asked:
    """One request: its path with the query, its operation (of JSON protocols), its body."""

    path: str
    operation: str
    body: Any


@dataclass
class Script:
    """What is answered, and what was asked. `answer` returns a status, a body, and optionally an error code."""

    answer: Callable[[Asked], tuple[int, Any]]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def scripted_aws(answer):
    """A Script that is served while the context lasts."""
    script = Script(answer)
    with serving(_handler(script)) as server:
        script.url = server.url
        yield script


def _handler(script):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            asked = Asked(self.path, operation, json.loads(body) if body[:1] == b"{" else body.decode())
            script.asked.append(asked)
            status, told = script.answer(asked)
            content = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            if isinstance(told, dict) and "__type" in told:
                self.send_header("x-amzn-ErrorType", told["__type"])
            # S3 tells it of each object, and nobody else's reader minds it.
            self.send_header("ETag", '"of what is there"')
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_HEAD = _serve  # noqa: N815 http.server's names

        def log_message(self, *_):
            pass

    return Handler

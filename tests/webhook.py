"""A webhook on this machine that keeps what it is sent, and answers as a test tells it to."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from bench.quiet_server import serving


class Webhook:
    """Owns what came; `statuses` are the answers, the last one for all further calls."""

    def __init__(self, port, statuses, seconds):
        self.address = f"127.0.0.1:{port}"
        self.got = []
        self.paths = []
        self.statuses = list(statuses)
        self.seconds = seconds

    def answer(self, path, body):
        self.paths.append(path)
        self.got.append(json.loads(body))
        time.sleep(self.seconds)
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def webhook(*statuses, seconds=0):
    """One that answers with these statuses, each after so many seconds."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(hook.answer(self.path, body))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b"an answer that quotes canary-7c1e0b5d")

        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Nobody reads it."""

    with serving(Handler) as server:
        hook = Webhook(server.server_port, statuses or (200,), seconds)
        yield hook

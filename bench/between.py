"""A proxy between the program and the embedded AWS that kills the program, or loses an answer, at a given write."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Literal
from urllib.parse import urlsplit

Moment = Literal["before", "after", "answered", "lost"]
"""Killed before AWS had the call, after it did it and before it answered, or after the answer was written down, while
what came of it was read; or not killed, and the answer never came."""
VARIABLES: Final = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEDEPLOY")
_SECONDS: Final = 60
_WRITTEN_DOWN: Final = 0.3
"""Seconds in which the program is sure to have written down an answer; nothing else of it passes meanwhile."""
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/([\w-]+)/([\w-]+)/")
_GENERATED: Final = re.compile(r"\d{8}T\d{6}Z|\d{12}|csc-[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMES: Final = (
    "FunctionName",
    "EventSourceArn",
    "Description",
    "Name",
    "StatementId",
    "applicationName",
    "deploymentGroupName",
    "currentDeploymentGroupName",
    "deploymentConfigName",
)
_READS: Final = ("Get", "List", "BatchGet")


@dataclass(frozen=True)
class Write:
    """A request that changes something. `status` is what AWS answered, 0 where it was never asked."""

    what: str
    """Region, operation and resource, the same in every account."""
    makes: bool
    """To do it twice is not the same as to do it once."""
    status: int = 0


@dataclass(frozen=True)
class Strike:
    """What happens, and when: at each of these writes, of which some are the second of their kind, once."""

    moment: Moment
    at: Collection[tuple[str, int]]
    """What is written, and which time that is (from 1)."""
    kill: Callable[[], object] = lambda: None


class Between:
    """Owns the proxy: one server for each of the sandbox's endpoints."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` sends AWS clients to the sandbox."""
        self.log: list[Write] = []
        self.struck = 0
        self._strike: Strike | None = None
        self._seen: dict[str, int] = {}
        self._busy = 0
        self._idle = threading.Condition()
        self._gate = threading.Event()
        self._gate.set()
        self._servers = {name: _Server(environment[name], self) for name in VARIABLES}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send AWS clients here."""
        return {name: f"http://127.0.0.1:{server.server_port}" for name, server in self._servers.items()}

    @contextmanager
    def running(self) -> Iterator[Between]:
        """Serve for as long as the block lasts."""
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield self
        finally:
            for server in self._servers.values():
                server.shutdown()
                server.server_close()

    def arm(self, strike: Strike | None) -> None:
        """Strike from now on; return when nothing that came before is under way any more."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, _SECONDS)
            self._strike, self._seen = strike, {}
        self._gate.set()

    def moment(self, write: Write | None) -> Moment | None:
        """What is to happen to a request, which is under way from now on."""
        self._gate.wait(_SECONDS)
        with self._idle:
            self._busy += 1
            strike = self._strike
            if write is None or strike is None:
                return None
            self._seen[write.what] = turn = self._seen.get(write.what, 0) + 1
            if (write.what, turn) not in strike.at:
                return None
            self.struck += 1
            return strike.moment

    def over(self, write: Write | None) -> None:
        """A request is under way no longer."""
        with self._idle:
            self._busy -= 1
            if write:
                self.log.append(write)
            self._idle.notify_all()

    def kill(self) -> None:
        """Kill the program."""
        if self._strike:
            self._strike.kill()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Nothing else passes meanwhile."""
        self._gate.clear()
        try:
            yield
        finally:
            self._gate.set()


class _Server(ThreadingHTTPServer):
    """Owns one of the two ports."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, upstream: str, between: Between) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.between = between
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A program that is killed leaves connections behind."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class' name
        """Say nothing."""

    def handle_one_request(self) -> None:
        """Every method alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever sent it was killed meanwhile; AWS does nothing with half a request.
            self.close_connection = True
            return
        self._passed(body)

    def _passed(self, body: bytes) -> None:
        between, write = self.server.between, _write(self.command, self.path, self.headers, body)
        moment, status = between.moment(write), 0
        try:
            if moment == "before":
                between.kill()
            else:
                status, headers, content = self._asked(body)
                self._answered(moment, status, headers, content)
        finally:
            between.over(write and Write(write.what, write.makes, status))

    def _answered(self, moment: Moment | None, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        if moment in ("after", "lost"):
            if moment == "after":
                self.server.between.kill()
            self._cut()
        elif moment == "answered":
            with self.server.between.closed():
                self._sent(status, headers, content)
                time.sleep(_WRITTEN_DOWN)
                self.server.between.kill()
        else:
            self._sent(status, headers, content)

    def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.server.upstream, timeout=_SECONDS)
        try:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in ("expect", "connection")}
            connection.request(self.command, self.path, body or None, kept)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _sent(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        own = ("connection", "transfer-encoding", "content-length")
        for name, value in headers:
            if name.lower() not in own or (self.command == "HEAD" and name.lower() == "content-length"):
                self.send_header(name, value)
        if self.command != "HEAD" and status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _write(method: str, path: str, headers: Message, body: bytes) -> Write | None:
    """The write that a request is; None for one that reads."""
    scope = _SCOPE.search(headers.get("Authorization") or "")
    region, service = (scope[1], scope[2]) if scope else ("", "")
    operation = (headers.get("X-Amz-Target") or "").rpartition(".")[2]
    if service == "codedeploy":
        reads, makes = operation.startswith(_READS), operation.startswith("Create")
        path = ""
    else:
        reads = service not in ("s3", "lambda") or method in ("GET", "HEAD")
        makes = _makes(service, method, path)
    if reads:
        return None
    named = " ".join(str(value) for value in _named(body) if isinstance(value, str))
    what = " ".join(part for part in (region, service, operation or method, path, named) if part)
    return Write(_GENERATED.sub("*", what), makes)


def _makes(service: str, method: str, path: str) -> bool:
    if service == "lambda":
        return method == "POST" and "/tags/" not in path
    return service == "s3" and method == "PUT" and re.fullmatch(r"/[^/?]+/?", path) is not None


def _named(body: bytes) -> list[object]:
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        return []
    return [told.get(name) for name in _NAMES] if isinstance(told, dict) else []

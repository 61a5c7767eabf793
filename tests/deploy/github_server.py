"""A GitHub of one's own: a real HTTP server with its API, and a second one, of another port, with its archives."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

import jwt

from bench.quiet_server import serving

SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
FILES = {"appspec.yml": b"version: 0.0\nos: linux\n", "index.html": b"<h1>shop</h1>\n"}


@dataclass(frozen=True)
class Asked:
    """A request as it came; `where` is "api" or "codeload"."""

    where: str
    method: str
    path: str
    authorization: str
    accept: str
    body: object = None


@dataclass
class GitHub:
    """What it knows, how it is to behave, and what it was asked. A test changes it while it runs."""

    url: str = ""
    archives: str = ""
    repository: str = "acme/shop"
    refs: dict[str, str] = field(default_factory=lambda: {"main": SHA, "HEAD": SHA, SHA: SHA})
    archive: bytes = b""
    token: str = ""
    """Who does not have it is told that the repository is not there; "" for a public one."""
    app_key: object = None
    """The App's public key."""
    errors: list[int] = field(default_factory=list)
    """What the API's next answers are instead."""
    halves: int = 0
    """How many of the next archives end half-way."""
    chunked: bool = True
    """As GitHub's archives are sent; otherwise with their length."""
    limited: bool = False
    redirect: str = ""
    """Where the archive's redirect leads instead."""
    statuses: list[dict] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def paths(self, where="api"):
        return [one.path for one in self.asked if one.where == where]


def tarball(files=None, top=f"acme-shop-{SHA[:7]}"):
    """A tar.gz as GitHub makes it: everything in one folder."""
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=content, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for name, data in (FILES if files is None else files).items():
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return content.getvalue()


@contextmanager
def github_server():
    """A running GitHub, with acme/shop in it."""
    github = GitHub(archive=tarball())
    with _served(_Api, github) as github.url, _served(_Codeload, github) as github.archives:
        yield github


@contextmanager
def _served(handler, github):
    with serving(type("Handler", (handler,), {"github": github})) as server:
        yield server.url


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    where = ""
    github: GitHub

    def log_message(self, *arguments):
        pass

    def note(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        told = self.headers
        self.github.asked.append(
            Asked(self.where, self.command, self.path, told.get("Authorization", ""), told.get("Accept", ""), body)
        )
        return body

    def answer(self, code, content, **headers):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(code)
        for name, value in {"Content-Length": len(data), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(data)


class _Api(_Handler):
    where = "api"

    def do_GET(self):
        self.note()
        if not self.is_refused():
            self.got()

    def do_POST(self):
        body = self.note()
        if not self.is_refused():
            self.posted(body)

    @property
    def bearer(self):
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def is_refused(self):
        if self.github.errors:
            self.answer(self.github.errors.pop(0), {"message": "told so"})
        elif self.github.limited:
            self.answer(403, {"message": "API rate limit exceeded"}, X_RateLimit_Remaining=0)
        elif self.github.token and self.bearer != self.github.token and not self.is_app():
            self.answer(404, {"message": "Not Found"})
        else:
            return False
        return True

    def is_app(self):
        if not self.github.app_key or not (self.path.endswith("/installation") or "/installations/" in self.path):
            return False
        try:
            return bool(jwt.decode(self.bearer, self.github.app_key, algorithms=["RS256"]))
        except jwt.PyJWTError:
            return False

    def got(self):
        start = f"/repos/{self.github.repository}/"
        kind, _, rest = self.path.removeprefix(start).partition("/")
        sha = self.github.refs.get(unquote(rest))
        if self.path == f"{start}installation":
            self.answer(200, {"id": 17})
        elif not self.path.startswith(start) or not sha:
            self.answer(422 if kind == "commits" else 404, {"message": f"No commit found for SHA: {rest}"})
        elif kind == "commits":
            self.answer(200, sha.encode())
        elif kind == "tarball":
            place = self.github.redirect or f"{self.github.archives}/archive/{sha}?token=right-of-its-own"
            self.answer(302, b"", Location=place)

    def posted(self, body):
        if self.path == "/app/installations/17/access_tokens":
            self.answer(201, {"token": self.github.token})
        else:
            self.github.statuses.append({"sha": self.path.rpartition("/")[2], **body})
            self.answer(201, {"id": len(self.github.statuses)})


class _Codeload(_Handler):
    where = "codeload"

    def do_GET(self):
        self.note()
        content = self.github.archive
        shown = content
        if self.github.halves:
            self.github.halves -= 1
            shown = content[: len(content) // 2]
            self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/x-gzip")
        if self.github.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(shown), shown) + (b"0\r\n\r\n" if shown is content else b""))
        else:
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(shown)

"""A GitHub for push-to-deploy: what people push, the webhooks of that, and its API over HTTP on this machine."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import unquote

from bench.quiet_server import serving

REPOSITORY: Final = "acme/shop"
MAIN: Final = "refs/heads/main"
SECRET: Final = "what the webhook is signed with"  # noqa: S105 of nobody
_APPSPEC: Final = "version: 0.0\nos: linux\nfiles:\n  - {source: index.html, destination: /srv}\n"


@dataclass(frozen=True)
class Push:
    """What somebody did to a ref, or published; `rank` counts from the first one on."""

    rank: int
    ref: str
    before: str
    after: str
    at: int
    event: str = "push"
    action: str = "published"
    """Of a release."""
    published: int = 0
    """When a release was published that is told of later; 0 for `at`."""
    prerelease: bool = False
    dated: bool = True
    """Whether a release tells when it was changed last, which not every GitHub does."""

    @property
    def delivery(self) -> dict[str, Any]:
        """What comes to the listener's function URL."""
        payload: dict[str, Any] = {"repository": {"full_name": REPOSITORY, "pushed_at": self.at}}
        if self.event == "push":
            payload |= {"ref": self.ref, "before": self.before, "after": self.after, "deleted": False}
            payload |= {"head_commit": {"id": self.after}}
        else:
            payload |= {"action": self.action, "release": self._release}
        body = json.dumps(payload).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-github-event": self.event, "x-github-delivery": f"guid-{self.rank}"}
        headers |= {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
        return {"version": "2.0", "headers": headers, "body": body.decode(), "requestContext": {}}

    @property
    def _release(self) -> dict[str, Any]:
        told = {"tag_name": self.ref.removeprefix("refs/tags/"), "prerelease": self.prerelease}
        changed = {"updated_at": _iso(self.at)} if self.dated else {}
        return {**told, "published_at": _iso(self.published or self.at), **changed}


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class GitHub:
    """Owns the refs and all that was done to them, first one first. While it is `down`, it refuses."""

    refs: dict[str, str] = field(default_factory=dict)
    pushes: list[Push] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Commits whose AppSpec CodeDeploy would refuse."""
    down: bool = False
    exported: bool = False
    """Whether a file of the archives names the tags that there are (export-subst)."""

    def push(self, ref: str, after: str, at: int) -> Push:
        """Have a ref be another commit."""
        made = Push(len(self.pushes), ref, self.refs.get(ref, "0" * 40), after, at)
        self.refs[ref] = after
        self.pushes.append(made)
        return made

    def release(self, commit: str, at: int) -> Push:
        """Publish a release of a commit."""
        ref = f"refs/tags/v{len(self.pushes)}"
        self.refs[ref] = commit
        self.pushes.append(Push(len(self.pushes), ref, "", commit, at, "release"))
        return self.pushes[-1]

    def archive(self, commit: str) -> bytes:
        """As GitHub makes it."""
        tags = sorted(ref for ref, one in self.refs.items() if one == commit and self.exported)
        files = {"index.html": commit, "appspec.yml": "broken" if commit in self.broken else _APPSPEC}
        content = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=content, mode="wb", mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w") as tar,
        ):
            for name, text in (files | {"VERSION": " ".join(tags)}).items():
                entry = tarfile.TarInfo(f"shop/{name}")
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text.encode()))
        return content.getvalue()

    def answer(self, path: str) -> tuple[int, bytes]:
        """What the API answers."""
        kind, _, name = path.removeprefix(f"/repos/{REPOSITORY}/").partition("/")
        commit = self.refs.get(f"refs/{unquote(name)}", name)
        if self.down:
            return 403, b"{}"
        if len(commit) != 40:
            return 422, b"{}"
        return 200, commit.encode() if kind == "commits" else self.archive(commit)


@contextmanager
def served(github: Callable[[], GitHub]) -> Iterator[str]:
    """The URL at which the API of the GitHub that is on can be asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, content = github().answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with serving(Handler) as server:
        yield server.url

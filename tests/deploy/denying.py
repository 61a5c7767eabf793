"""An S3 in front of the embedded one, that denies all objects of one bucket, as IAM would."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from bench.quiet_server import serving

DENIED = b"<Error><Code>AccessDenied</Code><Message>User: listener is not authorized to perform that</Message></Error>"


class _Denying(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _passed(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bucket, _, key = self.path.partition("?")[0].lstrip("/").partition("/")
        if key and bucket == self.server.bucket:
            self._sent(403, {}, DENIED)
            return
        connection = http.client.HTTPConnection(self.server.upstream, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("expect", "connection")}
        connection.request(self.command, self.path, body or None, kept)
        answer = connection.getresponse()
        own = ("connection", "transfer-encoding", "content-length")
        told = {name: value for name, value in answer.getheaders() if name.lower() not in own}
        self._sent(answer.status, told, answer.read())
        connection.close()

    def _sent(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _passed  # noqa: N815 the names that http.server looks for


@contextmanager
def denying(upstream, bucket):
    """The URL of such an S3, for as long as the block lasts."""
    with serving(_Denying) as server:
        server.upstream, server.bucket = urlsplit(upstream).netloc, bucket
        yield server.url

"""What an ASGI application takes and sends: headers, bodies, and a request in the form that moto reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from moto.core.request import Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[..., Awaitable[None]]


def header(scope: Scope, name: bytes) -> str:
    """A header of the request, by its name in small letters; "" where it has none."""
    return next((value.decode() for known, value in scope.get("headers", ()) if known.lower() == name), "")


async def body_of(receive: Receive) -> bytes:
    """The whole body of the request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def replayed(body: bytes) -> Receive:
    """What receives a body that was received already."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def sent(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Sends a whole answer."""
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    lines += [(b"Content-Length", str(len(body)).encode()), (b"x-amz-request-id", b"sandbox")]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def wsgi_request(scope: Scope, body: bytes) -> Request:
    """The request as moto's routing and parsing take it."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    url = f"http://127.0.0.1{path.decode()}?{scope.get('query_string', b'').decode()}"
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request.from_primitives(scope["method"], url, headers, body)

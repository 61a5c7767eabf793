"""Answers that AWS never gave, put in the place of those that it gives: at botocore's HTTP layer, in this process.

botocore takes what a handler of `before-send` returns for the answer that came over the wire
(https://docs.aws.amazon.com/boto3/latest/guide/events.html), so that all of its parsing and retrying is the real one.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import botocore
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

HTML: Final = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to the network.</body></html>"
FOREIGN_XML: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<ProxyStatus><Cached>true</Cached></ProxyStatus>'
FOREIGN_JSON: Final = b'{"message": "Welcome to the network.", "portal": {"login": "/login"}}'


@dataclass(frozen=True)
class Sent:
    """One request on its way: of which operation, to which region, with what. `model` is botocore's."""

    model: Any
    region: str
    params: Mapping[str, Any]
    request: Any = field(repr=False)

    @property
    def service(self) -> str:
        """botocore's name of the service."""
        return str(self.model.service_model.service_name)

    @property
    def operation(self) -> str:
        """botocore's name of the operation."""
        return str(self.model.name)

    @property
    def protocol(self) -> str:
        """How the service talks: json, rest-json, query, ec2, rest-xml."""
        return str(self.model.service_model.resolved_protocol)

    @property
    def called(self) -> str:
        """`lambda.ListFunctions`."""
        return f"{self.service}.{self.operation}"


@dataclass(frozen=True)
class Reply:
    """An answer as it comes over the wire."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Send = Callable[[], Reply]
"""Sends the request, and tells what really came of it."""
Fault = Callable[[Sent, Send], Reply]
"""What is answered in the place of the real answer. It may raise what botocore's HTTP session raises."""
Where = Callable[[Sent], bool]
"""Which requests it happens to."""


@contextmanager
def injected(fault: Fault, where: Where) -> Iterator[list[Sent]]:
    """Meanwhile, every session that is made has the fault wherever `where` says so; what it happened to, in order."""
    happened: list[Sent] = []
    underway = threading.local()
    wire = URLLib3Session(timeout=30)

    def keep_params(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["faulty"] = dict(params)

    def keep_call(model: Any, context: Mapping[str, Any], **_: Any) -> None:
        # What is sent says nothing of the operation. It is sent on this thread, and so is each retry.
        underway.call = model, str(context["client_region"]), context.get("faulty", {})

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        model, region, params = underway.call
        sent = Sent(model, region, params, request)
        if not where(sent):
            return None
        happened.append(sent)
        return responded(request, fault(sent, lambda: _really(wire, request)))

    def listen(session: Any) -> None:
        session.register("provide-client-params", keep_params)
        session.register("before-call", keep_call)
        session.register("before-send", answer)

    botocore.register_initializer(listen)
    try:
        yield happened
    finally:
        botocore.unregister_initializer(listen)
        wire.close()


class _Raw(io.BytesIO):
    """A body that is read as urllib3's is."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All that is left, at once."""
        yield self.read()


def responded(request: Any, reply: Reply) -> AWSResponse:
    """An answer as botocore has it from its HTTP session."""
    headers = {**reply.headers, "Content-Length": str(len(reply.body))}
    return AWSResponse(request.url, reply.status, headers, _Raw(reply.body))


def _really(wire: URLLib3Session, request: Any) -> Reply:
    came = wire.send(request)
    kept = {name: value for name, value in came.headers.items() if name.lower() not in ("content-length", "connection")}
    return Reply(came.status_code, came.content, kept)


def at(called: str, region: str = "") -> Where:
    """The requests of one operation (`lambda.ListFunctions`), in one region or in all."""
    return lambda sent: sent.called == called and region in ("", sent.region)


def always(status: int, body: bytes, kind: str = "", **headers: str) -> Fault:
    """The same answer to everything; `kind` is its Content-Type."""
    told = {"Content-Type": kind} if kind else {}
    return lambda _, __: Reply(status, body, {**told, **{name.replace("_", "-"): one for name, one in headers.items()}})


def refused(code: str, status: int = 403, message: str = "It is refused.") -> Fault:
    """An error that AWS says, in the words of each protocol."""
    return lambda sent, _: _error(sent.protocol, code, status, message)


def _error(protocol: str, code: str, status: int, message: str) -> Reply:
    if protocol.endswith("json"):
        body = json.dumps({"__type": code, "message": message}).encode()
        return Reply(status, body, {"Content-Type": "application/json", "x-amzn-ErrorType": code})
    inside = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    forms = {"ec2": f"<Response><Errors>{inside}</Errors></Response>", "rest-xml": inside}
    body = forms.get(protocol, f"<ErrorResponse>{inside}</ErrorResponse>").encode()
    return Reply(status, body, {"Content-Type": "application/xml"})


def raised(make: Callable[[str], Exception]) -> Fault:
    """No answer at all: `make` makes what botocore raises, of the address that was asked."""

    def fault(sent: Sent, _: Send) -> Reply:
        raise make(sent.request.url)

    return fault


def lost(sent: Sent, send: Send) -> Reply:
    """AWS does what it is asked, and its answer is lost on the way."""
    send()
    raise ConnectionClosedError(endpoint_url=sent.request.url)


def changed(change: Callable[[bytes], bytes]) -> Fault:
    """The real answer with another body."""

    def fault(_: Sent, send: Send) -> Reply:
        came = send()
        return Reply(came.status, change(came.body), came.headers)

    return fault


def cut(body: bytes) -> bytes:
    """The first half: what a proxy makes of a lost connection, where it writes the length anew."""
    return body[: len(body) // 2]


def without_members(body: bytes) -> bytes:
    """The outermost object or element, with nothing inside."""
    if body.lstrip()[:1] != b"<":
        return b"{}"
    root = body[body.rindex(b"</") + 2 :].rstrip(b"> \r\n")
    return b"<" + root + b"/>"


def with_texts_for_lists(body: bytes) -> bytes:
    """Each list of a JSON answer as a text; XML is left as it is."""
    if body.lstrip()[:1] != b"{":
        return body
    told = json.loads(body)
    return json.dumps({name: "abc" if isinstance(one, list) else one for name, one in told.items()}).encode()


def with_empty_elements(body: bytes) -> bytes:
    """Each object in the lists of a JSON answer with no members; XML is left as it is."""
    if body.lstrip()[:1] != b"{":
        return body
    return json.dumps(_emptied(json.loads(body))).encode()


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied(member) for name, member in value.items()}
    return [{} if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value


UNUSABLE: Final[Mapping[str, Fault]] = {
    "html": always(200, HTML, "text/html; charset=utf-8"),
    "html called json": always(200, HTML, "application/json"),
    "html called xml": always(200, HTML.replace(b"<!DOCTYPE html>\n", b""), "application/xml"),
    "empty": always(200, b""),
    "blank": always(200, b" \r\n", "application/json"),
    "null": always(200, b"null", "application/json"),
    "list": always(200, b"[]", "application/json"),
    "number": always(200, b"1", "application/json"),
    "text": always(200, b'"ok"', "application/json"),
    "foreign object": always(200, FOREIGN_JSON, "application/json"),
    "foreign element": always(200, FOREIGN_XML, "application/xml"),
    "no members": changed(without_members),
    "cut": changed(cut),
    "binary": always(200, b"\xff\xfe\x00\xd8\x80", "application/octet-stream"),
    "binary json": always(200, b'{"message": "\xff\xfe"}', "application/json"),
    "no content": always(204, b""),
    "moved": always(302, b"", Location="https://portal.example/login"),
    "moved for now": always(307, HTML, "text/html", Location="https://portal.example/login"),
    "moved for good": always(301, b"", Location="https://portal.example/login"),
    "null error": always(400, b"null", "application/json"),
    "html error": always(403, HTML, "text/html"),
    "texts for lists": changed(with_texts_for_lists),
    "empty elements": changed(with_empty_elements),
}
"""Answers that are none: whatever is asked, nothing can be known of it by these. (Where the real answer has no lists,
or is XML, the last two change nothing.)"""
FAILING: Final[Mapping[str, Fault]] = {
    "denied": refused("AccessDenied"),
    "expired": refused("ExpiredToken"),
    "failed": refused("InternalFailure", 500),
    "unavailable": refused("ServiceUnavailable", 503),
    "throttled": refused("Throttling", 400),
    "closed": raised(lambda url: ConnectionClosedError(endpoint_url=url)),
    "unreachable": raised(lambda url: EndpointConnectionError(endpoint_url=url)),
    "too slow": raised(lambda url: ReadTimeoutError(endpoint_url=url)),
    "lost": lost,
}
"""What AWS says, or its network does, where it does not answer."""

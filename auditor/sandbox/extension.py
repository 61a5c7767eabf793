"""What ministack lacks or gets wrong is answered here, by plain functions over botocore's models of the operations.

An extension is a table of handlers, by botocore's names of service and operation. A handler gets what is kept for the
caller's account and region (a dict of its own to fill, with `account` and `region`) and the input as boto3 was given
it, and returns the output as boto3 shows it, or raises Refused. It may also be a coroutine that asks ministack:

    def get_request_payment(state: State, asked: Fields) -> Fields:
        return {"Payer": state.of("payer").get(asked["Bucket"], "BucketOwner")}

    async def create_bucket(state: State, asked: Fields, ministack: Ministack) -> Fields:
        answer = await ministack()  # this very request; raises Refused where ministack refuses it
        await ministack("PutPublicAccessBlock", {"Bucket": asked["Bucket"], "PublicAccessBlockConfiguration": CLOSED})
        return answer

    HANDLERS = {"s3": {"GetBucketRequestPayment": get_request_payment, "CreateBucket": create_bucket}}

The server takes the HANDLERS of every module in this folder. Returning PASS hands the request on to ministack as it
stands. `stored` makes the handlers of a structure that is put, read, deleted and listed. All protocols work: routing,
parsing and serialising are moto's, which follow the models.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit
from xml.sax.saxutils import escape

from botocore.awsrequest import HeadersDict, prepare_request_dict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.utils import parse_timestamp
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router  # type: ignore[attr-defined]  # it is werkzeug's
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from auditor import sandbox
from auditor.sandbox.asgi import App, Receive, Scope, Send, body_of, header, replayed, sent, wsgi_request

Fields = dict[str, Any]
Recorder = Callable[[Send, Scope, OperationModel, Callable[[], Fields]], Send]
"""Told of a request, its operation and its input; it returns what the answer is sent with."""
Response = tuple[int, Mapping[str, str], bytes]

PASS: Final[Fields] = {"": "to be answered by ministack"}
"""What a handler returns to hand the request on."""
_CREDENTIAL: Final = re.compile(r"Credential=([^/,]+)/\d+/([^/]+)/([^/]+)/aws4_request")


class State(dict[str, Any]):
    """What the handlers keep for one account in one region."""

    def __init__(self, account: str, region: str, everywhere: State | None = None) -> None:
        """`everywhere` is what is kept for the account in all its regions at once; its own is itself."""
        super().__init__()
        self.account = account
        self.region = region
        self.everywhere = everywhere if everywhere is not None else self

    def of(self, kind: str) -> dict[Any, Any]:
        """The things of this kind, by key; empty at first."""
        things: dict[Any, Any] = self.setdefault(kind, {})
        return things


class Refused(Exception):  # noqa: N818 it is an answer, not a fault
    """The request is answered with this error code and HTTP status."""

    def __init__(self, code: str, status: int = 400, message: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.message = code, status, message or code


class Ministack:
    """Asks ministack as the caller: for the request as it came, or for another operation, of any service."""

    def __init__(self, app: App, scope: Scope, body: bytes, model: OperationModel) -> None:
        self._app, self._scope, self._body, self._model = app, scope, body, model

    async def __call__(self, operation: str = "", asked: Fields | None = None, service: str = "") -> Fields:
        """The parsed output. Raises Refused with ministack's error."""
        if not operation:
            return await _asked(self._app, self._scope, self._body, self._model)
        own = self._model.service_model
        model = (get_service_model(service) if service else own).operation_model(operation)
        scope, body = _request_of(model, asked or {}, self._scope)
        return await _asked(self._app, scope, body, model)

    def of(self, account: str) -> Ministack:
        """The same, as another account."""
        signature = re.sub(r"Credential=[^/,]+", f"Credential={account}", header(self._scope, b"authorization"))
        others = [(name, value) for name, value in self._scope["headers"] if name.lower() != b"authorization"]
        scope = {**self._scope, "headers": [*others, (b"authorization", signature.encode())]}
        return Ministack(self._app, scope, self._body, self._model)


Simple = Callable[[State, Fields], Fields]
Handler = Simple | Callable[[State, Fields, Ministack], Awaitable[Fields]]
Handlers = Mapping[str, Mapping[str, Handler]]


def extended(app: App, handlers: Handlers, record: Recorder | None = None) -> App:
    """The ASGI application that answers with these handlers, and all else with `app`; `record` is told of both."""
    states: dict[tuple[str, str], State] = {}
    # s3control before s3: to S3, its paths are keys in a bucket.
    services = sorted(handlers, key=len, reverse=True)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        account, region, name = caller_of(scope)
        candidates = [service for service in services if get_service_model(service).signing_name == name]
        if scope["type"] != "http" or not candidates:
            return await app(scope, receive, send)
        body = await body_of(receive)
        request = wsgi_request(scope, body)
        model, params = _operation(candidates, request)
        if model and record:
            send = record(send, scope, model, partial(_input_of, request, params, model))
        handler = handlers[str(model.service_model.service_name)].get(model.name) if model else None
        if model is None or handler is None:
            return await app(scope, replayed(body), send)
        everywhere = states.setdefault((account, ""), State(account, ""))
        state = states.setdefault((account, region), State(account, region, everywhere))
        answered = await _answered(handler, state, request, params, Ministack(app, scope, body, model), model)
        return await (app(scope, replayed(body), send) if answered is None else sent(send, *answered))

    return answer


def load_handlers() -> Handlers:
    """The tables named HANDLERS of all modules in this folder, together."""
    together: dict[str, dict[str, Handler]] = {}
    for found in pkgutil.iter_modules(sandbox.__path__):
        module = importlib.import_module(f"{sandbox.__name__}.{found.name}")
        for service, own in getattr(module, "HANDLERS", {}).items():
            together.setdefault(service, {}).update(own)
    return together


def _key(members: tuple[str, ...], asked: Fields) -> tuple[str, ...]:
    return tuple(asked[name] for name in members)


def stored(
    kind: str, key: tuple[str, ...], value: str, absent: Refused, strict: bool = False
) -> tuple[Simple, Simple, Simple, Simple]:
    """Put, get, delete and list for a structure: the input's `value`, kept under its `key` members.

    get answers `{value: …}` or raises `absent`, as delete does where it is `strict`; list answers all that have the
    same key but for its last member, as `{value + "List": […]}`.
    """

    def put(state: State, asked: Fields) -> Fields:
        state.of(kind)[_key(key, asked)] = asked.get(value, {})
        return {}

    def get(state: State, asked: Fields) -> Fields:
        if _key(key, asked) not in state.of(kind):
            raise absent
        return {value: state.of(kind)[_key(key, asked)]}

    def delete(state: State, asked: Fields) -> Fields:
        if state.of(kind).pop(_key(key, asked), None) is None and strict:
            raise absent
        return {}

    def listed(state: State, asked: Fields) -> Fields:
        above = _key(key[:-1], asked)
        return {f"{value}List": [one for known, one in sorted(state.of(kind).items()) if known[:-1] == above]}

    return put, get, delete, listed


# -- one request


def caller_of(scope: Scope) -> tuple[str, str, str]:
    """Account (the access key), region and the service's signing name, by the request's signature."""
    found = _CREDENTIAL.search(header(scope, b"authorization"))
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _operation(services: list[str], request: Request) -> tuple[OperationModel | None, Fields]:
    for service in services:
        with suppress(NotFound, NotImplementedError):
            return get_service_router(service).match(request)
    return None, {}


async def _answered(
    handler: Handler, state: State, request: Request, params: Fields, ministack: Ministack, model: OperationModel
) -> Response | None:
    """The response that this handler gives; None where it passes the request on."""
    service = str(model.service_model.service_name)
    protocol = determine_request_protocol(model.service_model, request.content_type)
    more = (ministack,) if inspect.iscoroutinefunction(handler) else ()
    try:
        output: Any = handler(state, _input_of(request, params, model), *more)
        output = await output if inspect.isawaitable(output) else output
    except Refused as refused:
        return refusal(refused, service, protocol)
    if output is PASS:
        return None
    made = get_serializer_class(service, protocol)(model).serialize(output)
    body = made["body"]
    return made["status_code"], made["headers"], body.encode() if isinstance(body, str) else body


def _input_of(request: Request, params: Fields, model: OperationModel) -> Fields:
    protocol = determine_request_protocol(model.service_model, request.content_type)
    # moto's own parsing of times drops the zone.
    parser = PROTOCOL_PARSERS[protocol](model, timestamp_parser=parse_timestamp)
    parsed: Fields = parser.parse(
        {"method": request.method, "headers": request.headers, "body": request.get_data(), "values": request.values,
         "url_params": params, "url_path": request.raw_path}
    )  # fmt: skip
    return {name: value for name, value in parsed.items() if value is not None}


def refusal(refused: Refused, service: str, protocol: str) -> Response:
    """The response that tells of a refusal, as the protocol does."""
    code, message = refused.code, refused.message
    if protocol.endswith("json"):
        body = json.dumps({"__type": code, "message": message, "Message": message})
        return refused.status, {"Content-Type": "application/json", "x-amzn-errortype": code}, body.encode()
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    if protocol == "ec2":
        error = f"<Response><Errors>{error}</Errors></Response>"
    elif service != "s3":
        error = f"<ErrorResponse>{error}</ErrorResponse>"
    return refused.status, {"Content-Type": "application/xml"}, error.encode()


# -- ministack


async def _asked(app: App, scope: Scope, body: bytes, model: OperationModel) -> Fields:
    """What the application answers, parsed. Raises Refused with its error."""
    messages: list[Fields] = []

    async def send(message: Fields) -> None:
        messages.append(message)

    await app(scope, replayed(body), send)
    status = messages[0]["status"]
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in messages[0]["headers"]}
    content = b"".join(message.get("body", b"") for message in messages[1:])
    answer = {"status_code": status, "headers": HeadersDict(headers), "body": content, "context": {}}
    parsed: Fields = create_parser(model.service_model.protocol).parse(answer, model.output_shape)
    if status >= 300:
        error = parsed.get("Error", {})
        raise Refused(error.get("Code", str(status)), status, error.get("Message", ""))
    return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}


def _request_of(model: OperationModel, asked: Fields, scope: Scope) -> tuple[Scope, bytes]:
    """A request for another operation, with this one's signature: ministack takes the caller from it."""
    made = create_serializer(model.service_model.protocol, False).serialize_to_request(asked, model)
    prepare_request_dict(made, "http://127.0.0.1", context={"is_presign_request": False})
    url, body = urlsplit(made["url"]), made["body"]
    # Of query protocols it is a form.
    body = urlencode(body) if isinstance(body, dict) else body
    body = body.encode() if isinstance(body, str) else body or b""
    signing_name = str(model.service_model.signing_name)
    signature = re.sub(r"/[^/]+/aws4_request", f"/{signing_name}/aws4_request", header(scope, b"authorization"))
    kept = [(b"host", header(scope, b"host").encode()), (b"authorization", signature.encode())]
    headers = [*kept, *((name.lower().encode(), str(value).encode()) for name, value in made["headers"].items())]
    headers.append((b"content-length", str(len(body)).encode()))
    path = {"path": unquote(url.path), "raw_path": url.path.encode(), "query_string": url.query.encode()}
    return {**scope, **path, "method": made["method"], "headers": headers}, body

"""An AWS in this process: real clients of botocore, whose requests are answered by bytes before they leave.

What is answered goes through botocore's own parsers, retries and redirects, as an answer of AWS does: a handler of
`before-send` returns it (https://docs.aws.amazon.com/boto3/latest/guide/events.html).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

import boto3
import botocore.endpoint
from botocore.config import Config
from botocore.retries import standard
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from auditor.aws.account import Account
from auditor.aws.sessions import CONFIG, Sessions, prepared
from auditor.commands import context as context_command, settings as settings_command
from auditor.model.values import Site, Value
from bench.case_aws import Refusal
from bench.faults import Reply, Sent, refused, responded
from bench.instead import instead

ATTEMPTS: Final = 3
Wire = Callable[[Sent], Reply]
"""What answers a request. Raises what botocore's HTTP session raises where no answer comes."""
_TYPES: Final = {
    "json": "application/x-amz-json-1.1",
    "rest-json": "application/json",
    "rest-xml": "application/xml",
    "query": "text/xml",
    "ec2": "text/xml;charset=UTF-8",
}


class _Unhurried:
    """The time module, for botocore's waits between two attempts."""

    @staticmethod
    def sleep(_: float) -> None:
        """Go on at once."""


class _AtOnce(threading.Condition):
    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0 if timeout else timeout)


class _Hurried(threading.Event):
    """An event that nobody waits long for, not even by `Event.wait(event, seconds)`."""

    def __init__(self) -> None:
        super().__init__()
        self._cond = _AtOnce(threading.Lock())


@dataclass
class Clients:
    """Owns the clients of this process, made once for all cases, and the wire that they are on now."""

    wire: Wire | None = None
    _made: dict[tuple[str, str, bool], Any] = field(default_factory=dict)
    _quotas: list[Any] = field(default_factory=list)
    _here: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str, region: str, once: bool) -> Any:
        """The client of a service in a region; with `once` it sends each request one time only."""
        with self._lock:
            if (service, region, once) not in self._made:
                self._made[(service, region, once)] = self._client(service, region, 1 if once else ATTEMPTS)
            return self._made[(service, region, once)]

    def refresh(self) -> None:
        """Forget the retries of the cases before: botocore allows so many for the life of a client."""
        for quota in self._quotas:
            quota.release(quota.INITIAL_CAPACITY)

    def _client(self, service: str, region: str, attempts: int) -> Any:
        config = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": attempts}))
        made = boto3.Session("wire", "wire", "wire").client(service, region_name=region, config=config)
        events, id_ = made.meta.events, made.meta.service_model.service_id.hyphenize()
        # Registered again, for only the registration tells which handler it is.
        events.unregister(f"needs-retry.{id_}", unique_id=f"retry-config-{id_}")
        handler = standard.register_retry_handler(made, attempts)
        self._quotas.append(handler._retry_quota._quota)  # noqa: SLF001 no public form
        events.register("provide-client-params", self._keep_params)
        events.register("before-call", self._keep_model)
        events.register("before-send", partial(self._answer, region))
        return prepared(made, attempts == 1)

    def _keep_params(self, params: Mapping[str, Value], **_: Any) -> None:
        self._here.params = dict(params)

    def _keep_model(self, model: Any, **_: Any) -> None:
        self._here.model = model

    def _answer(self, region: str, request: Any, **_: Any) -> Any:
        if self.wire is None:
            raise RuntimeError("a client of the wire was used when nobody was on it.")
        return responded(request, self.wire(Sent(self._here.model, region, self._here.params, request)))


CLIENTS: Final = Clients()


class WireSessions(Sessions):
    """Sessions whose clients are on the wire of this process, and which never wait."""

    def __init__(self, accounts: Mapping[str, Account] | None = None) -> None:
        super().__init__(accounts)
        self.stopping = _Hurried()

    def client(self, service: str, site: Site, once: bool = False) -> Any:
        """The client of a service in a site."""
        return CLIENTS.client(service, site.region, once)


_OURS: Final = (
    (vars(context_command), "Sessions", WireSessions),
    (vars(settings_command), "Sessions", WireSessions),
    (vars(botocore.endpoint), "time", _Unhurried),
)


@contextmanager
def on_wire(wire: Wire) -> Iterator[None]:
    """Meanwhile the program asks this wire, and nothing waits between two attempts."""
    CLIENTS.refresh()
    with instead(*_OURS, (vars(CLIENTS), "wire", wire)):
        yield


def reply_of(sent: Sent, answer: Mapping[str, Any] | Refusal) -> Reply:
    """What AWS sends for an answer, in the operation's own protocol."""
    if isinstance(answer, Refusal):
        return refused(answer.code, _status(answer.code), answer.message)(sent, _nothing)
    made = get_serializer_class(sent.service, sent.protocol)(_model(sent.service).operation_model(sent.operation))
    whole = made.serialize(answer)
    body = whole["body"].encode() if isinstance(whole["body"], str) else whole["body"]
    return Reply(whole["status_code"], body, {**whole["headers"], "Content-Type": _TYPES[sent.protocol]})


@cache
def _model(service: str) -> Any:
    return get_service_model(service)


def _status(code: str) -> int:
    return 403 if "Denied" in code else 404 if "NotFound" in code or "NoSuch" in code else 400


def _nothing() -> Reply:
    raise RuntimeError("a refusal sends nothing.")

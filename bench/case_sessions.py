"""The way to the AWS of a case: real clients of botocore, whose calls a case answers before anything is sent.

botocore offers both ends: `provide-client-params` tells what is asked for, and what a handler of `before-call` returns
is the answer (https://docs.aws.amazon.com/boto3/latest/guide/events.html).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import Any, Final

import boto3
import botocore
from botocore.awsrequest import AWSResponse

from auditor.aws.account import Account
from auditor.aws.sessions import CONFIG, Sessions, partition_of
from auditor.model.values import Locale, Site, Value
from auditor.sandbox.scenario import localised
from auditor.specs.regions import SHORT_CODES
from bench.case_aws import Part, Place, Refusal, answered, nothing, parts_of, refuse_unknown
from bench.case_file import ACCOUNT, Answer, CaseError, CaseFile

Reply = Mapping[str, Any] | Refusal | None
Ask = Callable[[Site, Any, Mapping[str, Value]], Reply]
"""What is answered in a site to an operation (botocore's model) with these parameters; None: it is sent to AWS."""
_HEADERS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class ByHand:
    """Owns how often each answer that a case gives by hand was given."""

    case: CaseFile
    account: str = ACCOUNT
    _given: Counter[tuple[int, Site]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, site: Site, model: Any, params: Mapping[str, Value]) -> Reply:
        """The first answer of the case that the call matches, worded for the site; None where there is none."""
        called = f"{model.service_model.service_name}.{model.name}"
        locale = locale_of(site, self.case.account_of(site, self.account))
        with self._lock:
            for number, one in enumerate(self.case.answers):
                if one.call != called or not self.case.is_for(one, site) or not _matches(one, params, locale):
                    continue
                self._given[(number, site)] += 1
                if not one.times or self._given[(number, site)] <= one.times:
                    return _told(one, model, locale)
        return None


def locale_of(site: Site, account: str) -> Locale:
    """How a site of a case words things."""
    partition = partition_of(site.region)
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return Locale(site.region, SHORT_CODES[site.region], account, partition, suffix)


def _matches(one: Answer, params: Mapping[str, Value], locale: Locale) -> bool:
    for name, wanted in localised(dict(one.with_), locale).items():
        held = params.get(name)
        alike = fnmatchcase(held, wanted) if isinstance(held, str) and isinstance(wanted, str) else held == wanted
        if not alike:
            return False
    return True


def _told(one: Answer, model: Any, locale: Locale) -> Reply:
    if one.gives is None:
        said = one.refuses if isinstance(one.refuses, dict) else {"code": str(one.refuses)}
        return Refusal(said["code"], localised(said.get("message", "The case refuses it."), locale))
    answer: dict[str, Any] = localised(one.gives, locale)
    refuse_unknown(Part(model.service_model.service_name, model.name, {}, answer), model)
    return answer


@dataclass(frozen=True)
class InMemory:
    """Answers in each site from a case's resources, those that it gives by hand first."""

    case: CaseFile
    places: Mapping[Site, Place]
    by_hand: ByHand
    parts: Mapping[Site, tuple[Part, ...]]

    def answer(self, site: Site, model: Any, params: Mapping[str, Value]) -> Reply:
        """What AWS answers; it is never sent."""
        found = self.by_hand.answer(site, model, params)
        if found is not None:
            return found
        service = model.service_model.service_name
        about = [one for one in self.parts[site] if (one.service, one.operation) == (service, model.name)]
        for one in about:
            refuse_unknown(one, model)
        whole = answered(about, service, model.name, params)
        return nothing(model) if whole is None else whole


def in_memory(case: CaseFile, places: Mapping[Site, Place]) -> InMemory:
    """The AWS of a case."""
    own = {site: [one for other, one in places.items() if other.account == site.account] for site in places}
    return InMemory(case, places, ByHand(case), {site: parts_of(one, own[site]) for site, one in places.items()})


class Clients:
    """Owns the clients of a process, made once for all cases, and whom they ask now."""

    def __init__(self) -> None:
        self.ask: Ask | None = None
        self._made: dict[tuple[str, Site], Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str, site: Site) -> Any:
        """The client of a service in a site."""
        key = (service, site)
        with self._lock:
            if key not in self._made:
                made = _session().client(service, region_name=site.region, config=CONFIG)
                made.meta.events.register("provide-client-params", _keep_params)
                made.meta.events.register("before-call", partial(_answer, lambda *told: self._asked(site, *told)))
                self._made[key] = made
            return self._made[key]

    def _asked(self, site: Site, model: Any, params: Mapping[str, Value]) -> Reply:
        if self.ask is None:
            raise CaseError("a client of a case was used when no case was run.")
        return self.ask(site, model, params)


@cache
def clients() -> Clients:
    """Those of this process."""
    return Clients()


@cache
def _session() -> boto3.Session:
    return boto3.Session("case", "case", region_name="us-east-1")


class CaseSessions(Sessions):
    """Sessions whose clients are answered by a case."""

    def __init__(self, accounts: Mapping[str, Account], ask: Ask) -> None:
        super().__init__(accounts)
        clients().ask = ask

    def client(self, service: str, site: Site, once: bool = False) -> Any:  # noqa: ARG002 nothing is sent
        """The client of a service in a site; `once` means nothing there."""
        return clients().client(service, site)


@contextmanager
def answering(ask: Ask) -> Iterator[None]:
    """Meanwhile every session that is made asks here first, and sends what is not answered."""

    def listen(session: Any) -> None:
        session.register("provide-client-params", _keep_params)
        session.register("before-call", partial(_answer_in_region, ask))

    botocore.register_initializer(listen)
    try:
        yield
    finally:
        botocore.unregister_initializer(listen)


def _keep_params(params: Mapping[str, Value], context: dict[str, Any], **_: Any) -> None:
    context["case"] = dict(params)


def _answer_in_region(ask: Ask, model: Any, context: Mapping[str, Any], **_: Any) -> tuple[AWSResponse, Any] | None:
    return _answer(partial(ask, Site(context["client_region"])), model, context)


def _answer(
    ask: Callable[[Any, Mapping[str, Value]], Reply], model: Any, context: Mapping[str, Any], **_: Any
) -> tuple[AWSResponse, Any] | None:
    found = ask(model, context["case"])
    if found is None:
        return None
    refused = isinstance(found, Refusal)
    status = 400 if refused else 200
    body = {"Error": {"Code": found.code, "Message": found.message}} if isinstance(found, Refusal) else found
    # Copied, so that nobody changes what the next call is answered with.
    parsed = {**_copied(body), "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0}}
    return AWSResponse("https://case.test/", status, _HEADERS, None), parsed


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(element) for element in value] if isinstance(value, list) else value

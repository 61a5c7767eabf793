"""The one place that calls AWS: paced, paginated, counted."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import EndpointConnectionError, PaginationError

from auditor.aws.answers import items_of, parsing, refuse_lacking
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions, throttled_here
from auditor.canonical.wording import SITE_SYMBOLS, substitute
from auditor.errors import StoppedError, UnresolvedError
from auditor.model.values import Locale, Site, State, Value
from auditor.specs.site_choices import decided
from auditor.specs.spec import Call

_PLACEHOLDER: Final = re.compile(r"\$\{([^{}]*)\}")


class Caller:
    """Owns the way of one site's calls to AWS, and the count of them."""

    def __init__(self, sessions: Sessions, site: Site, locale: Locale, pacer: Pacer) -> None:
        self.site = site
        self.locale = locale
        self.stopping = sessions.stopping
        self._sessions = sessions
        self._pacer = pacer
        self._counts: Counter[str] = Counter()
        self._throttles: Counter[str] = Counter()
        self._lock = threading.Lock()

    def pages(self, service: str, call: Call, values: Mapping[str, Value]) -> Iterator[Mapping[str, Any]]:
        """The answers of a call, page by page, without their metadata.

        Raises one of AWS_ERRORS: what it means depends on what was asked for; UnusableAnswerError is among them, where
        what came is not the operation's answer, or lacks what the call picks. Raises UnresolvedError for a placeholder
        that has no value.
        """
        service = call.service or service
        client = self._sessions.client(service, self.site)
        params = self.filled(call.operation, call.params, values)
        method = _method(client, call.operation)
        tokens = call.tokens or _paginator_tokens(client, method)
        while True:
            page = self._answer(service, call.operation, getattr(client, method), params)
            refuse_lacking(client, call, page)
            yield page
            token = page.get(tokens[0]) if tokens else None
            if not tokens or not token:
                return
            if token == params.get(tokens[1]):
                raise PaginationError(message=f"{call.operation} answered with the same token twice")
            params = {**params, tokens[1]: token}

    def answer(self, service: str, call: Call, values: Mapping[str, Value]) -> Mapping[str, Any]:
        """The only answer of a call that has no pages."""
        return next(self.pages(service, call, values))

    def items(self, service: str, call: Call, values: Mapping[str, Value]) -> list[Any]:
        """What a call picks, a list, from all of its pages. Raises as `pages` does."""
        return [item for page in self.pages(service, call, values) for item in items_of(call, page)]

    def refuse_lacking(self, service: str, call: Call, answer: Mapping[str, Any]) -> None:
        """Raise UnusableAnswerError where an answer to another call of the same operation lacks what this one picks."""
        refuse_lacking(self._sessions.client(call.service or service, self.site), call, answer)

    def once(self, service: str, operation: str, params: Mapping[str, Value]) -> Mapping[str, Any]:
        """The answer of a call that is sent no second time, whatever comes of it. Raises as `pages` does."""
        client = self._sessions.client(service, self.site, once=True)
        return self._answer(service, operation, getattr(client, _method(client, operation)), params)

    def sent(self, service: str, operation: str, params: Mapping[str, Value]) -> Mapping[str, Any]:
        """The answer of a call whose parameters are literal, bytes among them; retried as reading is.

        Only for what may be sent twice. Raises as `pages` does.
        """
        client = self._sessions.client(service, self.site)
        return self._answer(service, operation, getattr(client, _method(client, operation)), params)

    def filled(self, operation: str, params: Mapping[str, Value], values: Mapping[str, Value]) -> dict[str, Value]:
        """An operation's parameters as they are sent, the site's own symbols filled in beside `values`.

        Raises UnresolvedError for a placeholder that has no value.
        """
        try:
            made = filled(params, self._symbols() | dict(values))
        except KeyError as missing:
            raise UnresolvedError(
                f"{self.site}: {operation} needs '{missing.args[0]}', which nothing there is known as. "
                "It was not called. See that it is there, and plan again."
            ) from None
        return made

    def state_of(self, service: str, error: Exception) -> State:
        """What a failed call says of what was asked for: unreadable, or that the region has no such service.

        A service that no endpoint data knows in the region may be there all the same, so it is asked; only
        where no such host exists either is it not offered.
        """
        nowhere = isinstance(error, EndpointConnectionError) and not self._sessions.is_offered(service, self.site)
        return State.NOT_OFFERED if nowhere else State.UNREADABLE

    def counts(self) -> dict[str, int]:
        """Calls made so far by operation (`lambda.GetPolicy`), retries included."""
        with self._lock:
            return dict(self._counts)

    def throttles(self) -> dict[str, int]:
        """By operation, how many of these AWS throttled; those that a retry mended are among them."""
        with self._lock:
            return dict(self._throttles)

    def _answer(self, service: str, operation: str, method: Any, params: Mapping[str, Value]) -> dict[str, Any]:
        self._pacer.wait(service, operation, self.locale.account, self.site.region)
        if self._sessions.stopping.is_set():
            raise StoppedError(f"{self.site}: stopped before {operation}.")
        before = throttled_here()
        try:
            with parsing(operation):
                answer: dict[str, Any] = method(**params)
        except Exception as error:
            # Where no answer came, botocore's error has None for it.
            self._count(service, operation, getattr(error, "response", None) or {}, throttled_here() - before)
            raise
        self._count(service, operation, answer, throttled_here() - before)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def _count(self, service: str, operation: str, answer: Mapping[str, Any], throttled: int) -> None:
        retries = int(answer.get("ResponseMetadata", {}).get("RetryAttempts", 0))
        self._sessions.tally.add(f"{service}.{operation}", 1 + retries)
        with self._lock:
            self._counts[f"{service}.{operation}"] += 1 + retries
            if throttled:
                self._throttles[f"{service}.{operation}"] += throttled

    def _symbols(self) -> dict[str, Value]:
        # A region without a short code has none: "" would be written for it.
        own = {name: getattr(self.locale, name) for name in SITE_SYMBOLS}
        return {name: literal for name, literal in own.items() if literal}


def filled(params: Mapping[str, Value], values: Mapping[str, Value]) -> dict[str, Value]:
    """A call's canonical parameters as they are sent: what is decided by the site is decided, then filled in.

    Raises KeyError as `fill` does.
    """
    made: dict[str, Value] = fill(decided(params, values), values)
    return made


def fill(template: Value, values: Mapping[str, Value]) -> Any:
    """Canonical parameters with their `${placeholders}` filled in; a lone one may stand for any kind of value.

    Raises KeyError for one that has no value.
    """
    if isinstance(template, Mapping):
        return {fill(name, values): fill(member, values) for name, member in template.items()}
    if isinstance(template, list):
        return [fill(element, values) for element in template]
    if not isinstance(template, str):
        return template
    alone = _PLACEHOLDER.fullmatch(template)
    return values[alone[1]] if alone else substitute(template, lambda name: str(values[name]))


def _method(client: Any, operation: str) -> str:
    methods: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(name for name, api in methods.items() if api == operation)


def _paginator_tokens(client: Any, method: str) -> tuple[str, str] | None:
    # botocore's own paginators cannot be paced page by page; the members' names are theirs.
    if not client.can_paginate(method):
        return None
    paginator = client.get_paginator(method)
    answered, asked = paginator._output_token[0], paginator._input_token[0]  # noqa: SLF001 no public form
    return str(answered.expression), str(asked)

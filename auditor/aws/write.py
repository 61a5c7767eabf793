"""The one place that writes to AWS: one planned call, and what became of it.

After each call it is known that it was done, or that nothing was, or that neither is known. Only where AWS says that
nothing was done for now (throttling), or where nothing was sent, is a call sent again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, Final

from botocore.exceptions import (
    BaseEndpointResolverError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    EndpointProviderError,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSOError,
    TokenRetrievalError,
    ValidationError,
)
from botocore.parsers import ResponseParserError

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, THROTTLED, code_of, in_one_line, message_of, reason, with_members
from auditor.aws.masking import masked, words_of
from auditor.errors import AuditorError, UnknownFateError, WriteRefusedError
from auditor.model.plan import PlannedCall
from auditor.model.values import Value
from auditor.plan.symbols import GOLDEN, OWN

_NO_CONNECTION: Final = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
# What botocore raises before it sends anything. Any error that is not known to be such may have come after.
_NEVER_SENT: Final = (
    BaseEndpointResolverError,
    CredentialRetrievalError,
    EndpointProviderError,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
    ValidationError,
)
_LONGEST: Final = (0, 1, 2, 4, 8, 16, 20, 20)
"""Seconds before each attempt at most: exponential, with full jitter, as
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ has it."""


def write(
    caller: Caller,
    call: PlannedCall,
    values: Mapping[str, Value],
    secret: bool = False,
    *,
    needed: tuple[str, ...] = (),
    sleep: Callable[[Event, float], object] = Event.wait,
) -> Mapping[str, Any]:
    """Make one planned call in the caller's site; AWS's answer, without its metadata.

    `values` are what the placeholders in its parameters stand for, beside the site's own symbols. Throttled, or where
    no connection came about, it is tried eight times, for a minute or so; `sleep` waits for seconds, or until the
    event is set. `secret`: what `values` has of this resource and of golden are secrets. AWS quotes parameters, so they
    are masked in what it says, of which only the code is told where that is not certain. AWS's HTTP 200 may come with
    an answer cut short, which then lacks members: botocore does not notice. `needed` are those that AWS never leaves
    out; without them, nothing told what became of the call.

    Raises WriteRefusedError where nothing was done, UnknownFateError where that is not known (it is never sent again
    then), UnresolvedError for a placeholder that has no value, StoppedError where the run is ending.
    """
    params = caller.filled(call.operation, call.params, values)
    failed: Exception | None = None
    for longest in _LONGEST:
        sleep(caller.stopping, random.uniform(0, longest))  # noqa: S311 spreads calls, guards nothing
        try:
            return with_members(call.operation, caller.once(call.service, call.operation, params), *needed)
        except AWS_ERRORS as error:
            failed = error
        if not _may_be_sent_again(failed):
            break
    # Outside of `except`: an exception keeps the one that is being handled, with all that it quotes.
    assert failed
    raise _told(caller, call, failed, _secrets(values) if secret else None)


def _secrets(values: Mapping[str, Value]) -> list[Value]:
    return [value for symbol, value in values.items() if symbol.startswith((GOLDEN, OWN))]


def _may_be_sent_again(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return code_of(error) in THROTTLED or _status(error) == 429
    return isinstance(error, _NO_CONNECTION)


def _is_untold(error: Exception) -> bool:
    if isinstance(error, ClientError):
        # 501 tells that AWS has no such function. Any other failure of its own can come at any moment of the work.
        # Where botocore found no code, it names the status: that is not AWS's word, and somebody between may say it.
        own = _status(error) < 500 and not code_of(error).isdecimal()
        return not own and not _may_be_sent_again(error) and _status(error) != 501
    return not isinstance(error, _NO_CONNECTION + _NEVER_SENT)


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _told(caller: Caller, call: PlannedCall, error: Exception, secrets: list[Value] | None) -> AuditorError:
    why = _reason(caller, call, error, secrets)
    what = f"{caller.site}: {call.service}.{call.operation}"
    if _is_untold(error):
        return UnknownFateError(
            f"{what}: no answer told what became of it ({why}). It was not sent again. "
            "Read what it was to change, to see whether it was done."
        )
    return WriteRefusedError(
        f"{what} was refused ({why}). It changed nothing. Mend the reason, and plan again.", code_of(error)
    )


def _reason(caller: Caller, call: PlannedCall, error: Exception, secrets: list[Value] | None) -> str:
    # botocore quotes the values that it refuses, and those of an answer that it cannot read.
    if isinstance(error, ParamValidationError | ValidationError | ResponseParserError):
        return code_of(error)
    if secrets is None:
        return reason(error)
    if not isinstance(error, ClientError):
        return code_of(error)
    words = (code_of(error), call.service, call.operation, caller.site.region, *words_of(call.params))
    message = masked(message_of(error), secrets, [word for one in words for word in words_of(one)])
    return in_one_line(code_of(error), message) if message else code_of(error)

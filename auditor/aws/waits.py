"""What is waited for after a write, by name: until AWS is done with it, it refuses the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

import jmespath

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, UnusableAnswerError, code_of, reason
from auditor.errors import WaitError
from auditor.model.values import Value
from auditor.specs.spec import Call


@dataclass(frozen=True)
class Until:
    """What is asked again and again, and when that ends.

    `done` and `failed` are JMESPath over the answer, true when it is over, or has failed; `state` and `why` find what
    is told of it then. It is given up after `seconds`; `every` is the longest pause between two questions, in seconds.
    `gone` lists the exact error codes that mean that it is over because the thing is no longer there.
    """

    service: str
    call: Call
    done: str
    failed: str
    seconds: float
    every: float
    state: str
    why: str = ""
    gone: frozenset[str] = frozenset()


# The first three are botocore's waiters of these names, with its acceptors and limits (its
# data/lambda/2015-03-31/waiters-2.json). All ask GetFunction, which has a quota of its own.
_FUNCTION: Final = Call("GetFunction", {"FunctionName": "${name}"})
_VERSION: Final = Call("GetFunction", {"FunctionName": "${name}", "Qualifier": "${Version}"})
_STATE: Final = "Configuration.State"
_UPDATE: Final = "Configuration.LastUpdateStatus"
_PROVISIONED: Final = Call("GetProvisionedConcurrencyConfig", {"FunctionName": "${parent}", "Qualifier": "${name}"})

WAITS: Final[Mapping[str, Until]] = {
    "function_active_v2": Until(
        "lambda",
        _FUNCTION,
        done=f"{_STATE} == 'Active'",
        failed=f"{_STATE} == 'Failed'",
        seconds=300,
        every=1,
        state=_STATE,
        why=f"{_STATE}Reason",
    ),
    "function_updated_v2": Until(
        "lambda",
        _FUNCTION,
        done=f"{_UPDATE} == 'Successful'",
        failed=f"{_UPDATE} == 'Failed'",
        seconds=300,
        every=1,
        state=_UPDATE,
        why=f"{_UPDATE}Reason",
    ),
    # A version with SnapStart is run and its memory stored before it is active: up to 26 minutes.
    "published_version_active": Until(
        "lambda",
        _VERSION,
        done=f"{_STATE} == 'Active'",
        failed=f"{_STATE} == 'Failed'",
        seconds=1560,
        every=5,
        state=_STATE,
        why=f"{_STATE}Reason",
    ),
    # The states that pass by themselves are those that GetEventSourceMapping documents.
    "event_source_mapping_settled": Until(
        "lambda",
        Call("GetEventSourceMapping", {"UUID": "${UUID}"}),
        done="State && !contains(['Creating', 'Enabling', 'Disabling', 'Updating', 'Deleting'], State)",
        failed="`false`",
        seconds=300,
        every=2,
        state="State",
        gone=frozenset({"ResourceNotFoundException"}),
    ),
    "capacity_provider_active": Until(
        "lambda",
        Call("GetCapacityProvider", {"CapacityProviderName": "${name}"}),
        done="CapacityProvider.State == 'Active'",
        failed="CapacityProvider.State == 'Failed'",
        seconds=300,
        every=5,
        state="CapacityProvider.State",
    ),
    # An alias with provisioned concurrency moves bit by bit, by weights that nobody asked for:
    # https://github.com/hashicorp/terraform-provider-aws/pull/48116
    "alias_settled": Until(
        "lambda",
        Call("GetAlias", {"FunctionName": "${parent}", "Name": "${name}"}, always=("FunctionVersion",)),
        done="!(RoutingConfig.AdditionalVersionWeights)",
        failed="`false`",
        seconds=900,
        every=5,
        state="RoutingConfig.AdditionalVersionWeights && 'its calls still go to two versions'",
    ),
    "provisioned_concurrency_ready": Until(
        "lambda",
        _PROVISIONED,
        done="Status == 'READY'",
        failed="Status == 'FAILED'",
        seconds=900,
        every=5,
        state="Status",
        why="StatusReason",
    ),
}
"""Every wait, by its name. What is asked takes `${name}` and `${parent}`, and `${UUID}` and `${Version}`, which are
members of what the write answered."""
_SHORTEST: Final = 0.2
_UNTOLD: Final[Mapping[str, Any]] = {}
_NEXT: Final = "What was to follow was not written. Look at it in AWS, and resume the run when it is well."


def wait(
    caller: Caller,
    name: str,
    values: Mapping[str, Value],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[Event, float], object] = Event.wait,
) -> None:
    """Ask AWS until what a write began is over. `name` is one of WAITS; `values` fill in what is asked.

    The pauses double from 0.2 seconds up to the longest; `sleep` waits for seconds, or until the event is set.

    Raises WaitError where it failed, was not over in time, or could not be asked for; UnresolvedError for a
    placeholder that has no value; StoppedError where the run is ending.
    """
    until = WAITS[name]
    asked = caller.filled(until.call.operation, until.call.params, values)
    what = f"{caller.site}: {name} of {':'.join(map(str, asked.values()))}"
    end, pause = clock() + until.seconds, _SHORTEST
    while not _is_over(until, answer := _asked(caller, until, values, what), what):
        if clock() >= end:
            last = _found(until.state, answer) or "it said nothing"
            raise WaitError(f"{what}: waited for {until.seconds:g} s, and it is not over ({last}). {_NEXT}")
        sleep(caller.stopping, pause)
        pause = min(2 * pause, until.every)


def _asked(caller: Caller, until: Until, values: Mapping[str, Value], what: str) -> Mapping[str, Any] | None:
    """The answer; None where it says that the thing is gone, _UNTOLD where it says nothing."""
    try:
        return caller.answer(until.service, until.call, values)
    except UnusableAnswerError:
        return _UNTOLD
    except AWS_ERRORS as error:
        if code_of(error) in until.gone:
            return None
        raise WaitError(f"{what}: AWS did not say whether it is over ({reason(error)}). {_NEXT}") from None


def _is_over(until: Until, answer: Mapping[str, Any] | None, what: str) -> bool:
    if answer is _UNTOLD:
        return False
    if answer is not None and jmespath.search(until.failed, answer):
        told = ": ".join(text for text in (_found(until.state, answer), _found(until.why, answer)) if text)
        raise WaitError(f"{what}: {told}. {_NEXT}")
    return answer is None or bool(jmespath.search(until.done, answer))


def _found(expression: str, answer: Mapping[str, Any] | None) -> str:
    # Never the answer itself: GetFunction tells environment variables, and where the code is, with a signature.
    found = jmespath.search(expression, answer) if expression else None
    return " ".join(str(found or "").split())[:300]

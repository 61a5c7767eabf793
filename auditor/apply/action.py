"""Carries one action out: is the resource still what it was, then each call, then reads what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import jmespath

from auditor.apply.step import Step, refuse_changed, refuse_children, refuse_missing_principals
from auditor.apply.target import Fresh, differences, fresh, is_part, said
from auditor.apply.values import held, values
from auditor.aws.waits import WAITS, wait
from auditor.aws.write import write
from auditor.canonical.document import Document
from auditor.canonical.references import VERSION_PREFIX
from auditor.errors import ApplyError, StoppedError, UnknownFateError, WriteRefusedError
from auditor.model.plan import Action, PlannedCall
from auditor.model.pointer import is_within, overlap, segments
from auditor.model.values import Change, Value
from auditor.plan.fields import said_of
from auditor.plan.ground import facet_at
from auditor.plan.symbols import GOLDEN, symbols_in
from auditor.plan.versions import PUBLISHING
from auditor.specs.field_tree import spec_tree

ALREADY: Final = frozenset(
    {
        "ApplicationAlreadyExistsException",
        "BucketAlreadyOwnedByYou",
        "DeploymentConfigAlreadyExistsException",
        "DeploymentGroupAlreadyExistsException",
        "ResourceConflictException",
        "ResourceNotFoundException",
    }
)
"""What AWS answers to a call whose answer was lost before, where that one did its work. Never believed unread."""
PATIENCE: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each reading of what was written: what AWS answers may be old for a while."""
_TIMES: Final = 3


def carry_out(step: Step) -> None:
    """Make an action's calls and verify what came of them. Raises AuditorError where that cannot be done."""
    refuse_changed(step)
    refuse_missing_principals(step)
    if not step.called:
        refuse_children(step)
    step.told("action")
    calls = step.action.calls
    first = step.called
    if first and first <= len(calls):
        _wait(step, calls[first - 1], {})
    for index in range(first, len(calls)):
        if step.state.open.get(step.action.id) == index and _settled(step, index):
            continue
        _make(step, index, step.sent(index))
    verify(step)
    step.told("done")


def _make(step: Step, index: int, lost: bool) -> None:
    """Make one call, and again where reading tells that nothing came of it."""
    call = step.action.calls[index]
    for _ in range(_TIMES):
        filled = _values(step, call)
        step.told("calling", call=index, operation=f"{call.service}.{call.operation}")
        try:
            answer = _sent(step, index, filled, lost)
        except UnknownFateError as error:
            step.told("lost", call=index, error=str(error))
            lost = True
            if _settled(step, index):
                return
            continue
        told = _answered(step, call, answer)
        step.told("called", call=index, tells=told)
        step.target.tell(told)
        _wait(step, call, {**filled, **answer})
        return
    raise ApplyError(
        f"{step.target.site}: {call.service}.{call.operation} was sent {_TIMES} times, no answer came, and nothing of "
        "it is to be seen. Nothing was called after it. See what is between here and AWS, then resume the run."
    )


def _sent(step: Step, index: int, filled: Mapping[str, Value], lost: bool) -> Mapping[str, Value]:
    """AWS's answer; none where it refuses because an earlier sending, whose answer was lost, did it already."""
    call = step.action.calls[index]
    try:
        return write(step.target.caller, call, filled, held(call))
    except WriteRefusedError as error:
        if lost and error.code in ALREADY:
            return {}
        step.told("refused", call=index, error=str(error))
        raise


def _values(step: Step, call: PlannedCall) -> dict[str, Value]:
    return values(step.target, step.action, call, step.golden)


def _answered(step: Step, call: PlannedCall, answer: Mapping[str, Value]) -> dict[str, Value]:
    # An answer that was cut short lacks members; where there was none, all of them.
    told = {symbol: jmespath.search(path, answer) for symbol, path in call.tells.items()}
    return told if all(told.values()) else _meanings(step, call)


def _wait(step: Step, call: PlannedCall, answer: Mapping[str, Value]) -> None:
    """Wait for what a call began; which one that is, where no answer is at hand, the resource itself tells."""
    if not call.wait:
        return
    symbols = step.target.symbols
    told = {path: symbols[symbol] for symbol, path in call.tells.items() if symbol in symbols}
    params = {name: one for name, one in call.params.items() if not _is_goldens(one)}
    known = {"name", "parent", *told, *params, *answer}
    own = {one: f"${{own:/{one}}}" for one in symbols_in(WAITS[call.wait].call.params) if one not in known}
    asking = replace(call, params={**params, **own})
    # What a call has taken away does not tell its id any more: the call was filled with it.
    given = set(symbols_in(asking.params)) <= answer.keys()
    filled = {**({} if given else _values(step, asking)), **told, **answer}
    wait(step.target.caller, call.wait, {**filled, **step.target.caller.filled(call.operation, asking.params, filled)})


def _is_goldens(value: Value) -> bool:
    # Code need not be fetched once more to wait for it.
    return any(symbol.startswith(GOLDEN) for symbol in symbols_in(value))


def _settled(step: Step, index: int) -> bool:
    """Whether a call whose answer was lost did its work; told by reading, and written down."""
    call = step.action.calls[index]
    told: dict[str, Value] = {}
    done = False
    # What was just made may not be seen at once; where making it twice would make two, it is looked for longer.
    for seconds in PATIENCE[:4] if call.once else PATIENCE[:1]:
        _sleep(step, seconds)
        told = _meanings(step, call)
        done = _is_done(step, index, told)
        if done:
            break
    step.told("settled", call=index, done=done, tells=told)
    if done:
        step.target.tell(told)
        _wait(step, call, told)
    return done


def _meanings(step: Step, call: PlannedCall) -> dict[str, Value]:
    if not call.tells:
        return {}
    return dict(step.target.look_up(frozenset(call.tells), step.action.native))


def _is_done(step: Step, index: int, told: Mapping[str, Value]) -> bool:
    call = step.action.calls[index]
    if not call.tells.keys() <= told.keys():
        return False
    if step.makes:
        # That it is there tells of the call that made it, and of no later one.
        return not index and _now(step).document is not None
    if not call.tells:
        return not _remaining(step)
    # Of several with one content, it is the one that counts.
    now = _now(step, _places(step)).document
    return now is not None and not _differing(step, now)


def _now(step: Step, places: Iterable[str] = ()) -> Fresh:
    return fresh(step.target, step.action.type, step.action.native, step.action.name, frozenset(places))


def verify(step: Step) -> None:
    """Read what was written and raise ApplyError where it is not what golden has."""
    remaining: list[str] = []
    # What a version is never changes: it is there, or it is another one.
    for seconds in PATIENCE[:4] if step.action.facet == PUBLISHING else PATIENCE:
        _sleep(step, seconds)
        remaining = _remaining(step)
        if not remaining:
            return
    action = step.action
    raise ApplyError(
        f"{step.target.site}: {action.type}/{action.name} was written, and is not what it was to be: "
        f"{'; '.join(remaining)}. What needs it was not written. Look at it in the console, then make a new plan."
    )


def _sleep(step: Step, seconds: float) -> None:
    if step.target.caller.stopping.wait(seconds):
        raise StoppedError(f"{step.target.site}: stopped before {step.action.type}/{step.action.name} was verified.")


def _remaining(step: Step) -> list[str]:
    """What of an action's outcome is not as it was to be, in words."""
    action = step.action
    if action.facet == PUBLISHING:
        return _unlike_published(step)
    now = _now(step, _places(step))
    if action.verb == "delete":
        return ["it is still there"] if now.document else []
    if now.document is None:
        return ["it is not there"]
    unread = [f"{place or 'it'} could not be read ({why})" for place, why in now.document.unreadable.items()]
    return unread + [said(one, "was to be", "is") for one in _differing(step, now.document)]


def _unlike_published(step: Step) -> list[str]:
    """Why the version that was published is not the one that was to be: its function was changed in the meantime."""
    call = step.action.calls[0]
    found = _meanings(step, call)
    told = {symbol: step.target.symbols.get(symbol) for symbol in call.tells}
    if all(symbol in found for symbol in told):
        return []
    number = next((str(one) for symbol, one in told.items() if symbol.startswith(VERSION_PREFIX)), "?")
    return [f"version {number}, which was published, is not what golden's is"]


def _differing(step: Step, document: Document) -> list[Change]:
    """What of an action's outcome is not as it was to be; what its facet has by now that it had not before, too."""
    planned = step.target.planned_on(step.action)
    there = {one.path for one in differences(planned.wanted, replace(document, fields=planned.fields or {}))}
    facets = step.target.reader.vocabulary[step.action.type].facets
    own = [f"/{one.at}" for one in facets if one.at and one.name == step.action.facet and step.action.changes]
    return [
        one
        for one in differences(planned.wanted, document)
        if _concerns(step, one) or (one.path not in there and any(overlap(one.path, place) for place in own))
        if not _stays(step, one.path)
    ]


def _stays(step: Step, path: str) -> bool:
    """Whether the plan leaves a place out of a resource that it makes, or AWS alone sets it."""
    action = step.action
    spec = step.target.reader.vocabulary[action.type]
    left = (one for one in step.target.plan.left_out if (one.site, one.type, one.name) == _key_of(action))
    return any(one.path and is_within(path, one.path) for one in left) or bool(
        said_of(spec, spec_tree(spec), path, "read_only")
    )


def _key_of(action: Action) -> tuple[str, str, str]:
    return action.site, action.type, action.name


def _places(step: Step) -> set[str]:
    spec = step.target.reader.vocabulary[step.action.type]
    own = {facet.at for facet in spec.facets if facet.name == step.action.facet}
    return own | {change.path.split("/")[1] for change in step.action.changes} if own else set()


def _concerns(step: Step, change: Change) -> bool:
    action = step.action
    if action.changes:
        return any(overlap(change.path, one.path) and is_part(change, one.path) for one in action.changes)
    spec = step.target.reader.vocabulary[action.type]
    if not action.facet:
        # A later step of making it completes what it was made with.
        facet, _ = facet_at(spec, segments(change.path))
        return action.verb == "create" and not step.makes and facet.name in spec.created_with
    own = [facet.at for facet in spec.facets if facet.name == action.facet]
    return bool(own) and change.path.split("/")[1] == own[0]

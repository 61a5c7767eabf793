"""One action under way, and what keeps it from being begun: a resource that changed, or who is named and not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.apply.target import Fresh, Target, differences, fresh, said
from auditor.apply.values import Golden
from auditor.aws.roles import missing_principal
from auditor.aws.some import list_children
from auditor.canonical.principals import required
from auditor.errors import ApplyError
from auditor.model.plan import Action, PlannedOn
from auditor.model.pointer import overlap
from auditor.model.values import Unread, Value
from auditor.plan.plan import fingerprint
from auditor.plan.whom import own_symbols
from auditor.runs.journal import Journal
from auditor.runs.state import RunState


@dataclass(frozen=True)
class Step:
    """One action under way."""

    target: Target
    action: Action
    golden: Golden | None
    journal: Journal
    state: RunState
    """How far the run had come before this process."""
    siblings: tuple[Action, ...] = field(default=())
    """The other actions on the same resource."""

    @property
    def called(self) -> int:
        """How many of its calls were made before this process."""
        return self.state.called.get(self.action.id, 0)

    def sent(self, index: int) -> bool:
        """Whether AWS may have done a call already, though nothing has told so."""
        return self.state.open.get(self.action.id) == index or index in self.state.unseen.get(self.action.id, ())

    @property
    def makes(self) -> bool:
        """Whether it is the action that makes its resource, and not one that completes it."""
        own = (one for one in self.target.plan.actions if _alike(one, self.action))
        return self.action.verb == "create" and next(own, self.action).id == self.action.id and not self.action.facet

    def told(self, event: str, **fields: Value) -> None:
        """Write an entry about it."""
        # What symbols mean is needed as it is when the run is taken up again; an error quotes what it read.
        told = {name: self.target.filled.masked(one) if name == "error" else one for name, one in fields.items()}
        self.journal.write(event, action=self.action.id, site=self.target.site, **told)


def _alike(one: Action, other: Action) -> bool:
    return (one.site, one.type, one.name, one.verb) == (other.site, other.type, other.name, other.verb)


def refuse_changed(step: Step) -> None:
    """Raise ApplyError where the resource is no longer what it was when the plan was made. Each is asked for once."""
    target, action = step.target, step.action
    key = (action.type, action.name)
    if key in target.checked:
        return
    planned = target.planned_on(action)
    now = fresh(target, action.type, action.native, action.name)
    unread = _unread(step, now)
    if unread:
        raise ApplyError(
            f"{target.site}: {action.type}/{action.name}: {unread} could not be read, and what is unknown is not "
            "written over. Nothing of it was written. See that it can be read, then resume the run."
        )
    if fingerprint(now.fields) != planned.fingerprint:
        changed = list(_changed(step, planned, now))
        if changed:
            raise ApplyError(
                f"{target.site}: {action.type}/{action.name} changed since the plan was made: {'; '.join(changed)}. "
                "Nothing of it was written. Make a new plan."
            )
    target.checked.add(key)


def _unread(step: Step, now: Fresh) -> str:
    """What of a resource is about to be written, and cannot be read; "" for nothing."""
    actions = (step.action, *step.siblings)
    places = [path for one in actions for path in _written(step, one)]
    whole = any(one.verb == "delete" for one in actions)
    unread = now.document.unreadable if now.document else {}
    return next(
        (
            f"{place or 'its configuration'} ({why})"
            for place, why in unread.items()
            if whole or any(overlap(f"/{place}" if place else "", path) for path in places)
        ),
        "",
    )


def refuse_children(step: Step) -> None:
    """Raise ApplyError where what is to be deleted holds what would go with it: that is for actions of its own."""
    target, action = step.target, step.action
    if action.verb != "delete" or action.facet:
        return
    for spec in target.reader.vocabulary.values():
        if spec.parent != action.type or spec.implied:
            continue
        found = list_children(spec, action.native, target.caller)
        if isinstance(found, Unread) or found:
            what = (
                f"{spec.type} of it could not be listed ({found.error})"
                if isinstance(found, Unread)
                else (f"it holds {spec.type}/{found[0].full_name}, which this plan does not delete")
            )
            raise ApplyError(
                f"{target.site}: {action.type}/{action.name} was not deleted: {what}. Nothing of it was written. "
                "Look at what it holds, then make a new plan."
            )


def _changed(step: Step, planned: PlannedOn, now: Fresh) -> Iterator[str]:
    touched = [one for one in (step.action, *step.siblings) if step.state.touched(one.id)]
    if any(one.verb != "update" for one in touched):
        # It was made or taken away, or is being so, by this very run.
        return
    if now.document is None:
        yield "it is gone"
    elif planned.fields is None:
        yield "it is there by now"
    else:
        beyond = [one.path for one in differences(planned.wanted, now.document)]
        for change in differences(planned.fields, now.document):
            own = [one for one in touched if any(overlap(change.path, path) for path in _written(step, one))]
            # What is under way may be anything between the two; what was verified is what it was to be.
            verified = own and all(one.id in step.state.done for one in own)
            if not own or (verified and any(overlap(change.path, path) for path in beyond)):
                yield said(change, "was", "is")
        yield from (f"{place or 'it'} can no longer be read" for place in now.document.unreadable)


def _written(step: Step, action: Action) -> list[str]:
    """The places that an action writes; while it is under way, all of its facet may be between the two states."""
    facets = step.target.reader.vocabulary[action.type].facets
    own = [facet.at for facet in facets if facet.name == action.facet]
    changed = [change.path for change in action.changes]
    if changed and action.id in step.state.done:
        return changed
    return [*changed, *(f"/{place}" if place else "" for place in own if place or not changed)]


def refuse_missing_principals(step: Step) -> None:
    """Raise ApplyError where a call names a role or user of the site's account that is not there: none is ever made."""
    caller, action = step.target.caller, step.action
    filled = {name: value for name, value in step.target.symbols.items() if isinstance(value, str)}
    values = {**filled, **own_symbols(caller.locale, action)}
    arns = required([call.params for call in action.calls], lambda name: values.get(name, "${" + name + "}"))
    for arn in sorted(arns):
        why = missing_principal(caller, arn)
        if why:
            raise ApplyError(
                f"{step.target.site}: {action.type}/{action.name} needs {arn}, which is not there ({why}). Roles and "
                "users are never made here. Nothing of it was written. Make it, then resume."
            )

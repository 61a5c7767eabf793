"""Statements that AWS takes from nobody: where each has a call of its own, the others are written without. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from auditor.canonical.principals import PRINCIPAL, deleted_in, required_by
from auditor.model.pointer import is_within, pointer
from auditor.model.values import ABSENT, Change, Value
from auditor.plan.ground import Ground, Subject
from auditor.plan.whom import missing_text, site_symbols

_STATEMENT: Final = "Statement"


def barred_statements(one: Subject, where: Ground, untold: Mapping[str, str]) -> dict[str, str]:
    """Golden's statements that AWS does not take in a site, by their places, with the reason.

    `untold` are the principals that were looked up and are not there, among other symbols.
    """
    if one.golden is None:
        return {}
    fields = one.golden.document.fields
    policies = ((facet.at, fields.get(facet.at)) for facet in one.spec.facets if facet.by_statement)
    return {
        pointer((at, _STATEMENT, sid)): why
        for at, policy in policies
        for sid, statement in _statements(policy)
        if (why := _barred(statement, where, untold))
    }


def _statements(policy: Value) -> Iterator[tuple[str, Value]]:
    found = policy.get(_STATEMENT) if isinstance(policy, Mapping) else None
    yield from found.items() if isinstance(found, Mapping) else ()


def _barred(statement: Value, where: Ground, untold: Mapping[str, str]) -> str:
    dead = deleted_in((_STATEMENT, ""), statement)
    if dead:
        return f"deleted principal: {dead[0]} was a role or user, and AWS takes nothing that names it"
    values = site_symbols(where.locale)
    needed = sorted(required_by(statement, lambda name: values.get(name, "${" + name + "}")))
    symbols = [PRINCIPAL + arn for arn in needed]
    return next((f"missing principal: {missing_text(one, untold)}" for one in symbols if one in untold), "")


def apart(change: Change, barred: Mapping[str, str]) -> tuple[Change, ...]:
    """The change, or one for each statement of a policy that the site has not, where some of them are barred."""
    statements = dict(_statements(change.golden))
    places = {sid: f"{change.path}/{_STATEMENT}{pointer((sid,))}" for sid in statements}
    if change.actual is not ABSENT or not any(place in barred for place in places.values()):
        return (change,)
    return tuple(Change(places[sid], statement, ABSENT) for sid, statement in statements.items())


def reason_at(path: str, barred: Mapping[str, str]) -> str:
    """Why a difference at a place is left as it is: it is of a statement that is barred; "" where it is of none."""
    return next((why for place, why in barred.items() if is_within(path, place)), "")

"""The statements of a resource policy, whatever it is the policy of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.canonical.policy import keyed_statements, meanings
from auditor.canonical.policy_condition import Text, as_list
from auditor.model.json_text import parse_json
from auditor.model.values import ABSENT, Value


def statements(policy: Value) -> list[Value]:
    """The statements of a policy's text; none where there is no policy."""
    return as_list(parse_json(policy).get("Statement", [])) if policy is not ABSENT else []


def meanings_of(statement: Mapping[str, Value], text: Text = str) -> frozenset[str]:
    """What a raw statement says (see canonical.policy.meanings), whatever it is called and however it is put."""
    return frozenset(said for one in keyed_statements(statement, text).values() for said in meanings(one))


def steps(found: Value, wanted: Value, text: Text = str) -> tuple[list[Value], list[Value]]:
    """The statements that are to be added to a policy, and those to be taken away, so that it says what is wanted.

    What says nothing but what is wanted stays, whatever it is called; what says more goes as a whole, and what it
    said rightly is added under another name.
    """
    wanted_ones = [(one, meanings_of(one, text)) for one in statements(wanted)]
    rightly = frozenset(said for _, says in wanted_ones for said in says)
    here = [(one, meanings_of(one, text)) for one in statements(found)]
    said = {text_ for _, says in here if says <= rightly for text_ in says}
    missing = []
    for one, says in wanted_ones:
        if not says <= said:
            missing.append(one)
            said |= says
    return missing, [one for one, says in here if not says <= rightly]


def only_narrows(found: Value, wanted: Value) -> bool:
    """Whether a policy lets nobody do more than before, and somebody less: who used that changes first."""
    before, after = (_by_effect(statements(one)) for one in (found, wanted))
    allows_less = bool(before["Allow"] - after["Allow"] or after["Deny"] - before["Deny"])
    return allows_less and after["Allow"] <= before["Allow"]


def _by_effect(all_: Iterable[Mapping[str, Value]]) -> dict[str, frozenset[str]]:
    return {
        effect: frozenset(said for one in all_ if one.get("Effect") == effect for said in meanings_of(one))
        for effect in ("Allow", "Deny")
    }

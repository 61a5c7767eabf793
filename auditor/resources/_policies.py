"""The statements of a resource policy, whatever it is the policy of. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from auditor.model import ABSENT, Value


def statements(policy: Value) -> list[Value]:
    """The statements of a policy's text; none where there is no policy."""
    found = json.loads(policy).get("Statement", []) if policy is not ABSENT else []
    return found if isinstance(found, list) else [found]


def content(statement: Mapping[str, Value]) -> str:
    """What a statement says, whatever it is called."""
    return json.dumps({name: value for name, value in statement.items() if name != "Sid"}, sort_keys=True)


def only_narrows(found: Value, wanted: Value) -> bool:
    """Whether a policy says nothing that it did not say before: who used what it no longer says changes first."""
    before = [content(one) for one in statements(found)]
    return all(content(one) in before for one in statements(wanted))

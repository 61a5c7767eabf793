"""What of a function and its aliases needs what. Pure."""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.specs.bonds import Bond
from auditor.specs.spec import FUNCTION

SIGNED_FIRST: Final = (Bond("code signing"),)
"""Code and layers are checked when they are written, against the code signing configuration that there is then:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html"""


def _on_a_version(own: Value, alias: Value) -> str:
    """https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html, and for the weights
    https://github.com/hashicorp/terraform/issues/24957.
    """
    if own is ABSENT or not isinstance(alias, dict):
        return ""
    if (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        return "AWS takes provisioned concurrency of no alias that shares its calls among versions (RoutingConfig)"
    return _unpublished(own, alias)


def _unpublished(own: Value, alias: Value) -> str:
    points_at_latest = own is not ABSENT and isinstance(alias, dict) and alias.get("FunctionVersion") == "$LATEST"
    return "AWS has provisioned concurrency for published versions only, not for $LATEST" if points_at_latest else ""


def _beyond(provisioned: Value, reserved: Value) -> str:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
    if ABSENT in (provisioned, reserved) or provisioned <= reserved:
        return ""
    return f"the function's provisioned concurrency, {provisioned}, would be more than its reserved one, {reserved}"


RESERVED_FIRST: Final = (Bond("concurrency", FUNCTION, refuses=_beyond, binds=_beyond, total=True),)
"""The provisioned concurrency of all aliases and versions lies within what is reserved for their function."""
SETTLED_FIRST: Final = (Bond("configuration", refuses=_on_a_version, binds=_unpublished), *RESERVED_FIRST)
"""Provisioned concurrency comes after its alias has moved."""


def is_lowered(found: Value, wanted: Value) -> bool:
    """Whether a number becomes smaller, or is taken away."""
    return found is not ABSENT and (wanted is ABSENT or wanted < found)

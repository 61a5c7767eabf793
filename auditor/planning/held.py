"""Secrets in a plan: never their values, only where they are held. Pure."""

from __future__ import annotations

from auditor.model import ABSENT, Value
from auditor.spec import Role
from auditor.tree import Node


class NotHeldError(Exception):
    """A secret is held nowhere that it could be taken from, or cannot be told elsewhere; caught by who plans."""


def referred(wanted: Value, found: Value, node: Node, place: str, from_golden: bool) -> Value:
    """A value in whose secrets' place stands where they are taken from when it is written.

    A secret that the resource itself holds already stays its own (`${own:PLACE}`), another is golden's
    (`${golden:PLACE}`), which raises NotHeldError unless `from_golden`.
    """
    if node.field and node.field.role is Role.SECRET and isinstance(wanted, dict) and "secret" in wanted:
        return _held(wanted, found, place, from_golden)
    if isinstance(wanted, dict):
        there = found if isinstance(found, dict) else {}
        return {
            name: referred(member, there.get(name, ABSENT), node.child(name), f"{place}/{name}", from_golden)
            for name, member in wanted.items()
        }
    return wanted


def _held(wanted: dict[str, Value], found: Value, place: str, from_golden: bool) -> Value:
    if isinstance(found, dict) and found.get("secret") == wanted["secret"]:
        return f"${{own:{place}}}"
    if "shown" in wanted:
        return wanted["shown"]
    if not from_golden:
        raise NotHeldError(f"the value that {place} has is kept nowhere")
    if wanted.get("unresolved"):
        raise NotHeldError(f"golden's {place} names what is not known elsewhere ({'; '.join(wanted['unresolved'])})")
    return f"${{golden:{place}}}"

"""Secrets in a plan: never their values, only where they are held. Pure."""

from __future__ import annotations

from auditor.model.values import ABSENT, Value
from auditor.specs.field_tree import Node
from auditor.specs.spec import Role


class NotHeldError(Exception):
    """Secrets are held nowhere that they could be taken from, or cannot be told elsewhere; caught by who plans.

    `gone` are the places of those that nobody keeps, `untold` what is to be said of the others.
    """

    def __init__(self, gone: tuple[str, ...] = (), untold: tuple[str, ...] = ()) -> None:
        self.gone, self.untold = gone, untold
        super().__init__("; ".join([*([_kept_nowhere(gone)] if gone else []), *untold]))


def _kept_nowhere(places: tuple[str, ...]) -> str:
    if len(places) == 1:
        return f"the value that {places[0]} has is kept nowhere"
    return f"the values that {', '.join(places[:-1])} and {places[-1]} have are kept nowhere"


def referred(wanted: Value, found: Value, node: Node, place: str, from_golden: bool) -> Value:
    """A value in whose secrets' place stands where they are taken from when it is written.

    A secret that the resource itself holds already stays its own (`${own:PLACE}`), another is golden's
    (`${golden:PLACE}`), which raises NotHeldError unless `from_golden`, with every secret that it concerns. `found` may
    be such a value itself.
    """
    if node.field and node.field.role is Role.SECRET and isinstance(wanted, dict) and "secret" in wanted:
        return _held(wanted, found, place, from_golden)
    if not isinstance(wanted, dict):
        return wanted
    there = found if isinstance(found, dict) else {}
    made: dict[str, Value] = {}
    missing: list[NotHeldError] = []
    for name, member in wanted.items():
        try:
            below = f"{place}/{name}"
            made[name] = referred(member, there.get(name, ABSENT), node.child(name), below, from_golden)
        except NotHeldError as error:
            missing.append(error)
    if missing:
        raise NotHeldError(
            tuple(one for error in missing for one in error.gone),
            tuple(one for error in missing for one in error.untold),
        )
    return made


def _held(wanted: dict[str, Value], found: Value, place: str, from_golden: bool) -> Value:
    own = f"${{own:{place}}}"
    if found == own or (isinstance(found, dict) and found.get("secret") == wanted["secret"]):
        return own
    if "shown" in wanted:
        return wanted["shown"]
    if not from_golden:
        raise NotHeldError((place,))
    if wanted.get("unresolved"):
        why = "; ".join(wanted["unresolved"])
        raise NotHeldError((), (f"golden's {place} names what is not known elsewhere ({why})",))
    return f"${{golden:{place}}}"

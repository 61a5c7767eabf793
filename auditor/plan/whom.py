"""The roles and users that a plan's calls name, and that must be there. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: AWS takes no policy whose
principal is not there. A role that is handed to a service must be there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.canonical.pairing import parent_and_own
from auditor.canonical.principals import PRINCIPAL, deleted_principals, required
from auditor.canonical.wording import SITE_SYMBOLS
from auditor.model.plan import Action, PlannedCall
from auditor.model.values import Locale


def site_symbols(locale: Locale) -> dict[str, str]:
    """What the symbols mean that every site has."""
    return {name: str(getattr(locale, name)) for name in SITE_SYMBOLS}


def own_symbols(locale: Locale, action: Action) -> dict[str, str]:
    """What the symbols mean that every call of an action can have."""
    parent, own = parent_and_own(action.native, "/" in action.native)
    return {**site_symbols(locale), "name": own, "parent": parent}


def principals_needed(action: Action, locale: Locale, symbols: Mapping[str, str]) -> frozenset[str]:
    """The symbols of the roles and users that must be there; whom the site names already is not asked for again."""
    values = {**symbols, **own_symbols(locale, action)}

    def named(calls: Iterable[PlannedCall]) -> frozenset[str]:
        return required([one.params for one in calls], lambda name: values.get(name, "${" + name + "}"))

    return frozenset(PRINCIPAL + arn for arn in named(action.calls) - named(action.undo))


def missing_of(action: Action, locale: Locale, symbols: Mapping[str, str], untold: Mapping[str, str]) -> str:
    """Why AWS would refuse an action for whom it names; "" where all are there, or nobody can tell."""
    dead = deleted_principals([call.params for call in action.calls])
    if dead:
        return f"deleted principal: {dead[0]} was a role or user, and AWS takes nothing that names it"
    needed = sorted(principals_needed(action, locale, symbols))
    return next((f"missing principal: {missing_text(one, untold)}" for one in needed if one in untold), "")


def missing_text(symbol: str, untold: Mapping[str, str]) -> str:
    """Who is not there, and how that is known."""
    return f"{symbol.removeprefix(PRINCIPAL)}: {untold[symbol]}"

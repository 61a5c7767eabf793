"""From drift to a plan: ordered actions, and what is left as it is with the reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.canonical.pairing import name_symbol
from auditor.canonical.policy import digest
from auditor.model.plan import Action, LeftOut, Plan, PlannedOn
from auditor.model.values import Drift, Value
from auditor.plan.draft import Draft
from auditor.plan.ground import Ground, Specs
from auditor.plan.order import action_id, ordered
from auditor.plan.possible import SitePlan, left_out
from auditor.plan.site_plan import Planner, site_plan, with_claims
from auditor.plan.symbols import needed
from auditor.specs.spec import VERSION


def plan(drift: Drift, planner: Planner, sites: Mapping[str, Ground], key_id: str) -> Plan:
    """The plan that removes a drift; `sites` are the grounds of the sites that have findings."""
    made = _site_plans(drift, planner, sites)
    golden = planner.golden(False)
    drafts = [draft for one in made.values() for draft in one.drafts]
    actions, beyond = _capped(drafts, planner.specs, planner.choice.most)
    grounds = {str(golden.site): golden, **sites}
    return Plan(
        drift.golden,
        drift.taken,
        # A site that nobody could read has none, and nothing is planned there.
        {name: where.locale.account for name, where in grounds.items() if where.locale.account},
        actions,
        tuple(one for site in made.values() for one in site.left_out) + beyond,
        tuple(_planned_on(actions, planner, sites)),
        {name: _used(one, actions, name) for name, one in made.items()},
        {name: _names(where) for name, where in grounds.items()},
        tuple(name for name, where in sites.items() if where.wide),
        key_id,
    )


def unknown_symbols(drift: Drift, planner: Planner, sites: Mapping[str, Ground]) -> dict[str, frozenset[str]]:
    """The symbols, by site, of which somebody has to say what they mean there before a plan can be made."""
    made = _site_plans(drift, planner, sites)
    return {name: one.unknown for name, one in made.items() if one.unknown}


def _site_plans(drift: Drift, planner: Planner, sites: Mapping[str, Ground]) -> dict[str, SitePlan]:
    # All sites at once: a name that two of them would give to what they make exists once only.
    ready = with_claims(drift.findings, planner, sites)
    return {name: site_plan(drift.findings, ready, where) for name, where in sites.items()}


def _used(made: SitePlan, actions: Iterable[Action], site: str) -> dict[str, str]:
    wanted = {symbol for one in actions if one.site == site for symbol in needed((*one.calls, *one.undo))}
    return {symbol: made.symbols[symbol] for symbol in sorted(wanted) if symbol in made.symbols}


def _capped(drafts: list[Draft], specs: Specs, most: int) -> tuple[tuple[Action, ...], tuple[LeftOut, ...]]:
    actions = ordered(drafts, specs)
    if not most or len(actions) <= most:
        return actions, ()
    beyond = (row for one in actions[most:] for row in left_out(one, f"beyond --max-changes {most}"))
    kept = {one.id for one in actions[:most]}
    return ordered((one for one in drafts if action_id(one.action) in kept), specs), tuple(beyond)


def _planned_on(actions: Iterable[Action], planner: Planner, sites: Mapping[str, Ground]) -> Iterator[PlannedOn]:
    touched = {(one.site, one.type, one.name): one.native for one in actions}
    for (site, type_, name), native in sorted(touched.items()):
        golden = planner.golden(sites[site].wide)
        found, wanted = sites[site].documents.get((type_, name)), golden.documents.get((type_, name))
        # Of what is implied, there is one all the same.
        fields = found.fields if found else {} if planner.specs[type_].implied else None
        yield PlannedOn(
            site,
            type_,
            name,
            found.native if found else native,
            fingerprint(fields),
            fields,
            wanted.fields if wanted else None,
            wanted.native if wanted and planner.live else "",
        )


def _names(where: Ground) -> dict[str, str]:
    """What a site calls its paired resources, by symbol."""
    return {symbol: literal for literal, symbol in paired_names(where).items()}


def paired_names(where: Ground) -> dict[str, str]:
    """The symbols of a site's paired resources, by what it calls them."""
    own = where.snapshot.locale.references
    # The symbol of a version is no name that the settings say.
    types = {type_ for type_, _ in where.documents} - {VERSION}
    kinds = tuple(name_symbol(type_, "") for type_ in types)
    return {
        literal: symbol
        for literal, symbol in where.locale.references.items()
        if literal not in own and symbol.startswith(kinds)
    }


def fingerprint(fields: Mapping[str, Value] | None) -> str:
    """Names a state: the same as long as no field of it changes."""
    return digest(fields, 16)

"""The settings of a command, with the accounts of the organization that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from auditor.aws import organization
from auditor.aws.account import Account
from auditor.aws.calls import Caller
from auditor.aws.pacing import UNPACED, Pacer
from auditor.aws.sessions import Sessions, enabled_site, known_regions
from auditor.aws.type_places import places_in
from auditor.commands.context import Say
from auditor.compare.impossible import Known, Named, Problem, impossible
from auditor.model.values import Site, parse_site
from auditor.resources import load_specs
from auditor.settings.accounts import AccountSettings, idle_exclusions, is_glob, of_organization
from auditor.settings.load import ANY, Settings, load_settings


def settings(
    path: Path | None,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    offline: bool,
    golden_needed: bool = True,
    note: Say = lambda _: None,
    reaches: bool = False,
) -> Settings:
    """The settings that file, options and environment come to, with the accounts of the organization that they name.

    AWS is asked for these once, here; not for offline settings, but for those that reach sites all the same: a plan's.
    """
    members = partial(_members, note)
    told = load_settings(path, options, environ, known_regions, offline, golden_needed, members, _impossible)
    if not (offline and reaches and told.organization):
        return told
    return told.model_copy(update={"accounts": {**members(told), **told.accounts}})


def _impossible(settings_: Settings) -> Iterator[Problem]:
    named = Named(
        tuple(one.accepted() for one in settings_.exceptions),
        {"names": settings_.names, "pairs": settings_.pairs, "pair_by_tag": settings_.pair_by_tag},
        dict(_type_globs(settings_)),
        settings_.severity,
        settings_.compare,
        {("pairs", type_, name): sites for type_, own in settings_.pairs.items() for name, sites in own.items()}
        | {("symbols", name): sites for name, sites in settings_.symbols.items()},
    )
    specs = load_specs()
    places = cache(lambda type_: places_in(specs[type_]))
    return impossible(named, Known(specs, known_regions(), places, _accounts_named(settings_)))


def _type_globs(settings_: Settings) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from ((("types", number), glob) for number, glob in enumerate(settings_.types))
    for kind, picks in (("include", settings_.select.include), ("exclude", settings_.select.exclude)):
        yield from ((("select", kind, number, "type"), one.type) for number, one in enumerate(picks))


def _accounts_named(settings_: Settings) -> tuple[str, ...] | None:
    """The accounts that sites can be in, "" aside; None where only AWS, or a snapshot, tells which there are."""
    named = (*settings_.regions, *((settings_.golden,) if settings_.golden_site else ()))
    is_closed = bool(settings_.accounts) or not any(one == ANY or is_glob(one) for one in named)
    sites = (parse_site(one).account for one in named if not is_glob(one))
    found = dict.fromkeys((*settings_.accounts, *filter(None, sites)))
    return tuple(found) if is_closed and not settings_.organization else None


def _members(note: Say, settings_: Settings) -> dict[str, AccountSettings]:
    """The organization's accounts by what their sites are called; `note` is told of those that are called by id."""
    asked = settings_.organization
    assert asked
    named = [one for one in (settings_.golden_site, *settings_.sites) if one and one.region != ANY]
    there = enabled_site(named[0].region) if named else Site("us-east-1")
    sessions = Sessions({"": Account(profile=asked.profile)})
    caller = Caller(sessions, there, sessions.locale(there), Pacer(UNPACED))
    members = organization.active_members(caller, asked.units)
    made = of_organization(asked, members, settings_.accounts)
    for idle in idle_exclusions(asked, members):
        note(idle)
    for one in members:
        if one.id in made:
            note(
                f"The account {one.id} of the organization is called by its id: its name {one.name!r} is another's "
                "too, or cannot stand in a site's name."
            )
    return made

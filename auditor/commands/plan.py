"""The workflow's other half: from drift to a plan, carried out, taken up again, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, partial

from auditor.aws.calls import Caller
from auditor.aws.meanings import meanings
from auditor.aws.published import published
from auditor.aws.roles import missing_principals
from auditor.aws.site import THREADS, Reader
from auditor.canonical.principals import PRINCIPAL
from auditor.canonical.references import VERSION_PREFIXES, function_of, undescribed, wording
from auditor.commands.context import pairing_of, reader_of, specs_of
from auditor.commands.drift import Sides, drift_of, live_sides, stored_sides
from auditor.decisions.matching import refuse_changed
from auditor.errors import SettingsError
from auditor.model.plan import Plan
from auditor.model.values import Drift, SiteSnapshot, parse_site
from auditor.nearest import resource_hint
from auditor.plan.choice import Choice, chosen
from auditor.plan.ground import Ground, Specs, ground
from auditor.plan.names import Names, taken_in
from auditor.plan.plan import paired_names, plan, unknown_symbols
from auditor.plan.site_plan import Planner
from auditor.plan.versions import DESCRIBED_OTHERWISE
from auditor.resources import load_specs
from auditor.settings.load import STORED_GOLDEN, Settings
from auditor.specs.spec import FUNCTION
from auditor.store import store
from auditor.store.snapshot import Progress, Taken

BySite = dict[str, dict[str, str]]
"""By site and symbol."""
LookUp = Callable[[Mapping[str, frozenset[str]], Mapping[str, Ground]], tuple[BySite, BySite]]
"""What symbols mean in sites, and why of others that is not known."""


def promoted(settings_: Settings, site: str) -> Settings:
    """The settings with golden and a site in each other's place: golden follows it.

    Raises SettingsError for a site that is not read, and where golden is no site that could follow.
    """
    if settings_.golden.startswith(STORED_GOLDEN) or site == settings_.golden or site not in settings_.regions:
        others = [one for one in settings_.regions if one != settings_.golden]
        raise SettingsError(
            f"--promote {site}: golden ({settings_.golden}) cannot follow it. Nothing was read. A region is needed "
            f"that is not golden itself: {', '.join(others)}."
        )
    return settings_.model_copy(update={"golden": site, "regions": (site, settings_.golden)})


def live_plan(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, choice: Choice
) -> tuple[Plan, Drift, Taken]:
    """Read every site now, compare, and plan. What golden refers to is looked up in the sites that are to have it."""
    reader = reader_of(settings_, environ)
    with live_sides(settings_, reader, progress) as (sides, taken):
        found = drift_of(settings_, *sides)
        return plan_for(settings_, found, sides, choice, looking_up(reader)), found, taken


def stored_plan(settings_: Settings, a: str, b: str | None, choice: Choice) -> tuple[Plan, Drift]:
    """A plan from stored snapshots. What a site's own values do not tell cannot be looked up in them."""
    sides = stored_sides(settings_, a, b)
    found = drift_of(settings_, *sides)
    return plan_for(settings_, found, sides, choice, not_looked_up), found


def looking_up(reader: Reader) -> LookUp:
    """What asks AWS, in the sites, what symbols mean there."""
    return partial(_looked_up, reader)


def not_looked_up(symbols: Mapping[str, frozenset[str]], _: Mapping[str, Ground]) -> tuple[BySite, BySite]:
    """What asks nobody: of stored snapshots, what the sites' own values do not tell stays unknown."""
    why = "the snapshot does not tell; a plan made on a live reading looks it up"
    # Whether a role is there, AWS tells when the call is made.
    asked = {site: [one for one in named if not one.startswith(PRINCIPAL)] for site, named in symbols.items()}
    return {}, {site: dict.fromkeys(named, why) for site, named in asked.items()}


def plan_for(settings_: Settings, found: Drift, sides: Sides, choice: Choice, look_up: LookUp) -> Plan:
    """The plan for a drift that these snapshots show. Raises PlanError where none can be made."""
    (kept, site), actual = sides
    specs, vocabulary, pairing = specs_of(settings_), load_specs(), pairing_of(settings_)
    refuse_changed((choice.decisions or {}).values(), found, "Nothing was planned.")
    _refuse_nowhere("--site", choice.sites, found.sites)
    _refuse_nowhere("--type", choice.types, specs)
    _refuse_unknown(choice.only, found)
    read = store.read_site(kept, site)
    at = cache(lambda wide: ground(parse_site(site), read, specs, vocabulary, pairing, wide))
    sites = {
        name: ground(parse_site(name), one, specs, vocabulary, pairing, one.locale.partition != read.locale.partition)
        for name in found.sites
        if any(finding.site == name for finding in found.findings)
        for one in [store.read_site(actual, name)]
    }
    live = not settings_.golden.startswith(STORED_GOLDEN)
    names = Names(_taken(found, sites, at, specs, lambda name: store.read_site(actual, name)))
    grounds = {**({site: at(False)} if live else {}), **sites}
    planner = Planner(specs, at, live, choice, pairing, names=names)
    told, untold = look_up(unknown_symbols(found, planner, sites), grounds)
    ready = replace(planner, meanings=told, untold=untold)
    return plan(found, ready, sites, kept.header.key_id)


def _taken(
    found: Drift,
    sites: Mapping[str, Ground],
    golden: Callable[[bool], Ground],
    specs: Specs,
    read: Callable[[str], SiteSnapshot],
) -> dict[tuple[str, str, str], str]:
    """The names that exist once in a partition, of all sites: of those too in which nothing differs."""
    if not any(one.kind == "missing" and specs[one.type].global_name for one in found.findings):
        return {}
    grounds = [golden(False).snapshot, *(one.snapshot for one in sites.values())]
    others = (read(name) for name in found.sites if name not in sites)
    return {key: site for one in (*grounds, *others) for key, site in taken_in(one, specs)}


def _refuse_nowhere(option: str, globs: Iterable[str], there: Iterable[str]) -> None:
    held = tuple(there)
    for glob in globs:
        if not any(fnmatchcase(one, glob) for one in held):
            raise SettingsError(
                f"{option} {glob}: nothing that a plan could write to is called so. Nothing was planned. "
                f"There is: {', '.join(held) or 'none'}."
            )


def _refuse_unknown(globs: Iterable[str], found: Drift) -> None:
    """Raise SettingsError for a glob over resources that none of those compared matches, differing or not."""
    for glob in globs:
        there = (one for one in found.names if any(fnmatchcase(name, glob) for name in ("/".join(one), one[1])))
        # What could not be read may be called so.
        if found.complete and not any(there):
            near = resource_hint(glob, found.names)
            raise SettingsError(f"--only {glob}: no resource that is compared is called so. Nothing was planned.{near}")


def idle(choice: Choice, found: Drift) -> Iterator[str]:
    """What was asked for by name and differs nowhere, in words: it may be in sync, or a slip."""
    for glob in choice.only:
        if not any(chosen(one, Choice(only=(glob,))) for one in found.findings):
            yield f"--only {glob}: nothing that differs is called so."


def left_open(made: Plan, found: Drift) -> bool:
    """Whether a plan leaves a difference out that nobody accepted."""
    accepted = {one.id for one in found.findings if one.exception}
    return any(one.finding not in accepted for one in made.left_out)


def _looked_up(
    reader: Reader, symbols: Mapping[str, frozenset[str]], sites: Mapping[str, Ground]
) -> tuple[BySite, BySite]:
    told: BySite = {}
    untold: BySite = {}
    gone = _not_there(reader, symbols, sites)
    for site, wanted in symbols.items():
        named = frozenset(one for one in wanted if one.startswith(PRINCIPAL))
        told[site], untold[site] = _looked_up_in(reader, sites[site], wanted - named)
        untold[site] |= {one: gone[one] for one in named if one in gone}
    return told, untold


def _not_there(reader: Reader, symbols: Mapping[str, frozenset[str]], sites: Mapping[str, Ground]) -> dict[str, str]:
    """The roles and users that are in no account, and how that is known: each is looked for once, whoever names it."""
    arns = {one.removeprefix(PRINCIPAL) for named in symbols.values() for one in named if one.startswith(PRINCIPAL)}
    callers = {one.locale.account: _caller(reader, one) for one in sites.values()}
    with ThreadPoolExecutor(THREADS) as pool:
        return {PRINCIPAL + arn: why for arn, why in missing_principals(arns, callers, pool).items()}


def _caller(reader: Reader, where: Ground) -> Caller:
    return Caller(reader.sessions, where.site, where.snapshot.locale, reader.pacer)


def _looked_up_in(reader: Reader, where: Ground, wanted: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    caller = _caller(reader, where)
    versions = frozenset(one for one in wanted if one.startswith(VERSION_PREFIXES))
    with ThreadPoolExecutor(THREADS) as pool:
        found = meanings(wanted - versions, caller, pool)
        functions = {
            one.name: wording(one.name, where.locale) for one in where.snapshot.resources if one.type == FUNCTION
        }
        asked = {function_of(symbol) for symbol in versions}
        named = [one for one, word in functions.items() if word in asked]
        numbers = published(reader, caller, pool, named, paired_names(where), where.wide)
    there = {one: numbers.numbers[one] for one in versions if one in numbers.numbers}
    why = next(iter(numbers.unknown.values()), "there is no such version")
    newest = {undescribed(one): one for one in numbers.newest}
    missing = {one: DESCRIBED_OTHERWISE if undescribed(one) in newest else why for one in versions if one not in there}
    return {**found.literals, **there}, {**found.unknown, **missing}


def child_types() -> frozenset[str]:
    """The types of resources that are parts of others."""
    return frozenset(name for name, spec in load_specs().items() if spec.parent)

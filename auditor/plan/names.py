"""What resources that are not there yet are to be called, and which names nobody can have twice. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor.canonical.pairing import Pairing, native_name, parent_and_own
from auditor.canonical.references import VERSION_PREFIX
from auditor.canonical.stack_names import ends_at_random
from auditor.errors import UnresolvedError
from auditor.model.values import Finding, SiteSnapshot
from auditor.plan.drafts import created
from auditor.plan.ground import Ground, Specs, Subject
from auditor.specs.spec import ResourceSpec

TWICE: Final = "cannot exist twice"
Taken = Mapping[tuple[str, str, str], str]
"""By partition, type and native name, the site that has a resource whose name exists once in the partition."""
Claim = tuple[str, str, str]
"""A type, a native name, and within what it can exist once: a site, or a whole partition."""


@dataclass(frozen=True)
class Names:
    """What is known of the names in all sites."""

    taken: Taken = field(default_factory=dict)
    claims: Mapping[Claim, frozenset[tuple[str, str]]] = field(default_factory=dict)
    """Which missing resources, by site and canonical name, would be called so."""


def native(one: Subject, pairing: Pairing, actual: Ground) -> str:
    """What a resource that is not there yet is to be called in the site; "" where nobody tells.

    Raises UnresolvedError where its name holds what has no meaning in the site.
    """
    parent, own = parent_and_own(one.name, bool(one.spec.parent))
    above = _above(one, parent, pairing, actual) if parent else ""
    if parent and not above:
        return ""
    try:
        # What hangs on a version is called by the number that it has there, which the calls fill in.
        by_version = one.spec.qualified and own.startswith("${" + VERSION_PREFIX)
        name = own if by_version else native_name(one.spec.type, own, str(actual.site), actual.locale, pairing)
    except UnresolvedError:
        # A name that comes of what it holds (a mapping's source) is never written.
        if is_written(one):
            raise
        name = own
    return f"{above}/{name}" if above and name else name


def _above(one: Subject, parent: str, pairing: Pairing, actual: Ground) -> str:
    held = actual.documents.get((one.spec.parent, parent))
    if held:
        return held.native
    return native_name(one.spec.parent, parent, str(actual.site), actual.locale, pairing)


def is_written(one: Subject) -> bool:
    """Whether what makes a resource says its name; other names come of what it holds, or AWS makes them up."""
    drafts, _ = created(one, "", "")
    return any("${name}" in repr(call.params) for draft in drafts for call in draft.action.calls)


def taken_in(where: SiteSnapshot, specs: Specs) -> Iterator[tuple[tuple[str, str, str], str]]:
    """The names in a site that exist once in its partition."""
    for one in where.resources:
        if one.type in specs and specs[one.type].global_name:
            yield (where.locale.partition, one.type, one.name), where.site


def claim(spec: ResourceSpec, name: str, actual: Ground) -> Claim:
    """What a resource of this native name would take up."""
    return spec.type, name, actual.locale.partition if spec.global_name else str(actual.site)


def claims(
    missing: Iterable[tuple[Finding, Subject, Ground]], pairing: Pairing
) -> dict[Claim, frozenset[tuple[str, str]]]:
    """Who would be called what, of resources that are missing in sites; of those whose name is written."""
    found: dict[Claim, set[tuple[str, str]]] = defaultdict(set)
    for finding, one, actual in missing:
        try:
            name = native(one, pairing, actual) if is_written(one) else ""
        except UnresolvedError:
            continue
        if name:
            found[claim(one.spec, name, actual)].add((finding.site, one.name))
    return {key: frozenset(who) for key, who in found.items()}


def obstacle(one: Subject, name: str, names: Names, pairing: Pairing, golden: Ground, actual: Ground) -> str:
    """Why a resource cannot be made under this native name; "" where it can."""
    spec, site = one.spec, str(actual.site)
    if not is_written(one):
        return ""
    holder = names.taken.get((actual.locale.partition, spec.type, name), "") if spec.global_name else ""
    # Golden's own is known even where nobody listed all sites.
    if spec.global_name and not holder and actual.locale.partition == golden.locale.partition:
        holder = str(golden.site) if (spec.type, name) in golden.resources else ""
    if not holder and (spec.type, name) in actual.resources:
        holder = site
    if holder:
        whose = f"{site} has another resource called" if holder == site else f"{holder} has"
        return f"{TWICE}: {whose} {name}, and {_once(spec, actual)}. {_what_next(site)}"
    others = names.claims.get(claim(spec, name, actual), frozenset()) - {(site, one.name)}
    if others:
        where, canonical = min(others)
        other = canonical if where == site else f"{canonical} in {where}"
        return f"{TWICE}: {other} would be called {name} too, and {_once(spec, actual)}. {_what_next(site)}"
    told = one.name in pairing.pairs.get(spec.type, {})
    why = "" if told else _reserved(spec, name, actual)
    return f"{TWICE}: {why}. {_what_next(site)}" if why else ""


def _reserved(spec: ResourceSpec, name: str, actual: Ground) -> str:
    own = spec.reserved(name, actual.locale) if spec.reserved else ""
    made = f"{name} ends as CloudFormation ends names, at random: a stack in {actual.site} makes another one"
    return own or (made if ends_at_random(name) else "")


def _once(spec: ResourceSpec, actual: Ground) -> str:
    kind = spec.type.rpartition("::")[2]
    where = f"partition {actual.locale.partition}, whatever the region and account" if spec.global_name else "region"
    return f"the name of a {kind} exists once in a {where}"


def _what_next(site: str) -> str:
    return (
        f"What it is to be called in {site} can be said in auditor.yaml, under 'pairs:' for one name, "
        "or under 'names:' for a pattern"
    )

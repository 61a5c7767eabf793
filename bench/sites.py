"""The two sites of every case, and what the whole pure pipeline finds between them. No I/O.

Values are written canonically (`arn:aws:sns:${region}:${account}:alerts`, `${subnet:corpus/0}`) and worded for each
site by `localise`; what is the same text in both sites, or already worded for one, is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from auditor.canonical.redact import Redaction, hiding, redact
from auditor.canonical.wording import localise
from auditor.compare.drift import Scope, drift
from auditor.model.values import Finding, Locale, Reading, Resource, Site, SiteSnapshot, State, Value
from auditor.resources import load_specs
from auditor.specs.spec import ResourceSpec

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "subnet": ("subnet-0a1b2c3d4e5f6a7b{:x}", "subnet-0f9e8d7c6b5a4f3e{:x}"),
    "security-group": ("sg-0a1b2c3d4e5f6a7b{:x}", "sg-0f9e8d7c6b5a4f3e{:x}"),
    "kms": ("11111111-2222-3333-4444-55555555555{:x}", "99999999-8888-7777-6666-55555555555{:x}"),
    "efs": ("fsap-0a1b2c3d4e5f6a7b{:x}", "fsap-0f9e8d7c6b5a4f3e{:x}"),
    "canonical-user": ("c0ffee" * 10 + "abc" + "{:x}", "decade" * 10 + "abc" + "{:x}"),
    "asg": ("web-ASG-1ABCDEFGHIJ{:x}", "web-ASG-9ZYXWVUTSRQ{:x}"),
}
"""What has an id of its own in each region: golden's form and the other's, by the specs' names of kinds."""


def _locale(region: str, short: str, account: str, form: int) -> Locale:
    ids = {forms[form].format(n): f"{kind}:corpus/{n:x}" for kind, forms in KINDS.items() for n in (0, 1, 2, 3, 12)}
    return Locale(region, short, account, references=ids)


GOLDEN: Final = _locale("us-east-1", "use1", "123456789012", 0)
OTHER: Final = _locale("eu-west-1", "euw1", "210987654321", 1)
SPECS: Final = load_specs()
KEY: Final = b"the corpus's own key"
BUCKETS: Final = frozenset({"app-logs-us-east-1", "app-logs-eu-west-1"})
Readings = Mapping[str, Reading]


@dataclass(frozen=True)
class Pair:
    """One resource as it is in golden and in the other site; both readings are canonical, by facet."""

    spec: ResourceSpec
    golden: Readings
    actual: Readings
    here: Locale = GOLDEN
    there: Locale = OTHER
    beside: tuple[tuple[Resource, ...], tuple[Resource, ...]] = field(default=((), ()))
    """Resources that stand beside it in either site: the versions that an alias points at."""
    names: tuple[str, str] = ("", "")
    """What it is called in either site, where that comes of what it holds."""


def worded(value: Value, locale: Locale) -> Value:
    """A canonical value as the site writes it."""
    if isinstance(value, str):
        return localise(value, locale) if "${" in value else value
    if isinstance(value, dict):
        return {worded(name, locale): worded(member, locale) for name, member in value.items()}
    return [worded(element, locale) for element in value] if isinstance(value, list) else value


def name_of(spec: ResourceSpec) -> str:
    """The canonical name that the resource of every case has."""
    return "parent/thing-${region}" if spec.parent else "thing-${region}"


def findings(pair: Pair) -> tuple[Finding, ...]:
    """Every finding between the two sites, through redaction, documents and comparison."""
    golden = _snapshot(pair.spec, pair.golden, pair.here, pair.beside[0], pair.names[0])
    actual = _snapshot(pair.spec, pair.actual, pair.there, pair.beside[1], pair.names[1])
    scope = Scope({pair.spec.type: pair.spec}, vocabulary=SPECS)
    one, other = Site(pair.here.region), Site(pair.there.region)
    if one == other:
        other = Site(pair.there.region, "other")
    return drift(one, str(one), "2026-11-24T01:02:03Z", golden, [(other, partial(_same, actual))], scope).findings


def _same(snapshot: SiteSnapshot) -> SiteSnapshot:
    return snapshot


def _snapshot(
    spec: ResourceSpec, readings: Readings, locale: Locale, beside: tuple[Resource, ...], name: str
) -> SiteSnapshot:
    facets = {facet.name: readings.get(facet.name, Reading(State.ABSENT)) for facet in spec.facets}
    native = {name: replace(one, value=_worded_once(one, locale)) for name, one in facets.items()}
    resource = Resource(spec.type, name or worded(name_of(spec), locale), native)
    redacted = redact(resource, spec, hiding(locale, Redaction(KEY, buckets=BUCKETS)))
    return SiteSnapshot(locale.region, locale, (redacted, *beside))


_WORDED: Final[dict[tuple[int, str, str], tuple[Reading, Value]]] = {}


def _worded_once(reading: Reading, locale: Locale) -> Value:
    # The readings that a case leaves alone are the same objects in thousands of cases.
    key = (id(reading), locale.region, locale.account)
    held = _WORDED.get(key)
    if held is None or held[0] is not reading:
        if len(_WORDED) > 5000:
            _WORDED.clear()
        held = _WORDED[key] = (reading, worded(reading.value, locale))
    return held[1]

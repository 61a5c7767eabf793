"""Two regions of the sandbox that are alike, with one rich resource for each change, and the changes made there.

A file of `bench/reconciled/` describes the resources of one type: `each` is made once for every change, `{n}` being
its number, `beside` once for all; worded like a scenario's (see auditor/sandbox/scenario.py). `others`, `never`,
`refused` and `facets` are what bench/reconcile_cases.py calls a Hand; `symbols` is the setting.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
import jmespath
from botocore import xform_name

from auditor.aws.calls import filled
from auditor.aws.sessions import reach_address
from auditor.canonical.pairing import parent_and_own
from auditor.canonical.wording import localise
from auditor.model.values import ABSENT, Locale, Resource, SiteSnapshot, State, Value
from auditor.resources import load_specs
from auditor.resources.lambda_alias import SETTLED
from auditor.sandbox.scenario import Scenario, merge, plain
from auditor.sandbox.seed import escaped, facet_values, seed, zipped
from auditor.settings.yaml_file import parse_settings_file
from auditor.specs.regions import SHORT_CODES
from auditor.specs.spec import Call, Facet, Follow, ResourceSpec
from auditor.specs.writes import creating, unmaking, writing
from bench.reconcile_cases import Case, Hand

GOLDEN: Final = "us-east-1"
TARGET: Final = "eu-west-1"
FOLDER: Final = Path(__file__).with_name("reconciled")
OTHER_CODE: Final = zipped({"app.py": "# another program\n"})
SECRETS: Final = "environment"
"""The facet whose values no snapshot holds: what was seeded stands for them."""


@dataclass(frozen=True)
class Estate:
    """One way to set up a resource of a type, with all that it takes."""

    name: str
    type: str
    each: Mapping[str, Any]
    beside: Mapping[str, Any]
    hand: Hand
    shares: int = 1
    """Into how many parts its cases are dealt out."""
    symbols: Mapping[str, Any] = field(default_factory=dict)
    """What ids mean that the sandbox has no names for, as `symbols` of auditor.yaml says it."""

    @property
    def spec(self) -> ResourceSpec:
        """The type's spec."""
        return load_specs()[self.type]

    @property
    def properties(self) -> Mapping[str, Any]:
        """Those of the resource that is changed."""
        return next(iter(self.each[self.type].values())) or {}


@cache
def estates() -> tuple[Estate, ...]:
    """Every estate of the corpus, by file."""
    return tuple(_estate(path) for path in sorted(FOLDER.glob("*.yaml")))


def _estate(path: Path) -> Estate:
    told = plain(parse_settings_file(path).values)
    hand = Hand(told.get("others", {}), told.get("never", {}), told.get("refused", {}), tuple(told.get("facets", ())))
    optional = {name: told[name] for name in ("shares", "symbols") if name in told}
    return Estate(path.stem, told["type"], told["each"], told.get("beside", {}), hand, **optional)


def label(number: int) -> str:
    """What stands for `{n}` in the names of a resource's copy."""
    return f"c{number:03}"


def populate(estate: Estate, numbers: Sequence[int], environ: Mapping[str, str], beside: bool) -> None:
    """Make these copies in both regions, and once what they need."""
    whole: Any = estate.beside if beside else {}
    for number in numbers:
        whole = merge(whole, _numbered(estate.each, number))
    account = environ["AWS_ACCESS_KEY_ID"]
    seed(Scenario({region: worded(whole, region, account) for region in (GOLDEN, TARGET)}), environ, load_specs())


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", label(number))
    if isinstance(value, dict):
        return {_numbered(name, number): _numbered(member, number) for name, member in value.items()}
    return [_numbered(element, number) for element in value] if isinstance(value, list) else value


def worded(value: Any, region: str, account: str) -> Any:
    """A canonical value as the region writes it."""
    locale = Locale(region, SHORT_CODES[region], account)
    if isinstance(value, str):
        return localise(value, locale)
    if isinstance(value, dict):
        return {worded(name, region, account): worded(member, region, account) for name, member in value.items()}
    return [worded(element, region, account) for element in value] if isinstance(value, list) else value


def hand_in(estate: Estate, region: str, account: str, number: int) -> Hand:
    """What is said by hand of an estate, worded for a region and a copy."""
    others = worded(_numbered(estate.hand.others, number), region, account)
    return replace(estate.hand, others=others)


def copy_of(estate: Estate, snapshot: SiteSnapshot, number: int) -> Resource | None:
    """A copy of the resource, as a snapshot has it."""
    named = (one for one in snapshot.resources if one.type == estate.type and label(number) in one.name)
    return next(named, None)


def held(estate: Estate, copy: Resource, region: str, account: str, number: int) -> dict[str, Value]:
    """The raw values of a copy, by facet; of its secrets, those that it was seeded with."""
    own = {facet.name for facet in estate.spec.facets}
    read = {name: one for name, one in copy.facets.items() if name in own}
    values = {name: one.value if one.state is State.READ else ABSENT for name, one in read.items()}
    if SECRETS in values:
        properties = worded(_numbered(estate.properties, number), region, account)
        values[SECRETS] = facet_values(estate.spec, properties).get(SECRETS, ABSENT)
    return values


def change(estate: Estate, case: Case, copy: Resource, values: Mapping[str, Value], site: tuple[str, str]) -> None:
    """Make a case's change to one copy in a site (region, account). Raises botocore's errors where AWS refuses it."""
    code = OTHER_CODE if "Sha256" in case.id else zipped(estate.properties.get("Code", {}))
    calls = _calls(estate.spec, case, values)
    assert calls, f"{case.id}: no call makes this change"
    for call in calls:
        _send(estate.spec, call, copy, values, site, code)


def _calls(spec: ResourceSpec, case: Case, values: Mapping[str, Value]) -> tuple[Call, ...]:
    if not case.facet:
        return _away(spec, values)
    if case.anew:
        new = {name: one for name, one in {**values, case.facet: case.value}.items() if one is not ABSENT}
        away = () if spec.versioned else _away(spec, values)
        return (*away, *creating(spec, escaped_all(new)))
    facet = next(one for one in spec.facets if one.name == case.facet)
    return tuple(_picked(call, facet, values) for call in writing(facet, _safe(values[facet.name]), _safe(case.value)))


def _away(spec: ResourceSpec, values: Mapping[str, Value]) -> tuple[Call, ...]:
    """The calls that take a resource away, also where nothing of the auditor's would."""
    if spec.versioned:
        return (Call("DeleteLayerVersion", {"LayerName": "${name}", "VersionNumber": "${own:/Version}"}),)
    return unmaking(spec, escaped_all(values))


def escaped_all(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values as canonical text that means them literally."""
    return {name: _safe(one) for name, one in values.items()}


def _safe(value: Value) -> Value:
    return value if value is ABSENT else escaped(value)


def _picked(call: Call, facet: Facet, values: Mapping[str, Value]) -> Call:
    if not isinstance(facet.source, Follow):
        return call
    picked = jmespath.search(facet.source.pick, values[facet.source.facet])
    return replace(call, params=_replaced(call.params, str(picked)))


def _replaced(value: Any, picked: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _replaced(member, picked) for name, member in value.items()}
    return value.replace("${picked}", picked) if isinstance(value, str) else value


def _send(
    spec: ResourceSpec, call: Call, copy: Resource, values: Mapping[str, Value], site: tuple[str, str], code: bytes
) -> None:
    parent, own = parent_and_own(copy.name, bool(spec.parent))
    region, account = site
    given = {"name": own, "parent": parent, "region": region, "account": account, "partition": "aws"}
    held_as_maps = (values[facet.name] for facet in spec.facets if isinstance(values[facet.name], dict))
    mine: Mapping[str, Any] = next(held_as_maps, {})
    told: dict[str, Any] = {f"own:/{name}": one for name, one in mine.items()}
    client = client_of(call.service or spec.service, region)
    params = filled(call.params, {**given, **told, "golden:/Code": code})
    getattr(client, xform_name(call.operation))(**_numbers(params))
    if call.wait == SETTLED:
        _await_alias(client, parent, own)


def _await_alias(client: Any, function: str, name: str) -> None:
    """Until an alias has moved: while it does, it has weights that nobody gave it."""
    for _ in range(100):
        if not client.get_alias(FunctionName=function, Name=name).get("RoutingConfig"):
            return
        time.sleep(0.1)


def _numbers(params: dict[str, Any]) -> dict[str, Any]:
    # A number that stood alone in a text became one.
    version = params.get("VersionNumber")
    return {**params, "VersionNumber": int(version)} if version is not None else params


def client_of(service: str, region: str) -> Any:
    """A client of the sandbox that this process's environment names."""
    made = boto3.Session().client(service, region_name=region)
    reach_address(made)
    return made

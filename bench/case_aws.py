"""What AWS answers in a site of a case: made of its resources through the types' specs, so that the real reading reads.

A facet's value stands in the answer of the facet's call where its `pick` looks for it. What nobody answers is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jmespath

from auditor.aws.calls import fill
from auditor.aws.readings import joined
from auditor.canonical.pairing import parent_and_own
from auditor.model.values import ABSENT, Locale, Value
from auditor.sandbox.seed import raw_value
from auditor.specs.spec import FUNCTION, Batch, Call, Facet, Follow, Listed, Listing, ResourceSpec
from bench.case_file import CaseError
from bench.case_resources import LAYER, Told, function_versions, layer_versions, told
from bench.sites import SPECS

_PICK: Final = re.compile(r"([A-Za-z]+(?:\.[A-Za-z]+)*)(\[\?.*\])?")
BUCKET: Final = "AWS::S3::Bucket"
_BESIDE: Final = frozenset({"Versions"})
"""Properties that no operation tells of the resource itself."""
_THERE: Final[Mapping[str, Mapping[str, Any]]] = {"iam.GetRole": {"Role": {}}, "iam.GetUser": {"User": {}}}
"""Roles and users are there unless a case says otherwise."""
_OWNER: Final = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
_OF_NOBODY: Final[Mapping[str, Mapping[str, Any]]] = {
    "GetBucketAcl": {
        "Owner": {"ID": _OWNER},
        "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": _OWNER}, "Permission": "FULL_CONTROL"}],
    },
}
_ABSENT_ELSEWHERE: Final[Mapping[str, str]] = {"kms.DescribeKey": "NotFoundException"}


@dataclass(frozen=True)
class Refusal:
    """An error of AWS."""

    code: str
    message: str


@dataclass(frozen=True)
class Part:
    """What a call with these parameters (or more) is answered with; several parts make one answer."""

    service: str
    operation: str
    params: Mapping[str, Value]
    answer: Mapping[str, Any] | Refusal


@dataclass(frozen=True)
class Place:
    """A site: how it words things, and its resources by type and name."""

    locale: Locale
    resources: Mapping[str, Mapping[str, Any]]


def parts_of(site: Place, account: Iterable[Place]) -> tuple[Part, ...]:
    """All that AWS answers in a site; `account` are the sites of the same account, itself among them."""
    parts: list[Part] = []
    for type_, named in site.resources.items():
        for name, own in named.items():
            if type_ in SPECS:
                parts += _resource_parts(told(type_, name, own or {}, site.locale), own or {}, site.locale)
    for other in account:
        buckets = other.resources.get(BUCKET, {}) if other is not site else {}
        for name, own in buckets.items():
            parts += _listed(SPECS[BUCKET], told(BUCKET, name, own or {}, other.locale), {})
    return (*parts, Part("sts", "GetCallerIdentity", {}, {"Account": site.locale.account}))


def _resource_parts(one: Told, own: Mapping[str, Any], at: Locale) -> Iterator[Part]:
    spec = SPECS[one.type]
    parent, name = parent_and_own(one.name, bool(spec.parent))
    values = {
        "name": name,
        "parent": parent,
        "region": at.region,
        "account": at.account,
        "partition": at.partition,
    }
    item = _item(spec, one)
    yield from _listed(spec, one, values)
    yield from _always(one, item)
    readings: dict[str, Value] = {}
    for facet in spec.facets:
        readings[facet.name] = _value(facet, one, item)
        yield from _facet_parts(facet, spec, readings, values)
    yield from _beside(one, own, at)


def _item(spec: ResourceSpec, one: Told) -> dict[str, Any]:
    apart = {facet.at for facet in spec.facets if facet.at and not isinstance(facet.source, Listed)}
    return {name: value for name, value in one.properties.items() if name not in apart | _BESIDE}


def _listed(spec: ResourceSpec, one: Told, values: Mapping[str, Value]) -> Iterator[Part]:
    if not isinstance(spec.listing, Listing) or (spec.implied and not _is_listed(spec, one)):
        return
    listing, item = spec.listing, _item(spec, one)
    params = fill(listing.call.params, {"parent": "", **values})
    of_name = listing.name == "@"
    listed = parent_and_own(one.name, bool(spec.parent))[1] if of_name else item
    yield Part(spec.service, listing.call.operation, params, _inverse(listing.call.pick, [listed]))


def _is_listed(spec: ResourceSpec, one: Told) -> bool:
    # Of what is implied, AWS lists only what holds something that the listing tells.
    return any(facet.at in one.properties for facet in spec.facets if isinstance(facet.source, Listed))


def _value(facet: Facet, one: Told, item: Mapping[str, Any]) -> Value:
    if isinstance(facet.source, Listed):
        return jmespath.search(facet.source.pick, item)
    if not facet.at:
        return dict(item)
    return raw_value(facet, one.properties[facet.at]) if facet.at in one.properties else ABSENT


def _facet_parts(
    facet: Facet, spec: ResourceSpec, readings: Mapping[str, Value], values: Mapping[str, Value]
) -> Iterator[Part]:
    source, value = facet.source, readings[facet.name]
    if isinstance(source, Listed):
        return
    if isinstance(source, Batch):
        one = {**values, "names": [values["name"]]}
        yield _part(source.call, spec, one, [value], facet)
        yield _part(source.alone, spec, values, value, facet)
    elif isinstance(source, Follow):
        first = readings[source.facet]
        picked = None if first is ABSENT else jmespath.search(source.pick, first)
        if picked is not None:
            yield _part(source.call, spec, {**values, "picked": picked}, value, facet)
    else:
        yield _part(source, spec, values, value, facet)


def _part(call: Call, spec: ResourceSpec, values: Mapping[str, Value], value: Value, facet: Facet) -> Part:
    params = fill(call.params, values)
    service = call.service or spec.service
    if value is ABSENT:
        code = min(facet.absent, default="")
        return Part(service, call.operation, params, Refusal(code, "There is none.") if code else _default(call, facet))
    return Part(service, call.operation, params, _inverse(call.pick, value))


def _default(call: Call, facet: Facet) -> dict[str, Any]:
    """What AWS answers of what nobody configured."""
    if call.operation in _OF_NOBODY:
        return dict(_OF_NOBODY[call.operation])
    return {} if facet.default is ABSENT else _inverse(call.pick, facet.default)


def _inverse(pick: str, value: Value) -> dict[str, Any]:
    """An answer in which `pick` finds the value."""
    match = _PICK.fullmatch(pick)
    if not match:
        return dict(value)
    for name in reversed(match[1].split(".")):
        value = {name: value}
    return dict(value)


def _always(one: Told, item: Mapping[str, Any]) -> Iterator[Part]:
    """What AWS tells of each function beside its facets."""
    if one.type == FUNCTION:
        about = {"FunctionName": one.name}
        yield Part("lambda", "GetFunction", about, {"Configuration": item, "Code": {"RepositoryType": "S3"}})
        yield Part("lambda", "GetFunctionCodeSigningConfig", about, about)
        yield Part("lambda", "GetFunctionScalingConfig", about, {"FunctionArn": item["FunctionArn"]})


def _beside(one: Told, own: Mapping[str, Any], at: Locale) -> Iterator[Part]:
    """What lookups ask for: the versions of functions and layers, and code signing configurations by ARN."""
    if one.type == FUNCTION:
        about = {"FunctionName": one.name}
        for version in function_versions(one, own, at):
            listed = _item(SPECS[FUNCTION], Told(FUNCTION, one.name, version))
            yield Part("lambda", "ListVersionsByFunction", about, {"Versions": [listed]})
    if one.type == LAYER:
        for arn, answer in layer_versions(one, own):
            number = {"LayerName": one.name, "VersionNumber": answer["Version"]}
            short = {name: value for name, value in answer.items() if name != "Content"}
            yield Part("lambda", "GetLayerVersionByArn", {"Arn": arn}, answer)
            yield Part("lambda", "GetLayerVersion", number, answer)
            yield Part("lambda", "ListLayerVersions", {"LayerName": one.name}, {"LayerVersions": [short]})
    if one.type == "AWS::Lambda::CodeSigningConfig":
        item = _item(SPECS[one.type], one)
        params = {"CodeSigningConfigArn": item["CodeSigningConfigArn"]}
        yield Part("lambda", "GetCodeSigningConfig", params, {"CodeSigningConfig": item})


def answered(
    parts: Iterable[Part], service: str, operation: str, params: Mapping[str, Value]
) -> dict[str, Any] | Refusal | None:
    """What the parts that a call is about come to; None where there are none."""
    about = [one for one in parts if (one.service, one.operation) == (service, operation) and _about(one, params)]
    found = [one.answer for one in about if not isinstance(one.answer, Refusal)]
    if not found:
        return next((one.answer for one in about if isinstance(one.answer, Refusal)), None)
    return joined(found)


def _about(part: Part, params: Mapping[str, Value]) -> bool:
    return all(_says(params.get(name), value) for name, value in part.params.items())


def _says(asked: Value, wanted: Value) -> bool:
    if isinstance(asked, list) and isinstance(wanted, list):
        return all(one in asked for one in wanted)
    return bool(asked == wanted)


def nothing(model: Any) -> dict[str, Any] | Refusal:
    """What is answered where nobody tells anything: empty lists, or else that there is no such thing."""
    members = model.output_shape.members if model.output_shape else {}
    lists: dict[str, Any] = {name: [] for name, one in members.items() if one.type_name == "list"}
    called = f"{model.service_model.service_name}.{model.name}"
    if called in _THERE:
        return dict(_THERE[called])
    if lists or not model.name.startswith(("Get", "Describe", "Head")):
        return lists
    return Refusal(_ABSENT_ELSEWHERE.get(called, "ResourceNotFoundException"), "There is no such thing.")


def refuse_unknown(part: Part, model: Any) -> None:
    """Raise CaseError for an answer with members that AWS's own model of the operation has not."""
    if not isinstance(part.answer, Refusal) and model.output_shape:
        for place in _unknown(part.answer, model.output_shape, ""):
            raise CaseError(f"{part.service}.{part.operation} tells nothing called '{place}'.")


def _unknown(value: Value, shape: Any, place: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, member in value.items():
            if name not in shape.members:
                yield f"{place}{name}"
            else:
                yield from _unknown(member, shape.members[name], f"{place}{name}.")
    elif shape.type_name == "list" and isinstance(value, list):
        for element in value:
            yield from _unknown(element, shape.member, place)
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for member in value.values():
            yield from _unknown(member, shape.value, place)

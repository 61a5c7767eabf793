"""What a site's references mean: looked up in AWS where a value names something by a local id or number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.aws.read import taken
from auditor.document import document
from auditor.model import Reading, Resource, State
from auditor.policy import digest
from auditor.redact import Redaction, redact
from auditor.spec import Call, Facet, Listed, ResourceSpec

FUNCTION: Final = "AWS::Lambda::Function"
ALIAS: Final = "AWS::Lambda::Alias"


@dataclass(frozen=True)
class Resolved:
    """The meaning of references by their literal, and why the versions of a function have none."""

    references: Mapping[str, str]
    failures: Mapping[str, str]


def resolve_versions(
    resources: Iterable[Resource],
    specs: Mapping[str, ResourceSpec],
    caller: Caller,
    redaction: Redaction,
    pool: Executor,
) -> Resolved:
    """The meaning of each function version in the site: its content instead of its number.

    Numbers count up by themselves in every region; two versions are the same where their code and their
    configuration are. Only functions that have an alias are asked.
    """
    functions = sorted({one.name.partition("/")[0] for one in resources if one.type == ALIAS})
    spec, alias = specs.get(FUNCTION), specs.get(ALIAS)
    if spec is None or alias is None:
        return Resolved({}, {})
    tables = list(pool.map(lambda name: _versions(name, spec, alias.lookups[0], caller, redaction), functions))
    pairs = list(zip(functions, tables, strict=True))
    return Resolved(
        {number: symbol for _, table in pairs if not isinstance(table, str) for number, symbol in table.items()},
        {name: table for name, table in pairs if isinstance(table, str)},
    )


def without_unresolved(resource: Resource, failures: Mapping[str, str]) -> Resource:
    """The resource, unreadable where its versions' meaning is unknown: a bare number must not be compared."""
    why = failures.get(resource.name.partition("/")[0])
    if resource.type != ALIAS or why is None:
        return resource
    unknown = Reading(State.UNREADABLE, error=why)
    listed = {name: unknown if name == "configuration" else one for name, one in resource.facets.items()}
    return replace(resource, facets=listed)


def _versions(name: str, spec: ResourceSpec, call: Call, caller: Caller, redaction: Redaction) -> dict[str, str] | str:
    try:
        pages = list(caller.pages(spec.service, call, {"name": name}))
    except AWS_ERRORS as error:
        return reason(error)
    versions = [item for page in pages for item in page.get("Versions", []) if item["Version"] != "$LATEST"]
    return {f"version:{name}:{item['Version']}": _symbol(name, item, spec, caller, redaction) for item in versions}


def _symbol(name: str, item: Mapping[str, Any], spec: ResourceSpec, caller: Caller, redaction: Redaction) -> str:
    listed = replace(spec, facets=tuple(facet for facet in spec.facets if isinstance(facet.source, Listed)))
    facets = {facet.name: _part(facet, item) for facet in listed.facets}
    resource = redact(Resource(FUNCTION, name, facets), listed, caller.locale, redaction)
    fields = document(resource, listed, caller.locale, wide=True).fields
    return f"version:{item['CodeSha256'][:12]}/{digest(fields)}"


def _part(facet: Facet, item: Mapping[str, Any]) -> Reading:
    assert isinstance(facet.source, Listed)
    return taken(facet, facet.source.pick, dict(item))

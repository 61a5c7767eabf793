"""The fields that botocore's models have and no spec says anything of: they are compared as they are."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.aws.shapes import members
from auditor.specs.spec import Facet, ResourceSpec, Role
from bench.sites import SPECS


def unclassified(named: bool) -> Iterator[str]:
    """How many there are of each type, and, where wanted, each by its name."""
    total = 0
    for spec in SPECS.values():
        paths = [f"{facet.at or facet.name}/{path}" for facet in spec.facets for path in _unknown(spec, facet)]
        total += len(paths)
        if paths:
            yield f"{spec.type}: {len(paths)} fields that no spec classifies" + (":" if named else "")
        yield from (f"  {path}" for path in paths if named)
    yield f"{total} fields that no spec classifies: each is compared as it is (--unclassified names them)"


def _unknown(spec: ResourceSpec, facet: Facet) -> Iterator[str]:
    said = [field.path for field in facet.fields]
    whole = [field.path for field in facet.fields if field.role is not Role.COMPARED]
    for path in members(spec, facet):
        if not any(path in (one, f"{one}[]") for one in said) and not any(_below(path, one) for one in whole):
            yield path


def _below(path: str, classified: str) -> bool:
    return not classified or path.startswith((f"{classified}.", f"{classified}[]"))

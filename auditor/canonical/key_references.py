"""KMS keys as fields name them: by id, ARN, alias or alias ARN, and what a region must have of them. Pure.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from auditor.canonical.pairing import bracketed
from auditor.model.plan import PlannedCall
from auditor.model.values import Value
from auditor.specs.field_tree import Node, tree
from auditor.specs.spec import ResourceSpec

KEY: Final = "kms"
"""What a spec calls a field that names a key."""
ALIAS: Final = "key-alias"
"""The kind of symbol for an alias that must be there."""
MULTI_REGION: Final = "multi-region-key"
"""The kind of symbol for a multi-Region key that must have a replica there."""
# What another region or account holds is the same wherever it is named; alias/aws/… is there once it is used.
# A key whose id was told by its alias must be usable like one that is named by it.
_NAMED: Final = re.compile(
    r"(?:arn:[^:]+:kms:\$\{region\}:\$\{account\}:)?"
    r"(?:(?P<alias>alias/(?!aws/)[^:]+)|(?:key/)?(?:(?P<key>mrk-[0-9a-f]+)|\$\{kms:(?P<known>alias/(?!aws/)[^{}]+)\}))"
)


def keys_in(value: Value, node: Node) -> Iterator[str]:
    """The texts of a facet's raw value that stand where its fields say that a key does."""
    if isinstance(value, str):
        if node.field and node.field.reference == KEY:
            yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from keys_in(member, node.child(name))
    elif isinstance(value, list):
        for element in value:
            yield from keys_in(element, node.child("[]"))


def keys_needed(calls: Iterable[PlannedCall], undo: Iterable[PlannedCall], spec: ResourceSpec) -> frozenset[str]:
    """The keys that calls name and a region must have, as symbols; one that it names already is its own."""
    own = frozenset(_named(undo, spec))
    return frozenset(_named(calls, spec)) - own


def _named(calls: Iterable[PlannedCall], spec: ResourceSpec) -> Iterator[str]:
    names = frozenset(_names(spec))
    for text in (one for call in calls for one in _texts(call.params, names)):
        match = _NAMED.fullmatch(text)
        if match:
            alias = match["known"] or bracketed(match["alias"] or "")
            yield f"{ALIAS}:{alias}" if alias else f"{MULTI_REGION}:{match['key']}"


def _names(spec: ResourceSpec) -> Iterator[str]:
    fields = (field for facet in spec.facets for field in facet.fields if field.reference == KEY)
    yield from (field.path.rpartition(".")[2] for field in fields)


def _texts(value: Value, names: frozenset[str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name in names and isinstance(member, str):
                yield member
            yield from _texts(member, names)
    elif isinstance(value, list):
        for element in value:
            yield from _texts(element, names)


def key_facets(spec: ResourceSpec) -> dict[str, Node]:
    """What a spec says of each of its facets that can name a key, by name: made once for many resources."""
    own = (facet for facet in spec.facets if any(field.reference == KEY for field in facet.fields))
    return {facet.name: tree(facet.fields) for facet in own}

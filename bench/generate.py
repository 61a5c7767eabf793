"""A full raw value of every member that botocore's model of a facet's call has, in canonical wording. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.aws.shapes import facet_shapes
from auditor.model.values import Reading, State, Value
from auditor.specs.field_tree import Node, tree
from auditor.specs.spec import Facet, ResourceSpec, Role
from bench.variants import Variant

Segments = tuple[str | int, ...]
"""A place in a raw value: names of members and indexes of elements."""
LENGTH: Final = 2
POLICY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": "corpus",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::${account}:role/reader", "arn:aws:iam::111122223333:root"]},
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::thing-${region}", "arn:aws:s3:::thing-${region}/*"],
                "Condition": {"StringEquals": {"aws:SourceAccount": "${account}"}},
            },
            {
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": "s3:PutObject",
                "Resource": "arn:aws:sqs:${region}:${account}:queue",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
)


@dataclass(frozen=True)
class Place:
    """One place in a generated value: where it is, what the model and the spec say of it, and what stands there."""

    at: Segments
    path: str
    """As specs write it, `alarms[].name`."""
    shape: Any
    nodes: tuple[Node, ...]
    """The spec's nodes from the facet down to this place."""
    value: Value
    required: bool = False
    """Whether the model says that AWS always tells it."""


def full_shape(spec: ResourceSpec, facet: Facet) -> Any:
    """The shape of a facet's value; None where botocore's model does not tell it."""
    return facet_shapes(spec, facet)[0]


def readings(spec: ResourceSpec, variant: Variant) -> dict[str, Reading]:
    """Every facet of a resource with every member that it can have."""
    full = {facet.name: full_value(spec, facet, variant) for facet in spec.facets}
    return {name: Reading(State.ABSENT if value is None else State.READ, value) for name, value in full.items()}


def full_value(spec: ResourceSpec, facet: Facet, variant: Variant) -> Value:
    """A value of every member of a facet, in canonical wording."""
    return made(
        full_shape(spec, facet), Label(facet.at or facet.name, "", 0), tree(facet.fields), variant.of(facet.name)
    )


@dataclass(frozen=True)
class Label:
    """What a place is called: the member's name, its path, and which of a list's elements it is in."""

    name: str
    path: str
    number: int
    reference: str = ""
    """What the spec says of the list that it is an element of."""

    def element(self, number: int, node: Node) -> Label:
        """The label of an element of the list that this one is of."""
        kind = node.field.reference if node.field else ""
        return Label(self.name, f"{self.path}[]", self.number * LENGTH + number, kind)


def made(shape: Any, label: Label, node: Node, variant: Variant, seen: tuple[str, ...] = ()) -> Value:
    """A value of a shape; the structures in `seen` are not gone into again."""
    if label.path in variant.values:
        return _numbered(variant.values[label.path], label.number)
    if node.field and node.field.role is Role.POLICY:
        return POLICY
    kind = getattr(shape, "type_name", "string")
    if kind == "structure":
        below = (*seen, getattr(shape, "name", ""))
        return {
            name: made(one, Label(name, joined(label.path, name), label.number), node.child(name), variant, below)
            for name, one in shape.members.items()
            if getattr(one, "name", None) not in seen and joined(label.path, name) not in variant.without
        }
    if kind == "list":
        count = min(LENGTH, len(_enum(shape.member)) or LENGTH)
        labels = [label.element(number, node) for number in range(count)]
        return [made(shape.member, one, node.child("[]"), variant, seen) for one in labels]
    if kind == "map":
        names = _enum(shape.key)[:LENGTH] or (("2", "3") if "Version" in shape.key.name else ("one", "two"))
        labels = [Label(name, joined(label.path, "*"), n) for n, name in enumerate(names)]
        return {one.name: made(shape.value, one, node.child(one.name), variant, seen) for one in labels}
    return scalar(shape, label, (node.field.reference if node.field else "") or label.reference)


def _numbered(value: Value, number: int) -> Value:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {name: _numbered(one, number) for name, one in value.items()}
    return [_numbered(one, number) for one in value] if isinstance(value, list) else value


def joined(path: str, name: str) -> str:
    """A member's path below another."""
    return f"{path}.{name}" if path else name


def _enum(shape: Any) -> tuple[str, ...]:
    return tuple(getattr(shape, "enum", ()) or ())


def scalar(shape: Any, label: Label, reference: str) -> Value:
    """A value of a scalar shape, another one for each number."""
    kind = shape.type_name if shape is not None else "string"
    if kind == "boolean":
        return label.number % 2 == 0
    if kind in ("integer", "long", "float", "double"):
        least, most = _range(shape)
        return min(most, max(least, 7) + label.number)
    if kind == "timestamp":
        return f"2026-{label.number % 12 + 1:02}-01T00:00:00+00:00"
    if _enum(shape):
        return _enum(shape)[label.number % len(_enum(shape))]
    return text(shape, label, reference)


def _range(shape: Any) -> tuple[int, int]:
    return int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 10**9))


_REFERRED: Final[Mapping[str, str]] = {
    "subnet": "${subnet:corpus/{n}}",
    "security-group": "${security-group:corpus/{n}}",
    "canonical-user": "${canonical-user:corpus/{n}}",
    "asg": "${asg:corpus/{n}}",
    "kms": "arn:aws:kms:${region}:${account}:key/${kms:corpus/{n}}",
    "efs": "arn:aws:elasticfilesystem:${region}:${account}:access-point/${efs:corpus/{n}}",
    "version": "{n}7",
    "iam-role": "arn:aws:iam::${account}:role/corpus-{n}",
}


def text(shape: Any, label: Label, reference: str) -> str:
    """A text that fits its field: an id of the kind it refers to, an ARN, or a name that holds the region."""
    pattern = getattr(shape, "metadata", {}).get("pattern", "")
    if reference in _REFERRED:
        return _REFERRED[reference].replace("{n}", f"{label.number:x}")
    name = f"{label.name.lower()}-{label.number}"
    if re.search(r"arn$", label.name, re.IGNORECASE) or pattern.startswith(("arn:", "(arn:", "|(arn:", "^arn")):
        return f"arn:aws:sns:${{region}}:${{account}}:{name}"
    return f"{name}-${{region}}"


def places(shape: Any, value: Value, node: Node, depth: int = 0) -> Iterator[Place]:
    """Every place in a generated value, once for each path that the model has; `depth` is which element to go into."""
    yield from _places(Place((), "", shape, (node,), value), depth)


def _places(here: Place, depth: int) -> Iterator[Place]:
    yield here
    kind = getattr(here.shape, "type_name", "")
    if isinstance(here.value, dict):
        named = list(here.value)[:1] if kind == "map" else list(here.value)
        for name in named:
            inside = here.shape.value if kind == "map" else getattr(here.shape, "members", {}).get(name)
            segment = "*" if kind == "map" else name
            yield from _places(_below(here, name, joined(here.path, segment), inside), depth)
    elif isinstance(here.value, list) and here.value:
        index = min(depth, len(here.value) - 1)
        yield from _places(_below(here, index, f"{here.path}[]", getattr(here.shape, "member", None)), depth)


def _below(here: Place, segment: str | int, path: str, shape: Any) -> Place:
    node = here.nodes[-1].child(segment if isinstance(segment, str) else "[]")
    required = segment in getattr(here.shape, "required_members", ())
    return Place((*here.at, segment), path, shape, (*here.nodes, node), here.value[segment], required)


def found(value: Value, path: str) -> Value:
    """What stands at a dotted path of an element; the element's own value at "", its whole content at "#"."""
    for name in path.split(".") if path not in ("", "#") else ():
        value = value.get(name) if isinstance(value, dict) else None
    return value

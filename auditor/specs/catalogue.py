"""What is compared, and how: the specs told to people, as rows, text and Markdown. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from auditor.model.values import ABSENT
from auditor.specs.spec import COMPARATORS, Facet, Field, ResourceSpec, Role

Members = Callable[[ResourceSpec, Facet], Iterable[str]]
"""The paths that AWS's own model has below a facet's value, a list's as `path[]`."""
HEADINGS: Final = ("field", "class", "writable", "notes")
NAME_ALONE: Final = "its name is all there is"
_WHOLE: Final = (Role.IDENTITY, Role.IGNORED, Role.SECRET, Role.CAPABILITY, Role.POLICY)
"""What is said of the whole value: of what lies below, nothing more is to say."""
_DROPPED: Final = (Role.IDENTITY, Role.IGNORED, Role.CAPABILITY)
_POLICY: Final = re.compile(r"<!-- policy -->.*?<!-- end of policy -->", re.DOTALL)
_GRANTS: Final = re.compile(r"(?<=<!-- grants -->\n).*(?=<!-- end of grants -->)", re.DOTALL)
_TABLE: Final = re.compile(r"(?<=<!-- types -->\n).*(?=<!-- end of types -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One field of a type: its place, what it means to the comparison, and whether it can be written."""

    place: str
    role: str
    writable: str
    notes: str

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row's cells, in the order of HEADINGS."""
        return self.place, self.role, self.writable, self.notes


def rows(spec: ResourceSpec, members: Members) -> tuple[Row, ...]:
    """Every field of a type by its place: those that its spec classifies, and those that AWS has besides."""
    found = (row for facet in spec.facets for row in _facet_rows(spec, facet, tuple(members(spec, facet))))
    return tuple(sorted(found, key=lambda row: row.place.casefold()))


def _facet_rows(spec: ResourceSpec, facet: Facet, members: tuple[str, ...]) -> Iterator[Row]:
    known = {field.path: field for field in facet.fields}
    for path, field in known.items():
        yield _row(spec, facet, field, is_list=f"{path}[]" in members)
    for member in members or ([] if known else [""]):
        path = member.removesuffix("[]")
        # Whoever does not classify a field has it compared.
        if path not in known and member not in known and not _is_told(path, known):
            yield _row(spec, facet, Field(path), is_list=member != path)


def _is_told(path: str, known: Mapping[str, Field]) -> bool:
    above = [field for place, field in known.items() if _is_below(path, place)]
    keys = {f"{field.path}[].{key}" for field in above for key in field.key}
    return path in keys or any(field.role in _WHOLE for field in above)


def _is_below(path: str, place: str) -> bool:
    return not place or path.startswith((f"{place}.", f"{place}["))


def _row(spec: ResourceSpec, facet: Facet, field: Field, is_list: bool) -> Row:
    place = _joined(facet.at, field.path) or f"the {facet.name}"
    return Row(place, field.role.value, _writable(spec, facet, field), "; ".join(_notes(field, is_list)))


def _joined(at: str, path: str) -> str:
    return f"{at}{path}" if path.startswith("[") else ".".join(part for part in (at, path) if part)


def _writable(spec: ResourceSpec, facet: Facet, field: Field) -> str:
    # What is said of a structure holds for its members.
    above = [field, *(one for one in facet.fields if _is_below(field.path, one.path))]
    if field.role in _DROPPED:
        return ""
    if facet.write and not any(one.read_only or one.immutable for one in above):
        return "yes"
    made = spec.create and facet.name in spec.created_with and not any(one.read_only for one in above)
    return "when made" if made else "no"


def _notes(field: Field, is_list: bool) -> Iterator[str]:
    if field.why:
        yield field.why
    if field.compare != "equal":
        yield f"{field.compare}: {COMPARATORS.get(re.sub(r'[0-9.]+%', 'N%', field.compare), '')}"
    if field.key:
        yield _order(field)
    elif is_list and field.role is Role.COMPARED:
        yield "a list, in order"
    if field.default is not ABSENT:
        yield f"absent means {json.dumps(field.default)}"
    if field.reference:
        yield f"reference: {field.reference}"


def _order(field: Field) -> str:
    if field.key == ("",):
        return "a list without order"
    # Names of convenience: elements of equal content are the same one.
    by = "content" if field.align or field.key == ("#",) else " and ".join(field.key)
    return f"a list without order, by {by}"


# -- text


def types_text(specs: Mapping[str, ResourceSpec]) -> str:
    """Every type with its facets, a line each."""
    return _columns([(spec.type, _facets(spec)) for spec in specs.values()])


def fields_text(spec: ResourceSpec, members: Members) -> str:
    """Every field of one type, a line each."""
    found = rows(spec, members)
    return _columns([HEADINGS, *(row.cells for row in found)]) if found else f"{spec.type}: {NAME_ALONE}"


def nearest(name: str, specs: Mapping[str, ResourceSpec]) -> str:
    """The type whose name is most like this one; "" where it names a service of which nothing is read, or none is."""
    lowered = {type_.lower(): type_ for type_ in specs}
    wanted = name.lower()
    service, _, thing = wanted.rpartition("::")
    if service.count("::") == 1 and not any(one.startswith(f"{service}::") for one in lowered):
        lowered = {one: type_ for one, type_ in lowered.items() if one.endswith(f"::{thing}")}
    return "".join(lowered[one] for one in get_close_matches(wanted, lowered, n=1, cutoff=0.7))


def services(specs: Mapping[str, ResourceSpec]) -> str:
    """What is read, by service: `AWS::CodeDeploy, AWS::Lambda`."""
    return ", ".join(sorted({type_.rpartition("::")[0] for type_ in specs}))


def _facets(spec: ResourceSpec) -> str:
    return ", ".join(facet.name for facet in spec.facets) or NAME_ALONE


def _columns(lines: Iterable[tuple[str, ...]]) -> str:
    held = list(lines)
    widths = [max(map(len, column)) for column in zip(*held, strict=True)]
    padded = ("  ".join(map(str.ljust, line, widths)) for line in held)
    return "\n".join(line.rstrip() for line in padded)


# -- Markdown


def document(specs: Mapping[str, ResourceSpec], members: Members) -> str:
    """docs/resource-types.md: a table a type."""
    head = (
        "# Resource types\n\nMade by `make docs` from `auditor/resources/`; `auditor types TYPE` prints the same.\n"
        "A field that AWS adds and that is not listed here is compared too.\n"
    )
    return "\n".join([head, *(_section(spec, members) for spec in specs.values())])


def _section(spec: ResourceSpec, members: Members) -> str:
    found = rows(spec, members)
    told = _table(HEADINGS, (_quoted(row) for row in found)) if found else f"{NAME_ALONE.capitalize()}.\n"
    return f"## {spec.type}\n\n{told}"


def _quoted(row: Row) -> tuple[str, ...]:
    return (f"`{row.place}`", *row.cells[1:])


def with_table(readme: str, specs: Mapping[str, ResourceSpec]) -> str:
    """The README with its table of types made anew, between the comments that mark it."""
    table = _table(("type", "facets"), ((f"`{spec.type}`", _facets(spec)) for spec in specs.values()))
    return _TABLE.sub(lambda _: table, readme)


def _table(headings: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    told = (headings, ("---",) * len(headings), *lines)
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in told)


def with_policy(readme: str, policy: Mapping[str, Any]) -> str:
    """The README with the policy of an audit made anew, between the comments that mark it."""
    text = f"<!-- policy -->\n```json\n{json.dumps(policy, indent=2)}\n```\n<!-- end of policy -->"
    return _POLICY.sub(lambda _: text, readme)


def with_grants(permissions: str, tables: str) -> str:
    """docs/permissions.md with what each use is granted made anew, between the comments that mark it."""
    return _GRANTS.sub(lambda _: f"\n{tables}\n", permissions)

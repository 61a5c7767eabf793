"""From two documents of one resource to the fields in which they differ. Pure; the only user of deepdiff.

Equality is asked first: DeepDiff costs milliseconds even where nothing differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from deepdiff import DeepDiff

from auditor.canonical.document import Document
from auditor.canonical.policy import STATEMENT, without_restatements
from auditor.compare.comparators import settled
from auditor.model.pointer import pointer, segments, value_at
from auditor.model.values import ABSENT, Change, Members, Value
from auditor.specs.field_tree import Path

_NUMBERED: Final = re.compile(r"#\d+$")
NO_COMPARATORS: Final[Mapping[Path, str]] = {}


def changes(
    golden: Document,
    actual: Document,
    unknown: frozenset[str] = frozenset(),
    comparators: Mapping[Path, str] = NO_COMPARATORS,
) -> tuple[Change, ...]:
    """The fields in which two documents differ, ordered by path; those in `unknown` places are left out."""
    paths = golden.alignable | actual.alignable
    ways = {**golden.comparators, **comparators}
    found: list[Change] = []
    for name in sorted(_known(golden, unknown) | _known(actual, unknown)):
        wanted, here = golden.fields.get(name, ABSENT), actual.fields.get(name, ABSENT)
        for path in golden.fingerprints.keys() & actual.fingerprints.keys():
            # The same secret, shown by one side and hidden by the other, or worded otherwise.
            if path[0] == name and golden.fingerprints[path] == actual.fingerprints[path]:
                here = settled(wanted, here, path[1:], "informational")
        if wanted == here:
            continue
        wanted, here = _side_by_side(wanted, here, sorted((path for path in paths if path[0] == name), key=len))
        for path, how in ways.items():
            if path[0] == name:
                here = settled(wanted, here, path[1:], how)
        found += _field_changes(name, wanted, here)
    return tuple(sorted(found, key=lambda change: change.path))


def _known(document: Document, unknown: frozenset[str]) -> set[str]:
    return {name for name in document.fields if name not in unknown and ("" not in unknown or name in document.places)}


def _side_by_side(wanted: Value, here: Value, paths: Iterable[Path]) -> tuple[Value, Value]:
    """Both sides with one name for elements of one content, and without statements that only restate others."""
    for path in paths:
        here = _aligned(wanted, here, path[1:])
        if path[-1] == STATEMENT:
            wanted, here = _without_restatements(wanted, here, path[1:])
    return wanted, here


def _aligned(wanted: Value, here: Value, path: Path) -> Value:
    """`here` with the elements at `path` renamed as in `wanted` where their content is the same."""
    if not isinstance(wanted, dict) or not isinstance(here, dict):
        return here
    if not path:
        return _renamed(wanted, here)
    names = wanted if path[0] in ("*", "[]") else path[:1]
    both = [name for name in names if name in wanted and name in here]
    return {**here, **{name: _aligned(wanted[name], here[name], path[1:]) for name in both}}


def _without_restatements(wanted: Value, here: Value, path: Path) -> tuple[Value, Value]:
    """Both sides without the statements at `path` that say nothing which the other side does not say otherwise."""
    if not isinstance(wanted, dict) or not isinstance(here, dict):
        return wanted, here
    if not path:
        return without_restatements(wanted, here)
    if path[0] not in wanted or path[0] not in here:
        return wanted, here
    one, other = _without_restatements(wanted[path[0]], here[path[0]], path[1:])
    return {**wanted, path[0]: one}, {**here, path[0]: other}


def _renamed(wanted: Mapping[str, Value], here: Mapping[str, Value]) -> dict[str, Value]:
    kept = {name: value for name, value in here.items() if name in wanted and wanted[name] == value}
    homeless = {name: value for name, value in here.items() if name not in kept}
    for name, value in wanted.items():
        twin = next((other for other, content in homeless.items() if content == value), None)
        if name not in kept and twin is not None:
            kept[name] = homeless.pop(twin)
    # A name that content took may be the name of another element here: that one gets a name of the same kind that is
    # free, so that of several elements that are known by one thing each is held against another.
    for name, value in homeless.items():
        free = (other for other in wanted if other not in kept and _NUMBERED.sub("", other) == _NUMBERED.sub("", name))
        kept[next(free, f"{name}#2") if name in kept else name] = value
    return kept


def _field_changes(name: str, wanted: Value, here: Value) -> list[Change]:
    both_maps = isinstance(wanted, dict) and isinstance(here, dict)
    if wanted is ABSENT or here is ABSENT or not (both_maps or isinstance(wanted, type(here))):
        return [Change(pointer([name]), _shown(wanted), _shown(here))]
    found: dict[str, Change] = {}
    for level in _levels(wanted, here):
        path = pointer([name, *map(str, level.path(output_format="list"))])
        change = Change(path, _side(level.t1), _side(level.t2))
        found[path] = _joined(found[path], change) if path in found else change
    return list(found.values())


def _levels(wanted: Value, here: Value) -> Iterator[Any]:
    # The default 0.33 reports dicts that share few keys as one change of the whole, and hides what is inside.
    tree = DeepDiff(wanted, here, view="tree", threshold_to_diff_deeper=0, ignore_order=False)
    for levels in tree.values():
        yield from levels


def _joined(one: Change, other: Change) -> Change:
    # In an ordered list an element taken out and one put in can stand at the same index.
    golden = other.golden if one.golden is ABSENT else one.golden
    return replace(one, golden=golden, actual=other.actual if one.actual is ABSENT else one.actual)


def _side(value: Value) -> Value:
    return ABSENT if type(value).__name__ == "NotPresent" else _shown(value)


def _shown(value: Value) -> Value:
    """A canonical value as the interface has it: a secret as an object."""
    if isinstance(value, str) and value.startswith("${secret:") and value.endswith("}"):
        return {"secret": value.removeprefix("${secret:").removesuffix("}")}
    if isinstance(value, dict):
        if isinstance(value, Members):
            return sorted(value.values())
        return {name: _shown(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shown(element) for element in value]
    return value


def statements(path: str, wanted: Document, found: Document) -> tuple[Value, Value] | None:
    """The statements of a policy, golden's and the site's, that a change is in or is about."""
    parts = segments(path)
    if STATEMENT not in parts[:-1]:
        return None
    place = parts[: parts.index(STATEMENT) + 2]
    return _shown(value_at(wanted.fields, place)), _shown(value_at(found.fields, place))

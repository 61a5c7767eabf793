"""Which resources take part in an audit: types, names and tags. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar

from auditor.canonical.document import Document
from auditor.errors import SettingsError
from auditor.specs.spec import ResourceSpec

Typed = TypeVar("Typed")
Documents = Mapping[tuple[str, str], Document]


@dataclass(frozen=True)
class Selector:
    """Globs that a resource must match, all of them; one left out matches everything."""

    type: str = "*"
    name: str = "*"
    tags: Mapping[str, str] = field(default_factory=dict)


def types_matching(globs: Iterable[str], types: Mapping[str, Typed]) -> dict[str, Typed]:
    """The types that match any of the globs, `AWS::S3::*` for instance. Raises SettingsError for an idle glob."""
    wanted = tuple(globs)
    idle = [glob for glob in wanted if not any(fnmatchcase(name, glob) for name in types)]
    if idle:
        raise SettingsError(
            f"types: '{idle[0]}' matches no resource type. Nothing was read. Known: {', '.join(sorted(types))}."
        )
    return {name: one for name, one in types.items() if any(fnmatchcase(name, glob) for glob in wanted)}


def with_parents(types: Mapping[str, ResourceSpec], known: Mapping[str, ResourceSpec]) -> dict[str, ResourceSpec]:
    """The types and those that hold them: a child is found only through its parent."""
    parents = {spec.parent: known[spec.parent] for spec in types.values() if spec.parent and spec.parent not in types}
    return with_parents({**types, **parents}, known) if parents else dict(types)


def selected(
    documents: Documents, include: Iterable[Selector], exclude: Iterable[Selector], golden: Documents
) -> dict[tuple[str, str], Document]:
    """The documents that match an include (if there is any) and no exclude.

    Where `golden` has the same resource, its document decides: a tag that drifted takes nothing out of the audit.
    """
    wanted, unwanted = tuple(include), tuple(exclude)
    return {key: one for key, one in documents.items() if _takes_part(golden.get(key, one), wanted, unwanted)}


def matched(documents: Documents, selectors: Iterable[Selector], golden: Documents) -> frozenset[int]:
    """Which of the selectors match any document, by their place; `golden` decides as in `selected`."""
    deciding = [golden.get(key, one) for key, one in documents.items()]
    found = enumerate(selectors)
    return frozenset(
        number for number, selector in found if any(_matches(one, selector, unread=True) for one in deciding)
    )


def _takes_part(document: Document, include: tuple[Selector, ...], exclude: tuple[Selector, ...]) -> bool:
    # Tags that could not be read may be those asked for: the resource takes part, and is then told as unreadable.
    included = not include or any(_matches(document, selector, unread=True) for selector in include)
    return included and not any(_matches(document, selector, unread=False) for selector in exclude)


def _matches(document: Document, selector: Selector, *, unread: bool) -> bool:
    return (
        fnmatchcase(document.type, selector.type)
        and (fnmatchcase(document.name, selector.name) or fnmatchcase(document.native, selector.name))
        and _tagged(document, selector.tags, unread)
    )


def _tagged(document: Document, wanted: Mapping[str, str], unread: bool) -> bool:
    if wanted and "Tags" in document.unreadable:
        return unread
    tags = document.fields.get("Tags", {})
    return all(key in tags and fnmatchcase(str(tags[key]), glob) for key, glob in wanted.items())

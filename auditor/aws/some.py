"""Finds some resources of a site again, by their names or by their parents, by as few calls as AWS allows."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.aws.calls import Caller
from auditor.aws.read import Found, in_parents, listed
from auditor.canonical.pairing import parent_and_own
from auditor.model.values import Unread
from auditor.specs.spec import Listing, ResourceSpec, Singleton


def list_some(spec: ResourceSpec, names: Iterable[str], caller: Caller) -> list[Found] | Unread:
    """Those of a type that have these native names, by as few calls as AWS allows.

    Where AWS makes names up, all that have the same parent: which of them it is, their content tells.
    """
    wanted = frozenset(names)
    found: list[Found] = []
    if isinstance(spec.listing, Singleton):
        return [Found(spec, spec.listing.name, "", None)]
    for parent, name in sorted(_asked(spec, wanted)):
        answer = listed(spec, parent, caller, spec.listing.one, name)
        if isinstance(answer, Unread):
            return answer
        found += answer
    if spec.implied:
        return _implied(spec, wanted, found)
    if not isinstance(spec.listing.name, str):
        return found
    # A listing by one name answers with all that begin so.
    return list({one.full_name: one for one in found if one.full_name in wanted}.values())


def _implied(spec: ResourceSpec, wanted: frozenset[str], found: list[Found]) -> list[Found]:
    """Those that are wanted: what holds nothing is in no listing. A symbol names what is not there yet."""
    known = {one.full_name: one for one in found}
    pairs = ((name, *parent_and_own(name, bool(spec.parent))) for name in sorted(wanted) if "${" not in name)
    return [known.get(name) or Found(spec, own, parent, None) for name, parent, own in pairs]


def list_children(spec: ResourceSpec, parent: str, caller: Caller) -> list[Found] | Unread:
    """What a parent holds of a type of its children."""
    assert isinstance(spec.listing, Listing)
    one = spec.listing.one
    answer = listed(spec, parent, caller, one if one and "${parent}" in repr(one.params) else None)
    return answer if isinstance(answer, Unread) else [found for found in answer if found.parent == parent]


def _asked(spec: ResourceSpec, names: frozenset[str]) -> set[tuple[str, str]]:
    """The listings that it takes: a parent (or none) and a name (or none) each."""
    assert isinstance(spec.listing, Listing)
    one = spec.listing.one
    by_name = one is not None and "${name}" in repr(one.params)
    by_parent = in_parents(spec) or (one is not None and "${parent}" in repr(one.params))
    split = (parent_and_own(name, bool(spec.parent)) for name in names)
    return {(parent if by_parent else "", own if by_name else "") for parent, own in split}

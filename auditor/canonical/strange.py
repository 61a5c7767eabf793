"""What a value names that AWS made up in its own site, and that means nothing in another. Pure."""

from __future__ import annotations

from auditor.canonical.named_ids import made_up_ids
from auditor.canonical.partition_wide import is_partition_wide, is_same_in
from auditor.canonical.references import unresolved_in
from auditor.canonical.stack_names import WHY, made_endings
from auditor.model.values import Locale, Value


def strange(value: Value, own: Locale, other: Value, there: Locale, name: str = "") -> dict[str, str]:
    """What a canonical value names that is nothing in the other site, and why that cannot be told.

    `other` is what the other site has in its place. A thing of no region is itself there too, unless the other site
    has one of its own in its place: then AWS made one up for each. `name` is what both values are called, if they are
    texts.
    """
    named, theirs = unresolved_in(value, own), unresolved_in(other, there)
    rivals = {one for one in theirs if is_partition_wide(one)}.difference(named)
    local = (one for one in named if rivals or not is_same_in(one, own, there))
    # An ending that both have is of one name, however it came about.
    endings = made_endings(value) - made_endings(other)
    told = {one: own.unresolved[one] for one in local if not _shared(one, theirs)}
    return {**told, **dict.fromkeys(endings, WHY), **made_up_ids(value, other, name)}


def _shared(literal: str, others: list[str]) -> bool:
    return literal in others and is_partition_wide(literal)

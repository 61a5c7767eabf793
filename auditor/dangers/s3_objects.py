"""What to say of calls that decide what becomes of an S3 bucket's objects. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.dangers.words import Asked, Rule, always, days, elements, listed, members, number
from auditor.model.plan import Danger, Warned
from auditor.model.values import Value


def _versioning(asked: Asked) -> Iterator[Warned]:
    before, after = (members(value).get("Status") for value in (asked.found, asked.wanted))
    if after == "Enabled" != before:
        if not before:
            yield Warned("irreversible", "a bucket that was versioned once can be suspended, and never be unversioned")
        yield Warned("cost", "overwritten and deleted objects are kept, and billed, until something expires them")
    elif before == "Enabled" != after:
        yield Warned("irreversible", "objects that are overwritten or deleted from then on are lost")


_SMALLEST, _NO_SMALL = "TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""
_ABORTED: Final = "deleted where their upload in parts does not end,"


@dataclass(frozen=True)
class Fate:
    """What a lifecycle rule does to objects, and to which."""

    does: str
    """`deleted`, `moved to GLACIER`"""
    prefix: str
    only: frozenset[tuple[str, str]]
    """What else they must have: tags, and sizes."""
    when: Value
    """Days after they were made (or became an earlier version), or an ISO date."""
    is_noncurrent: bool = False
    kept: float = 0
    """How many earlier versions stay."""


def _lifecycle(asked: Asked) -> Iterator[Warned]:
    before, after = _fates(asked.found), _fates(asked.wanted)
    for fate in after:
        if not any(_covers(one, fate) for one in before):
            yield from _met(fate)
    for fate in before:
        if not any(_covers(one, fate) for one in after):
            yield Warned("cost", f"{_objects(fate)} are no longer {fate.does} {_when(fate)}")
    here, there = (members(one).get(_SMALLEST) or _NO_SMALL for one in (asked.found, asked.wanted))
    if here != there and any(fate.does.startswith("moved") for fate in after):
        what = "stay where they are" if there == _NO_SMALL else "are moved too, and billed for each"
        yield Warned("cost", f"objects of less than 128 KB {what} ({_SMALLEST} {there})")


def _met(fate: Fate) -> Iterator[Warned]:
    danger: Danger = "irreversible" if fate.does in ("deleted", _ABORTED) else "cost"
    yield Warned(danger, f"{_objects(fate)} are {fate.does} {_when(fate)}")
    if fate.does in ("moved to GLACIER", "moved to DEEP_ARCHIVE"):
        yield Warned("outage", f"{_objects(fate)} must be restored before they can be read, {_when(fate)}")


def _covers(one: Fate, other: Fate) -> bool:
    """Whether what one does happens to all of the other's objects, at that time at the latest."""
    if (one.does, one.is_noncurrent, type(one.when)) != (other.does, other.is_noncurrent, type(other.when)):
        return False
    return (
        bool(one.when <= other.when)
        and one.kept <= other.kept
        and other.prefix.startswith(one.prefix)
        and one.only <= other.only
    )


def _fates(configuration: Value) -> list[Fate]:
    rules = elements(members(configuration).get("Rules"))
    return [fate for rule in rules if rule.get("Status") == "Enabled" for fate in _of_rule(rule)]


def _of_rule(rule: Mapping[str, Value]) -> Iterator[Fate]:
    prefix, only = scope(rule)
    expiration, earlier = members(rule.get("Expiration")), members(rule.get("NoncurrentVersionExpiration"))
    aborted = members(rule.get("AbortIncompleteMultipartUpload"))
    if "Days" in expiration or "Date" in expiration:
        yield Fate("deleted", prefix, only, _moment(expiration))
    if earlier:
        yield Fate("deleted", prefix, only, *_earlier(earlier))
    if "DaysAfterInitiation" in aborted:
        yield Fate(_ABORTED, prefix, only, int(number(aborted["DaysAfterInitiation"])))
    for move in elements(rule.get("Transitions")):
        yield Fate(f"moved to {move.get('StorageClass')}", prefix, only, _moment(move))
    for move in elements(rule.get("NoncurrentVersionTransitions")):
        yield Fate(f"moved to {move.get('StorageClass')}", prefix, only, *_earlier(move))


def _moment(told: Mapping[str, Value]) -> Value:
    return str(told["Date"]) if "Date" in told else int(number(told.get("Days")))


def _earlier(told: Mapping[str, Value]) -> tuple[int, bool, float]:
    return int(number(told.get("NoncurrentDays"))), True, number(told.get("NewerNoncurrentVersions"))


def scope(rule: Mapping[str, Value]) -> tuple[str, frozenset[tuple[str, str]]]:
    """The prefix that a rule's objects have, and what else they must have."""
    filter_ = members(rule.get("Filter"))
    asked = {**filter_, **members(filter_.get("And"))}
    tags = [members(tag) for tag in (*elements(asked.get("Tags")), *([asked["Tag"]] if "Tag" in asked else []))]
    others = ((name, str(one)) for name, one in asked.items() if name not in ("And", "Prefix", "Tag", "Tags"))
    only = frozenset({*((f"tag {tag.get('Key')}", str(tag.get("Value"))) for tag in tags), *others})
    return str(asked.get("Prefix") or rule.get("Prefix") or ""), only


def _objects(fate: Fate) -> str:
    scope = named(fate.prefix, fate.only)
    kept = f" but for the newest {fate.kept:g}" if fate.kept else ""
    return f"earlier versions of {scope}{kept}" if fate.is_noncurrent else scope


def named(prefix: str, only: frozenset[tuple[str, str]]) -> str:
    """`all objects`, `objects under logs/ with tag team a`"""
    what = f"objects under {prefix}" if prefix else "all objects"
    return what + (f" with {listed(f'{name} {value}' for name, value in sorted(only))}" if only else "")


def _when(fate: Fate) -> str:
    return f"on {fate.when[:10]}" if isinstance(fate.when, str) else f"after {days(fate.when)}"


def _lock(asked: Asked) -> Iterator[Warned]:
    if members(asked.wanted).get("ObjectLockEnabled") and not members(asked.found).get("ObjectLockEnabled"):
        yield Warned("irreversible", "object lock can never be turned off again")
    kept, keeps = (_event_hold(value) for value in (asked.found, asked.wanted))
    if keeps and keeps != kept:
        yield Warned("irreversible", "nobody can delete new objects before the event that they are held for")
    elif kept and not keeps:
        yield Warned("irreversible", "what is written from then on is held for no event")
    (was, here), (mode, there) = (_retention(value) for value in (asked.found, asked.wanted))
    if mode and (not was or there > here or (was, mode) == ("GOVERNANCE", "COMPLIANCE")):
        yield _held(mode, there)
    if was and (there < here or (was, mode) == ("COMPLIANCE", "GOVERNANCE")):
        yield Warned("irreversible", f"what is written from then on is no longer held by {was} for {days(here)}")


def _held(mode: str, count: int) -> Warned:
    if mode == "COMPLIANCE":
        return Warned("irreversible", f"nobody, not even root, can delete new objects for {days(count)}")
    return Warned("outage", f"who lacks s3:BypassGovernanceRetention cannot delete new objects for {days(count)}")


def _event_hold(value: Value) -> dict[str, Value]:
    default = members(members(members(value).get("Rule")).get("DefaultRetention"))
    return members(default.get("DefaultEventHold"))


def _retention(value: Value) -> tuple[str, int]:
    default = members(members(members(value).get("Rule")).get("DefaultRetention"))
    return str(default.get("Mode", "")), int(number(default.get("Days")) or 365 * number(default.get("Years")))


_TABLES: Final = ("Inventory", "Annotation")


def _metadata(asked: Asked) -> Iterator[Warned]:
    """Made as a whole, or one table of it changed: what is told of a table has another name than what is sent."""
    whole = members(asked.params.get("MetadataConfiguration")) or asked.params
    before = members(asked.found)
    if asked.operation.startswith("Create"):
        yield Warned("cost", "a table of every change to the objects is kept, and billed")
    for table in _TABLES:
        here = members(before.get(f"{table}TableConfigurationResult")).get("ConfigurationState")
        there = members(whole.get(f"{table}TableConfiguration")).get("ConfigurationState")
        if there == "ENABLED" != here:
            yield Warned("cost", f"the {table.lower()} table is filled, and kept, and billed by the number of objects")
    role = members(whole.get("AnnotationTableConfiguration")).get("Role")
    if role and role != members(before.get("AnnotationTableConfigurationResult")).get("Role"):
        yield Warned("outage", f"the annotation table is filled as {role}, or not, where that may not read the objects")
    told = members(before.get("JournalTableConfigurationResult")).get("RecordExpiration")
    sent = members(members(whole.get("JournalTableConfiguration")).get("RecordExpiration"))
    if sent.get("Expiration") == "ENABLED" and sent != members(told):
        yield Warned("irreversible", f"records of the journal table are deleted after {days(sent.get('Days'))}")


S3_OBJECTS: Final[Mapping[str, Rule]] = {
    "PutBucketVersioning": _versioning,
    "PutBucketLifecycleConfiguration": _lifecycle,
    "DeleteBucketLifecycle": _lifecycle,
    "PutObjectLockConfiguration": _lock,
    "CreateBucketMetadataConfiguration": _metadata,
    "CreateBucketMetadataTableConfiguration": always(
        "cost", "a table of every change to the objects is kept, and billed"
    ),
    "UpdateBucketMetadataJournalTableConfiguration": _metadata,
    "UpdateBucketMetadataInventoryTableConfiguration": _metadata,
    "UpdateBucketMetadataAnnotationTableConfiguration": _metadata,
    "DeleteBucketMetadataConfiguration": always("irreversible", "the metadata tables end; others begin with nothing"),
    "DeleteBucketMetadataTableConfiguration": always(
        "irreversible", "the metadata table ends; another begins with nothing"
    ),
}

"""What to say of calls that decide what of an S3 bucket is copied into others, and how. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from auditor.dangers.s3_objects import named, scope
from auditor.dangers.words import Asked, Rule, elements, members
from auditor.model.plan import Danger, Warned
from auditor.model.values import Value

_Rule = Mapping[str, Value]


def _replication(asked: Asked) -> Iterator[Warned]:
    before, after = (_copies(value) for value in (asked.found, asked.wanted))
    for (prefix, only, bucket), rule in after.items():
        old = before.get((prefix, only, bucket))
        if old is None:
            yield Warned("cost", f"{named(prefix, only)} are copied to {bucket}: transfer and storage are billed")
        if bucket.rpartition(":")[2] == asked.params.get("Bucket"):
            yield Warned("cost", f"{bucket} is the bucket itself")
        yield from _switched(old, rule, bucket)
        if old is not None and old.get("Priority") != rule.get("Priority") and len(after) > 1:
            yield Warned("outage", f"where rules overlap, another one may decide what is copied to {bucket} (Priority)")
        if old is not None:
            yield from _delivered(_destination(old), _destination(rule), bucket)
    for prefix, only, bucket in (key for key in before if key not in after):
        yield Warned("outage", f"{named(prefix, only)} are no longer copied to {bucket}")
    here, there = (members(value).get("Role") for value in (asked.found, asked.wanted))
    if before and after and here != there:
        yield Warned("outage", f"nothing is copied where the role {there} may not read here and write there")


def _copies(value: Value) -> dict[tuple[str, frozenset[tuple[str, str]], str], _Rule]:
    rules = [members(rule) for rule in elements(members(value).get("Rules")) if rule.get("Status") == "Enabled"]
    return {(*scope(rule), str(_destination(rule).get("Bucket"))): rule for rule in rules}


def _destination(rule: _Rule) -> dict[str, Value]:
    return members(rule.get("Destination"))


def _switched(old: _Rule | None, rule: _Rule, bucket: str) -> Iterator[Warned]:
    """What is said of each switch that a rule turns; a rule that is new turns on what it has on."""
    for is_on, on, off in _SWITCHES:
        was, becomes = old is not None and is_on(old), is_on(rule)
        if becomes and not was:
            yield from (Warned(danger, text.format(bucket)) for danger, text in on)
        elif was and not becomes:
            yield from (Warned(danger, text.format(bucket)) for danger, text in off)


def _is_on(value: _Rule, name: str) -> bool:
    return members(value.get(name)).get("Status") == "Enabled"


def copies_deletions(rule: _Rule) -> bool:
    """Whether what is deleted here is deleted in the copy too.

    A rule of the first form, which has no Filter, does so unless it says otherwise:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations
    """
    if "Filter" in rule:
        return _is_on(rule, "DeleteMarkerReplication")
    return members(rule.get("DeleteMarkerReplication")).get("Status") != "Disabled"


def _selects(name: str) -> Callable[[_Rule], bool]:
    return lambda rule: _is_on(members(rule.get("SourceSelectionCriteria")), name)


def _delivers(name: str) -> Callable[[_Rule], bool]:
    return lambda rule: _is_on(_destination(rule), name)


Told = tuple[tuple[Danger, str], ...]
_SWITCHES: Final[tuple[tuple[Callable[[_Rule], bool], Told, Told], ...]] = (
    # Whether it is on; what is said where it is turned on, and where it is turned off ({}: the bucket of the copies).
    (
        copies_deletions,
        (("outage", "what is deleted here disappears from {} too"),),
        (("cost", "what is deleted here stays in {}, is read there, and is billed"),),
    ),
    (
        _selects("SseKmsEncryptedObjects"),
        (("exposure", "objects encrypted with KMS are copied to {}, under the key of the copy"),),
        (("outage", "objects encrypted with KMS are no longer copied to {}"),),
    ),
    (
        _selects("ReplicaModifications"),
        (("outage", "tags, ACLs and locks of replicas that are changed here are changed in {} too"),),
        (("outage", "tags, ACLs and locks of replicas that are changed here stay as they are in {}"),),
    ),
    (
        lambda rule: _is_on(members(_destination(rule).get("EncryptionConfiguration")), "UseSourceMultiRegionKey"),
        (("outage", "copies to {} fail where the key of the object has no replica there"),),
        (("outage", "copies to {} are encrypted with another key than the object's own"),),
    ),
    (
        _delivers("ReplicationTime"),
        (("cost", "copies to {} within 15 minutes are billed by the gigabyte"),),
        (("outage", "copies are no longer promised to be in {} within 15 minutes"),),
    ),
    (
        _delivers("Metrics"),
        (("cost", "metrics of the copies to {} are billed as CloudWatch's custom metrics are"),),
        (),
    ),
)
_ARCHIVES: Final = ("GLACIER", "DEEP_ARCHIVE")


def _delivered(before: Mapping[str, Value], after: Mapping[str, Value], bucket: str) -> Iterator[Warned]:
    """What is said of how copies arrive that were made before too."""
    stored, was = (one.get("StorageClass") or "STANDARD" for one in (after, before))
    if stored in _ARCHIVES and stored != was:
        yield Warned("outage", f"new copies in {bucket} must be restored from {stored} before they can be read")
    elif stored != was:
        yield Warned("cost", f"new copies in {bucket} are billed as {stored}, and no longer as {was}")
    here, there = (members(one.get("EncryptionConfiguration")).get("ReplicaKmsKeyID") for one in (before, after))
    if there and there != here:
        yield Warned("outage", f"copies to {bucket} fail where {there} is gone, disabled, or not the role's to use")
    owner, becomes = (members(one.get("AccessControlTranslation")).get("Owner") for one in (before, after))
    if owner and not becomes:
        yield Warned(
            "exposure", f"new copies in {bucket} belong to the account here, with the ACLs that they have here"
        )
    elif becomes and not owner:
        yield Warned(
            "outage", f"new copies in {bucket} belong to the account there, and nobody is let in by ACLs of here"
        )


S3_REPLICATION: Final[Mapping[str, Rule]] = {
    "PutBucketReplication": _replication,
    "DeleteBucketReplication": _replication,
}

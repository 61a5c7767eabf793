"""What to say of calls that decide what is counted, listed and archived of a bucket's objects, by their ids. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from auditor.dangers.s3_objects import named, scope
from auditor.dangers.words import Asked, Rule, days, elements, members
from auditor.model.plan import Warned
from auditor.model.values import Value


def _sides(asked: Asked) -> tuple[dict[str, Value], dict[str, Value]]:
    """What stands under the id of a call, before and after; nothing where there is none."""
    id_ = asked.params.get("Id")
    before, after = (
        next((members(one) for one in elements(value) if one.get("Id") == id_), {})
        for value in (asked.found, asked.wanted)
    )
    return before, after


def _inventory(asked: Asked) -> Iterator[Warned]:
    before, after = _sides(asked)
    counts = ("IsEnabled", "Filter", "IncludedObjectVersions", "Schedule")
    if after.get("IsEnabled") and any(before.get(name) != after.get(name) for name in counts):
        often = str(members(after.get("Schedule")).get("Frequency", "")).lower()
        yield Warned("cost", f"inventory {after.get('Id')} lists the objects {often}, billed by their number")
    here, there = (members(one.get("Destination")) for one in (before, after))
    yield from _sent(f"inventory {after.get('Id')}", here, there)
    kept = elements(after.get("OptionalFields"))
    lost = [str(one) for one in elements(before.get("OptionalFields")) if one not in kept]
    if lost:
        yield Warned("outage", f"inventory {after.get('Id')} no longer tells {', '.join(sorted(lost))}")


def _sent(what: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[Warned]:
    """What is said of where reports go, in which form, and how they are encrypted."""
    here, there = (members(one.get("S3BucketDestination")) for one in (before, after))
    if here and there and _place(here) != _place(there):
        yield Warned("outage", f"{what} goes to {_place(there)}, and no longer to {_place(here)}")
    was, becomes = (members(one.get("Encryption")) for one in (here, there))
    if was and was != becomes:
        yield Warned("exposure", f"{what} is encrypted in another way, or by the bucket's default")


def _place(destination: Mapping[str, Value]) -> str:
    where = f"{destination.get('Bucket')}/{destination.get('Prefix') or ''}"
    account = destination.get("AccountId") or destination.get("BucketAccountId")
    return f"{where} as {destination.get('Format')}" + (f" (account {account})" if account else "")


def _analytics(asked: Asked) -> Iterator[Warned]:
    before, after = _sides(asked)
    if not before or before.get("Filter") != after.get("Filter"):
        yield Warned("cost", f"analytics {asked.params.get('Id')} watches the objects, billed by their number")
    here, there = (members(members(one.get("StorageClassAnalysis")).get("DataExport")) for one in (before, after))
    if here and not there:
        yield Warned("outage", f"analytics {asked.params.get('Id')} is exported no more")
    yield from _sent(
        f"analytics {asked.params.get('Id')}", members(here.get("Destination")), members(there.get("Destination"))
    )


def _metrics(asked: Asked) -> Iterator[Warned]:
    before, after = _sides(asked)
    if not before:
        yield Warned("cost", f"metrics {asked.params.get('Id')} are billed as CloudWatch's custom metrics are")
    elif (before.get("Filter") or {}) != (after.get("Filter") or {}):
        yield Warned("outage", f"metrics {after.get('Id')} count other objects, and so do the alarms on them")


def _tiering(asked: Asked) -> Iterator[Warned]:
    before, after = _sides(asked)
    if after.get("Status") != "Enabled":
        return
    was_on = before.get("Status") == "Enabled"
    if not was_on:
        yield Warned("cost", f"tiering {after.get('Id')} moves objects to archive tiers")
    (prefix, only), (wider, fewer) = scope(before), scope(after)
    others = was_on and not (wider.startswith(prefix) and only <= fewer)
    here, there = (
        {tier.get("AccessTier"): tier.get("Days") for tier in elements(one.get("Tierings"))} for one in (before, after)
    )
    for tier, count in there.items():
        if not was_on or others or here.get(tier) != count:
            whose = f"{named(wider, fewer)} that nobody read" if others else "objects that nobody read"
            yield Warned("outage", f"{whose} for {days(count)} must be restored from {tier} first")


S3_REPORTS: Final[Mapping[str, Rule]] = {
    "PutBucketInventoryConfiguration": _inventory,
    "PutBucketAnalyticsConfiguration": _analytics,
    "PutBucketMetricsConfiguration": _metrics,
    "PutBucketIntelligentTieringConfiguration": _tiering,
}

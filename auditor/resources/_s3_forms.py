"""What S3 says in several ways, in one: filters, switches that are off, notifications, the default key. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from auditor.model.values import Value
from auditor.specs.spec import default

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What Terraform's provider makes up is a prefix, the time to the tenth of a millisecond, and a counter.
_TERRAFORM: Final = re.compile(r"tf-s3-[a-z]+-\d{18}[0-9a-f]{8}")
_KMS: Final = ("aws:kms", "aws:kms:dsse")


def plain_filter(filter_: Value) -> dict[str, Any]:
    """A rule's filter without `And` around a single condition, and without a prefix that is empty.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRuleFilter.html takes exactly one member, and `And`
    only for two or more.
    """
    told = {name: one for name, one in (filter_ or {}).items() if one not in (None, "", {})}
    if told.keys() != {"And"}:
        return told
    both = {name: one for name, one in told["And"].items() if one not in (None, "", [])}
    tags = both.get("Tags", ())
    if len(both) > 1 or len(tags) > 1:
        return {"And": both}
    return {"Tag": tags[0]} if tags else both


def with_plain_filters(value: Value) -> Value:
    """A list of configurations, of which one without a condition has no filter."""
    return [_with_plain_filter(one) for one in value]


def _with_plain_filter(one: Mapping[str, Any]) -> dict[str, Any]:
    filter_ = plain_filter(one.get("Filter"))
    told = {name: member for name, member in one.items() if name != "Filter" and member != []}
    return {**told, "Filter": filter_} if filter_ else told


def acting(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A lifecycle rule without what does nothing: no moves, and markers that are not to expire."""
    told = {name: one for name, one in rule.items() if one != []}
    expiration = {name: one for name, one in (rule.get("Expiration") or {}).items() if one is not False}
    return {**told, "Expiration": expiration} if expiration else {n: o for n, o in told.items() if n != "Expiration"}


def with_default_key(value: Value) -> Value:
    """An encryption in which the key is named that S3 takes where none is, aws/s3.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
    """
    return {**value, "Rules": [_with_default_key(rule) for rule in value.get("Rules") or ()]}


def _with_default_key(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    own = rule.get("ApplyServerSideEncryptionByDefault") or {}
    if own.get("SSEAlgorithm") not in _KMS or own.get("KMSMasterKeyID"):
        return rule
    return {**rule, "ApplyServerSideEncryptionByDefault": {**own, "KMSMasterKeyID": "alias/aws/s3"}}


_OFF: Final = {"Status": "Disabled"}
_SWITCHES: Final = {
    "SourceSelectionCriteria": ("SseKmsEncryptedObjects", "ReplicaModifications"),
    "Destination": ("ReplicationTime", "Metrics"),
}
OFF_BY_DEFAULT: Final = (
    default("Rules[].SourceSelectionCriteria", {}),
    *(default(f"Rules[].{place}.{name}", _OFF) for place, names in _SWITCHES.items() for name in names),
)
"""The switches of a replication's rules: to say nothing of one is to have it off."""


def replicated(value: Value) -> Value:
    """A replication in which a switch that is off has no time beside it, and filters are in their shortest form.

    A rule without a Filter is of the first form, in which what says nothing of deletions copies them; it stays so:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations
    """
    return {**value, "Rules": [_replicated(rule) for rule in value.get("Rules") or ()]}


def _replicated(rule: Mapping[str, Any]) -> dict[str, Any]:
    to = {name: _switch(one) if name in _SWITCHES["Destination"] else one for name, one in _told(rule, "Destination")}
    return {
        **rule,
        **({"Destination": to} if to else {}),
        **({"Filter": plain_filter(rule["Filter"])} if "Filter" in rule else {}),
    }


def _told(value: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    return ((one, member) for one, member in (value.get(name) or {}).items())


def _switch(value: Value) -> Value:
    # A switch is sent with the only time that S3 takes, be it on or off.
    is_off = value is not None and value.get("Status") == "Disabled"
    return {name: one for name, one in value.items() if one != {"Minutes": 15}} if is_off else value


def notified(entries: list[Mapping[str, Any]], destination: str) -> list[Mapping[str, Any]]:
    """Entries of a notification, of which those for the same objects and target are one, with the events of all."""
    held: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        rules = sorted(json.dumps(one, sort_keys=True) for one in entry["Filter"]["Key"]["FilterRules"])
        key = json.dumps([entry.get(destination), rules])
        events = [*held[key].get("Events", ()), *entry.get("Events", ())] if key in held else entry.get("Events", [])
        held[key] = {**held.get(key, entry), "Events": list(dict.fromkeys(events))}
    return list(held.values())


def rule_of(rule: Value) -> str:
    """What a rule is known by whose ID nobody chose: the objects that it is for, and where they go; "" for another.

    S3 makes up the base64 of a UUID (the notification examples in
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html show one).
    """
    if not is_made_up(str(rule.get("ID") or "")):
        return ""
    filter_ = plain_filter(rule.get("Filter") or {"Prefix": rule.get("Prefix") or ""})
    conditions = filter_.get("And") or filter_
    tags = [*conditions.get("Tags", ()), *([conditions["Tag"]] if "Tag" in conditions else [])]
    parts = [f"prefix {conditions['Prefix']}"] if conditions.get("Prefix") else []
    parts += sorted(f"tag {tag.get('Key')}={tag.get('Value')}" for tag in tags)
    parts += sorted(f"{name} {one}" for name, one in conditions.items() if name not in ("Prefix", "Tag", "Tags"))
    bucket = (rule.get("Destination") or {}).get("Bucket")
    return (", ".join(parts) or "all objects") + (f" to {bucket}" if bucket else "")


def is_made_up(id_: str) -> bool:
    """Whether a rule's ID was generated, by S3 or by Terraform's provider."""
    if _UUID.fullmatch(id_) or _TERRAFORM.fullmatch(id_):
        return True
    try:
        return bool(_UUID.fullmatch(base64.b64decode(id_, validate=True).decode()))
    except (ValueError, binascii.Error):
        return False

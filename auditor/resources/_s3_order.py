"""What comes before what when a bucket is written, and what there is no way back from. Pure."""

from __future__ import annotations

from typing import Final

from auditor.model import ABSENT, Value

OPEN: Final = {
    "BlockPublicAcls": False,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}
CLOSED: Final = dict.fromkeys(OPEN, True)
"""What a new bucket has: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html"""
ENFORCED: Final = "BucketOwnerEnforced"
"""What a new bucket has, and what turns ACLs off."""


def once_versioned(found: Value, wanted: Value) -> str:
    """Never again unversioned: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html"""
    if found is ABSENT and wanted is not ABSENT and wanted.get("Status") == "Enabled":
        return "a bucket that was versioned once can be suspended, and is never unversioned again"
    return ""


def once_locked(found: Value, _: Value) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html"""
    return "object lock cannot be turned off again" if found is ABSENT else ""


def block_turn(found: Value, wanted: Value) -> int:
    """What opens comes before the policies and grants that it would refuse; what closes comes after them."""
    before, after = ({**OPEN, **({} if value is ABSENT else value)} for value in (found, wanted))
    return 20 if any(before[name] and not after[name] for name in OPEN) else 35


def ownership_turn(_: Value, wanted: Value) -> int:
    """Grants can be written only while there are ACLs: those are turned on before, and off after them."""
    return 34 if wanted is not ABSENT and wanted["Rules"][0].get("ObjectOwnership") == ENFORCED else 21


def abac_turn(_: Value, wanted: Value) -> int:
    """Conditions on tags count from the moment that ABAC is on: last, and off first."""
    return 150 if wanted is not ABSENT and wanted.get("Status") == "Enabled" else 15

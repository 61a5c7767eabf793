"""What of a bucket needs what, what AWS refuses because of what stays, and what there is no way back from. Pure."""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.specs.bonds import Bond, Check
from auditor.specs.public_access import is_public_acl, is_public_policy

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
ACCOUNT_BLOCK: Final = "AWS::S3::AccountPublicAccessBlock"
_BLOCK: Final = "public access block"
_ENABLED: Final = {"Status": "Enabled"}
_WITH_MFA: Final = {**_ENABLED, "MFADelete": "Enabled"}


def once_versioned(found: Value, wanted: Value) -> str:
    """Never again unversioned: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html"""
    if found is ABSENT and wanted is not ABSENT and wanted.get("Status") == "Enabled":
        return "a bucket that was versioned once can be suspended, and is never unversioned again"
    return ""


def once_locked(found: Value, _: Value) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html"""
    return "object lock cannot be turned off again" if found is ABSENT else ""


def _is(value: Value, name: str, wanted: Value) -> bool:
    return isinstance(value, dict) and value.get(name) == wanted


# -- versioning


def _versioned_first(what: str) -> Bond:
    """Replication and object lock need versioning, and keep it on.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html,
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
    """

    def refuses(own: Value, versioning: Value) -> str:
        needs = own is not ABSENT and not _is(versioning, "Status", "Enabled")
        return f"AWS takes {what} only of a bucket with versioning, which is not enabled here" if needs else ""

    def binds(own: Value, versioning: Value) -> str:
        kept = own is not ABSENT and not _is(versioning, "Status", "Enabled")
        return f"AWS keeps versioning enabled as long as there is {what}, which stays" if kept else ""

    return Bond("versioning", refuses=refuses, binds=binds, unknown=_ENABLED)


VERSIONED_FIRST: Final = _versioned_first("replication")
VERSIONED_FIRST_FOR_LOCK: Final = _versioned_first("object lock")


def _takes_a_code(_: Value, found: Value) -> str:
    if not _is(found, "MFADelete", "Enabled"):
        return ""
    return "MFA delete is enabled: only the root user can write its versioning, with a code of the device"


TAKES_A_CODE: Final = Bond("versioning", refuses=_takes_a_code, unknown=_WITH_MFA)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html"""


def _without_mfa(own: Value, versioning: Value) -> str:
    if own is ABSENT or not _is(versioning, "MFADelete", "Enabled"):
        return ""
    return "MFA delete is enabled, and AWS takes no lifecycle configuration of such a bucket"


WITHOUT_MFA: Final = Bond("versioning", refuses=_without_mfa)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html"""


# -- who is let in


def _unblocked(setting: str, what: str, where: str) -> Check:
    def refuses(own: Value, block: Value) -> str:
        is_public = is_public_policy(own) if setting == "BlockPublicPolicy" else is_public_acl(own)
        if not is_public or not _is(block, setting, True):
            return ""
        return f"{where} has {setting}, and stays so: AWS refuses {what} that lets everybody in"

    return refuses


def unblocked(setting: str, what: str) -> tuple[Bond, Bond]:
    """That a public policy, or a public ACL, is refused while a block has `setting`: the bucket's, or the account's.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    own = _unblocked(setting, what, "the bucket's public access block")
    whole = _unblocked(setting, what, "the account's public access block")
    return (
        Bond(_BLOCK, refuses=own, unknown=CLOSED),
        Bond(_BLOCK, ACCOUNT_BLOCK, refuses=whole, unknown=CLOSED),
    )


def block_falls(found: Value, wanted: Value) -> bool:
    """Whether the world is shut out that may have been let in."""
    before, after = ({**OPEN, **({} if value is ABSENT else value)} for value in (found, wanted))
    return any(after[name] and not before[name] for name in OPEN)


def _is_enforced(controls: Value) -> bool:
    rules = controls.get("Rules") or [] if isinstance(controls, dict) else []
    return any(one.get("ObjectOwnership") == ENFORCED for one in rules)


def _lists_are_off(_: Value, controls: Value) -> str:
    return f"object ownership stays {ENFORCED}, which turns ACLs off" if _is_enforced(controls) else ""


def _lets_others_in(own: Value, controls: Value) -> str:
    if not (_is_enforced(controls) and _others(own)):
        return ""
    return f"AWS takes {ENFORCED} only where the ACL lets in nobody but the owner, and the ACL stays"


def _others(acl: Value) -> list[Value]:
    grants = acl.get("Grants") or () if isinstance(acl, dict) else ()
    owner = (acl.get("Owner") or {}).get("ID") if isinstance(acl, dict) else ""
    return [one for one in grants if (one.get("Grantee") or {}).get("ID", "") != owner]


LISTS_ARE_ON: Final = Bond("ownership controls", refuses=_lists_are_off, binds=_lets_others_in)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html"""


def ownership_falls(_: Value, wanted: Value) -> bool:
    """Whether ACLs are turned off."""
    return _is_enforced(wanted)


# -- the rest


def is_off(_: Value, wanted: Value) -> bool:
    """What is enabled or suspended is no longer enabled."""
    return not _is(wanted, "Status", "Enabled")


def no_longer_logs(_: Value, wanted: Value) -> bool:
    """No accesses are logged any more."""
    return not (isinstance(wanted, dict) and wanted.get("LoggingEnabled"))


def none_is_new(found: Value, wanted: Value) -> bool:
    """Of several things under an id, some are taken away, and none is put."""
    before, after = ([] if value is ABSENT else value for value in (found, wanted))
    return all(one in before for one in after)


TAGGED_FIRST: Final = (Bond("tagging"), Bond("policy"))
"""Conditions on tags count from the moment that ABAC is on: last, and off first."""

"""What to say of calls that change who reaches an S3 bucket, how, and whom it tells. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from auditor.canonical.references import key_form
from auditor.dangers.policy import policy_dangers
from auditor.dangers.words import Asked, Rule, always, elements, listed, members
from auditor.model.plan import Warned
from auditor.model.values import Value
from auditor.specs.public_access import PUBLIC_GROUPS

_BLOCKS: Final[Mapping[str, tuple[str, str]]] = {
    # What it means that a setting is off, and what it means that it is on.
    "BlockPublicAcls": ("a public ACL can be set", "who sets a public ACL, with an upload too, is refused"),
    "IgnorePublicAcls": ("public ACLs count", "who is let in by a public ACL is shut out"),
    "BlockPublicPolicy": ("a public policy can be put", "who puts a public policy is refused"),
    "RestrictPublicBuckets": (
        "a public policy lets everybody in",
        "who reads by a public policy, anonymously or from another account, is shut out",
    ),
}
_ENFORCED: Final = "BucketOwnerEnforced"


def _block(asked: Asked) -> Iterator[Warned]:
    # Since April 2023 a new bucket has all four on: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    is_on = asked.verb == "create"
    before, after = (members(value) for value in (asked.found, asked.wanted))
    every = " in every bucket of the account" if asked.type == "AWS::S3::AccountPublicAccessBlock" else ""
    for name, (loose, tight) in _BLOCKS.items():
        was, becomes = bool(before.get(name, is_on)), bool(after.get(name, False))
        if was and not becomes:
            yield Warned("exposure", f"{name} is turned off{every}: {loose}")
        elif becomes and not was:
            yield Warned("outage", f"{name} is turned on{every}: {tight}")


def _policy(asked: Asked) -> Iterator[Warned]:
    return policy_dangers(asked.found, asked.wanted, asked.verb == "create")


def _acl(asked: Asked) -> Iterator[Warned]:
    before, after = (_grants(value) for value in (asked.found, asked.wanted))
    for who, permissions in after.items():
        new = permissions - before.get(who, set())
        if new and who in PUBLIC_GROUPS:
            yield Warned("exposure", f"the ACL grants {listed(sorted(new))} to {PUBLIC_GROUPS[who]}")
        elif new and who != "${canonical-user}" and not who.startswith("http://acs.amazonaws.com/"):
            yield Warned("exposure", f"the ACL grants {listed(sorted(new))} to another account ({who})")
    for who, permissions in before.items():
        gone = permissions - after.get(who, set())
        if gone:
            yield Warned("outage", f"the ACL no longer grants {listed(sorted(gone))} to {PUBLIC_GROUPS.get(who, who)}")


def _grants(acl: Value) -> dict[str, set[str]]:
    # What the owner has is not granted by the ACL.
    owner = members(members(acl).get("Owner")).get("ID")
    granted: dict[str, set[str]] = defaultdict(set)
    for grant in elements(members(acl).get("Grants")):
        who = _grantee(grant)
        if who != owner:
            granted[who].add(str(grant.get("Permission")))
    return granted


def _grantee(grant: Mapping[str, Value]) -> str:
    grantee = members(grant.get("Grantee"))
    return str(grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress"))


def _ownership(asked: Asked) -> Iterator[Warned]:
    before = _owned(asked.found) or (_ENFORCED if asked.verb == "create" else "ObjectWriter")
    after = _owned(asked.wanted) or "ObjectWriter"
    if before == _ENFORCED != after:
        yield Warned("exposure", f"object ownership becomes {after}: ACLs count again")
    elif after == _ENFORCED != before:
        yield Warned("outage", "object ownership becomes BucketOwnerEnforced: who is let in by an ACL is shut out")
    elif before != after:
        yield Warned("outage", f"new objects of others belong to another account (object ownership {after})")


def _owned(controls: Value) -> str:
    rules = elements(members(controls).get("Rules"))
    return str(members(rules[0]).get("ObjectOwnership", "")) if rules else ""


def _cors(asked: Asked) -> Iterator[Warned]:
    before, after = (
        [members(rule) for rule in elements(members(value).get("CORSRules"))] for value in (asked.found, asked.wanted)
    )
    return cors_dangers(before, after, "AllowedOrigins", ("AllowedMethods", "AllowedHeaders", "ExposeHeaders"))


def cors_dangers(
    before: list[dict[str, Value]], after: list[dict[str, Value]], origins: str, lists: tuple[str, ...]
) -> Iterator[Warned]:
    """What to say of a change of what browsers let the pages of other origins do here.

    `before` and `after` are rules, `origins` and `lists` how their members are called.
    """
    here, there = ([origin for rule in rules for origin in elements(rule.get(origins))] for rules in (before, after))
    yield from _origin_dangers(here, there)
    kept = {str(origin) for origin in here} & {str(origin) for origin in there}
    for name in lists:
        was, becomes = (_let(rules, origins, name, kept) for rules in (before, after))
        if becomes - was:
            yield Warned("exposure", f"CORS lets pages do more here: {name} {_paired(becomes - was)}")
        if was - becomes and not any((origin, "*") in becomes for origin, _ in was - becomes):
            yield Warned("outage", f"CORS lets pages do less here: {name} {_paired(was - becomes)}")


def _let(rules: list[dict[str, Value]], origins: str, name: str, kept: set[str]) -> set[tuple[str, str]]:
    return {
        (str(origin), str(one))
        for rule in rules
        for origin in elements(rule.get(origins))
        for one in elements(rule.get(name))
        if str(origin) in kept
    }


def _paired(pairs: set[tuple[str, str]]) -> str:
    return listed(f"{one} ({origin})" for origin, one in sorted(pairs))


def _origin_dangers(before: list[Value], after: list[Value]) -> Iterator[Warned]:
    if "*" in after and "*" not in before:
        yield Warned("exposure", "CORS lets the pages of every origin call here")
    gone = [] if "*" in after else [str(origin) for origin in before if origin not in after]
    if gone:
        yield Warned("outage", f"CORS no longer lets the pages of {listed(gone)} call here")


def _website(asked: Asked) -> Iterator[Warned]:
    before, after = members(asked.found), members(asked.wanted)
    if before and not after:
        yield Warned("outage", "the bucket's website answers no more")
        return
    host = members(after.get("RedirectAllRequestsTo")).get("HostName")
    if before and host and after.get("RedirectAllRequestsTo") != before.get("RedirectAllRequestsTo"):
        yield Warned("outage", f"every visitor of the bucket's website is sent to {host}")
    parts = [name for name in ("IndexDocument", "ErrorDocument", "RoutingRules") if before.get(name) != after.get(name)]
    if before and not host and parts:
        yield Warned("outage", f"visitors of the bucket's website get another {listed(parts)} at once")


def _abac(asked: Asked) -> Iterator[Warned]:
    was, becomes = (members(value).get("Status") == "Enabled" for value in (asked.found, asked.wanted))
    if becomes and not was:
        yield Warned("exposure", "permissions that ask for the bucket's tags begin to hold")
        yield Warned("outage", "denials that ask for the bucket's tags begin to hold, and PutBucketTagging is refused")
    elif was and not becomes:
        yield Warned("exposure", "denials that ask for the bucket's tags hold no longer")
        yield Warned("outage", "permissions that ask for the bucket's tags hold no longer")


def _payer(asked: Asked) -> Iterator[Warned]:
    before, after = (members(value).get("Payer", "BucketOwner") for value in (asked.found, asked.wanted))
    if after == "Requester" != before:
        yield Warned(
            "outage", "anonymous requests are refused, and so is who does not offer to pay (x-amz-request-payer)"
        )
    elif before == "Requester" != after:
        yield Warned("cost", "the bucket's owner pays for requests and transfer that the requesters paid for")


def _accelerate(asked: Asked) -> Iterator[Warned]:
    was, becomes = (members(value).get("Status") == "Enabled" for value in (asked.found, asked.wanted))
    if becomes and not was:
        yield Warned("cost", "transfers through the accelerate endpoint are billed by the gigabyte")
    elif was and not becomes:
        yield Warned("outage", "the bucket's accelerate endpoint answers no more")


def _encryption(asked: Asked) -> Iterator[Warned]:
    before, after = (_encrypted(value) for value in (asked.found, asked.wanted))
    here, there = (_key(rule) for rule in (before, after))
    if there and there != here and there in _SHARED:
        yield Warned("outage", "other accounts cannot read new objects: the key aws/s3 cannot be shared")
    elif there and there != here:
        yield Warned("outage", f"every upload fails where {there} is gone, disabled, or not the uploader's to use")
    elif here and not there:
        yield Warned("exposure", f"new objects can be read without the right to use {here}")
    was, becomes = (_SSE_C in _blocked(rule) for rule in (before, after))
    if becomes and not was and asked.verb != "create":
        yield Warned("outage", "uploads with keys of the uploader's own (SSE-C) are refused")
    elif not becomes and (was or (asked.verb == "create" and _blocked(after))):
        # A new bucket takes none, unless it is told to.
        yield Warned(
            "exposure", "uploads with keys of the uploader's own (SSE-C) are taken, and no key of KMS guards them"
        )
    if before.get("BucketKeyEnabled") and there and not after.get("BucketKeyEnabled"):
        yield Warned("cost", f"each object that is written or read asks KMS for {there}, and is billed")


# key_form makes these of the ways to name it.
_SSE_C: Final = "SSE-C"
_SHARED: Final = ("${kms:alias/aws/s3}",)


def _encrypted(value: Value) -> dict[str, Value]:
    rules = elements(members(value).get("Rules"))
    return members(rules[0]) if rules else {}


def _key(rule: Mapping[str, Value]) -> str:
    """The KMS key; "" where S3 encrypts with its own."""
    encrypted = members(rule.get("ApplyServerSideEncryptionByDefault"))
    uses_kms = str(encrypted.get("SSEAlgorithm", "")).startswith("aws:kms")
    return key_form(str(encrypted.get("KMSMasterKeyID") or "alias/aws/s3")) if uses_kms else ""


def _blocked(rule: Mapping[str, Value]) -> list[Value]:
    return elements(members(rule.get("BlockedEncryptionTypes")).get("EncryptionType"))


_TARGETS: Final = {
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}


def _notification(asked: Asked) -> Iterator[Warned]:
    before, after = (_told(value) for value in (asked.found, asked.wanted))
    gone: dict[str, list[str]] = defaultdict(list)
    for target, event, filter_ in before:
        if (target, event, filter_) not in after:
            gone[target].append(event + filter_)
    for target, events in gone.items():
        yield Warned("outage", f"{target} is no longer told of {listed(events)}")


def _told(value: Value) -> dict[tuple[str, str, str], None]:
    bridge = {("EventBridge", "events", ""): None} if "EventBridgeConfiguration" in members(value) else {}
    return bridge | {
        (str(entry.get(arn)), str(event), _filter(entry)): None
        for kind, arn in _TARGETS.items()
        for entry in elements(members(value).get(kind))
        for event in elements(entry.get("Events"))
    }


def _filter(entry: Mapping[str, Value]) -> str:
    rules = elements(members(members(entry.get("Filter")).get("Key")).get("FilterRules"))
    given = sorted((str(rule.get("Name")).lower(), str(rule.get("Value"))) for rule in rules if rule.get("Value"))
    return "".join(f" ({name} {value})" for name, value in given)


def _logging(asked: Asked) -> Iterator[Warned]:
    before, after = (members(members(value).get("LoggingEnabled")) for value in (asked.found, asked.wanted))
    target = before.get("TargetBucket")
    if before and not after:
        yield Warned("irreversible", f"accesses are no longer logged to {target}")
    elif before and any(before.get(name) != after.get(name) for name in ("TargetBucket", "TargetPrefix")):
        new = f"{after.get('TargetBucket')}/{after.get('TargetPrefix') or ''}"
        yield Warned(
            "irreversible",
            f"accesses are logged to {new}, and no longer to {target}/{before.get('TargetPrefix') or ''}",
        )
    if before and after and before.get("TargetObjectKeyFormat") != after.get("TargetObjectKeyFormat"):
        yield Warned("outage", "logs are put under other keys: what looks for them by time or name finds none")
    given = [one for one in elements(after.get("TargetGrants")) if one not in elements(before.get("TargetGrants"))]
    who = [str(_grantee(one)) for one in given]
    if who:
        yield Warned("exposure", f"the logs are granted to {listed(PUBLIC_GROUPS.get(one, one) for one in who)}")


S3: Final[Mapping[str, Rule]] = {
    "PutPublicAccessBlock": _block,
    "DeletePublicAccessBlock": _block,
    "PutBucketPolicy": _policy,
    "DeleteBucketPolicy": _policy,
    "PutBucketAcl": _acl,
    "PutBucketOwnershipControls": _ownership,
    "DeleteBucketOwnershipControls": _ownership,
    "PutBucketCors": _cors,
    "DeleteBucketCors": _cors,
    "PutBucketWebsite": _website,
    "DeleteBucketWebsite": _website,
    "PutBucketAbac": _abac,
    "PutBucketRequestPayment": _payer,
    "PutBucketAccelerateConfiguration": _accelerate,
    "PutBucketEncryption": _encryption,
    "DeleteBucketEncryption": _encryption,
    "PutBucketNotificationConfiguration": _notification,
    "PutBucketLogging": _logging,
    "DeleteBucket": always("irreversible", "the bucket's name is free for anybody to take"),
}

"""What calls name that AWS checks when they are made, and that neither is there nor comes to be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from auditor.canonical.references import texts_in
from auditor.model.plan import Action
from auditor.model.values import Finding

_CHECKED: Final[Mapping[str, str]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
    "PutBucketNotificationConfiguration": "NotificationConfiguration",
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
    "PutBucketLogging": "BucketLoggingStatus",
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
    "PutBucketReplication": "ReplicationConfiguration",
}
"""The operations of which AWS checks whether what they name is there, and the parameter that names it."""
_NAMED: Final[Mapping[str, str]] = {
    "AWS::Lambda::Function": r":function:{}(?![\w-])",
    "AWS::Lambda::Alias": r":function:{}(?![\w-])",
    "AWS::S3::Bucket": r"(?:^|:::){}$",
}


def missing_target(action: Action, findings: Iterable[Finding], made: Iterable[Action]) -> str:
    """Why AWS refuses an action's calls: they name what the site lacks, and no action that is `made` creates; or ""."""
    texts = [
        (one.operation, text)
        for one in action.calls
        if one.operation in _CHECKED
        for text in texts_in(one.params.get(_CHECKED[one.operation]))
    ]
    if not texts:
        return ""
    created = {(one.type, one.name) for one in made if one.verb == "create"} | {(action.type, action.name)}
    lacking = (one for one in findings if one.kind == "missing" and (one.type, one.name) not in created)
    return next((_why(one) for one in lacking if any(_is_named(one, *text) for text in texts)), "")


def _is_named(lacking: Finding, operation: str, text: str) -> bool:
    form = _NAMED.get(lacking.type, "")
    # A bucket whose name tells no region is there, in golden's: objects are copied to any region.
    is_elsewhere = operation == "PutBucketReplication" and lacking.name == lacking.golden_native
    pattern = form.format(re.escape(lacking.name.replace("/", ":")))
    return bool(form) and not is_elsewhere and bool(re.search(pattern, text))


def _why(lacking: Finding) -> str:
    return f"it names {lacking.type}/{lacking.name}, which is not there and not made"

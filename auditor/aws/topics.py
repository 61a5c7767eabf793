"""Publishes to topics of SNS, by the caller's own credentials and in the topic's own region."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of
from auditor.aws.pacing import UNPACED, Pacer
from auditor.aws.sessions import Sessions, partition_of
from auditor.errors import AuditorError, NotifyError
from auditor.model.values import Locale, Site

SUBJECT: Final = 100
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
_TOPIC: Final = re.compile(r"arn:(aws[a-z-]*):sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,256}(?:\.fifo)?)")
_CONTROL: Final = re.compile(r"[^ -~]")


def publish(arn: str, subject: str, message: str) -> None:
    """Send a message to a topic once. Raises NotifyError, in which nothing of the ARN is told."""
    found = _TOPIC.fullmatch(arn)
    if not found:
        raise NotifyError("what follows sns: is not the ARN of a topic.")
    partition, region, account, _ = found.groups()
    _refuse_elsewhere(partition, region)
    caller = Caller(Sessions(), Site(region), Locale(region, "", account, partition), Pacer(UNPACED))
    asked = {"TopicArn": arn, "Subject": _subject(subject), "Message": message, **_in_order(arn, message)}
    try:
        caller.once("sns", "Publish", asked)
    except AWS_ERRORS as error:
        # AWS's message can quote the ARN.
        raise NotifyError(f"AWS said {code_of(error)}. Whose credentials these are needs sns:Publish.") from None


def _refuse_elsewhere(partition: str, region: str) -> None:
    try:
        is_there = partition_of(region) == partition
    except AuditorError:
        is_there = False
    if not is_there:
        raise NotifyError("the topic's ARN names a region that its partition does not have.")


def _subject(text: str) -> str:
    return _CONTROL.sub("?", text)[:SUBJECT]


def _in_order(arn: str, message: str) -> dict[str, Any]:
    # A FIFO topic wants to know what comes after what, and what is the same.
    if not arn.endswith(".fifo"):
        return {}
    return {"MessageGroupId": "auditor", "MessageDeduplicationId": hashlib.sha256(message.encode()).hexdigest()}

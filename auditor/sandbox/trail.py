"""CloudTrail's event history, of which ministack keeps little, under names of its own. Knows nothing of the auditor.

What writes in Lambda, S3 and CodeDeploy is kept as CloudTrail keeps it; what only reads is not: it would cost time.
A session token is the name of the session that calls: with AWS_SESSION_TOKEN=alice, it is alice in the role `sandbox`.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import re
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import dropwhile, islice
from threading import Lock
from typing import Any, Final

from moto.core.model import OperationModel

from auditor.sandbox.asgi import Scope, Send, header
from auditor.sandbox.extension import Fields, Refused, State

_MOST: Final = 20_000
"""Events of all accounts together; the oldest are forgotten."""
_PAGE: Final = 50
_KEPT: Final[deque[Fields]] = deque(maxlen=_MOST)
# moto answers in threads of its own.
_ALONE: Final = Lock()
_CREDENTIAL: Final = re.compile(r"Credential=([^/,]+)/\d+/([^/]+)/")
_SESSION: Final = re.compile(r"[\w+=,.@-]{1,64}")
_ERROR: Final = re.compile(r'<Code>(\w+)</Code>|"__type": ?"(?:[^"#]*#)?(\w+)')
_READS: Final = ("Get", "List", "Head", "Describe", "BatchGet", "Invoke", "AssumeRole")
_DATE: Final = re.compile(r"/(\d{4})-(\d\d)-(\d\d)/")
_SECOND_VERSION: Final = frozenset(
    {"AddPermission", "RemovePermission", "UpdateFunctionCode", "UpdateFunctionConfiguration", "TagResource",
     "UntagResource"}
)  # fmt: skip
_OF_S3: Final = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_OF_ACCOUNT: Final = {
    "DeletePublicAccessBlock": "DeleteAccountPublicAccessBlock",
    "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
}
_OMITTED: Final = frozenset({"environment", "zipFile"})
"""What Lambda leaves out of its events."""


def recorded(send: Send, scope: Scope, model: OperationModel, asked: Callable[[], Fields]) -> Send:
    """`send`, which also keeps the event of a call that writes, once it was answered whole."""
    if not _writes(model):
        return send
    given, status, body = asked(), 0, b""

    async def sending(message: Fields) -> None:
        nonlocal status, body
        status, body = message.get("status", status), body + message.get("body", b"")
        if message["type"] == "http.response.body" and not message.get("more_body"):
            service = str(model.service_model.service_name)
            caller = header(scope, b"authorization"), header(scope, b"x-amz-security-token")
            keep(caller, service, event_name(model), given, status, body)
        await send(message)

    return sending


def _writes(model: OperationModel) -> bool:
    # What is done to objects, and calling a function, are data events, which the history does not hold.
    members = model.input_shape.members if model.input_shape else {}
    return not model.name.startswith(_READS) and "Key" not in members and model.name != "DeleteObjects"


def event_name(model: OperationModel) -> str:
    """What CloudTrail calls an operation: those of Lambda up to 2018 carry the date that is in their path."""
    name, service = str(model.name), model.service_model.service_name
    date = "".join(found.groups()) if (found := _DATE.match(model.http["requestUri"])) else ""
    if service == "lambda" and date and date <= "20181031":
        return name + date + ("v2" if name in _SECOND_VERSION else "")
    return {"s3": _OF_S3, "s3control": _OF_ACCOUNT}.get(str(service), {}).get(name, name)


def keep(caller: tuple[str, str], service: str, name: str, asked: Fields, status: int, body: bytes) -> None:
    """Keep the event of one call; `caller` is its signature and its session token."""
    signed = _CREDENTIAL.search(caller[0])
    if not signed:
        return
    account, region = signed.groups()
    refused = _ERROR.search(body.decode(errors="replace")) if status >= 300 else None
    told = {
        "eventVersion": "1.11",
        "userIdentity": _identity(account, caller[1]),
        "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service.removesuffix('control')}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        **({"errorCode": refused[1] or refused[2] if refused else str(status)} if status >= 300 else {}),
        "requestParameters": _parameters(service, asked),
        "responseElements": _answered(service, body) if status < 300 else None,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
    }
    with _ALONE:
        _KEPT.append(told)


def _identity(account: str, session: str) -> Fields:
    if not session:
        return {"type": "IAMUser", "arn": f"arn:aws:iam::{account}:user/sandbox", "userName": "sandbox"}
    name = session if _SESSION.fullmatch(session) else "session"
    return {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/sandbox/{name}", "accountId": account}


def _parameters(service: str, asked: Fields) -> Fields:
    named = {"bucketName" if service == "s3" and name == "Bucket" else name: one for name, one in asked.items()}
    kept: Fields = _lowered(named)
    return kept


def _answered(service: str, body: bytes) -> Any:
    # S3 answers XML, and nothing that an event holds.
    return _lowered(json.loads(body)) if service in ("lambda", "codedeploy") and body else None


def _lowered(value: Any) -> Any:
    """A value with its names as CloudTrail writes them (`functionName`, `uUID`), without what events leave out."""
    if isinstance(value, list):
        return [_lowered(one) for one in value]
    if not isinstance(value, dict):
        return value if isinstance(value, str | int | float | bool | None) else str(value)
    lowered = {name[:1].lower() + name[1:]: one for name, one in value.items() if not isinstance(one, bytes)}
    return {name: _lowered(one) for name, one in lowered.items() if name not in _OMITTED}


# -- the operation


def lookup_events(state: State, asked: Fields) -> Fields:
    """The events of the account and region, newest first, by one attribute at most."""
    attributes, most = asked.get("LookupAttributes", []), asked.get("MaxResults", _PAGE)
    if len(attributes) > 1:
        raise Refused("InvalidLookupAttributesException", message="You can specify only one lookup attribute.")
    if not 1 <= most <= _PAGE:
        raise Refused("InvalidMaxResultsException", message="The value must be from 1 to 50.")
    wanted = attributes[0] if attributes else None
    with _ALONE:
        own = [one for one in reversed(_KEPT) if _is_of(one, state)]
    found = (one for one in map(_told, own) if _has(one, wanted) and _is_within(one, asked))
    page = list(islice(_after(found, asked.get("NextToken")), most + 1))
    more = {"NextToken": page[most - 1]["EventId"]} if len(page) > most else {}
    return {"Events": page[:most], **more}


def _is_of(event: Fields, state: State) -> bool:
    return (event["recipientAccountId"], event["awsRegion"]) == (state.account, state.region)


def _told(event: Fields) -> Fields:
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "false",
        "EventTime": datetime.fromisoformat(event["eventTime"]),
        "EventSource": event["eventSource"],
        "Username": event["userIdentity"]["arn"].rpartition("/")[2],
        "Resources": list(_resources(event["requestParameters"])),
        "CloudTrailEvent": json.dumps(event),
    }


def _resources(parameters: Fields) -> Iterator[Fields]:
    # CodeDeploy's events have none.
    for name, type_ in (("functionName", "AWS::Lambda::Function"), ("bucketName", "AWS::S3::Bucket")):
        if name in parameters:
            yield {"ResourceType": type_, "ResourceName": parameters[name]}


def _has(event: Fields, wanted: Fields | None) -> bool:
    if wanted is None:
        return True
    key, value = wanted["AttributeKey"], wanted["AttributeValue"]
    if key in ("ResourceName", "ResourceType"):
        return any(one[key] == value for one in event["Resources"])
    return bool(event.get(key) == value)


def _is_within(event: Fields, asked: Fields) -> bool:
    start, end = asked.get("StartTime"), asked.get("EndTime")
    return (start is None or event["EventTime"] >= start) and (end is None or event["EventTime"] <= end)


def _after(found: Iterator[Fields], token: str | None) -> Iterator[Fields]:
    return islice(dropwhile(lambda one: one["EventId"] != token, found), 1, None) if token else found


HANDLERS: Final = {"cloudtrail": {"LookupEvents": lookup_events}}

"""What a deployment comes to, by what is really there in the embedded AWS. Knows nothing of the auditor, nor of moto.

Codes: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from auditor.sandbox.codedeploy_revisions import function_of

Clients = Callable[[str], Any]
"""A boto3 client of the deployment's account and region, by service."""
Outcome = tuple[str, str, str] | None
"""Status, error code and message; None of a deployment that succeeds."""
ROLLBACK: Final = "codeDeployRollback"
"""Who makes a deployment that rolls another one back."""
_ALARMED: Final = (
    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected "
    "deployments have been stopped. Activated alarms: <{}>"
)


def outcome(deployment: Mapping[str, Any], group: Mapping[str, Any], clients: Clients) -> Outcome:
    """What ends the deployment. An alias is moved here where it succeeds. A rollback heeds no alarm."""
    back = deployment["creator"] == ROLLBACK
    active = [] if back else _active(deployment.get("overrideAlarmConfiguration"), group, clients)
    if active:
        return "Stopped", "ALARM_ACTIVE", _ALARMED.format(", ".join(active))
    revision = deployment["revision"]
    missing = _missing(revision["s3Location"], clients) if "s3Location" in revision else None
    if missing or deployment["computePlatform"] != "Lambda":
        return missing
    return _shifted(_read(revision, clients), back, clients)


def _active(overriding: Mapping[str, Any] | None, group: Mapping[str, Any], clients: Clients) -> list[str]:
    own = overriding or group.get("alarmConfiguration") or {}
    names = [one["name"] for one in own.get("alarms", ())] if own.get("enabled") else []
    if not names:
        return []
    found = clients("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return [one["AlarmName"] for one in found if one.get("StateValue") == "ALARM"]


def _missing(location: Mapping[str, Any], clients: Clients) -> Outcome:
    where = f"s3://{location['bucket']}/{location['key']}"
    try:
        there = clients("s3").head_object(**object_of(location))
    except ClientError as error:
        return "Failed", "REVISION_MISSING", f"The revision {where} could not be read ({error})."
    if _unquoted(location.get("eTag")) in ("", _unquoted(there["ETag"])):
        return None
    return "Failed", "INVALID_REVISION", f"The ETag of the revision {where} is another one."


def object_of(location: Mapping[str, Any]) -> dict[str, str]:
    """The arguments by which S3 is asked for the object of an `s3Location`."""
    version = {"VersionId": location["version"]} if location.get("version") else {}
    return {"Bucket": location["bucket"], "Key": location["key"], **version}


def _read(revision: Mapping[str, Any], clients: Clients) -> Mapping[str, Any]:
    # The object of a Lambda deployment is the AppSpec file itself.
    if "s3Location" not in revision:
        return revision
    with clients("s3").get_object(**object_of(revision["s3Location"]))["Body"] as body:
        return {"string": {"content": body.read().decode(errors="replace")}}


def _unquoted(etag: str | None) -> str:
    return (etag or "").strip('"')


def _shifted(revision: Mapping[str, Any], back: bool, clients: Clients) -> Outcome:
    own = function_of(revision)
    if not own:
        return "Failed", "INVALID_REVISION", "The AppSpec file is not valid: it names no function with its versions."
    alias, current = {"FunctionName": own["Name"], "Name": own["Alias"]}, own["CurrentVersion"]
    try:
        found = clients("lambda").get_alias(**alias)["FunctionVersion"]
        # What is rolled back never left the version that its alias points to, so that its own "current" is long past.
        if found != current and not back:
            message = f"The alias {own['Alias']} of {own['Name']} points to version {found}, not {current}."
            return "Failed", "INVALID_LAMBDA_CONFIGURATION", message
        clients("lambda").update_alias(**alias, FunctionVersion=own["TargetVersion"])
    except ClientError as error:
        return "Failed", "INVALID_LAMBDA_CONFIGURATION", f"The Lambda function or its alias is not valid: {error}"
    return None

"""The GitHub listener: a push, or a published release, becomes an artifact in every region's bucket.

One Lambda function with two tasks. Called by GitHub's webhook (through a function URL, or API Gateway's payload 1.0 or
2.0), it checks the signature and the rules and answers within GitHub's ten seconds. The work is an asynchronous call of
the function by itself, and not a queue: there is no queue to own; Lambda tries such a call twice again and has a
destination for what failed for good; and only names travel, which fit into its payload many times over.

https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html

Environment: WEBHOOK_SECRET and GITHUB_TOKEN (optional) name a secret of Secrets Manager, or a parameter of SSM (an ARN,
or a name that begins with "/"). RULES is a list of {"repository": "OWNER/NAME", "ref": "refs/heads/main", "event":
"push" or "release", "application": NAME, "folder": "services/web", "prereleases": true}; `*` in a ref stands for
anything, slashes too; without a folder, all of the repository is shipped; without "prereleases", a release is shipped
once GitHub shows it as a full one. BUCKETS has a bucket's name by region. GITHUB_API_URL, COMMIT_STATUSES ("true"),
and, in bytes or entries, MAX_DOWNLOAD, MAX_BYTES, MAX_ENTRIES.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import boto3
from botocore import xform_name
from botocore.config import Config

from auditor.aws.errors import AWS_ERRORS, reason
from auditor.deploy.appspec_artifact import checked_appspec
from auditor.deploy.archive import Artifact, packed
from auditor.deploy.fanout import Bucket, Kept, Placed, fan_out
from auditor.deploy.functions.push_ledger import SHIPPED_BY, claims, is_superseded_everywhere
from auditor.deploy.functions.statuses import public_reason, set_statuses, shortened
from auditor.deploy.functions.webhook import (
    BadRequestError,
    Request,
    Settings,
    Ship,
    is_signed,
    request_of,
    settings_of,
    shipments,
)
from auditor.deploy.github import GitHubSource, commit_of, download, parse_source
from auditor.deploy.source_folder import key_of
from auditor.deploy.unpack import UnfitTreeError
from auditor.errors import ArtifactError, AuditorError, DeployError, GitHubError, NotOnGitHubError, SettingsError

_FRESH: Final = 300
"""Seconds that a secret is believed to be what it was."""
_ROTATED: Final = 60
"""Seconds after which a wrong signature may mean that the secret is another by now."""
# GitHub waits for ten seconds: https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks
_QUICK: Final = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
_PATIENT: Final = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4})
_OTHER_BYTES: Final = (
    "GitHub's archive of this commit is not what it was when it was uploaded, which was left as it is. A file with "
    "export-subst in .gitattributes does that, as it holds the names of refs."
)
_SECRETS: Final[dict[str, tuple[float, str]]] = {}
"""When each secret was read, and what it was. Lambda keeps a process for many calls, and Secrets Manager is slow."""


class _UnshippableError(DeployError):
    """What cannot be shipped of a commit, or CodeDeploy or its agent would refuse of it, however often it is tried."""


@dataclass(frozen=True)
class _Shipment:
    ship: Ship
    source: GitHubSource
    token: str
    settings: Settings
    buckets: Sequence[Bucket]

    def head(self) -> str:
        """The commit that the ref is now; "" where it is gone."""
        with suppress(NotOnGitHubError):
            return commit_of(replace(self.source, ref=self.ship.ref.removeprefix("refs/")), self.token)
        return ""


@dataclass(frozen=True)
class _Sent:
    """Where an artifact is and why not, by region, and which regions have a newer push."""

    placed: Mapping[str, Placed]
    failed: Mapping[str, str]
    superseded: tuple[str, ...]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer GitHub; or, called with {"ship": …} by itself, ship.

    Shipping the same again changes nothing: writes are conditional. What CodeDeploy or its agent would refuse, and a
    folder that the commit does not have, is not shipped, and not tried again; GitHub is told why. Raises AuditorError,
    or botocore's errors, where it shipped nothing, or not to all regions, so that Lambda tries again; and SettingsError
    where the environment says nothing usable.
    """
    settings = settings_of(os.environ)
    # What comes by HTTP always has these, and then it cannot be a call of the function by itself.
    if "ship" in event and "requestContext" not in event and "headers" not in event:
        return _worked(Ship(**event["ship"]), settings)
    request = request_of(event)
    try:
        return _answered(request, settings, context)
    except BadRequestError as error:
        return _answer(request, 400, {"refused": str(error)})
    except AWS_ERRORS as error:
        _log(delivery=request.delivery, event=request.event, outcome="failed", reason=reason(error))
        return _answer(request, 500, {"failed": "The function's log says why."})


def _answered(request: Request, settings: Settings, context: object) -> dict[str, Any]:
    if not _is_trusted(request, settings.webhook_secret):
        return _answer(request, 401, {})
    if request.event == "ping":
        return _answer(request, 200, {"pong": True})
    found = shipments(request, settings.rules)
    if isinstance(found, str):
        return _answer(request, 200, {"ignored": found})
    heard = int(time.time() * 1000)
    for ship in (replace(one, heard=heard) for one in found):
        _call_self(ship, context)
        _log(**ship.named, outcome="accepted")
    return _answer(request, 202, {"accepted": [ship.application for ship in found]})


def _is_trusted(request: Request, secret: str) -> bool:
    if "x-hub-signature-256" not in request.headers:
        return False
    return any(is_signed(request, _secret(secret, age)) for age in (_FRESH, _ROTATED))


def _secret(name: str, age: float) -> str:
    """What a secret is, or was at most `age` seconds ago. Raises botocore's errors, and SettingsError."""
    read, value = _SECRETS.get(name, (0.0, ""))
    now = time.time()
    if now - read > age:
        value = _read_secret(name).strip()
        if not value:
            raise SettingsError(f"The secret {name} is empty. Nothing was done. Put a value into it.")
        _SECRETS[name] = (now, value)
    return value


def _read_secret(name: str) -> str:
    region = name.split(":")[3] if name.startswith("arn:") else None
    if name.startswith("/") or re.match(r"arn:aws[a-z-]*:ssm:", name):
        ssm = boto3.Session().client("ssm", region_name=region, config=_QUICK)
        return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    manager = boto3.Session().client("secretsmanager", region_name=region, config=_QUICK)
    return str(manager.get_secret_value(SecretId=name).get("SecretString", ""))


def _call_self(ship: Ship, context: object) -> None:
    here = getattr(context, "invoked_function_arn", "") or os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    payload = json.dumps({"ship": asdict(ship)}).encode()
    boto3.Session().client("lambda", config=_QUICK).invoke(FunctionName=here, InvocationType="Event", Payload=payload)


def _worked(ship: Ship, settings: Settings) -> dict[str, Any]:
    try:
        token = _secret(settings.token, 0) if settings.token else ""
        # The API knows a ref without its 'refs/': https://docs.github.com/en/rest/commits/commits#get-a-commit
        wanted = ship.sha or ship.ref.removeprefix("refs/")
        source = parse_source(f"github:{ship.repository}@{wanted}", {"GITHUB_API_URL": settings.api})
        ship = replace(ship, sha=ship.sha or commit_of(source, token))
        shipment = _Shipment(ship, source, token, settings, _buckets(settings))
        sent = _shipped(shipment)
    except _UnshippableError as error:  # another try would find the same
        _log(**ship.named, outcome="refused", reason=str(error))
        return {"refused": str(error)}
    except (AuditorError, *AWS_ERRORS) as error:
        told = str(error) if isinstance(error, AuditorError) else reason(error)
        _log(**ship.named, outcome="failed", reason=told)
        raise
    placed, superseded = sorted(sent.placed), {"superseded": sorted(sent.superseded)} if sent.superseded else {}
    uploaded = sorted(region for region, one in sent.placed.items() if one.uploaded)
    outcome = "shipped" if placed else "superseded"
    _log(**ship.named, outcome=outcome, regions=placed, uploaded=uploaded, **superseded)
    return {"shipped": placed, **superseded}


def _shipped(shipment: _Shipment) -> _Sent:
    """What became of it. Raises DeployError, after all the others are done, where a region has it not and should."""
    regions = shipment.settings.buckets
    if is_superseded_everywhere(shipment.buckets, shipment.ship, shipment.head):
        return _Sent({}, {}, tuple(regions))
    _tell(shipment, [(region, "pending", "on its way") for region in regions])
    try:
        sent = _sent(shipment)
    except _UnshippableError as error:
        why = shortened(f"not uploaded: {str(error).partition(chr(10))[0]}")
        _tell(shipment, [(region, "error", why) for region in regions])
        raise
    except AuditorError:
        _tell(shipment, [(region, "error", "not uploaded: the artifact could not be made") for region in regions])
        raise
    states = [(region, "success", "uploaded" if one.uploaded else "there") for region, one in sent.placed.items()]
    states += [(region, "error", "not uploaded: a newer push is there") for region in sent.superseded]
    _tell(shipment, [*states, *((region, "failure", public_reason(why)) for region, why in sent.failed.items())])
    if sent.failed:
        reasons = "; ".join(f"{region}: {why}" for region, why in sorted(sent.failed.items()))
        raise DeployError(
            f"{shipment.ship.repository}@{shipment.ship.sha} was not uploaded to {len(sent.failed)} of {len(regions)} "
            f"regions ({reasons}). The others have it. Lambda tries again; correct what AWS says."
        )
    return sent


def _sent(shipment: _Shipment) -> _Sent:
    ship, settings = shipment.ship, shipment.settings
    with tempfile.TemporaryDirectory() as name:
        archive, target = Path(name, "source.tar.gz"), Path(name, "artifact.zip")
        download(shipment.source, ship.sha, shipment.token, archive, settings.most)
        artifact = _packed(archive, target, shipment)
        for warning in _warnings(artifact):
            _log(**ship.named, outcome="warning", reason=warning)
        metadata = {
            "commit": ship.sha,
            # S3's metadata is ASCII, and a ref need not be.
            "ref": ship.ref if ship.ref.isascii() else quote(ship.ref),
            "sha256": artifact.sha256,
            "shipped-by": SHIPPED_BY,
        }
        own, superseded, failed = claims(shipment.buckets, ship, shipment.head, int(time.time() * 1000))
        placed, unplaced = fan_out(
            artifact, key_of(ship.application, ship.sha, ship.folder), metadata, own, replace=False
        )
    for region in sorted(region for region, one in placed.items() if isinstance(one, Kept)):
        _log(**ship.named, outcome="warning", reason=f"{region}: {_OTHER_BYTES}")
    return _Sent(placed, failed | unplaced, superseded)


def _packed(archive: Path, target: Path, shipment: _Shipment) -> Artifact:
    try:
        return packed(archive, target, shipment.settings.limits, shipment.ship.folder)
    except UnfitTreeError as error:
        # Where it lay for a moment is nothing to those who pushed.
        raise _UnshippableError(str(error).removeprefix(f"{archive}: ")) from None


def _warnings(artifact: Artifact) -> tuple[str, ...]:
    try:
        return checked_appspec(artifact)[1]
    except ArtifactError as error:
        raise _UnshippableError(str(error)) from None


def _buckets(settings: Settings) -> list[Bucket]:
    session = boto3.Session()  # which reads botocore's descriptions once
    return [_bucket(session, region, bucket) for region, bucket in settings.buckets.items()]


def _bucket(session: boto3.Session, region: str, name: str) -> Bucket:
    client = session.client("s3", region_name=region, config=_PATIENT)

    def call(operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(client, xform_name(operation))(**params)
        return answer

    return Bucket(region, name, "", call)


def _tell(shipment: _Shipment, states: Iterable[tuple[str, str, str]]) -> None:
    """Give the commit a status per region, if told to. GitHub's refusal is logged, and ends no shipment."""
    if not shipment.settings.statuses:
        return
    try:
        set_statuses(shipment.source, shipment.ship, shipment.token, states)
    except GitHubError as error:
        # The next would fail too, and each waits.
        _log(**shipment.ship.named, outcome="no status", reason=str(error))


def _answer(request: Request, status: int, told: Mapping[str, Any]) -> dict[str, Any]:
    _log(delivery=request.delivery, event=request.event, status=status, **told)
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(told)}


def _log(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()

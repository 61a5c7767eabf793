"""A large estate in the embedded AWS: four regions alike but for what belongs to a region, then forty differences.

    python -m bench.estate        (make estate)

Prints the findings of both audits and what each cost; exit code 0 when they are none, and exactly the forty.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from auditor.commands.drift import live_drift
from auditor.model.values import Drift
from auditor.resources import load_specs
from auditor.sandbox.scenario import Resources, Scenario, merge
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.settings.load import Settings

REGIONS: Final = {"us-east-1": "use1", "eu-west-1": "euw1", "ap-southeast-2": "apse2", "sa-east-1": "sae1"}
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/shop"
BUCKET, FUNCTION = "AWS::S3::Bucket", "AWS::Lambda::Function"
ALIAS, URL, MAPPING = "AWS::Lambda::Alias", "AWS::Lambda::Url", "AWS::Lambda::EventSourceMapping"
INVOKE, LAYER, SIGNING = "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::LayerVersion", "AWS::Lambda::CodeSigningConfig"
CONFIG, APPLICATION = "AWS::CodeDeploy::DeploymentConfig", "AWS::CodeDeploy::Application"
GROUP = "AWS::CodeDeploy::DeploymentGroup"


def estate(region: str) -> Resources:
    """Two hundred audited resources of eleven types, worded for a region."""
    arn = f"arn:aws:{{}}:{region}:{ACCOUNT}:{{}}"
    alias = arn.format("lambda", "function:job-{}:live")
    half = {"minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 50}}
    return {
        "AWS::SNS::Topic": {"alerts": {}},
        "AWS::SQS::Queue": {f"jobs-{number}": {} for number in range(10)},
        BUCKET: {f"shop-{number}-{region}": _bucket(number, region) for number in range(45)},
        FUNCTION: {f"job-{number}": _function(number, region, arn) for number in range(50)},
        ALIAS: {f"job-{number}/live": {"FunctionVersion": _live(region)} for number in range(20)},
        URL: {f"job-{one}/live": {"FunctionArn": alias.format(one), "AuthType": "AWS_IAM"} for one in range(10)},
        INVOKE: {f"job-{number}/live": {"MaximumRetryAttempts": 1} for number in range(10)},
        MAPPING: {
            f"job-{number}/{arn.format('sqs', f'jobs-{number}')}": {
                "FunctionArn": arn.format("lambda", f"function:job-{number}"),
                "EventSourceArn": arn.format("sqs", f"jobs-{number}"),
                "BatchSize": 5,
            }
            for number in range(10)
        },
        LAYER: {
            f"common-{number}": {"Description": "shared", "Code": {"x.py": f"N = {number}\n"}} for number in range(5)
        },
        SIGNING: {f"signed-{number}": _signing(number, arn) for number in range(2)},
        CONFIG: {f"half-{number}": half for number in range(6)},
        APPLICATION: {
            f"app-{number}": {"computePlatform": "Server", "Tags": {"n": str(number)}} for number in range(14)
        },
        GROUP: {f"app-{number % 14}/group-{number}": _group(number, region, arn) for number in range(28)},
    }


def _live(region: str) -> str:
    # Numbers of versions differ from region to region; what they hold does not.
    return "1" if region == "us-east-1" else "2"


def _bucket(number: int, region: str) -> dict[str, Any]:
    rules = [{"ID": f"r{one}", "Status": "Enabled", "Filter": {"Prefix": f"{one}/"}, "Expiration": {"Days": 30 + one}}
             for one in range(3)]  # fmt: skip
    return {
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": rules if region == "us-east-1" else rules[::-1]},
        "Tags": {"team": "shop", "number": str(number)},
    }


def _function(number: int, region: str, arn: str) -> dict[str, Any]:
    variables = {"TOPIC": arn.format("sns", "alerts"), "BUCKET": f"shop-0-{region}", "PASSWORD": f"secret-{number}"}
    code = {"app.py": f"def handler(event, context):\n    return {number}\n"}
    older = {} if region == "us-east-1" else {"Code": {"app.py": "OLD = True\n"}}
    versions = [older, {}] if older else [{}]
    return {
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "app.handler",
        "MemorySize": 256,
        "Environment": {"Variables": variables},
        "Tags": {"team": "shop"},
        "Code": code,
        **({"Versions": versions} if number < 20 else {}),
    }


def _signing(number: int, arn: str) -> dict[str, Any]:
    profile = arn.format("signer", f"/signing-profiles/shop{number}/Ab12Cd34Ef")
    return {
        "Description": f"signed-{number}",
        "AllowedPublishers": {"SigningProfileVersionArns": [profile]},
    }


def _group(number: int, region: str, arn: str) -> dict[str, Any]:
    alarms = [{"name": f"errors-{number}-{REGIONS[region]}"}, {"name": f"latency-{number}-{REGIONS[region]}"}]
    return {
        "serviceRoleArn": ROLE,
        "alarmConfiguration": {"enabled": True, "alarms": alarms if region == "us-east-1" else alarms[::-1]},
        "triggerConfigurations": [
            {
                "triggerName": "t",
                "triggerTargetArn": arn.format("sns", "alerts"),
                "triggerEvents": ["DeploymentFailure"],
            }
        ],
    }


def planted(region: str) -> Iterator[tuple[str, str, Mapping[str, Any] | None]]:
    """The differences made in a region: type, name as there, and a merge patch (None: the resource is gone)."""
    rest = {"eu-west-1": 0, "ap-southeast-2": 1, "sa-east-1": 2}[region]
    yield from ((BUCKET, f"shop-{rest + 3 * one}-{region}", {"Tags": {"team": "other"}}) for one in range(2))
    yield BUCKET, f"shop-{20 + rest}-{region}", {"VersioningConfiguration": {"Status": "Suspended"}}
    yield from ((FUNCTION, f"job-{30 + rest + 3 * one}", {"MemorySize": 512}) for one in range(2))
    yield FUNCTION, f"job-{40 + rest}", None
    yield INVOKE, f"job-{rest}/live", {"MaximumRetryAttempts": 0}
    yield URL, f"job-{rest}/live", {"InvokeMode": "RESPONSE_STREAM"}
    yield LAYER, f"common-{rest}", {"Code": {"x.py": "N = -1\n"}}
    yield CONFIG, f"half-{rest}", {"minimumHealthyHosts": {"value": 25}}
    yield APPLICATION, f"app-{rest}", {"Tags": {"n": "changed"}}
    yield GROUP, f"app-{rest}/group-{rest}", {"alarmConfiguration": {"enabled": False}}
    yield MAPPING, f"job-{rest}/arn:aws:sqs:{region}:{ACCOUNT}:jobs-{rest}", {"BatchSize": 9}
    if rest == 0:
        yield SIGNING, "signed-0", {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}}


def drifted(region: str) -> Resources:
    """The estate of a region with what was planted there."""
    made: Any = estate(region)
    for type_, name, patch in planted(region):
        made = merge(made, {type_: {name: patch}})
    return made  # type: ignore[no-any-return]


def audit(regions: Mapping[str, Resources]) -> tuple[Drift, float, int]:
    """The drift of an estate seeded into an AWS of its own, the seconds the audit took, and its API calls."""
    settings = Settings(golden="us-east-1", regions=tuple(regions), pace="off", store=tempfile.gettempdir())
    with Sandbox() as sandbox, sandbox.entered():
        seed(Scenario(regions), sandbox.environment(), load_specs())
        begun = time.monotonic()
        found, taken = live_drift(settings, os.environ, lambda *_: None)
        return found, time.monotonic() - begun, sum(taken.calls.values())


def told(name: str, wanted: int, found: Drift, seconds: float, calls: int) -> bool:
    """Print what an audit came to; whether it is what was planted."""
    per_region = sum(len(named) for type_, named in estate("us-east-1").items() if type_ in load_specs())
    kinds = Counter(one.kind for one in found.findings)
    listed = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    print(
        f"{name}: {per_region} resources a region in {len(REGIONS)} regions, {wanted} differences planted, "
        f"{len(found.findings)} findings ({listed or 'none'}), complete: {found.complete}; "
        f"{calls} API calls, {seconds:.1f} s"
    )
    return len(found.findings) == wanted and found.complete


def main() -> int:
    """Both audits."""
    os.environ.setdefault("AUDITOR_FINGERPRINT_KEY", "a key for measuring, of no secrets at all")
    alike = told("alike", 0, *audit({region: estate(region) for region in REGIONS}))
    others = [region for region in REGIONS if region != "us-east-1"]
    wanted = sum(1 for region in others for _ in planted(region))
    found = audit({"us-east-1": estate("us-east-1"), **{region: drifted(region) for region in others}})
    return 0 if told("drifted", wanted, *found) and alike else 1


if __name__ == "__main__":
    sys.exit(main())

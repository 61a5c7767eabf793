"""One audit of six accounts in four regions, in the embedded AWS, as a person would see it.

    python -m bench.accounts        (make accounts)

The accounts come from Organizations, by their unit. One of them is without one of the regions, and the role of another
trusts somebody else. Prints what `auditor diff` says, but for what tells of sites that could not be read and of nothing
else, and what it cost; exit code 0 where that is what it should say.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import boto3

from auditor.resources import load_specs
from auditor.sandbox.scenario import Resources, Scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import Sandbox

REGIONS: Final = ("us-east-1", "eu-west-1", "ap-southeast-2", "me-south-1")
LIVE: Final = ("prod", "checkout", "data", "media", "search", "legacy")
WITHOUT: Final = ("media", "me-south-1")
REFUSING: Final = "legacy"
EXPECTED: Final = {"changed": 2, "missing": 1, "extra": 1}
"""Findings by kind, those of sites that cannot be read aside."""
SETTINGS: Final = """\
golden: prod/us-east-1
regions: ["*/us-east-1", "*/eu-west-1", "*/ap-southeast-2", "*/me-south-1"]
organization: {{role_name: audit/auditor, external_id: night-watch, units: [{unit}]}}
names: {{"AWS::S3::Bucket": ["{{stem}}-{{account}}-{{region}}"]}}
pace: "off"
"""


def main() -> int:
    """Make the organization, audit it, and say what came of it."""
    with Sandbox() as sandbox, sandbox.entered(), tempfile.TemporaryDirectory() as folder:
        unit = _organization(sandbox)
        Path(folder, "auditor.yaml").write_text(SETTINGS.format(unit=unit), encoding="utf-8")
        table = _run(folder)
        print(table.stdout + table.stderr)
        start = time.monotonic()
        told = _run(folder, "-v", "--format", "json")
        seconds = time.monotonic() - start
    found = json.loads(told.stdout)
    calls = told.stderr.splitlines()[-1].split()[0]
    kinds = Counter(one["kind"] for one in found["findings"])
    unread = sorted({one["site"] for one in found["findings"] if one["kind"] == "unreadable"})
    print(f"sites      {len(found['sites']) + 1}: golden, {len(found['sites']) - len(unread)} compared, "
          f"{len(unread)} unread ({', '.join(unread)})")  # fmt: skip
    print(f"resources  {found['summary']['resources']}")
    print("findings   " + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())))
    print(f"calls      {calls}\nseconds    {seconds:.1f}\nexit code  {told.returncode}")
    as_it_should = {kind: number for kind, number in kinds.items() if kind != "unreadable"} == EXPECTED
    return 0 if as_it_should and len(unread) == 5 and told.returncode == 3 else 1


def _run(folder: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "auditor", "diff", *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 our own


def _organization(sandbox: Sandbox) -> str:
    """The unit of the six accounts, which are filled; beside it is one that is not to be read."""
    client: Any = boto3.client("organizations")
    client.create_organization()
    root = client.list_roots()["Roots"][0]["Id"]
    units = {
        name: client.create_organizational_unit(ParentId=root, Name=name)["OrganizationalUnit"]["Id"]
        for name in ("live", "test")
    }
    ids = {name: _account(client, root, units["live"], name) for name in LIVE}
    _account(client, root, units["test"], "experiments")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: _filled(sandbox, name, ids[name]), LIVE))
    _client("account", ids[WITHOUT[0]]).disable_region(RegionName=WITHOUT[1])
    return str(units["live"])


def _account(client: Any, root: str, unit: str, name: str) -> str:
    made = client.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
    client.move_account(AccountId=made, SourceParentId=root, DestinationParentId=unit)
    caller = boto3.client("sts").get_caller_identity()["Account"] if name != REFUSING else "555566667777"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{caller}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "night-watch"}},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    _client("iam", made).create_role(RoleName="auditor", Path="/audit/", AssumeRolePolicyDocument=trust)
    return str(made)


def _client(service: str, account: str) -> Any:
    return boto3.Session(account, "sandbox").client(service, region_name="us-east-1")


def _filled(sandbox: Sandbox, name: str, account: str) -> None:
    regions = {region: _resources(name, account, region) for region in REGIONS if (name, region) != WITHOUT}
    seed(Scenario(regions), {**sandbox.environment(), "AWS_ACCESS_KEY_ID": account}, load_specs())


def _resources(name: str, account: str, region: str) -> Resources:
    """The same in every account and region, but for four differences."""
    memory = 256 if (name, region) == ("data", "eu-west-1") else 512
    role = f"arn:aws:iam::{account}:role/audit/auditor"
    code = {"app.py": "def handler(event, context):\n    return 'ok'\n"}
    function: dict[str, Any] = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "Code": code}
    functions: dict[str, dict[str, Any]] = {f"job-{number}": {**function, "MemorySize": 512} for number in range(5)}
    functions["job-0"]["MemorySize"] = memory
    if (name, region) == ("search", "us-east-1"):
        del functions["job-4"]
    if (name, region) == ("checkout", "ap-southeast-2"):
        functions["debug"] = function
    versioning = "Suspended" if (name, region) == ("media", "us-east-1") else "Enabled"
    return {
        "AWS::S3::Bucket": {f"shop-{account}-{region}": {"VersioningConfiguration": {"Status": versioning}}},
        "AWS::Lambda::Function": functions,
        "AWS::CodeDeploy::Application": {"shop": {"computePlatform": "Server"}},
    }


if __name__ == "__main__":
    sys.exit(main())

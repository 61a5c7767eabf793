"""What the tests of planning and applying share: small regions that differ, and what a run wrote down."""

from __future__ import annotations

import json

FUNCTION = "AWS::Lambda::Function"
BUCKET = "AWS::S3::Bucket"
HANDLER = {"app.py": "def handler(event, context): pass\n"}


def role(account, name="shop"):
    """The ARN of a role of an account."""
    return f"arn:aws:iam::{account}:role/{name}"


def function(account, **properties):
    """A function's properties; `properties` win."""
    own = {"Runtime": "python3.12", "Role": role(account), "Handler": "app.handler", "Code": HANDLER}
    return own | properties


def region(*more, **functions):
    """A region's resources: the role that its functions have, these functions, and more types."""
    made = {"AWS::IAM::Role": {"shop": {}}, FUNCTION: functions}
    for one in more:
        made |= one
    return made


def settings(folder, *regions, **more):
    """Write an auditor.yaml for these regions, the first of which is golden."""
    held = {"golden": regions[0], "regions": list(regions), "pace": "off", **more}
    (folder / "auditor.yaml").write_text(json.dumps(held))


def runs(folder):
    """The ids of the runs in the store, oldest first."""
    return sorted(one.name for one in (folder / "snapshots" / "runs").iterdir())


def entries(folder, run=""):
    """What a run wrote down; the last run if none is named."""
    journal = folder / "snapshots" / "runs" / (run or runs(folder)[-1]) / "journal.jsonl"
    return [json.loads(line) for line in journal.read_text().splitlines()]


def calls(folder, run=""):
    """The operations that a run called, in order."""
    return [one["operation"] for one in entries(folder, run) if one["event"] == "calling"]


def memory(aws, name="api", where="eu-west-1"):
    """The memory that a function has now, in MB."""
    return aws.client("lambda", where).get_function_configuration(FunctionName=name)["MemorySize"]


def differing(aws, folder, **more):
    """Two regions whose function differs in its memory, 512 MB in golden and 256 in eu-west-1, and their settings."""
    aws.seed(
        us_east_1=region(api=function(aws.account, MemorySize=512)),
        eu_west_1=region(api=function(aws.account, MemorySize=256)),
    )
    settings(folder, "us-east-1", "eu-west-1", types=[FUNCTION], **more)


def alike(aws, folder):
    """Two regions that are the same, and their settings."""
    aws.seed(us_east_1=region(api=function(aws.account)), eu_west_1=region(api=function(aws.account)))
    settings(folder, "us-east-1", "eu-west-1", types=[FUNCTION])


def failing(aws, folder, *regions, **more):
    """Regions of which each but golden lacks two functions that golden has, `ghost` with a role of its own.

    Each of those has functions of its own in `more`, by region with `_` for `-`.
    """
    own = {"ReservedConcurrentExecutions": 5, "RecursiveLoop": "Allow"}
    ghost = function(aws.account, Role=role(aws.account, "ghost"), **own)
    give_role(aws)
    golden = region(ghost=ghost, well=function(aws.account))
    aws.seed(us_east_1=golden, **{one.replace("-", "_"): region(**more.get(one, {})) for one in regions})
    settings(folder, "us-east-1", *regions, types=[FUNCTION])


def give_role(aws, name="ghost"):
    """Make a role that was not there."""
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")


def applied_without_role(aws, run):
    """What comes of carrying a plan out when the role of `ghost` was deleted after it was made."""
    run("plan", "-o", "plan.json")
    aws.client("iam").delete_role(RoleName="ghost")
    return run("apply", "plan.json", "--yes", "--tolerate", "1")


def names(aws, where="eu-west-1"):
    """The functions of a region."""
    return sorted(one["FunctionName"] for one in aws.client("lambda", where).list_functions()["Functions"])

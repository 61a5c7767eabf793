"""Holds what the program called while it was tested against what `auditor iam-policy` grants. `make grants`.

    python -m tests.grants [FOLDER]

Ends with exit code 1 where a call was made that the policy of its use does not grant on that resource; and, if the
whole suite was run, where a grant was never used and UNUSED does not say why. What is printed is kept in
FOLDER/grants.txt, too.
"""

from __future__ import annotations

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import cfnlint

from auditor.commands import iam_policy as iam_policy_command
from auditor.iam import grants as iam_grants
from auditor.iam.policies import LIMIT, actions, policies_of, size
from auditor.iam.scope import Bounds

USES = {
    "audit": ("audit", "caller"),
    "reconcile": ("reconcile", "caller"),
    "deploy": ("deploy", "caller"),
    "release": ("reconcile", "deploy", "caller"),
}
"""The policies that a use has: its own in each account, and that of who runs the program."""
POLICIES = ("audit", "reconcile", "deploy", "caller")
# AWS's actions with the types of resources that they take, as cfn-lint has them from AWS's own data:
# https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
KNOWN = json.loads((Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text())
PREFIXES = {
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "service-quotas": "servicequotas",
}
# What IAM asks for where that is not called like the operation: the Service Authorization Reference, and
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
REQUIRED = {
    "lambda.GetFunction": ("lambda:GetFunction", "lambda:ListTags"),
    "lambda.GetLayerVersionByArn": ("lambda:GetLayerVersion",),
    "s3.CompleteMultipartUpload": ("s3:PutObject",),
    "s3.CreateBucketMetadataConfiguration": ("s3:CreateBucketMetadataTableConfiguration",),
    "s3.CreateMultipartUpload": ("s3:PutObject",),
    "s3.DeleteBucketAnalyticsConfiguration": ("s3:PutAnalyticsConfiguration",),
    "s3.DeleteBucketCors": ("s3:PutBucketCORS",),
    "s3.DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3.DeleteBucketIntelligentTieringConfiguration": ("s3:PutIntelligentTieringConfiguration",),
    "s3.DeleteBucketInventoryConfiguration": ("s3:PutInventoryConfiguration",),
    "s3.DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3.DeleteBucketMetadataConfiguration": ("s3:DeleteBucketMetadataTableConfiguration",),
    "s3.DeleteBucketMetricsConfiguration": ("s3:PutMetricsConfiguration",),
    "s3.DeleteBucketOwnershipControls": ("s3:PutBucketOwnershipControls",),
    "s3.DeleteBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3.DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3.GetBucketAccelerateConfiguration": ("s3:GetAccelerateConfiguration",),
    "s3.GetBucketCors": ("s3:GetBucketCORS",),
    "s3.GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3.GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3.GetBucketMetadataConfiguration": ("s3:GetBucketMetadataTableConfiguration",),
    "s3.GetBucketNotificationConfiguration": ("s3:GetBucketNotification",),
    "s3.GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3.GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3.GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3.HeadBucket": ("s3:ListBucket",),
    "s3.HeadObject": ("s3:GetObject",),
    "s3.ListBucketAnalyticsConfigurations": ("s3:GetAnalyticsConfiguration",),
    "s3.ListBucketIntelligentTieringConfigurations": ("s3:GetIntelligentTieringConfiguration",),
    "s3.ListBucketInventoryConfigurations": ("s3:GetInventoryConfiguration",),
    "s3.ListBucketMetricsConfigurations": ("s3:GetMetricsConfiguration",),
    "s3.ListBuckets": ("s3:ListAllMyBuckets",),
    "s3.ListObjectsV2": ("s3:ListBucket",),
    "s3.PutBucketAccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
    "s3.PutBucketAnalyticsConfiguration": ("s3:PutAnalyticsConfiguration",),
    "s3.PutBucketCors": ("s3:PutBucketCORS",),
    "s3.PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3.PutBucketIntelligentTieringConfiguration": ("s3:PutIntelligentTieringConfiguration",),
    "s3.PutBucketInventoryConfiguration": ("s3:PutInventoryConfiguration",),
    "s3.PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3.PutBucketMetricsConfiguration": ("s3:PutMetricsConfiguration",),
    "s3.PutBucketNotificationConfiguration": ("s3:PutBucketNotification",),
    "s3.PutBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3.PutObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
    "s3.PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3.UploadPart": ("s3:PutObject",),
    "s3control.DeletePublicAccessBlock": ("s3:PutAccountPublicAccessBlock",),
    "s3control.GetPublicAccessBlock": ("s3:GetAccountPublicAccessBlock",),
    "s3control.PutPublicAccessBlock": ("s3:PutAccountPublicAccessBlock",),
    # Anybody may ask who they are.
    "sts.GetCallerIdentity": (),
}
# Why a grant stays though no test of the program uses it, with the use and its actions.
_BY_AWS = "AWS asks for it itself, inside of another call"
_ALONE = "asked for what a batch leaves out, which the embedded AWS never does"
_LOOKED_UP = "asked only where a value names such a thing: tests/aws/test_lookups.py and test_meanings.py, in part"
_REFUSED = "asked only where a region refuses the caller, which tests/commands/test_accounts.py has of an audit"
_CORPUS = "called in `make reconcile-corpus`, which is no part of the suite"
_RARELY = "written or waited for rarely, and tested by the calls that the type's writers make (tests/resources)"
_READ = "read rarely, and tested by what the type makes of AWS's answer (tests/resources)"
_REASONS = (
    ("audit", _BY_AWS, "kms:Decrypt"),
    ("audit", _ALONE, "codedeploy:GetApplication codedeploy:GetDeploymentGroup codedeploy:GetOnPremisesInstance"),
    (
        "audit",
        _LOOKED_UP,
        """
        ec2:DescribeAvailabilityZones ec2:DescribeVpcEndpoints elasticfilesystem:DescribeAccessPoints
        elasticloadbalancing:DescribeListeners
        """,
    ),
    ("reconcile", _LOOKED_UP, "iam:GetUser"),
    ("deploy", _BY_AWS, "codedeploy:GetApplicationRevision s3:GetObjectVersion"),
    ("deploy", _BY_AWS, "codedeploy:RegisterApplicationRevision"),
    ("deploy", "an upload is given up only when S3 fails, tests/deploy/test_fanout.py", "s3:AbortMultipartUpload"),
    ("deploy", _REFUSED, "ec2:DescribeRegions"),
    ("reconcile", _REFUSED, "ec2:DescribeRegions"),
    ("caller", "tests/notify/test_notify.py publishes without the program's command", "sns:Publish"),
    ("reconcile", _ALONE, "codedeploy:GetOnPremisesInstance"),
    ("reconcile", _READ, "codedeploy:BatchGetOnPremisesInstances lambda:GetCodeSigningConfig"),
    ("reconcile", _READ, "lambda:GetFunctionScalingConfig"),
    ("reconcile", _BY_AWS, "iam:PassRole kms:CreateGrant kms:Decrypt kms:Encrypt lambda:PassCapacityProvider"),
    (
        "reconcile",
        _BY_AWS,
        """
        s3tables:CreateNamespace s3tables:CreateTable s3tables:CreateTableBucket s3tables:GetTable
        s3tables:PutTableBucketPolicy s3tables:PutTableEncryption s3tables:PutTablePolicy
        """,
    ),
    (
        "reconcile",
        _LOOKED_UP,
        """
        dynamodb:DescribeTable dynamodb:ListTables ec2:DescribeAvailabilityZones ec2:DescribeSecurityGroups
        ec2:DescribeSubnets ec2:DescribeVpcEndpoints ec2:DescribeVpcs elasticfilesystem:DescribeAccessPoints
        elasticloadbalancing:DescribeListeners
        elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTargetGroups
        kafka:GetBootstrapBrokers kafka:ListClustersV2 kafka:ListVpcConnections kinesis:ListStreamConsumers
        kinesis:ListStreams mq:ListBrokers
        secretsmanager:ListSecrets signer:ListSigningProfiles
        """,
    ),
    (
        "reconcile",
        _CORPUS,
        """
        codedeploy:UpdateDeploymentGroup lambda:AddLayerVersionPermission lambda:CreateCapacityProvider
        lambda:CreateCodeSigningConfig lambda:DeleteCapacityProvider lambda:DeleteCodeSigningConfig
        lambda:DeleteFunctionCodeSigningConfig lambda:GetCapacityProvider lambda:PutFunctionCodeSigningConfig
        lambda:PutFunctionScalingConfig lambda:PutResourcePolicy lambda:RemoveLayerVersionPermission
        lambda:UntagResource lambda:UpdateCapacityProvider lambda:UpdateCodeSigningConfig s3:PutBucketAcl
        """,
    ),
    (
        "reconcile",
        _RARELY,
        """
        s3:CreateBucketMetadataTableConfiguration s3:DeleteBucketMetadataTableConfiguration
        s3:PutAccountPublicAccessBlock s3:UpdateBucketMetadataAnnotationTableConfiguration
        s3:UpdateBucketMetadataInventoryTableConfiguration s3:UpdateBucketMetadataJournalTableConfiguration
        """,
    ),
)
UNUSED = {f"{use} {action}": why for use, why, those in _REASONS for action in those.split()}
"""Grants that no test uses, `USE ACTION`, and why they are there all the same."""


def policies(use):
    """The policies of a use; a caller's with a store in S3, topics, and accounts of an organization."""
    if use != "caller":
        return iam_policy_command.policies(use)
    granted = (*iam_grants.caller_grants(organization=True), *iam_grants.store_grants(), *iam_grants.notify_grants())
    return policies_of(granted, Bounds(store="*/", topics=("arn:aws:sns:*:*:*",), roles=("arn:aws:iam::*:role/*",)))


def required(use, service, operation):
    """The actions that a call needs, of a use."""
    if (use, service, operation) == ("deploy", "lambda", "GetFunction"):
        # Who may not see tags is told all the rest, and shipping looks at no tag.
        return ("lambda:GetFunction",)
    return REQUIRED.get(f"{service}.{operation}", (f"{PREFIXES.get(service, service)}:{operation}",))


def takes(action):
    """What the ARNs of the resources that an action takes begin with, as globs; none where it takes none."""
    service, _, name = action.partition(":")
    types = KNOWN[service]["Actions"][name.lower()].get("Resources", ())
    forms = [arn for type_ in types for arn in KNOWN[service]["Resources"][type_.lower()]["ARNFormats"]]
    return {re.sub(r"\$\{\w+\}", "*", arn).removesuffix(".*") + "*" for arn in forms}


def concerning(action, arns):
    """Those of the ARNs in a call's parameters that are of a type that its action takes; all, where none is."""
    types = takes(action)
    return [arn for arn in arns if any(fnmatchcase(arn, one) for one in types)] or (arns if types else [])


def about(call):
    """The ARNs of what a call is about; none for a call about nothing in particular."""
    asked, region = call["asked"], call["region"]
    account = call["account"] or "111122223333"
    own = f"{region}:{account}"
    found = [str(value) for name, value in asked.items() if _is_arn(name, value)]
    name = asked.get("FunctionName", "")
    found += [f"arn:aws:lambda:{own}:function:{name}"] if name and not name.startswith("arn:") else []
    found += [f"arn:aws:lambda:{own}:layer:{asked['LayerName']}"] if "LayerName" in asked else []
    found += [f"arn:aws:lambda:{own}:event-source-mapping:{asked['UUID']}"] if "UUID" in asked else []
    found += [f"arn:aws:lambda:{own}:capacity-provider:{one}" for one in _some(asked, "CapacityProviderName")]
    found += ["arn:aws:s3:::" + "/".join(_some(asked, "Bucket", "Key"))] if "Bucket" in asked else []
    found += [f"arn:aws:iam::{account}:role/{one}" for one in _some(asked, "RoleName")]
    found += [f"arn:aws:dynamodb:{own}:table/{one}" for one in _some(asked, "TableName")]
    found += [f"arn:aws:codedeploy:{own}:deploymentconfig:{one}" for one in _some(asked, "deploymentConfigName")]
    found += [f"arn:aws:codedeploy:{own}:instance:{one}" for one in _some(asked, "instanceName", "instanceNames")]
    return [*found, *_of_codedeploy(asked, own)]


def _is_arn(name, value):
    return isinstance(value, str) and value.startswith("arn:") and name != "Bucket"


def _some(asked, *names):
    given = [asked[name] for name in names if name in asked]
    return [str(one) for value in given for one in (value if isinstance(value, list) else [value])]


def _of_codedeploy(asked, own):
    applications = _some(asked, "applicationName", "applicationNames")
    groups = _some(asked, "deploymentGroupName", "deploymentGroupNames", "currentDeploymentGroupName")
    if groups:
        return [f"arn:aws:codedeploy:{own}:deploymentgroup:{applications[0]}/{group}" for group in groups]
    return [f"arn:aws:codedeploy:{own}:application:{one}" for one in applications]


def grants(policies, action, arns, account):
    """Whether the policies allow an action on all of these resources, to a caller of an account."""
    statements = [one for policy in policies for one in policy["Statement"] if action in one["Action"]]
    if not arns:
        # A deployment's id, an account's settings: nothing tells which resource it is about.
        return bool(statements)
    return all(any(_holds(one, arn, account) for one in statements) for arn in arns)


def _holds(statement, arn, account):
    on = any(fnmatchcase(arn, re.sub(r"([\[])", r"[\1]", one)) for one in statement["Resource"])
    owner = arn.split(":")[4] if arn.count(":") > 4 else ""
    own = "aws:ResourceAccount" in json.dumps(statement.get("Condition", {}))
    return on and (not own or not owner or not account or owner == account)


def kept(folder):
    """The calls that a run of the tests kept."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def refused(calls):
    """The calls that their use is not granted, in words."""
    made = {use: policies(use) for use in POLICIES}
    for call in calls:
        held = [policy for use in USES[call["use"]] for policy in made[use]]
        for action in required(call["use"], call["service"], call["operation"]):
            arns = concerning(action, about(call))
            if not grants(held, action, arns, call["account"]):
                yield f"{call['use']}: {call['service']}.{call['operation']} needs {action} on {', '.join(arns) or '*'}"


def used(calls):
    """The actions that each policy was used for."""
    found = {use: set() for use in POLICIES}
    for call in calls:
        for use in USES[call["use"]]:
            found[use] |= set(required(use, call["service"], call["operation"]))
    return found


def unused(calls):
    """The grants, `USE ACTION`, that no call used."""
    seen = used(calls)
    return {
        f"{use} {action}"
        for use, called in seen.items()
        for policy in policies(use)
        for action in actions(policy)
        if action not in called
    }


def figures(calls):
    """A line a use: its policies' sizes, and how much of what they grant was used."""
    for use, seen in used(calls).items():
        held = policies(use)
        granted = {action for policy in held for action in actions(policy)}
        sizes = " + ".join(f"{size(one):,}" for one in held)
        asked = {(one["service"], one["operation"]) for one in calls if use in USES[one["use"]]}
        operations = {one for one in asked if granted.issuperset(required(use, *one))}
        yield (
            f"{use:10} {sizes} characters of {LIMIT:,}; {len(operations)} operations called; {len(granted)} actions "
            f"granted, {len(granted & seen)} used, {len(granted - seen)} not"
        )


def report(calls, whole):
    """What is printed, and whether all is well."""
    wrong = sorted(set(refused(calls)))
    idle = unused(calls)
    lines = [*figures(calls), *(f"NOT GRANTED  {one}" for one in wrong)]
    if not whole:
        return [*lines, "Not the whole suite was run, so what is never used is not known."], not wrong
    told, stale = sorted(idle - UNUSED.keys()), sorted(UNUSED.keys() - idle)
    lines += [f"unused       {one}: {UNUSED[one]}" for one in sorted(idle & UNUSED.keys())]
    lines += [f"UNUSED       {one}: UNUSED in tests/grants.py does not say why it is granted" for one in told]
    lines += [f"used by now  {one}: take it out of UNUSED in tests/grants.py" for one in stale]
    return lines, not (wrong or told)


def main(folder=".tested-calls"):
    """Print the report, and keep it; the exit code."""
    place = Path(folder)
    calls = kept(place) if place.is_dir() else []
    if not calls:
        print(f"{place} holds no call. Run the tests first: python -m pytest", file=sys.stderr)
        return 1
    lines, well = report(calls, (place / "whole").exists())
    text = "\n".join(lines)
    (place / "grants.txt").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))

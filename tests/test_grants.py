"""What the program called in tests is held against what its policies grant, as `make grants` does it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import grants
import recorder
from auditor.aws.shapes import MODELS
from auditor.resources import load_specs
from auditor.specs.spec import Call, facet_calls

OWN = "111122223333"


def call(service, operation, use="audit", **asked):
    return {
        "use": use,
        "service": service,
        "operation": operation,
        "region": "us-east-1",
        "account": OWN,
        "asked": asked,
    }


def refused(*calls):
    return list(grants.refused(calls))


@pytest.mark.parametrize(
    ("made", "arns"),
    [
        (call("s3", "GetBucketCors", Bucket="shop"), ["arn:aws:s3:::shop"]),
        (call("s3", "HeadObject", Bucket="shop", Key="shop/1.zip"), ["arn:aws:s3:::shop/shop/1.zip"]),
        (call("lambda", "GetFunction", FunctionName="api"), [f"arn:aws:lambda:us-east-1:{OWN}:function:api"]),
        (call("lambda", "ListTags", Resource="arn:aws:lambda:x"), ["arn:aws:lambda:x"]),
        (
            call("codedeploy", "BatchGetDeploymentGroups", applicationName="shop", deploymentGroupNames=["a", "b"]),
            [f"arn:aws:codedeploy:us-east-1:{OWN}:deploymentgroup:shop/{one}" for one in "ab"],
        ),
        (
            call("codedeploy", "BatchGetApplications", applicationNames=["shop"]),
            [f"arn:aws:codedeploy:us-east-1:{OWN}:application:shop"],
        ),
        (call("lambda", "ListFunctions"), []),
    ],
)
def test_a_call_is_about_what_its_parameters_name(made, arns):
    assert grants.about(made) == arns


def test_a_call_that_the_policy_grants_is_not_refused():
    assert refused(call("lambda", "GetPolicy", FunctionName="api")) == []


def test_a_call_that_writes_is_refused_to_an_audit():
    made = call("s3", "DeleteBucketCors", Bucket="shop")

    assert refused(made) == ["audit: s3.DeleteBucketCors needs s3:PutBucketCORS on arn:aws:s3:::shop"]


def test_a_call_about_another_kind_of_resource_is_refused():
    made = call("lambda", "GetPolicy", FunctionName="arn:aws:lambda:us-east-1:111122223333:layer:api")

    assert len(refused(made)) == 1


def test_a_call_about_somebody_elses_function_is_refused():
    assert (
        len(refused(call("lambda", "GetPolicy", FunctionName="arn:aws:lambda:us-east-1:444455556666:function:x"))) == 1
    )


def test_a_layer_of_another_account_may_be_read():
    made = call("lambda", "GetLayerVersionByArn", Arn="arn:aws:lambda:us-east-1:580247275435:layer:Insights:1")

    assert refused(made) == []


def test_a_release_has_the_policies_of_both_of_its_parts():
    writes = call("s3", "DeleteBucketCors", "release", Bucket="shop")
    ships = call("s3", "PutObject", "release", Bucket="shop", Key="shop/1.zip")

    assert refused(writes, ships) == []


def test_what_is_granted_and_never_called_is_told_unless_it_says_why(monkeypatch):
    everything = {f"{use} {action}" for use in grants.POLICIES for action in granted(use)}
    monkeypatch.setattr(grants, "UNUSED", dict.fromkeys(everything - {"audit s3:GetBucketCORS"}, "why"))

    lines, well = grants.report([], whole=True)

    assert ([line for line in lines if line.startswith("UNUSED")], well) == (
        ["UNUSED       audit s3:GetBucketCORS: UNUSED in tests/grants.py does not say why it is granted"],
        False,
    )


def granted(use):
    return {action for policy in grants.policies(use) for one in policy["Statement"] for action in one["Action"]}


def test_what_says_that_it_is_never_called_and_is_called_is_told(monkeypatch):
    monkeypatch.setattr(grants, "UNUSED", {"audit s3:GetBucketCORS": "why"})

    lines, _ = grants.report([call("s3", "GetBucketCors", Bucket="shop")], whole=True)

    assert [line for line in lines if line.startswith("used by now")] == [
        "used by now  audit s3:GetBucketCORS: take it out of UNUSED in tests/grants.py"
    ]


def test_of_a_part_of_the_suite_only_what_is_refused_counts():
    assert grants.report([call("s3", "GetBucketCors", Bucket="shop")], whole=False)[1]


def test_every_reason_is_of_a_grant():
    assert grants.UNUSED.keys() - {f"{use} {action}" for use in grants.POLICIES for action in granted(use)} == set()


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """The folder that the calls of a test are kept in."""
    monkeypatch.setenv(recorder.FOLDER, str(tmp_path))
    monkeypatch.setattr(recorder, "_known", set())
    return tmp_path


def operations(folder):
    return {(one["use"], one["operation"]) for one in grants.kept(folder)}


def test_the_calls_of_a_run_are_kept_by_its_use(elsewhere, aws, run):
    run("snapshot", "--golden", "us-east-1", "--region", "us-east-1")

    assert {("audit", "ListFunctions"), ("audit", "GetAccountSettings")} <= operations(elsewhere)


def test_what_a_test_calls_by_itself_is_not_kept(elsewhere, aws):
    aws.client("lambda").get_account_settings()

    assert operations(elsewhere) == set()


def test_the_calls_of_a_program_of_its_own_are_kept(elsewhere, aws):
    command = [sys.executable, "-m", "auditor", "snapshot", "--golden", "us-east-1", "--region", "us-east-1"]

    subprocess.run(command, check=False, env=dict(os.environ), capture_output=True, timeout=120)

    assert ("audit", "ListFunctions") in operations(elsewhere)


def test_nothing_is_said_of_an_empty_folder_but_to_run_the_tests(tmp_path, capsys):
    code = grants.main(tmp_path)

    assert (code, capsys.readouterr().err) == (1, f"{tmp_path} holds no call. Run the tests first: python -m pytest\n")


def test_what_is_printed_is_kept(tmp_path, capsys):
    (tmp_path / "1.jsonl").write_text(json.dumps(call("s3", "GetBucketCors", Bucket="shop")))

    grants.main(tmp_path)

    assert (tmp_path / "grants.txt").read_text() == capsys.readouterr().out


# -- what IAM asks for


def operation(name):
    service, _, own = name.partition(".")
    return MODELS.get_service_model(service).operation_model(own)


# Whose text in botocore does not say which permission it takes, and where AWS says it.
ELSEWHERE = {
    **dict.fromkeys(
        ("s3.CompleteMultipartUpload", "s3.CreateMultipartUpload", "s3.UploadPart"),
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions",
    ),
    **dict.fromkeys(
        (
            "s3.DeleteBucketIntelligentTieringConfiguration",
            "s3.GetObjectLockConfiguration",
            "s3.ListBucketIntelligentTieringConfigurations",
            "s3.PutObjectLockConfiguration",
            "s3control.DeletePublicAccessBlock",
            "s3control.GetPublicAccessBlock",
        ),
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html",
    ),
}
OTHERWISE = sorted(name for name in grants.REQUIRED if name.startswith("s3"))


@pytest.mark.parametrize("name", OTHERWISE)
def test_aws_itself_says_which_permission_an_operation_of_s3_takes(name):
    text = operation(name).documentation

    told = all(re.search(rf"{action}\b", text, re.IGNORECASE) for action in grants.REQUIRED[name])
    assert told == (name not in ELSEWHERE)


@pytest.mark.parametrize("name", sorted(grants.REQUIRED))
def test_every_exception_is_of_an_operation_that_botocore_has(name):
    assert operation(name).name == name.partition(".")[2]


def asked():
    """Every call that a type's spec names, with what the spec says that it takes."""
    for spec in load_specs().values():
        for facet in spec.facets:
            for call in (*facet_calls(facet), facet.write, facet.remove):
                if isinstance(call, Call):
                    service = call.service or spec.service
                    prefix = grants.PREFIXES.get(service, service)
                    yield service, call.operation, call.actions or (f"{prefix}:{call.operation}",)


@pytest.mark.parametrize(("service", "operation", "actions"), sorted(set(asked())))
def test_the_specs_name_the_actions_that_aws_does(service, operation, actions):
    assert set(actions) <= set(grants.required("audit", service, operation))

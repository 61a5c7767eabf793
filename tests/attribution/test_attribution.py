"""Which event made a finding: its name, what it is about, and when; of what it holds nothing else is told."""

from __future__ import annotations

import json
from functools import cache

import pytest

from auditor.attribution.events import (
    NOT_ASKED,
    Event,
    History,
    Mark,
    attributable,
    events_of,
    is_silent,
    last_event,
    mark_of,
    questions,
    with_attributions,
    with_golden,
)
from auditor.attribution.names import CREATE, DELETE, NAMERS, SOURCES, WRITTEN_BY, event_names
from auditor.aws.shapes import MODELS
from auditor.model.values import Attribution, Change, Drift, Finding, Locale
from auditor.resources import load_specs
from auditor.specs.spec import Call

SPECS = load_specs()
FUNCTION = "AWS::Lambda::Function"
BUCKET = "AWS::S3::Bucket"
GROUP = "AWS::CodeDeploy::DeploymentGroup"
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
ARN = "arn:aws:lambda:eu-west-1:123456789012"


def finding(type_, kind, *paths, name="api", native="api", golden_native="api"):
    changes = tuple(Change(path, 1, 2) for path in paths)
    return Finding("9f1c", "eu-west-1", type_, name, kind, "low", changes, native=native, golden_native=golden_native)


def asked(one, golden=False):
    return {(mark.event, mark.name) for mark in questions({0: one}, SPECS, IRELAND, golden).get(0, ())}


def record(**fields):
    whole = {
        "eventID": "e1",
        "eventTime": "2026-11-24T01:02:03Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "UpdateFunctionConfiguration20150331v2",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice"},
        "requestParameters": {"functionName": "api"},
        "responseElements": None,
    }
    return {"Events": [{"CloudTrailEvent": json.dumps(whole | fields)}]}


def event(time="2026-11-24T01:02:03Z", name="PutBucketPolicy"):
    return Event("e1", time, "s3.amazonaws.com", name, "alice", {}, {})


# -- which events can have made a finding


def test_a_field_of_the_configuration_is_written_by_its_update_or_by_what_made_the_function():
    assert asked(finding(FUNCTION, "changed", "/MemorySize")) == {
        ("UpdateFunctionConfiguration20150331v2", "api"),
        ("UpdateFunctionConfiguration20150331", "api"),
        ("CreateFunction20150331", "api"),
    }


def test_a_facet_that_has_a_call_of_its_own_is_written_by_that_call():
    assert asked(finding(BUCKET, "changed", "/LifecycleConfiguration/Rules/a/Status")) == {
        ("PutBucketLifecycle", "api"),
        ("PutBucketLifecycleConfiguration", "api"),
        ("DeleteBucketLifecycle", "api"),
        ("CreateBucket", "api"),
    }


def test_a_field_that_follows_from_others_is_written_with_them():
    names = {name for name, _ in asked(finding(BUCKET, "changed", "/PolicyStatus/IsPublic"))}

    assert names >= {"PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketAcl"}


def test_what_could_not_be_read_is_not_looked_up():
    unread = Finding(
        "9f1c", "eu-west-1", FUNCTION, "api", "changed", "low", (Change("/Policy", unreadable="denied"),), native="api"
    )

    assert asked(unread) == set()


def test_what_is_missing_was_deleted_alone_or_with_its_parent():
    missing = finding("AWS::Lambda::Alias", "missing", name="api/live", native="", golden_native="api/live")

    assert asked(missing) == {("DeleteAlias20150331", "api/live"), ("DeleteFunction20150331", "api")}


def test_what_is_missing_is_looked_up_under_the_name_that_it_would_have():
    missing = finding(BUCKET, "missing", name="assets-${region}", native="", golden_native="assets-us-east-1")

    assert asked(missing) == {("DeleteBucket", "assets-eu-west-1")}


def test_in_golden_what_is_missing_elsewhere_was_made():
    missing = finding(BUCKET, "missing", name="assets-${region}", native="", golden_native="assets-us-east-1")

    assert asked(missing, golden=True) == {("CreateBucket", "assets-us-east-1")}


def test_in_golden_what_is_extra_elsewhere_was_deleted():
    assert asked(finding(BUCKET, "extra", golden_native=""), golden=True) == {("DeleteBucket", "api")}


# -- which resource an event is about

NAMED = [
    (FUNCTION, {"functionName": "api"}, "api"),
    (FUNCTION, {"functionName": f"{ARN}:function:api"}, "api"),
    (FUNCTION, {"functionName": "123456789012:function:api"}, "api"),
    (FUNCTION, {"functionName": "api", "qualifier": "live"}, "api:live"),
    (FUNCTION, {"resource": f"{ARN}:function:api", "tags": {}}, "api"),
    ("AWS::Lambda::Alias", {"functionName": "api", "name": "live"}, "api/live"),
    ("AWS::Lambda::Alias", {"functionName": f"{ARN}:function:api:live"}, "api/live"),
    ("AWS::Lambda::Alias", {"functionName": "api", "qualifier": "live"}, "api/live"),
    ("AWS::Lambda::Url", {"functionName": "api"}, "api/$LATEST"),
    ("AWS::Lambda::EventInvokeConfig", {"functionName": "api", "qualifier": "live"}, "api/live"),
    ("AWS::Lambda::LayerVersion", {"layerName": f"{ARN}:layer:tools", "versionNumber": 3}, "tools"),
    ("AWS::Lambda::CapacityProvider", {"capacityProviderName": "own"}, "own"),
    (BUCKET, {"bucketName": "assets", "Host": "assets.s3.eu-west-1.amazonaws.com"}, "assets"),
    (BUCKET, {"resourceArn": "arn:aws:s3:::assets", "accountId": "123456789012"}, "assets"),
    ("AWS::S3::AccountPublicAccessBlock", {}, "account"),
    ("AWS::CodeDeploy::Application", {"applicationName": "shop"}, "shop"),
    ("AWS::CodeDeploy::Application", {"resourceArn": "arn:aws:codedeploy:a:b:application:shop"}, "shop"),
    (GROUP, {"applicationName": "shop", "deploymentGroupName": "web"}, "shop/web"),
    (GROUP, {"applicationName": "shop", "currentDeploymentGroupName": "web"}, "shop/web"),
    (GROUP, {"applicationName": "shop", "currentDeploymentGroupName": "w", "newDeploymentGroupName": "x"}, "shop/x"),
    (GROUP, {"resourceArn": "arn:aws:codedeploy:a:b:deploymentgroup:shop/web", "tags": []}, "shop/web"),
    ("AWS::CodeDeploy::DeploymentConfig", {"deploymentConfigName": "half"}, "half"),
    ("AWS::CodeDeploy::GitHubConnection", {"tokenName": "team"}, "team"),
    ("AWS::CodeDeploy::OnPremisesInstance", {"instanceNames": ["rack-1"]}, "rack-1"),
    ("AWS::ServiceQuotas::Quota", {"serviceCode": "lambda", "quotaCode": "L-1"}, "lambda/L-1"),
]


@pytest.mark.parametrize(("type_", "parameters", "name"), NAMED)
def test_an_event_is_about_the_resource_that_its_parameters_name(type_, parameters, name):
    source = SOURCES[SPECS[type_].service]

    (found,) = events_of(record(eventSource=source, requestParameters=parameters))

    assert mark_of(found, SPECS[type_]).name == name


def test_an_event_source_mapping_is_known_by_what_was_answered():
    answer = {"uUID": "0", "functionArn": f"{ARN}:function:api", "eventSourceArn": "arn:aws:sqs:eu-west-1:1:orders"}

    (found,) = events_of(record(requestParameters={"uUID": "0"}, responseElements=answer))

    assert mark_of(found, SPECS["AWS::Lambda::EventSourceMapping"]).name == "api/arn:aws:sqs:eu-west-1:1:orders"


def test_a_code_signing_config_is_known_by_what_was_answered():
    answer = {"codeSigningConfig": {"description": "signed by the team"}}

    (found,) = events_of(record(responseElements=answer))

    assert mark_of(found, SPECS["AWS::Lambda::CodeSigningConfig"]).name == "signed by the team"


def test_an_event_of_another_service_is_about_none_of_a_services_resources():
    (found,) = events_of(record(eventSource="dynamodb.amazonaws.com", eventName="TagResource"))

    assert mark_of(found, SPECS[FUNCTION]) is None


@pytest.mark.parametrize("parameters", [{}, {"instanceNames": 1}, {"applicationName": ["shop"]}, None, "omitted"])
@pytest.mark.parametrize("type_", SPECS)
def test_parameters_of_another_form_name_nothing_and_break_nothing(type_, parameters):
    (found,) = events_of(record(eventSource=SOURCES[SPECS[type_].service], requestParameters=parameters))

    assert getattr(mark_of(found, SPECS[type_]), "name", "") not in ("api", "shop/web")


# -- what an event says


@pytest.mark.parametrize(
    ("identity", "principal"),
    [
        ({"type": "Root", "arn": "arn:aws:iam::123456789012:root"}, "arn:aws:iam::123456789012:root"),
        (
            {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/ops/alice"},
            "arn:aws:sts::123456789012:assumed-role/ops/alice",
        ),
        ({"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"}, "cloudformation.amazonaws.com"),
        ({"type": "AWSAccount", "accountId": "210987654321"}, "210987654321"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_who_called_is_an_arn_or_a_service(identity, principal):
    assert [one.principal for one in events_of(record(userIdentity=identity))] == [principal]


@pytest.mark.parametrize(
    "page",
    [
        record(errorCode="AccessDenied"),
        record(readOnly=True),
        record(eventTime=None),
        {"Events": [{"CloudTrailEvent": "{"}, {"CloudTrailEvent": "[]"}, {}]},
        {},
    ],
)
def test_what_changed_nothing_or_is_no_event_is_left_out(page):
    assert events_of(page) == []


# -- which event is the one

PUT, DELETED = Mark("PutBucketPolicy", BUCKET, "a"), Mark("DeleteBucketPolicy", BUCKET, "a")
BOTH = frozenset({PUT, DELETED})


def test_the_newest_event_is_the_one():
    older, newer = event("2026-11-24T01:02:03Z"), event("2026-11-25T01:02:03Z", "DeleteBucketPolicy")

    assert last_event(BOTH, History({PUT: older, DELETED: newer}, {})) == newer


def test_within_a_second_what_was_made_was_made_first():
    changed, made = event(name="AddPermission20150331v2"), event(name="CreateFunction20150331")

    assert last_event(BOTH, History({PUT: changed, DELETED: made}, {})) == changed


@pytest.mark.parametrize("since", [NOT_ASKED, "2026-11-24T01:02:03Z", "2026-11-25T01:02:03Z"])
def test_no_event_is_the_one_while_a_newer_one_may_not_have_been_seen(since):
    assert last_event(BOTH, History({PUT: event()}, {DELETED.event: since})) is None


@pytest.mark.parametrize("since", ["", "2026-11-23T01:02:03Z"])
def test_an_event_is_the_one_where_any_other_would_be_older(since):
    assert last_event(BOTH, History({PUT: event()}, {DELETED.event: since})) == event()


def test_only_where_all_was_looked_at_it_is_known_that_nothing_was_recorded():
    silent = [is_silent(BOTH, History({}, {PUT.event: "", DELETED.event: since})) for since in ("", "2026-11-24")]

    assert silent == [True, False]


def attribution(site, name, time):
    return Attribution(site, name, "alice", time, "e1")


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (attribution("us-east-1", "PutBucketPolicy", "2026-11-25T00:00:00Z"), "us-east-1"),
        (attribution("us-east-1", "PutBucketPolicy", "2026-11-23T00:00:00Z"), "eu-west-1"),
        (attribution("us-east-1", "CreateBucket", "2026-11-25T00:00:00Z"), "eu-west-1"),
    ],
)
def test_golden_moved_where_it_was_written_after_the_resource_was_made(there, told):
    here = {0: attribution("eu-west-1", "CreateBucket", "2026-11-24T00:00:00Z")}

    assert with_golden(here, {0: there}, {0: finding(BUCKET, "changed", "/Policy")}, SPECS)[0].site == told


# -- the table of operations


@cache
def operations(service):
    """What a service can be asked for, by botocore's model of it."""
    return frozenset(MODELS.get_service_model(service).operation_names)


def test_every_operation_of_the_table_is_one_of_awss():
    told = {(SPECS[type_].service, name) for type_, written in WRITTEN_BY.items() for names in written.values()
            for name in names}  # fmt: skip

    # A bucket's tags are written by S3 Control.
    assert [one for service, one in told if one not in operations(service) | operations("s3control")] == []


def test_every_facet_of_the_table_is_one_of_its_type():
    known = {type_: {CREATE, DELETE, *(facet.name for facet in spec.facets)} for type_, spec in SPECS.items()}

    assert [(type_, written) for type_, written in WRITTEN_BY.items() if not written.keys() <= known[type_]] == []


def test_the_table_names_what_the_functions_call_that_write():
    ways = [(type_, facet.name, facet.write) for type_, spec in SPECS.items() for facet in spec.facets]
    ways += [(type_, CREATE, spec.create) for type_, spec in SPECS.items()]

    untold = [(type_, what) for type_, what, way in ways if way and not isinstance(way, Call)
              if what not in WRITTEN_BY.get(type_, {})]  # fmt: skip
    assert untold == []


@pytest.mark.parametrize("type_", [name for name, spec in SPECS.items() if spec.service in ("lambda", "codedeploy")])
def test_every_write_that_a_type_is_allowed_is_in_the_table(type_):
    spec = SPECS[type_]
    told = {operation for names in WRITTEN_BY.get(type_, {}).values() for operation in names}
    calls = {way.operation for facet in spec.facets for way in (facet.write, facet.remove) if isinstance(way, Call)}

    assert {one.partition(":")[2] for one in spec.writes} - {"PassRole", "PublishVersion"} <= told | calls


def test_a_resource_of_every_type_that_is_written_can_be_told_from_others():
    assert [type_ for type_ in WRITTEN_BY if type_ not in NAMERS and isinstance(SPECS[type_].listing.name, str)] == []


def test_an_operation_without_another_name_is_called_as_it_is():
    assert event_names("codedeploy", "TagResource") == ("TagResource",)


# -- each facet has an author of its own

ALICE, BOB = (
    Attribution("eu-west-1", "PutBucketTagging", who, "2026-11-24T01:02:03Z", "e1") for who in ("alice", "bob")
)
TWO = finding(BUCKET, "changed", "/PublicAccessBlockConfiguration/BlockPublicPolicy", "/Tags/team", "/Tags/tier")


def drift(*findings):
    return Drift("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", True, {BUCKET: 1}, findings)


def test_a_finding_is_looked_up_facet_by_facet():
    parts = attributable(drift(TWO), SPECS)

    assert {part: [one.path for one in of.changes] for part, of in parts.items()} == {
        (0, 0): ["/PublicAccessBlockConfiguration/BlockPublicPolicy"],
        (0, 1): ["/Tags/team", "/Tags/tier"],
    }


def test_who_changed_the_tags_is_not_blamed_for_the_access():
    (told,) = with_attributions(drift(TWO), {(0, 0): BOB, (0, 1): ALICE}, SPECS, ()).findings

    assert ([one.attribution for one in told.changes], told.attribution) == ([BOB, ALICE, ALICE], None)


def test_of_whose_access_nothing_is_known_nobody_is_blamed():
    (told,) = with_attributions(drift(TWO), {(0, 1): ALICE}, SPECS, ()).findings

    assert ([one.attribution for one in told.changes], told.attribution) == ([None, ALICE, ALICE], None)


def test_where_one_wrote_everything_the_finding_has_one_author():
    (told,) = with_attributions(drift(TWO), {(0, 0): ALICE, (0, 1): ALICE}, SPECS, ()).findings

    assert told.attribution == ALICE


def test_a_missing_resource_has_the_author_who_deleted_it():
    (told,) = with_attributions(drift(finding(BUCKET, "missing")), {(0, 0): ALICE}, SPECS, ()).findings

    assert told.attribution == ALICE

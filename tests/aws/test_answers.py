"""What came with HTTP 200 is believed only where it is the answer of the operation that was called."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import pytest

from auditor.aws import organization, survey, trail
from auditor.aws.answers import items_of, picked_members
from auditor.aws.calls import Caller, fill
from auditor.aws.errors import AWS_ERRORS, UnusableAnswerError
from auditor.aws.meanings import meaning_calls
from auditor.aws.pacing import UNPACED, Pacer
from auditor.aws.read import list_all
from auditor.aws.resolve import lookup_calls
from auditor.aws.roles import GET_ROLE
from auditor.aws.site import BUCKETS
from auditor.aws.waits import WAITS
from auditor.deploy import codedeploy
from auditor.deploy.function import ALIAS
from auditor.errors import CredentialsError
from auditor.model.values import Locale, Site
from auditor.resources import load_specs
from auditor.specs.spec import Call, Listing, facet_calls
from bench.faults import UNUSABLE, Reply, changed, cut
from bench.samples import whole_reply
from bench.wire import WireSessions, on_wire

SPECS = load_specs()
HERE = Locale("us-east-1", "use1", "123456789012")
# What S3 answers where nothing was configured is this, and no more.
EMPTY_BY_RIGHT = {
    "s3.GetBucketAccelerateConfiguration",
    "s3.GetBucketLogging",
    "s3.GetBucketNotificationConfiguration",
    "s3.GetBucketVersioning",
    "s3.GetBucketWebsite",
    "s3.ListBucketAnalyticsConfigurations",
    "s3.ListBucketIntelligentTieringConfigurations",
    "s3.ListBucketInventoryConfigurations",
    "s3.ListBucketMetricsConfigurations",
}


@cache
def calls():
    """Every call by which something is read, with its service."""
    found = [
        *(("organizations", one) for one in (organization.ALL, organization.OF_PARENT, organization.UNITS_OF_PARENT)),
        *lookup_calls(),
        *meaning_calls(),
        *survey.survey_calls(),
        ("cloudtrail", trail.LOOKUP),
        ("iam", GET_ROLE),
        ("s3", BUCKETS),
        ("lambda", ALIAS),
        *(("codedeploy", one) for one in codedeploy.CALLS),
        *((until.service, until.call) for until in WAITS.values()),
    ]
    for spec in SPECS.values():
        listing = spec.listing
        listed = [listing.call, *filter(None, [listing.one])] if isinstance(listing, Listing) else []
        told = [call for facet in spec.facets for call in facet_calls(facet)]
        found += [(call.service or spec.service, call) for call in (*listed, *told, *spec.lookups)]
    return found


class Anything(dict):
    """A value for each placeholder that there is."""

    def __missing__(self, name):
        if name in ("names", "arns", "statuses", "targets"):
            return ["x"]
        return "arn:aws:kinesis:us-east-1:123456789012:stream/x" if name == "each" else "x" * 36


def caller():
    return Caller(WireSessions(), Site("us-east-1"), HERE, Pacer(UNPACED))


def came_of(service, call, wire):
    """What the call tells where its requests are answered so."""
    with on_wire(wire):
        params = fill(call.params, Anything())
        params |= {"VersionNumber": 1} if "VersionNumber" in params else {}
        return list(caller().pages(service, replace(call, params=params), {}))


def believed(fault):
    """The operations of which such an answer is believed."""
    told = set()
    for service, call in calls():
        try:
            came_of(service, call, lambda sent: fault(sent, lambda: whole_reply(sent)))
        except AWS_ERRORS:
            continue
        told.add(f"{service}.{call.operation}")
    return told


def test_a_whole_answer_is_believed_of_every_operation():
    assert believed(lambda _, send: send()) == {f"{service}.{call.operation}" for service, call in calls()}


@pytest.mark.parametrize("name", sorted(UNUSABLE.keys() - {"no members", "texts for lists", "empty elements"}))
def test_what_is_no_answer_is_believed_of_no_operation(name):
    assert believed(UNUSABLE[name]) == set()


def test_an_answer_without_members_is_believed_where_aws_answers_so():
    assert believed(UNUSABLE["no members"]) <= EMPTY_BY_RIGHT


@pytest.fixture(scope="module")
def listed_types():
    return {name: spec for name, spec in SPECS.items() if isinstance(spec.listing, Listing) and not spec.parent}


@pytest.mark.parametrize("name", ["texts for lists", "empty elements", "html", "cut"])
def test_a_listing_whose_elements_say_nothing_is_unread(listed_types, name):
    names_alone = ("AWS::CodeDeploy::",) if name == "empty elements" else ("AWS::S3::",)
    json_types = {one for one in listed_types if not one.startswith(("AWS::S3::", *names_alone))}

    with on_wire(lambda sent: UNUSABLE[name](sent, lambda: whole_reply(sent))), ThreadPoolExecutor(4) as pool:
        found, unread = list_all(listed_types, caller(), pool)

    assert {one.spec.type for one in found} & json_types == set()
    assert {one.type for one in unread} >= json_types


def test_names_inside_an_answer_that_are_not_there_make_it_unread(listed_types):
    without = changed(lambda body: body.replace(b"Name>", b"Nome>"))

    with on_wire(lambda sent: without(sent, lambda: whole_reply(sent))), ThreadPoolExecutor(4) as pool:
        found, unread = list_all({"AWS::S3::Bucket": SPECS["AWS::S3::Bucket"]}, caller(), pool)

    assert (found, [one.error for one in unread]) == (
        [],
        ["UnusableAnswerError: the answer to ListBuckets cannot be parsed (JMESPathTypeError)"],
    )


def test_an_answer_of_another_operation_is_none():
    told = {}
    for service, call in (("lambda", Call("ListAliases", {"FunctionName": "f"}, pick="Aliases")), ("s3", BUCKETS)):
        other = reply_as({"lambda": "ListFunctions", "s3": "GetBucketAcl"}[service])
        with pytest.raises(UnusableAnswerError) as refused:
            came_of(service, call, other)
        told[service] = str(refused.value)

    assert told == {
        "lambda": "the answer to ListAliases has no Aliases",
        "s3": "the answer to ListBuckets is a AccessControlPolicy",
    }


def reply_as(operation):
    """What another operation of the same service would be answered with."""
    return lambda sent: whole_reply(replace(sent, model=sent.model.service_model.operation_model(operation)))


@pytest.mark.parametrize(
    ("pick", "members"),
    [
        ("@", ()),
        ("Functions[?!MasterArn && !contains(FunctionName, '.')]", ("Functions",)),
        ("[Table][?StreamSpecification.StreamEnabled].LatestStreamArn", ("Table",)),
        ("Status && {Status: Status}", ("Status",)),
        ("Concurrency.ReservedConcurrentExecutions", ("Concurrency",)),
        ("[Owner.ID]", ("Owner",)),
    ],
)
def test_the_members_that_an_expression_looks_in_are_known(pick, members):
    assert picked_members(pick) == members


@pytest.mark.parametrize("answer", [{"Targets": [{"Id": "a"}, {}]}, {"Targets": [{"Id": ""}]}, {"Targets": "abc"}])
def test_an_element_without_what_is_picked_of_each_makes_an_answer_unusable(answer):
    with pytest.raises(UnusableAnswerError):
        items_of(Call("Describe", pick="Targets[].Id"), answer)


def test_elements_that_a_filter_leaves_out_are_left_out():
    call = Call("Describe", pick="Targets[?Id != 'b']")

    assert items_of(call, {"Targets": [{"Id": "a"}, {"Id": "b"}]}) == [{"Id": "a"}]


@pytest.mark.parametrize("name", sorted(UNUSABLE.keys() - {"texts for lists", "empty elements"}))
def test_who_is_asking_is_not_known_where_what_comes_is_no_answer(name):
    with (
        on_wire(lambda sent: UNUSABLE[name](sent, lambda: whole_reply(sent))),
        pytest.raises(CredentialsError, match="AWS did not say who is asking"),
    ):
        WireSessions().locale(Site("us-east-1"))


def test_a_secret_in_an_answer_that_cannot_be_parsed_is_not_quoted():
    secret = b"<AssumeRoleResponse><SecretAccessKey>hunter2"

    with pytest.raises(UnusableAnswerError) as refused:
        came_of("sts", Call("GetCallerIdentity"), lambda _: Reply(200, cut(secret * 2)))

    assert "hunter2" not in str(refused.value)

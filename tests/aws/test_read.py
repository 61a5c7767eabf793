"""One site is read whole; what fails is unreadable and leaves the rest whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.aws.calls import Caller
from auditor.aws.pacing import Pacer
from auditor.aws.read import read_resources
from auditor.aws.readings import taken
from auditor.aws.sessions import Sessions
from auditor.aws.some import list_some
from auditor.model.values import Locale, Reading, Site, State, Unread
from auditor.resources import load_specs
from auditor.specs.spec import Facet, Listed
from scripted import scripted_aws

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
APPLICATION, GROUP = "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"


@pytest.fixture
def read(clean_environment, monkeypatch):
    """Reads CodeDeploy's applications and groups from an AWS that answers by operation."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    specs = {type_: load_specs()[type_] for type_ in (APPLICATION, GROUP)}

    def reading(**answers):
        def answer(asked):
            told = answers.get(asked.operation, {})
            told = told(asked.body) if callable(told) else told
            return (400, told) if "__type" in told else (200, told)

        with scripted_aws(answer) as script, ThreadPoolExecutor(4) as pool:
            monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
            caller = Caller(Sessions(), Site("us-east-1"), VIRGINIA, Pacer({}))
            resources, unread = read_resources(specs, caller, pool, lambda *_: None)
        return {(one.type, one.name): one for one in resources}, unread, caller.counts()

    return reading


def info(*names):
    return {"applicationsInfo": [{"applicationName": name, "computePlatform": "Server"} for name in names]}


def test_a_batch_answers_for_all_names_at_once(read):
    _, _, counts = read(ListApplications={"applications": ["a", "b", "c"]}, BatchGetApplications=info("a", "b", "c"))

    assert (counts["codedeploy.BatchGetApplications"], counts.get("codedeploy.GetApplication")) == (1, None)


def test_more_names_than_a_batch_takes_are_asked_for_in_several(read):
    names = [f"app-{number}" for number in range(101)]
    sizes = []

    def batch(body):
        sizes.append(len(body["applicationNames"]))
        return info(*body["applicationNames"])

    read(ListApplications={"applications": names}, BatchGetApplications=batch)

    assert sorted(sizes) == [1, 100]


def test_a_name_that_the_batch_leaves_out_is_asked_for_alone(read):
    resources, _, _ = read(
        ListApplications={"applications": ["a", "b"]},
        BatchGetApplications=info("a"),
        GetApplication={"application": {"applicationName": "b", "computePlatform": "ECS"}},
    )

    assert resources[(APPLICATION, "b")].facets["configuration"].value["computePlatform"] == "ECS"


def test_a_batch_that_fails_as_a_whole_leaves_the_others_readable(read):
    def alone(body):
        if body["applicationName"] == "gone":
            return {"__type": "ApplicationDoesNotExistException"}
        return {"application": {"applicationName": "a", "computePlatform": "Server"}}

    resources, _, _ = read(
        ListApplications={"applications": ["a", "gone"]},
        BatchGetApplications={"__type": "ApplicationDoesNotExistException"},
        GetApplication=alone,
    )

    assert [resources[(APPLICATION, name)].facets["configuration"].state for name in ("a", "gone")] == [
        State.READ,
        State.UNREADABLE,
    ]


def test_a_listing_that_fails_is_unread_and_so_are_the_children(read):
    resources, unread, _ = read(ListApplications={"__type": "AccessDeniedException", "message": "not allowed"})

    assert (resources, unread) == (
        {},
        (
            Unread(APPLICATION, "AccessDeniedException: not allowed"),
            Unread(GROUP, "AccessDeniedException: not allowed"),
        ),
    )


def test_children_that_cannot_be_listed_are_unread_in_their_parent_only(read):
    _, unread, _ = read(
        ListApplications={"applications": ["a", "b"]},
        BatchGetApplications=info("a", "b"),
        ListDeploymentGroups=lambda body: (
            {"__type": "AccessDeniedException", "message": "no"}
            if body["applicationName"] == "b"
            else {"deploymentGroups": []}
        ),
    )

    assert unread == (Unread(GROUP, "AccessDeniedException: no", "b"),)


def test_a_parent_deleted_meanwhile_has_no_children(read):
    _, unread, _ = read(
        ListApplications={"applications": ["a"]},
        BatchGetApplications=info("a"),
        ListDeploymentGroups={"__type": "ApplicationDoesNotExistException"},
    )

    assert unread == ()


def test_a_facet_that_fails_leaves_the_resources_other_facets_whole(read):
    resources, _, _ = read(
        ListApplications={"applications": ["a"]},
        BatchGetApplications=info("a"),
        ListTagsForResource={"__type": "AccessDeniedException", "message": "no tags for you"},
    )

    facets = resources[(APPLICATION, "a")].facets
    assert (facets["configuration"].state, facets["tags"]) == (
        State.READ,
        Reading(State.UNREADABLE, error="AccessDeniedException: no tags for you"),
    )


@pytest.mark.parametrize(
    ("answer", "reading"),
    [
        ({"Environment": {"Error": {"ErrorCode": "AccessDenied", "Message": "kms"}}}, State.UNREADABLE),
        ({"Environment": {"Variables": {"A": "1"}}}, State.READ),
        ({"Environment": {}}, State.ABSENT),
        ({}, State.ABSENT),
    ],
)
def test_an_answer_that_says_it_tells_nothing_is_unknown(answer, reading):
    facet = Facet("environment", Listed("Environment"), unknown="Environment.Error")

    assert taken(facet, "Environment", answer).state is reading


def test_false_and_zero_are_values():
    assert taken(Facet("one", Listed()), "A", {"A": 0}) == Reading(State.READ, 0)


def test_a_bucket_whose_name_begins_another_is_found_once(aws):
    aws.seed(us_east_1={"AWS::S3::Bucket": {"shop": {}, "shop-logs": {}}})
    sessions, site = Sessions(), Site("us-east-1")
    caller = Caller(sessions, site, sessions.locale(site), Pacer({}))

    found = list_some(load_specs()["AWS::S3::Bucket"], ["shop", "shop-logs"], caller)

    assert sorted(one.name for one in found) == ["shop", "shop-logs"]

"""After a write, AWS is asked until it is done with it."""

from __future__ import annotations

import itertools

import jmespath
import pytest
from botocore.session import get_session

from auditor.aws.calls import Caller
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.aws.waits import WAITS, WaitError, wait
from auditor.errors import StoppedError, UnresolvedError
from auditor.model.values import Locale, Site
from scripted import scripted_aws

UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
NAMES = {"name": "api", "parent": "shop", "UUID": UUID, "Version": "7"}
NEXT = "What was to follow was not written. Look at it in AWS, and resume the run when it is well."
BOTOCORES = {
    "function_active_v2": "FunctionActiveV2",
    "function_updated_v2": "FunctionUpdatedV2",
    "published_version_active": "PublishedVersionActive",
}


def caller():
    return Caller(Sessions(), Site("us-east-1"), Locale("us-east-1", "use1", "123456789012"), Pacer({}))


@pytest.fixture
def caller_of(clean_environment, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    def made(script):
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        return caller()

    return made


@pytest.fixture
def asked(caller_of):
    """Waits on an AWS that gives these answers, the last of them for ever: the paths that were asked for."""

    def paths(name, *answers, values=NAMES, **how):
        told = itertools.chain(answers, itertools.repeat(answers[-1]))
        with scripted_aws(lambda _: next(told)) as script:
            wait(caller_of(script), name, values, **{"sleep": lambda *_: None, **how})
        return [one.path for one in script.asked]

    return paths


@pytest.fixture
def complaint(asked):
    def told(name, *answers, **how):
        with pytest.raises(WaitError) as raised:
            asked(name, *answers, **how)
        return str(raised.value)

    return told


def function(**members):
    return 200, {"Configuration": members}


@pytest.mark.parametrize(
    ("name", "path", "during", "after"),
    [
        ("function_active_v2", "/2015-03-31/functions/api", function(State="Pending"), function(State="Active")),
        (
            "function_updated_v2",
            "/2015-03-31/functions/api",
            function(State="Active", LastUpdateStatus="InProgress"),
            function(State="Active", LastUpdateStatus="Successful"),
        ),
        (
            "published_version_active",
            "/2015-03-31/functions/api?Qualifier=7",
            function(State="Pending"),
            function(State="Active"),
        ),
        (
            "event_source_mapping_settled",
            f"/2015-03-31/event-source-mappings/{UUID}",
            (200, {"State": "Creating"}),
            (200, {"State": "Disabled"}),
        ),
        (
            "capacity_provider_active",
            "/2025-11-30/capacity-providers/api",
            (200, {"CapacityProvider": {"State": "Pending"}}),
            (200, {"CapacityProvider": {"State": "Active"}}),
        ),
        (
            "provisioned_concurrency_ready",
            "/2019-09-30/functions/shop/provisioned-concurrency?Qualifier=api",
            (200, {"Status": "IN_PROGRESS"}),
            (200, {"Status": "READY"}),
        ),
    ],
)
def test_what_is_not_over_is_asked_for_again(asked, name, path, during, after):
    assert asked(name, during, during, after) == [path] * 3


@pytest.mark.parametrize("state", ["Creating", "Enabling", "Disabling", "Updating", "Deleting"])
def test_an_event_source_mapping_passes_through_states_of_its_own(asked, state):
    assert len(asked("event_source_mapping_settled", (200, {"State": state}), (200, {"State": "Enabled"}))) == 2


def test_an_event_source_mapping_that_is_gone_is_settled(asked):
    gone = (404, {"__type": "ResourceNotFoundException"})

    assert len(asked("event_source_mapping_settled", (200, {"State": "Deleting"}), gone)) == 2


def test_an_answer_without_a_state_does_not_say_that_it_is_over(asked):
    assert len(asked("event_source_mapping_settled", (200, {}), (200, {"State": "Enabled"}))) == 2


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("function_active_v2", function(State="Failed", StateReason="No\nimage"), "of api: Failed: No image"),
        ("function_updated_v2", function(LastUpdateStatus="Failed", LastUpdateStatusReason="x"), "of api: Failed: x"),
        ("published_version_active", function(State="Failed"), "of api:7: Failed"),
        ("capacity_provider_active", (200, {"CapacityProvider": {"State": "Failed"}}), "of api: Failed"),
        (
            "provisioned_concurrency_ready",
            (200, {"Status": "FAILED", "StatusReason": "Not enough concurrency"}),
            "of shop:api: FAILED: Not enough concurrency",
        ),
    ],
)
def test_what_failed_is_told_with_the_reason_that_aws_gives(complaint, name, answer, told):
    assert complaint(name, answer) == f"us-east-1: {name} {told}. {NEXT}"


def test_what_is_not_over_in_time_is_told_with_its_last_state(complaint):
    clock = itertools.count(0, 100)

    assert complaint("function_updated_v2", function(LastUpdateStatus="InProgress"), clock=lambda: next(clock)) == (
        "us-east-1: function_updated_v2 of api: waited for 300 s, and it is not over (InProgress). " + NEXT
    )


def test_what_a_function_holds_is_in_no_message(complaint):
    clock = itertools.count(0, 100)
    secrets = {"Configuration": {"Environment": {"Variables": {"KEY": "CANARY"}}}, "Code": {"Location": "CANARY"}}

    assert "CANARY" not in complaint("function_updated_v2", (200, secrets), clock=lambda: next(clock))


def test_what_aws_refuses_to_tell_is_not_taken_for_over(complaint):
    denied = (403, {"__type": "AccessDeniedException", "message": "no"})

    assert complaint("function_active_v2", denied) == (
        "us-east-1: function_active_v2 of api: AWS did not say whether it is over (AccessDeniedException: no). " + NEXT
    )


def test_a_function_that_is_not_there_is_not_taken_for_done(complaint):
    gone = (404, {"__type": "ResourceNotFoundException", "message": "no"})

    assert "ResourceNotFoundException" in complaint("function_updated_v2", gone)


def test_pauses_begin_short_and_double_up_to_the_longest(asked):
    slept = []
    during = [function(State="Pending")] * 6

    asked("function_active_v2", *during, function(State="Active"), sleep=lambda _, seconds: slept.append(seconds))

    assert slept == [0.2, 0.4, 0.8, 1, 1, 1]


def test_a_run_that_is_ending_waits_no_longer(asked):
    slept = []

    def told_to_stop(stopping, seconds):
        slept.append(seconds)
        stopping.set()

    with pytest.raises(StoppedError):
        asked("function_active_v2", function(State="Pending"), sleep=told_to_stop)
    assert slept == [0.2]


def test_what_has_no_value_is_not_asked_for(asked):
    with pytest.raises(UnresolvedError, match="GetEventSourceMapping needs 'UUID'"):
        asked("event_source_mapping_settled", (200, {}), values={"name": "api"})


def test_a_function_of_the_embedded_aws_becomes_active(aws):
    client = aws.client("lambda")
    client.create_function(
        FunctionName="api", Runtime="python3.12", Role="arn:aws:iam::1:role/x", Handler="a.b", Code={"ZipFile": b"zip"}
    )

    wait(caller(), "function_active_v2", {"name": "api"})

    assert client.get_function(FunctionName="api")["Configuration"]["State"] == "Active"


def test_a_function_of_the_embedded_aws_comes_to_be_updated(aws):
    client = aws.client("lambda")
    client.create_function(
        FunctionName="api", Runtime="python3.12", Role="arn:aws:iam::1:role/x", Handler="a.b", Code={"ZipFile": b"zip"}
    )
    wait(caller(), "function_active_v2", {"name": "api"})
    client.update_function_configuration(FunctionName="api", Timeout=9)

    wait(caller(), "function_updated_v2", {"name": "api"})

    assert client.get_function(FunctionName="api")["Configuration"]["LastUpdateStatus"] == "Successful"


@pytest.mark.parametrize(("name", "botocores"), BOTOCORES.items())
def test_botocore_waits_as_long_and_for_the_same_states(name, botocores):
    waiter = get_session().get_waiter_model("lambda").get_waiter(botocores)
    states = {one.state: one.expected for one in waiter.acceptors}
    path = "LastUpdateStatus" if name == "function_updated_v2" else "State"
    over = {
        expected: [bool(jmespath.search(part, function(**{path: expected})[1])) for part in (until.done, until.failed)]
        for until in [WAITS[name]]
        for expected in states.values()
    }

    assert (WAITS[name].seconds, over) == (
        waiter.delay * waiter.max_attempts,
        {states["success"]: [True, False], states["failure"]: [False, True], states["retry"]: [False, False]},
    )

"""One planned call, and what became of it: done, refused, or unknown."""

from __future__ import annotations

import traceback

import pytest

from auditor.aws.calls import Caller
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.aws.write import write
from auditor.errors import StoppedError, UnknownFateError, UnresolvedError, WriteRefusedError
from auditor.model.plan import PlannedCall
from auditor.model.values import Locale, Site
from faults import Faults
from scripted import scripted_aws

TIMEOUT = PlannedCall("lambda", "UpdateFunctionConfiguration", {"FunctionName": "${name}", "Timeout": 9})
VARIABLES = PlannedCall(
    "lambda",
    "UpdateFunctionConfiguration",
    {"FunctionName": "api", "Environment": {"Variables": {"KEY": "${golden:/Environment/Variables/KEY}"}}},
)
TAGS = PlannedCall("s3", "PutBucketTagging", {"Bucket": "shop", "Tagging": {"TagSet": []}})
CREATE = PlannedCall(
    "lambda",
    "CreateFunction",
    {
        "FunctionName": "${name}",
        "Role": "arn:${partition}:iam::${account}:role/x",
        "Runtime": "python3.12",
        "Handler": "a.b",
        "Code": {"ZipFile": "${golden:/Code}"},
    },
)
THROTTLED = (429, {"__type": "TooManyRequestsException", "message": "Rate exceeded"})
API = {"name": "api"}


def caller(account="123456789012"):
    return Caller(Sessions(), Site("us-east-1"), Locale("us-east-1", "use1", account), Pacer({}))


@pytest.fixture
def caller_of(clean_environment, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    def made(url):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        return caller()

    return made


@pytest.fixture
def outcome(caller_of):
    """Makes a call on an AWS that answers so: the error's type and code, and how often it was asked."""

    def told(answer, call=TIMEOUT, values=API):
        with scripted_aws(answer) as script, pytest.raises((WriteRefusedError, UnknownFateError)) as raised:
            write(caller_of(script.url), call, values, sleep=lambda *_: None)
        return type(raised.value), getattr(raised.value, "code", ""), len(script.asked)

    return told


def test_a_call_is_made_with_its_placeholders_filled_in(aws):
    call = PlannedCall("s3", "CreateBucket", {"Bucket": "shop-${region}"})

    write(caller(), call, {})

    assert [one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]] == ["shop-us-east-1"]


def test_an_answer_comes_without_its_metadata(caller_of):
    with scripted_aws(lambda _: (200, {"FunctionName": "api"})) as script:
        assert write(caller_of(script.url), TIMEOUT, API) == {"FunctionName": "api"}


def test_code_is_sent_as_the_bytes_that_it_is(caller_of):
    call = PlannedCall("lambda", "UpdateFunctionCode", {"FunctionName": "api", "ZipFile": "${golden:/Code}"})
    with scripted_aws(lambda _: (200, {})) as script:
        write(caller_of(script.url), call, {"golden:/Code": b"\x00zip"})

    assert script.asked[0].body == {"ZipFile": "AHppcA=="}


def test_a_symbol_that_means_nothing_in_the_site_is_named_and_nothing_is_called(caller_of):
    with scripted_aws(lambda _: (200, {})) as script, pytest.raises(UnresolvedError) as raised:
        write(caller_of(script.url), VARIABLES, {"other": "value"})

    assert (str(raised.value), script.asked) == (
        (
            "us-east-1: UpdateFunctionConfiguration needs 'golden:/Environment/Variables/KEY', which nothing there is "
            "known as. It was not called. See that it is there, and plan again."
        ),
        [],
    )


def test_a_region_without_a_short_code_has_no_symbol_for_it(clean_environment):
    site = Caller(Sessions(), Site("us-east-1"), Locale("us-east-1", "", "123456789012"), Pacer({}))

    with pytest.raises(UnresolvedError):
        write(site, PlannedCall("s3", "CreateBucket", {"Bucket": "shop-${region_short}"}), {})


def test_a_throttled_call_is_made_again_until_it_is_done(caller_of):
    answers = iter([THROTTLED, THROTTLED, (200, {"FunctionName": "api"})])
    with scripted_aws(lambda _: next(answers)) as script:
        told = write(caller_of(script.url), TIMEOUT, API, sleep=lambda *_: None)

    assert (told, len(script.asked)) == ({"FunctionName": "api"}, 3)


def test_every_attempt_counts_as_the_call_that_it_is(caller_of):
    answers = iter([THROTTLED, (200, {})])
    with scripted_aws(lambda _: next(answers)) as script:
        site = caller_of(script.url)
        write(site, TIMEOUT, API, sleep=lambda *_: None)

    assert site.counts() == {"lambda.UpdateFunctionConfiguration": 2}


def test_a_call_that_stays_throttled_is_refused_after_eight_attempts(outcome):
    assert outcome(lambda _: THROTTLED) == (WriteRefusedError, "TooManyRequestsException", 8)


@pytest.mark.parametrize(
    "answer",
    [
        (503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"),
        (503, "<Error><Code>RequestLimitExceeded</Code></Error>"),
        (429, "<Error><Code>Unheard</Code></Error>"),
    ],
)
def test_throttling_has_many_names(outcome, answer):
    assert outcome(lambda _: answer, TAGS, {})[::2] == (WriteRefusedError, 8)


def test_pauses_are_below_limits_that_double_up_to_twenty_seconds(caller_of):
    slept = []
    with scripted_aws(lambda _: THROTTLED) as script, pytest.raises(WriteRefusedError):
        write(caller_of(script.url), TIMEOUT, API, sleep=lambda _, seconds: slept.append(seconds))

    limits = [0, 1, 2, 4, 8, 16, 20, 20]
    assert [seconds <= limit for seconds, limit in zip(slept, limits, strict=True)] == [True] * 8


def test_no_connection_means_that_nothing_was_done(caller_of, free_port):
    site = caller_of(f"http://127.0.0.1:{free_port}")

    with pytest.raises(WriteRefusedError) as raised:
        write(site, TIMEOUT, API, sleep=lambda *_: None)

    assert (raised.value.code, site.counts()) == (
        "EndpointConnectionError",
        {"lambda.UpdateFunctionConfiguration": 8},
    )


def test_of_a_call_whose_answer_is_lost_the_fate_is_unknown_and_it_is_not_made_again(outcome):
    def act_and_hang_up(_):
        raise ConnectionAbortedError

    assert outcome(act_and_hang_up) == (UnknownFateError, "", 1)


def test_a_connection_that_breaks_leaves_the_fate_unknown(aws, monkeypatch, free_port):
    running = Faults(aws.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    running.add({"service": "lambda", "reset": True})
    try:
        with pytest.raises(UnknownFateError):
            write(caller(aws.account), CREATE, {**API, "golden:/Code": b"zip"})
        assert len(running.fired()) == 1
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (TIMEOUT, (500, {"__type": "ServiceException"})),
        (TIMEOUT, (502, "")),
        (TIMEOUT, (504, "<html>Gateway Timeout</html>")),
        (TAGS, (500, "<Error><Code>InternalError</Code></Error>")),
        (TAGS, (503, "<Error><Code>ServiceUnavailable</Code></Error>")),
        (PlannedCall("s3", "CreateBucket", {"Bucket": "shop"}), (500, "<Error><Code>Inter")),
    ],
)
def test_a_failure_of_aws_itself_leaves_the_fate_unknown(outcome, call, answer):
    assert outcome(lambda _: answer, call)[::2] == (UnknownFateError, 1)


@pytest.mark.parametrize(
    "call",
    [
        PlannedCall("s3", "CreateMultipartUpload", {"Bucket": "shop", "Key": "code.zip"}),
        PlannedCall("sns", "CreateTopic", {"Name": "alerts"}),
    ],
)
def test_an_answer_that_cannot_be_read_leaves_the_fate_unknown(outcome, call):
    assert outcome(lambda _: (200, "<Cut off"), call)[::2] == (UnknownFateError, 1)


def test_what_aws_does_not_implement_it_has_not_done(outcome):
    body = "<Error><Code>NotImplemented</Code></Error>"

    assert outcome(lambda _: (501, body), TAGS) == (WriteRefusedError, "NotImplemented", 1)


@pytest.mark.parametrize("status", [302, 307, 403, 413])
def test_an_error_without_a_code_of_aws_leaves_it_unknown_whether_it_was_done(outcome, status):
    assert outcome(lambda _: (status, ""))[::2] == (UnknownFateError, 1)


def test_a_refusal_tells_aws_code_and_its_reason_in_one_line(caller_of):
    answer = (409, {"__type": "ResourceConflictException", "message": "An update\nis in progress"})
    with scripted_aws(lambda _: answer) as script, pytest.raises(WriteRefusedError) as raised:
        write(caller_of(script.url), TIMEOUT, API)

    assert (raised.value.code, str(raised.value)) == (
        "ResourceConflictException",
        (
            "us-east-1: lambda.UpdateFunctionConfiguration was refused (ResourceConflictException: An update is in "
            "progress). It changed nothing. Mend the reason, and plan again."
        ),
    )


@pytest.mark.parametrize("status", [301, 307])
def test_a_bucket_in_another_region_is_not_written_to_there(outcome, status):
    body = "<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>"

    assert outcome(lambda _: (status, body), TAGS) == (WriteRefusedError, "PermanentRedirect", 1)


def test_without_credentials_nothing_was_sent(clean_environment):
    with pytest.raises(WriteRefusedError) as raised:
        write(caller(), TIMEOUT, API)

    assert raised.value.code == "NoCredentialsError"


def test_a_run_that_is_ending_makes_no_call(caller_of):
    with scripted_aws(lambda _: (200, {})) as script:
        site = caller_of(script.url)
        site.stopping.set()

        with pytest.raises(StoppedError):
            write(site, TIMEOUT, API)

    assert script.asked == []


def test_a_run_that_ends_while_a_throttled_call_waits_does_not_make_it_again(caller_of):
    with scripted_aws(lambda _: THROTTLED) as script:
        site = caller_of(script.url)

        def told_to_stop(stopping, seconds):
            if seconds > 0:
                stopping.set()

        with pytest.raises(StoppedError):
            write(site, TIMEOUT, API, sleep=told_to_stop)

    assert len(script.asked) == 1


def quoting(status):
    def answer(asked):
        return status, {"__type": "SomeException", "message": f"not so: {asked.body}"}

    return answer


@pytest.mark.parametrize("status", [400, 429, 500])
def test_of_a_call_that_carries_a_secret_the_code_is_told_and_never_the_secret(caller_of, status):
    with scripted_aws(quoting(status)) as script:
        try:
            write(
                caller_of(script.url),
                VARIABLES,
                {"golden:/Environment/Variables/KEY": "CANARY"},
                secret=True,
                sleep=lambda *_: None,
            )
        except (WriteRefusedError, UnknownFateError):
            told = traceback.format_exc()

    assert ("CANARY" in told, "(SomeException: not so: " in told) == (False, True)


def test_a_refusal_that_quotes_no_secret_is_told_in_aws_words(caller_of):
    said = {"__type": "InvalidParameterValueException", "message": "The role cannot be assumed by Lambda."}
    values = {"golden:/Environment/Variables/KEY": "CANARY"}
    with scripted_aws(lambda _: (400, said)) as script, pytest.raises(WriteRefusedError) as raised:
        write(caller_of(script.url), VARIABLES, values, secret=True)

    assert "(InvalidParameterValueException: The role cannot be assumed by Lambda.)" in str(raised.value)


def test_of_a_refusal_that_cuts_a_secret_short_the_code_alone_is_told(caller_of):
    said = {"__type": "InvalidParameterValueException", "message": "Value 'CANARY-of-gr' is not valid"}
    values = {"golden:/Environment/Variables/KEY": "CANARY-of-great-length"}
    with scripted_aws(lambda _: (400, said)) as script, pytest.raises(WriteRefusedError) as raised:
        write(caller_of(script.url), VARIABLES, values, secret=True)

    assert "was refused (InvalidParameterValueException)." in str(raised.value)


def test_an_error_keeps_none_of_the_error_that_it_is_told_instead_of(caller_of):
    with scripted_aws(quoting(400)) as script, pytest.raises(WriteRefusedError) as raised:
        write(caller_of(script.url), VARIABLES, {"golden:/Environment/Variables/KEY": "CANARY"}, secret=True)

    assert (raised.value.__context__, raised.value.__cause__) == (None, None)


def test_parameters_that_botocore_refuses_are_never_quoted(caller_of):
    values = {"golden:/Environment/Variables/KEY": ["CANARY"]}

    with pytest.raises(WriteRefusedError) as raised:
        write(caller_of("http://127.0.0.1:1"), VARIABLES, values)

    assert (raised.value.code, "CANARY" in str(raised.value)) == ("ParamValidationError", False)

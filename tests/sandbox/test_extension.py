"""The engine that answers for ministack: any protocol, any operation, by plain functions."""

from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
from collections import Counter

import pytest

from auditor import sandbox
from auditor.sandbox.extension import PASS, Refused, State, extended, stored

SIGNED = "AWS4-HMAC-SHA256 Credential={}/20261124/{}/{}/aws4_request, SignedHeaders=host, Signature=0"


async def inner(scope, receive, send):
    """Stands where ministack does: tells how it was asked."""
    body = (await receive())["body"]
    told = {"path": scope["path"], "query": scope["query_string"].decode(), "body": body.decode()}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def asked(handlers, method, path, body=b"", service="s3", account="111111111111", region="eu-west-1", app=None):
    """The status and the body of one request to the extension of `inner` by these handlers."""
    sent = []
    path, _, query = path.partition("?")
    signature = SIGNED.format(account, region, service).encode()
    headers = [(b"authorization", signature), (b"x-amz-account-id", account.encode())]
    place = {"path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope = {"type": "http", "method": method, **place, "headers": headers}

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run((app or extended(inner, handlers))(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


def payer(state, given):
    return {"Payer": f"{state.account} {state.region} {given['Bucket']}"}


def hand_on(_, given):
    return PASS if given else {}


def close(_, given):
    return {"PublicAccessBlockConfiguration": {"BlockPublicAcls": bool(given)}}


def refuse(state, given):
    raise Refused("NoSuchThing", 404, "There is <none>")


def test_a_handler_gets_who_asked_and_for_what():
    answer = asked({"s3": {"GetBucketRequestPayment": payer}}, "GET", "/assets?requestPayment")

    assert (answer[0], "<Payer>111111111111 eu-west-1 assets</Payer>" in answer[1]) == (200, True)


@pytest.mark.parametrize(
    ("handlers", "path", "service"),
    [
        ({"s3": {"GetBucketRequestPayment": payer}}, "/assets?cors", "s3"),
        ({"s3": {"GetBucketRequestPayment": payer}}, "/assets?requestPayment", "lambda"),
        ({"s3": {"GetBucketRequestPayment": hand_on}}, "/assets?requestPayment", "s3"),
    ],
    ids=["another operation", "another service", "handed on"],
)
def test_what_no_handler_answers_is_asked_as_it_came(handlers, path, service):
    told = json.loads(asked(handlers, "GET", path, b"<A/>", service)[1])

    assert told == {"path": "/assets", "query": path.partition("?")[2], "body": "<A/>"}


def test_a_refusal_in_xml_has_s3s_envelope():
    assert asked({"s3": {"GetBucketRequestPayment": refuse}}, "GET", "/assets?requestPayment") == (
        404,
        "<Error><Code>NoSuchThing</Code><Message>There is &lt;none&gt;</Message></Error>",
    )


def test_a_refusal_in_json_names_its_code():
    status, body = asked({"lambda": {"GetFunction": refuse}}, "GET", "/2015-03-31/functions/api", service="lambda")

    assert (status, json.loads(body)["__type"]) == (404, "NoSuchThing")


def test_a_handler_can_ask_for_the_very_request_and_for_another_operation():
    async def both(state, given, ministack):
        here, there = await ministack(), await ministack("GetBucketCors", {"Bucket": "other"})
        return {"Payer": str(sorted(here) == sorted(there))}

    async def cors(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<A></A>"})

    app = extended(cors, {"s3": {"GetBucketRequestPayment": both}})

    assert "<Payer>True</Payer>" in asked({}, "GET", "/assets?requestPayment", app=app)[1]


def test_s3controls_paths_are_not_taken_for_keys_in_a_bucket():
    handlers = {"s3": {"GetObject": refuse}, "s3control": {"GetPublicAccessBlock": close}}

    assert asked(handlers, "GET", "/v20180820/configuration/publicAccessBlock")[0] == 200


def test_accounts_and_regions_are_kept_apart():
    def count(state, given):
        state["times"] = state.get("times", 0) + 1
        return {"Payer": str(state["times"])}

    app = extended(inner, {"s3": {"GetBucketRequestPayment": count}})
    callers = [("1" * 12, "eu-west-1"), ("2" * 12, "eu-west-1"), ("1" * 12, "us-east-1"), ("1" * 12, "eu-west-1")]
    answers = [asked({}, "GET", "/a?requestPayment", account=one, region=where, app=app)[1] for one, where in callers]

    assert [answer.partition("<Payer>")[2][0] for answer in answers] == ["1", "1", "1", "2"]


def test_what_is_stored_is_answered_and_listed_until_it_is_deleted():
    put, get, delete, listed = stored("reports", ("Bucket", "Id"), "Report", Refused("NoSuchReport", 404))
    state, of = State("1" * 12, "eu-west-1"), {"Bucket": "b", "Id": "daily"}

    put(state, {**of, "Report": {"On": True}})
    put(state, {"Bucket": "other", "Id": "daily", "Report": {}})
    told = (get(state, of), listed(state, {"Bucket": "b"}))
    delete(state, of)

    assert (told, listed(state, {"Bucket": "b"})) == (
        ({"Report": {"On": True}}, {"ReportList": [{"On": True}]}),
        {"ReportList": []},
    )


def test_deleting_what_is_not_there_is_refused_if_so_asked():
    *_, delete, _ = stored("reports", ("Bucket",), "Report", Refused("NoSuchReport", 404), strict=True)

    with pytest.raises(Refused):
        delete(State("1" * 12, "eu-west-1"), {"Bucket": "b"})


def test_no_operation_is_answered_by_two_modules():
    modules = [importlib.import_module(f"auditor.sandbox.{one.name}") for one in pkgutil.iter_modules(sandbox.__path__)]
    tables = [getattr(module, "HANDLERS", {}) for module in modules]
    answered = [(service, name) for table in tables for service, own in table.items() for name in own]

    assert [one for one, count in Counter(answered).items() if count > 1] == []

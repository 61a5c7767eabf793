"""Telling people over real connections: what arrives, what is tried again, and that no address is ever told."""

from __future__ import annotations

import io
import json
import logging
import socketserver
import threading
import time
from contextlib import contextmanager
from email import message_from_string

import pytest
from webhook import webhook

from auditor.notify.notice import Notice, fitted
from auditor.notify.send import Target, send, target_of

CANARY = "canary-7c1e0b5d"
TITLE = "auditor: 1 new, 0 fixed"
AT_ONCE = (0.0, 0.0)


def words(room):
    return Notice(TITLE, fitted(["<!channel> & <b>bold</b>"], ["x" * 90] * 100, room), "warning")


def sent(*urls, limit=20, environ=None, waits=AT_ONCE):
    targets = [target_of(number, url, limit, environ or {}) for number, url in enumerate(urls, 1)]
    return [(one.name, one.error) for one in send(targets, words, waits)]


@contextmanager
def mail_server():
    """Takes mail, and yields the list of what came."""
    came = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    came.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"250 well\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], came
        server.shutdown()


@pytest.fixture
def logged():
    """What whoever listens to all logging is told."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


def test_a_webhook_gets_title_and_body():
    with webhook() as hook:
        told = sent(f"json://{hook.address}/{CANARY}")

    assert (told, hook.got[0]["title"], hook.got[0]["message"].split("\n")[0], hook.got[0]["type"]) == (
        [("json (1st of notify)", "")],
        TITLE,
        "<!channel> & <b>bold</b>",
        "warning",
    )


def test_what_failed_is_tried_again():
    with webhook(500, 500, 200) as hook:
        told = sent(f"json://{hook.address}/")

    assert (told, len(hook.got)) == ([("json (1st of notify)", "")], 3)


def test_there_are_three_tries_in_all():
    with webhook(500) as hook:
        told = sent(f"json://{hook.address}/{CANARY}")

    assert (told, len(hook.got)) == ([("json (1st of notify)", "the answer was HTTP 500.")], 3)


def test_a_redirect_is_no_arrival():
    with webhook(302) as hook:
        assert sent(f"json://{hook.address}/") == [("json (1st of notify)", "the answer was HTTP 302.")]


def test_what_hangs_is_not_waited_for_longer_than_its_limit():
    with webhook(seconds=3) as hook:
        begun = time.monotonic()
        told = sent(f"json://{hook.address}/{CANARY}", limit=0.5)
        took = time.monotonic() - begun

    assert (told, took < 1.5) == ([("json (1st of notify)", "there was no end of it in 0.5 seconds.")], True)


def test_no_try_begins_that_the_limit_would_cut_short():
    with webhook(500) as hook:
        told = sent(f"json://{hook.address}/", limit=2, waits=(0.0, 60.0))

    assert (told, len(hook.got)) == ([("json (1st of notify)", "the answer was HTTP 500.")], 2)


def test_one_that_fails_keeps_no_other_from_being_told():
    with webhook() as hook:
        told = sent("json://127.0.0.1:1/", f"json://{hook.address}/")

    assert [bool(error) for _, error in told] == [True, False]


@pytest.mark.parametrize(
    ("url", "name", "error"),
    [
        (f"json://u:{CANARY}@127.0.0.1:1/{CANARY}", "json (1st of notify)",
         "there was no answer, or it was not taken."),
        (f"mailto://u:{CANARY}@localhost:1?to={CANARY}@example.org&mode=insecure", "mailto (1st of notify)",
         "there was no answer, or it was not taken."),
        (f"slack://{CANARY}", "slack (1st of notify)",
         "the address is not as https://github.com/caronc/apprise/wiki has it for this service."),
        (f"{CANARY}://x", "target (1st of notify)", "no service goes by what its address begins with."),
        (f"{CANARY}", "target (1st of notify)", "no service goes by what its address begins with."),
        (f"slak://{CANARY}", "target (1st of notify)",
         "no service goes by what its address begins with. Did you mean slack?"),
        (f"json://[{CANARY}", "json (1st of notify)",
         "the address is not as https://github.com/caronc/apprise/wiki has it for this service."),
        (f"sns:arn:{CANARY}", "sns (1st of notify)", "what follows sns: is not the ARN of a topic."),
        (f"sns:arn:aws:sns:xx-{CANARY}-1:123456789012:drift", "sns (1st of notify)",
         "the topic's ARN names a region that its partition does not have."),
        (f"sns:arn:aws:sns:cn-north-1:123456789012:{CANARY}", "sns (1st of notify)",
         "the topic's ARN names a region that its partition does not have."),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_without_the_address(url, name, error, capfd, logged):
    told = sent(url)
    printed = capfd.readouterr()

    assert (told, printed.out, printed.err, CANARY in logged.getvalue()) == ([(name, error)], "", "", False)


def test_a_target_shows_no_address():
    assert CANARY not in repr(Target("json (1st of notify)", f"json://{CANARY}", 30))


def test_a_variable_of_the_environment_is_filled_in():
    with webhook() as hook:
        sent(f"json://{hook.address}/${{HOOK_TOKEN}}/$${{literal}}", environ={"HOOK_TOKEN": "t0ken"})

    assert hook.paths == ["/t0ken/$%7Bliteral%7D"]


@pytest.mark.parametrize("environ", [{}, {"HOOK_TOKEN": ""}])
def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent(environ):
    with webhook() as hook:
        told = sent(f"json://{hook.address}/${{HOOK_TOKEN}}", environ=environ)

    assert (told, hook.got) == ([("json (1st of notify)", "the environment has no HOOK_TOKEN.")], [])


def test_a_message_is_cut_to_what_the_service_takes(monkeypatch):
    with webhook() as hook:
        monkeypatch.setattr("apprise.plugins.discord.NotifyDiscord.notify_url", f"http://{hook.address}/")
        sent("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")

    (got,) = hook.got
    assert (len(got["content"]) <= 2000, got["content"].endswith("more lines: see the report")) == (True, True)


def test_a_message_is_cut_though_apprise_takes_more_room_than_it_should(monkeypatch):
    monkeypatch.setattr("auditor.notify.apprise_services._MARGIN", -500)
    with webhook() as hook:
        monkeypatch.setattr("apprise.plugins.discord.NotifyDiscord.notify_url", f"http://{hook.address}/")
        sent("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")

    assert [len(one["content"]) <= 2000 for one in hook.got] == [True]


def test_slack_gets_no_mention(monkeypatch):
    with webhook() as hook:
        monkeypatch.setattr("apprise.plugins.slack.NotifySlack.webhook_url", f"http://{hook.address}")
        sent("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/")

    (text,) = (one["text"] for one in hook.got[0]["attachments"])
    assert text.split("\n")[0] == "&lt;!channel&gt; &amp; &lt;b&gt;bold&lt;/b&gt;"


def test_a_mail_has_no_markup_of_the_message():
    with mail_server() as (port, came):
        told = sent(f"mailto://localhost:{port}?from=a@example.org&to=b@example.org&format=html&mode=insecure")

    html = message_from_string(came[0]).get_payload()[1].get_payload(decode=True).decode()
    assert (told, "&lt;b&gt;bold&lt;/b&gt;" in html, "<b>" in html) == (
        [("mailto (1st of notify)", "")],
        True,
        False,
    )


@pytest.fixture
def topic(aws):
    """Makes a topic with a queue that gets all that comes there; returns its ARN and what reads the queue."""

    def made(name, region="eu-west-1", **attributes):
        sns, sqs = aws.client("sns", region), aws.client("sqs", region)
        arn = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
        queue = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        held = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=held)
        read = lambda: [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=queue).get("Messages", [])]  # noqa: E731
        return arn, read

    return made


def test_a_topic_gets_subject_and_message(topic):
    arn, read = topic("drift")

    told = sent(f"sns:{arn}")

    (got,) = read()
    assert (told, got["Subject"], got["Message"].split("\n")[0]) == (
        [("sns (1st of notify)", "")],
        TITLE,
        "<!channel> & <b>bold</b>",
    )


def test_a_topic_in_order_is_told_what_it_wants(topic):
    arn, read = topic("drift.fifo", FifoTopic="true", FifoQueue="true")

    assert (sent(f"sns:{arn}"), len(read())) == ([("sns (1st of notify)", "")], 1)


def test_a_topic_that_is_not_there_is_told_without_its_arn(aws):
    told = sent(f"sns:arn:aws:sns:eu-west-1:{aws.account}:{CANARY}")

    assert told == [("sns (1st of notify)", "AWS said NotFound. Whose credentials these are needs sns:Publish.")]


def test_a_topic_without_credentials_is_told_without_its_arn(clean_environment):
    told = sent(f"sns:arn:aws:sns:eu-west-1:123456789012:{CANARY}")

    assert told == [
        ("sns (1st of notify)", "AWS said NoCredentialsError. Whose credentials these are needs sns:Publish.")
    ]

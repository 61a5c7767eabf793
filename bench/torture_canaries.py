"""A canary in every secret's place, through every command, while AWS's errors echo what they were asked.

Nothing that is printed, logged or written may hold it, in any form: not as it is, nor in base64, nor escaped.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from auditor.specs.spec import FUNCTION
from auditor.store.site_file import unpacked
from bench.faults import Fault, Reply, Send, Sent, refused
from bench.torture_drifts import ALIAS, Drifted
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import SITE
from bench.torture_writes import Estate, journal_in
from bench.wire import on_wire

PART: Final = "canaries"
CANARY: Final = "canary+7c1e0b5d/fae9"
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
TYPES: Final = (FUNCTION, ALIAS, MAPPING)
_QUEUE: Final = "arn:aws:sqs:${region}:${account}:orders"
_ARN: Final = "arn:aws:lambda:${region}:${account}:function:f"
_LOUD: Final = ("-v", "--json-log")
BEFORE: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "plan": (("plan", "-o", "plan.json"),),
    "snapshot": (("snapshot",),),
    "audit": (("audit",),),
    "run": (("plan", "-o", "plan.json"), ("apply", "plan.json", "--yes")),
    "": (),
}
COMMANDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "snapshot": ("", ("snapshot", *_LOUD)),
    **{f"diff {form}": ("", ("diff", "--format", form, *_LOUD))
       for form in ("table", "json", "markdown", "csv", "sarif", "junit")},
    "report": ("", ("report", "-o", "report.html", *_LOUD)),
    "audit": ("audit", ("audit", *_LOUD)),
    "plan": ("", ("plan", "-o", "plan.json", *_LOUD)),
    "plan json": ("", ("plan", "--format", "json")),
    "apply": ("plan", ("apply", "plan.json", "--yes", "--json-log")),
    "reconcile": ("", ("reconcile", "--yes", *_LOUD)),
    "rollback": ("run", ("rollback", "RUN", "--yes", "--json-log")),
    "stored diff": ("snapshot", ("diff", "latest")),
    "snapshot show": ("snapshot", ("snapshot", "show", "--site", SITE, "--type", FUNCTION)),
    "history": ("audit", ("history",)),
    "show": ("plan", ("show", "plan.json")),
}  # fmt: skip
"""What is run, after what."""
STATUSES: Final = (400, 500)


def _side(mark: str, memory: int) -> dict[str, Any]:
    secret = f"{CANARY}-{mark}"
    hidden = {
        "PASSWORD": secret,
        "DATABASE": f"postgres://app:{secret}@db.example/{mark}",
        "SIGNED": f"https://b.s3.amazonaws.com/k?X-Amz-Signature={secret}",
        "JSON": json.dumps({"key": secret}),
        "ENDPOINT": f"https://sqs.us-east-1.amazonaws.com/123456789012/q?{secret}",
    }
    token = {
        "Sid": "t", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": _ARN,
        "Condition": {"StringEquals": {"lambda:EventSourceToken": secret}},
    }  # fmt: skip
    function = {
        "MemorySize": memory,
        "Environment": {"Variables": hidden},
        "Policy": {"Version": "2012-10-17", "Statement": [token]},
        "Versions": {"1": {"Environment": {"Variables": {"OLD": secret}}}},
    }
    mapping = {
        "FunctionArn": _ARN, "EventSourceArn": _QUEUE, "BatchSize": memory // 100,
        "FilterCriteriaError": {"ErrorCode": "X", "Message": secret},
    }  # fmt: skip
    return {FUNCTION: {"f": function}, ALIAS: {"f/live": {"FunctionVersion": "1"}}, MAPPING: {f"f/{_QUEUE}": mapping}}


def echo(status: int) -> Fault:
    """An error of AWS's that quotes the whole request."""

    def fault(sent: Sent, send: Send) -> Reply:
        body = sent.request.body or b""
        text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
        said = json.dumps([dict(sent.params), text], default=str).replace("<", "(").replace("&", "+")
        return refused("ValidationException" if status == 400 else "InternalFailure", status, said)(sent, send)

    return fault


@contextmanager
def _prepared(name: str) -> Iterator[tuple[Estate, tuple[str, ...]]]:
    before, arguments = COMMANDS[name]
    drifted = Drifted("canaries", TYPES, _side("g", 512), _side("s", 256))
    with workplace(types=list(TYPES)) as folder:
        estate = Estate(drifted, folder)
        with on_wire(estate.wire):
            for one in BEFORE[before]:
                run(*one)
            latest = journal_in(folder)[0] if before == "run" else ""
            if latest:
                estate.wanted = drifted.site
            yield estate, tuple(latest if one == "RUN" else one for one in arguments)


@cache
def called_by(name: str) -> tuple[str, ...]:
    """The operations that a command calls."""
    with _prepared(name) as (estate, arguments):
        seen = set[str]()

        def listening(sent: Sent) -> Reply:
            seen.add(sent.called)
            return estate.wire(sent)

        with on_wire(listening):
            run(*arguments)
    return tuple(sorted(seen))


def trials() -> Iterator[Trial]:
    """Each command undisturbed, and with each operation that it calls refused by an echo."""
    for name in COMMANDS:
        yield Trial(PART, name, partial(tried, name, "", 0))
        for called in called_by(name):
            for status in STATUSES:
                yield Trial(PART, f"{name}, {called} echoes with {status}", partial(tried, name, called, status))


def tried(name: str, called: str, status: int) -> Iterator[str]:
    """Where a canary is."""
    with _prepared(name) as (estate, arguments):
        happened = []

        def wire(sent: Sent) -> Reply:
            if sent.called != called:
                return estate.wire(sent)
            happened.append(sent)
            return echo(status)(sent, partial(estate.wire, sent))

        with on_wire(wire):
            ended = run(*arguments)
        yield from ended.wrong(0, 1, 2, 3)
        yield from found_in(ended, estate.folder)
        if called and not happened:
            yield "it never happened"


def found_in(ended: Ended, folder: Path) -> Iterator[str]:
    """The streams and files that hold a canary, in whatever form."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "auditor.yaml"]
    texts = {"stdout": ended.out.encode(), "stderr": (ended.err + ended.crash).encode()}
    texts |= {str(path.relative_to(folder)): unpacked(path.name, path.read_bytes()) for path in files}
    for where, content in texts.items():
        yield from (f"a canary is in {where}: {_around(content, form)}" for form in FORMS if form in content)


def _forms() -> Iterator[bytes]:
    yield CANARY.encode()
    yield quote(CANARY, safe="").encode()
    yield CANARY.replace("/", "\\/").encode()
    # Wherever it begins within a text in base64, the middle of it is one of three.
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + CANARY.encode())
        yield coded[4 : (len(coded) // 4 - 1) * 4]


FORMS: Final = tuple(_forms())


def _around(content: bytes, form: bytes) -> str:
    at = content.index(form)
    return content[max(0, at - 80) : at + 40].decode(errors="replace")

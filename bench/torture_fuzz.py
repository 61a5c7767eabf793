"""Every file, answer, archive, policy and push, damaged at random: one clear end in time, and nothing foreign sent.

What is damaged is real: what an audit, a plan and a run have left, and what AWS answers. Each trial has a seed of its
own, so that its name repeats it.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, Final

import zstandard

from auditor.deploy.archive import packed
from auditor.errors import AuditorError
from auditor.model.json_text import rendered
from auditor.sandbox.scenario import Resources
from auditor.specs.spec import FUNCTION
from auditor.store.site_file import unpacked
from auditor.store.store import MANIFEST, SEAL
from bench.faults import Reply, Sent
from bench.torture_damage import bent, damaged
from bench.torture_disk import contents
from bench.torture_drifts import Drifted, drifts
from bench.torture_pushes import batch_damaged, push_damaged
from bench.torture_trial import Trial, run, workplace
from bench.torture_world import GOLDEN, World
from bench.torture_writes import Estate
from bench.wire import on_wire

PART: Final = "fuzz"
EACH: Final = 60
"""Trials of each target."""
_LONGEST: Final = 20.0
_DECISIONS: Final = 'schema: "auditor/decisions/1"\ndecisions:\n  - {finding: "9f1c2a4be6d0a1b2", decision: "fix"}\n'
_POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "a", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
         "Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:${region}:${account}:function:f",
         "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:${region}:${account}:t"}}}
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A file that is damaged, and what then reads it."""

    file: str
    arguments: tuple[str, ...]
    inside: bool = False
    """Whether its JSON is changed, and it is packed and sealed as it was; else its bytes are."""


TARGETS: Final[Mapping[str, Target]] = {
    "settings": Target("auditor.yaml", ("diff", "latest")),
    "manifest": Target("store/*/manifest.json", ("diff", "latest")),
    "manifest's values": Target("store/*/manifest.json", ("diff", "latest"), inside=True),
    "site": Target("store/*/eu-west-1.json.zst", ("diff", "latest")),
    "site's values": Target("store/*/eu-west-1.json.zst", ("diff", "latest"), inside=True),
    "history": Target("store/history/*.json", ("history",)),
    "history's values": Target("store/history/*.json", ("history",), inside=True),
    "decisions": Target("decisions.yaml", ("plan", "latest", "--decisions", "decisions.yaml")),
    "plan": Target("plan.json", ("apply", "plan.json", "--yes")),
    "plan's values": Target("plan.json", ("apply", "plan.json", "--yes"), inside=True),
    "journal": Target("store/runs/*/journal.jsonl", ("rollback", "RUN", "--yes")),
    "run's plan": Target("store/runs/*/plan.json", ("resume", "RUN")),
}


def trials() -> Iterator[Trial]:
    """Each target, with so many seeds."""
    for number in range(EACH):
        for name in TARGETS:
            yield Trial(PART, f"{name} {number}", partial(file_damaged, name, number))
        for name, kind in _KINDS.items():
            yield Trial(PART, f"{name} {number}", partial(kind, number))


@cache
def pristine() -> tuple[Drifted, Mapping[str, bytes], frozenset[str]]:
    """What an audit, a plan and a run leave, and the calls of the plan as they were sent."""
    one = next(each for each in drifts() if each.name == f"{FUNCTION}/Tags")
    with workplace(types=[FUNCTION]) as folder:
        estate = Estate(one, folder)
        sent: set[str] = set()
        with on_wire(_heard(estate, sent)):
            run("audit")
            run("plan", "-o", "plan.json")
            run("apply", "plan.json", "--yes")
            estate.wanted = one.site
            run("rollback", next((folder / "store" / "runs").iterdir()).name, "--yes")
        kept = contents(folder)
    first = min(name for name in kept if name.startswith("store/runs/"))[: len("store/runs/20261129T000000Z")]
    later = {name for name in kept if name.startswith("store/runs/") and not name.startswith(f"{first}/")}
    return (
        one,
        {**{n: c for n, c in kept.items() if n not in later}, "decisions.yaml": _DECISIONS.encode()},
        frozenset(sent),
    )


def _heard(estate: Estate, sent: set[str]) -> Callable[[Sent], Reply]:
    def wire(one: Sent) -> Reply:
        if not one.operation.startswith(("Get", "List", "Describe", "BatchGet", "Head")):
            sent.add(f"{one.region} {one.called} {json.dumps(one.params, sort_keys=True)}")
        return estate.wire(one)

    return wire


def file_damaged(name: str, number: int) -> Iterator[str]:
    """What is wrong with how a command ends that reads a damaged file, and with what it sends."""
    target, chance = TARGETS[name], Random(f"{name} {number}")  # noqa: S311 guards nothing
    one, files, known = pristine()
    with workplace(types=[FUNCTION]) as folder:
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        found = sorted(folder.glob(target.file))[-1]
        found.write_bytes(_changed(found, target, chance))
        if target.inside and found.suffix == ".zst":
            _seal(found.parent)
        estate, sent = Estate(one, folder), set[str]()
        if target.arguments[0] == "rollback":
            estate.become(json.loads(json.dumps(one.golden)))
            estate.wanted = one.site
        first = next((folder / "store" / "runs").iterdir()).name
        with on_wire(_heard(estate, sent)):
            yield from _ended(*(first if each == "RUN" else each for each in target.arguments))
        yield from (f"sent, and in no plan: {each[:300]}" for each in sorted(sent - known))


def _changed(path: Path, target: Target, chance: Random) -> bytes:
    content = path.read_bytes()
    if not target.inside:
        return damaged(content, chance)
    if path.name == MANIFEST:
        return _bent_manifest(json.loads(content), chance)
    value = bent(json.loads(unpacked(path.name, content)), chance)
    text = json.dumps(value, sort_keys=True, indent=1).encode()
    return zstandard.ZstdCompressor().compress(text) if path.suffix == ".zst" else text


def _bent_manifest(manifest: dict[str, Any], chance: Random) -> bytes:
    value = bent({name: one for name, one in manifest.items() if name != SEAL}, chance)
    content = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    if not isinstance(value, dict):
        return content.encode(errors="backslashreplace")
    return rendered({**value, SEAL: hashlib.sha256(rendered(value)).hexdigest()})


def _seal(folder: Path) -> None:
    """Make the manifest name its files as they are by now, and itself."""
    manifest = json.loads(folder.joinpath(MANIFEST).read_bytes())
    for site in manifest["sites"].values():
        site["sha256"] = hashlib.sha256((folder / site["file"]).read_bytes()).hexdigest()
    unsealed = {name: value for name, value in manifest.items() if name != SEAL}
    seal = hashlib.sha256(rendered(unsealed)).hexdigest()
    (folder / MANIFEST).write_bytes(rendered({**unsealed, SEAL: seal}))


def _ended(*arguments: str) -> Iterator[str]:
    begun = time.monotonic()
    yield from run(*arguments).wrong(0, 1, 2, 3)
    if time.monotonic() - begun > _LONGEST:
        yield f"it took {time.monotonic() - begun:.0f} s"


def body_damaged(number: int) -> Iterator[str]:
    """What is wrong with a run in which every so-manyth answer of AWS's is damaged, in body or headers."""
    chance, world = Random(f"body {number}"), World()  # noqa: S311 guards nothing

    def wire(sent: Sent) -> Reply:
        came = world.wire(sent)
        if chance.random() > 0.05:
            return came
        headers = {name: value for name, value in came.headers.items() if chance.random() < 0.7}
        return Reply(chance.choice((200, 200, 200, came.status, 418)), damaged(came.body, chance), headers)

    with workplace(types=[chance.choice(("AWS::CodeDeploy::*", "AWS::Lambda::*"))]), on_wire(wire):
        yield from _ended("diff", "--format", "json")


def policy_bent(number: int) -> Iterator[str]:
    """What is wrong with a run in which a function's policy is no such thing as AWS writes."""
    chance, world = Random(f"policy {number}"), World({})  # noqa: S311 guards nothing
    base: Resources = {FUNCTION: {"f": {}}}
    for region in ("us-east-1", "eu-west-1"):
        policy = _POLICY if region == GOLDEN and number % 2 else bent(_POLICY, chance)
        # AWS takes a text like one of a plan's places for what it is.
        text = json.dumps(policy).replace("${golden:", "$${golden:")
        world.change(region, {FUNCTION: {"f": {"Policy": text}}} if policy else base)
    with workplace(types=[FUNCTION]), on_wire(world.wire):
        yield from _ended("plan", "-o", "plan.json")


def archive_damaged(number: int) -> Iterator[str]:
    """What is wrong with packing a damaged archive: it is refused, or packed below the folder."""
    chance, made = Random(f"archive {number}"), io.BytesIO()  # noqa: S311 guards nothing
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("appspec.yml", "../out", "/abs", "a/b", "a/b/c", "a\\b", "x" * 300):
            if chance.random() < 0.6:
                archive.writestr(name, b"version: 0.0\nos: linux\n" * chance.choice((1, 100)))
    with workplace() as folder:
        source = folder / "source.zip"
        (folder / "out").mkdir()
        source.write_bytes(damaged(made.getvalue(), chance))
        with suppress(AuditorError):
            packed(source, folder / "out" / "artifact.zip")
        strange = {one.name for one in folder.iterdir()} - {"auditor.yaml", "source.zip", "out"}
        yield from (f"written beside the artifact: {one}" for one in sorted(strange))


_KINDS: Final[Mapping[str, Callable[[int], Iterator[str]]]] = {
    "body": body_damaged,
    "archive": archive_damaged,
    "policy": policy_bent,
    "batch": batch_damaged,
    "push": push_damaged,
}
"""What is damaged beside files, each by a seed."""

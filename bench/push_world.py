"""A world in which people push, and the two functions of push-to-deploy ship and deploy it: the real handlers.

AWS is in memory, and GitHub on this machine. Nothing runs at the same time; but in the midst of a function, before any
of its calls, others can be run from beginning to end, be refused, lose an answer, or end the function.
"""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Final

from auditor.deploy.functions import codedeploy_trigger, github_listener
from bench.faults import Sent
from bench.push_aws import ACTIVE, DeadError, Fields, Place, Version, deployment, in_sqs, is_busy
from bench.push_github import MAIN, REPOSITORY, GitHub, Push

REGIONS: Final = ("us-east-1", "eu-west-1", "ap-southeast-2")
TRIES: Final = 3
"""How often Lambda calls a function that was called asynchronously."""
LISTENER_RULES: Final = [
    {"repository": REPOSITORY, "ref": "refs/heads/*", "application": "shop"},
    {"repository": REPOSITORY, "ref": "refs/tags/*", "event": "release", "application": "shop"},
]
_TRIGGER_RULES: Final = json.dumps([{"key": "shop/*.zip", "application": "shop", "groups": ["web"]}])
Meanwhile = Callable[[], object]


@dataclass
class Work:
    """An asynchronous call of the listener by itself."""

    payload: Fields
    push: Push
    tries: int = 0


@dataclass
class Frame:
    """One function that runs: what is to happen at its calls, by their numbers, and what it saw."""

    push: Push | None
    plan: dict[int, str | Meanwhile]
    calls: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    """How many deployments of a region there were when it looked."""


@dataclass
class World:
    """Owns all that there is, the clock, and what went wrong."""

    github: GitHub = field(default_factory=GitHub)
    places: dict[str, Place] = field(default_factory=lambda: {name: Place(name) for name in REGIONS})
    now: float = 1790000000.0
    deliveries: list[Push] = field(default_factory=list)
    """What the listener has not heard yet."""
    works: list[Work] = field(default_factory=list)
    lost: list[Push] = field(default_factory=list)
    """What is in the listener's failure queue."""
    frames: list[Frame] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def clock(self) -> float:
        """The time, which goes on as it is asked."""
        self.now += 0.001
        return self.now

    # -- what people do

    def push(self, after: str, ref: str = MAIN, wait: float = 1.0) -> None:
        """Have a ref be this commit."""
        self.now += wait
        if self.github.refs.get(ref) != after:
            self.deliveries.append(self.github.push(ref, after, int(self.now)))
            self.counts["pushes"] += 1

    def release(self, commit: str) -> None:
        """Publish a release of a commit."""
        self.now += 1
        self.deliveries.append(self.github.release(commit, int(self.now)))
        self.counts["releases"] += 1

    def occupy(self, place: Place) -> None:
        """Somebody else deploys to a region, if he can."""
        if not is_busy(place):
            revision = {"revisionType": "GitHub", "gitHubLocation": {"repository": REPOSITORY, "commitId": "f" * 40}}
            deployment(place, self.clock(), revision)
            self.counts["groups made busy"] += 1

    def end(self, place: Place, status: str = "Succeeded") -> None:
        """Have what runs in a region end; what fails is rolled back."""
        for one in [one for one in place.deployments if one["status"] in ACTIVE]:
            one["status"] = status
            good = [other for other in place.deployments if other["status"] == "Succeeded"]
            if status == "Failed" and good and one["creator"] == "user":
                back = deployment(
                    place, self.clock(), good[-1]["revision"], good[-1]["description"], "codeDeployRollback"
                )
                back["status"] = "Succeeded"
                self.counts["rollbacks"] += 1

    # -- what the functions do

    def deliver(self, push: Push, plan: Mapping[int, str | Meanwhile] | None = None) -> None:
        """GitHub sends a webhook. It is redelivered later where the listener does not answer."""
        self.counts["deliveries"] += 1
        answer = self._run(lambda: github_listener.handler(push.delivery, None), push, plan)
        if answer is None or answer["statusCode"] != 202:
            self.deliveries.append(push)

    def work(self, work: Work, plan: Mapping[int, str | Meanwhile] | None = None) -> None:
        """Lambda calls the listener, and again if that fails, until it has tried three times."""
        self.counts["works"] += 1
        if self._run(lambda: github_listener.handler(work.payload, None), work.push, plan) is not None:
            return
        self.counts["works that failed"] += 1
        work.tries += 1
        if work.tries < TRIES:
            self.works.append(work)
        else:
            self.lost.append(work.push)

    def receive(self, place: Place, messages: list[Fields], plan: Mapping[int, str | Meanwhile] | None = None) -> None:
        """Lambda gives the trigger of a region some messages, which come again where it says so, or ends."""
        self.counts["messages"] += len(messages)
        place.messages = [one for one in place.messages if not any(one is other for other in messages)]
        os.environ.update({"AWS_DEFAULT_REGION": place.name, "RULES": _TRIGGER_RULES})
        answer = self._run(lambda: codedeploy_trigger.handler(in_sqs(messages), None), None, plan)
        if answer is None:
            place.messages += messages
            return
        failed = {int(one["itemIdentifier"][1:]) for one in answer["batchItemFailures"]}
        place.messages += [one for number, one in enumerate(messages) if number in failed]
        self.counts["messages that came again"] += len(failed)

    def _run(self, call: Callable[[], Any], push: Push | None, plan: Mapping[int, str | Meanwhile] | None) -> Any:
        before = {name: os.environ.get(name, "") for name in ("AWS_DEFAULT_REGION", "RULES")}
        if push:
            os.environ.update({"AWS_DEFAULT_REGION": REGIONS[0], "RULES": json.dumps(LISTENER_RULES)})
        self.frames.append(Frame(push, dict(plan or {})))
        try:
            with redirect_stdout(io.StringIO()):
                return call()
        except (Exception, DeadError):  # noqa: BLE001 Lambda takes all for a failure
            return None
        finally:
            self.frames.pop()
            os.environ.update(before)

    # -- what AWS is told, and sees

    def watch(self, sent: Sent, place: Place) -> str:
        """What happens at a call."""
        frame = self.frames[-1]
        frame.calls += 1
        what = frame.plan.pop(frame.calls, "")
        if callable(what):
            self.counts["others ran meanwhile"] += 1
            what()
            what = ""
        if sent.operation == "ListDeployments":
            frame.seen[place.name] = len(place.deployments)
        self.counts[f"calls: {what}"] += 1 if what else 0
        return what

    def invoked(self, payload: Fields) -> None:
        """The listener calls itself."""
        push = self.frames[-1].push
        assert push
        self.works.append(Work(payload, push))

    def pushed(self) -> Push | None:
        """Whose work it is."""
        return self.frames[-1].push

    def made(self, place: Place, new: Fields) -> None:
        """A deployment was made by the trigger: nothing newer may have been, that it could have seen."""
        self.counts["deployments"] += 1
        own, seen = _version(place, new), self.frames[-1].seen.get(place.name, 0)
        for number, one in enumerate(place.deployments[:-1]):
            other = _version(place, one) if one["creator"] == "user" else None
            if other and own and self._is_older(own.push, other.push):
                if number < seen:
                    self.wrong.append(f"{place.name}: {own.push} over {other.push}")
                else:
                    self.counts["overtaken between look and start"] += 1

    def _is_older(self, push: Push, other: Push) -> bool:
        """Whether a push is surely older than another one: its commit was not pushed again since."""
        last = [one.rank for one in self.github.pushes if one.after == push.after][-1]
        return last < other.rank and not self._is_undecidable(push, other)

    def _is_undecidable(self, push: Push, other: Push) -> bool:
        """Whether nothing tells their order: there and back within a second, and the ref is something else by now."""
        back = (push.at, push.before, push.after) == (other.at, other.after, other.before)
        found = back and self.github.refs.get(push.ref) not in (push.after, other.after)
        self.counts["undecidable"] += 1 if found else 0
        return found

    # -- how it ends

    def settle(self) -> None:
        """Let all faults end, and everything that waits be done, until nothing is left."""
        self.github.down = False
        for _ in range(60):
            if not (self.deliveries or self.works or self.lost or any(one.messages for one in self.places.values())):
                break
            waiting, self.lost, self.deliveries = [*self.lost, *self.deliveries], [], []
            for push in waiting:
                self.deliver(push)
            works, self.works = self.works, []
            for work in works:
                self.work(work)
            for place in self.places.values():
                self.end(place)
                if place.messages:
                    self.receive(place, place.messages[:10])
        else:
            self.wrong.append("it never comes to rest")
        for place in self.places.values():
            self.end(place)

    def verdict(self) -> list[str]:
        """What is wrong at the end: not the newest that can be deployed, in a region; or what changes by redelivery."""
        wanted = [one for one in self.github.pushes if one.after not in self.github.broken]
        for place in self.places.values():
            runs = place.deployed()
            commit = runs[-1].metadata["commit"] if runs else ""
            right = (
                {wanted[-1].after, *(one.after for one in wanted if self._is_undecidable(one, wanted[-1]))}
                if wanted
                else {""}
            )
            if commit not in right:
                self.wrong.append(f"{place.name}: {commit[:4]} was deployed last, and pushed last was {wanted[-1]}")
        before = self._all()
        for push in reversed(self.github.pushes):
            self.deliver(push)
        self.settle()
        if self._all() != before:
            self.wrong.append("redelivery changed something")
        return self.wrong

    def _all(self) -> object:
        return [
            ({key: [one.id for one in many] for key, many in place.objects.items()}, len(place.deployments))
            for place in self.places.values()
        ]


def _version(place: Place, one: Fields) -> Version | None:
    where = one["revision"].get("s3Location")
    return place.version(where["key"], where.get("version", "")) if where else None

"""Where the two functions of push-to-deploy run on a `World`: real clients, whose calls the world answers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import boto3
import botocore.endpoint

from auditor.deploy import fanout
from auditor.deploy.functions import codedeploy_trigger, github_listener
from bench.faults import Reply, Send, Sent, injected
from bench.instead import environment, instead
from bench.push_aws import Cloud
from bench.push_github import SECRET, served
from bench.push_world import REGIONS, World

_ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "wire", "AWS_SECRET_ACCESS_KEY": "wire", "AWS_DEFAULT_REGION": REGIONS[0],
    "WEBHOOK_SECRET": "webhook", "GITHUB_TOKEN": "", "COMMIT_STATUSES": "", "AWS_LAMBDA_FUNCTION_NAME": "listener",
    "BUCKETS": json.dumps({region: f"shop-{region}" for region in REGIONS}),
}  # fmt: skip


@dataclass
class Stage:
    """Owns the world that is on now; the clients stay the same, since making them takes long."""

    world: World = field(default_factory=World)

    def begin(self) -> World:
        """A world without a past."""
        self.world = World()
        github_listener._SECRETS.clear()  # noqa: SLF001 it is of another world
        return self.world

    def clock(self) -> float:
        """The time in the world that is on."""
        return self.world.clock()

    def answer(self, sent: Sent, send: Send) -> Reply:
        """What AWS answers."""
        on = self.world
        cloud = Cloud(on.places, on.clock, on.watch, on.invoked, SECRET, on.pushed, on.made)
        return cloud.answer(sent, send)


class _AtOnce:
    """In the place of a pool of threads: each does its work as it is given it."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> _AtOnce:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """A future that is there."""
        done: Future[Any] = Future()
        try:
            done.set_result(call(*arguments))
        except Exception as error:  # noqa: BLE001 it is raised where the result is asked for
            done.set_exception(error)
        return done


class _Boto:
    """In the place of boto3: clients are made once for all calls of the functions."""

    def __init__(self) -> None:
        self._made: dict[object, Any] = {}
        self._session = boto3.Session()

    def Session(self) -> _Boto:  # noqa: N802 boto3's name
        """As boto3 has it."""
        return self

    def client(self, service: str, region_name: str | None = None, config: Any = None) -> Any:
        """As boto3 has it."""
        key = service, region_name or os.environ["AWS_DEFAULT_REGION"], id(config)
        if key not in self._made:
            self._made[key] = self._session.client(service, region_name=key[1], config=config)
        return self._made[key]


@contextmanager
def stage() -> Iterator[Stage]:
    """Meanwhile the functions run on its worlds."""
    made = Stage()
    with (
        served(lambda: made.world.github) as url,
        injected(made.answer, lambda _: True),
        environment({**_ENVIRONMENT, "GITHUB_API_URL": url}),
    ):
        time = SimpleNamespace(time=made.clock, sleep=lambda _: None)
        boto = _Boto()
        ours = (
            (vars(github_listener), "boto3", boto), (vars(codedeploy_trigger), "boto3", boto),
            (vars(github_listener), "time", time), (vars(botocore.endpoint), "time", time),
            (vars(fanout), "ThreadPoolExecutor", _AtOnce),
        )  # fmt: skip
        with instead(*ours):
            yield made

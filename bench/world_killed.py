"""An account of its own in the embedded AWS, and the program run on it as a process that can be killed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import boto3

from auditor.canonical.document import documents
from auditor.cli.main import main as program
from auditor.model.plan import Plan
from auditor.plan.file import parse_plan, plan_text
from auditor.resources import load_specs
from auditor.sandbox.scenario import load_scenario
from auditor.sandbox.seed import seed
from auditor.store import store

SCENARIO: Final = Path(__file__).with_name("killed.yaml")
SITE: Final = "eu-west-1"
PLAN: Final = "plan.json"
SETTINGS: Final = """\
golden: us-east-1
regions: [us-east-1, eu-west-1]
pace: "off"
symbols:
  signing-profile:
    us-east-1: "arn:aws:signer:us-east-1:{account}:/signing-profiles/shop/Ab12Cd34Ef"
    eu-west-1: "arn:aws:signer:eu-west-1:{account}:/signing-profiles/shop/Ab12Cd34Ef"
"""
_KEY: Final = "a key for measuring, of no secrets at all"
_SECONDS: Final = 120
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["bench.warm", "auditor.cli.main"])


Kind = TypeVar("Kind", bound="World")


@dataclass(frozen=True)
class World:
    """An account of its own, and a folder in which the program runs on it."""

    account: str
    folder: Path
    environment: Mapping[str, str]

    def seed(self) -> None:
        """Make everything in it."""
        (self.folder / "auditor.yaml").write_text(SETTINGS.format(account=self.account))
        seed(load_scenario(SCENARIO, self.account), self.environment, load_specs())

    def begin(self, *arguments: str, through: Mapping[str, str] | None = None) -> multiprocessing.process.BaseProcess:
        """Start the program; what it prints goes to `out` and `err`."""
        own = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        home = {"HOME": str(self.folder), "AUDITOR_FINGERPRINT_KEY": _KEY}
        environ = {**own, **home, **self.environment, **(through or {})}
        process = _PROCESSES.Process(target=_run, args=(arguments, self.folder, environ))
        process.start()
        return process

    def run(self, *arguments: str, through: Mapping[str, str] | None = None) -> int | None:
        """The exit code of the program; that of a kill where it had to be ended."""
        return ended(self.begin(*arguments, through=through))

    def told(self, name: str = "err") -> str:
        """What the last run of the program printed."""
        return (self.folder / name).read_text()

    def plan(self) -> Plan:
        """Make a plan, and write it where `apply` is to find it."""
        self.run("plan", "-o", PLAN)
        return parse_plan((self.folder / PLAN).read_text(), PLAN, _KEY.encode())

    def take(self, plan: Plan, account: str) -> None:
        """Write another account's plan as it would be made here: planning takes a quarter of a run's time."""
        (self.folder / PLAN).write_text(plan_text(_in_account(plan, account, self.account), _KEY.encode()))

    def state(self) -> dict[str, Any]:
        """Everything that the site has, canonical, and how many of each thing that can be made twice."""
        self.run("snapshot", "--region", SITE, "--golden", SITE)
        folder = self.folder / "snapshots"
        site = store.read_site(store.open_snapshot(store.storage_at(folder), store.LATEST), SITE)
        made = documents(site, load_specs())
        unread = {f"unread {one.type}": one.error for one in site.unread}
        named = {f"{type_}/{name}": dict(one.fields) for (type_, name), one in made.items()}
        places = {f"{one.type}/{one.name} unread": dict(one.unreadable) for one in made.values() if one.unreadable}
        return {**named, **unread, **places, **self._numbers()}

    def _numbers(self) -> dict[str, int]:
        keys = (self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])
        client = boto3.Session(*keys, region_name=SITE).client(
            "lambda", endpoint_url=self.environment["AWS_ENDPOINT_URL"]
        )
        functions = [one["FunctionName"] for one in client.list_functions()["Functions"]]
        layers = [one["LayerName"] for one in client.list_layers()["Layers"]]
        return {
            **{f"versions of {one}": len(client.list_versions_by_function(FunctionName=one)["Versions"])
               for one in functions},
            **{f"versions of layer {one}": len(client.list_layer_versions(LayerName=one)["LayerVersions"])
               for one in layers},
            "mappings": len(client.list_event_source_mappings()["EventSourceMappings"]),
            "code signing configurations": len(client.list_code_signing_configs()["CodeSigningConfigs"]),
        }  # fmt: skip


def _in_account(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, Mapping):
        return {_in_account(name, old, new): _in_account(member, old, new) for name, member in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_in_account(one, old, new) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _in_account(getattr(value, one.name), old, new) for one in fields(value)})
    return value


def _run(arguments: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for name, handle in (("out", 1), ("err", 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), handle)
    program(list(arguments))


def ended(process: multiprocessing.process.BaseProcess) -> int | None:
    """The exit code of a process, waited for; None where it had to be ended."""
    process.join(_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    return process.exitcode


class Accounts(Generic[Kind]):
    """Owns a folder for each account that is used."""

    def __init__(self, environment: Mapping[str, str], folder: Path, first: int, kind: Callable[..., Kind]) -> None:
        """`environment` sends AWS clients to a sandbox; the accounts' numbers count up from `first`."""
        self._kind = kind
        self._environment = environment
        self._folder = folder
        self._first = first

    def world(self, number: int) -> Kind:
        """The world of a number, with nothing in it."""
        account = f"{self._first + number:012}"
        folder = self._folder / account
        folder.mkdir()
        return self._kind(account, folder, {**self._environment, "AWS_ACCESS_KEY_ID": account})

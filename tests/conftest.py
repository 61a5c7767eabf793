"""What many tests start from: the embedded AWS with an account of their own, and the program run on it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

import recorder
from auditor.aws.descriptions import own_session
from auditor.aws.sessions import reach_address
from auditor.cli.main import main
from auditor.resources import load_specs
from auditor.sandbox.scenario import Scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import Sandbox

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background ignores Ctrl-C, and so would the programs that are started here to be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_accounts = itertools.count(1)
# How long an example takes says more of what else the machine does than of the example.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_configure(config):
    """Keep the program's calls, of this process and of those that it starts, for tests/grants.py."""
    # Whoever runs the tests can name another folder; workers have it of who started them.
    folder = Path(os.environ.setdefault(recorder.FOLDER, str(Path(config.rootpath) / ".tested-calls")))
    if not hasattr(config, "workerinput"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    paths = [str(Path(__file__).parent / "recorded"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    recorder.install()


def pytest_sessionfinish(session, exitstatus):
    """Say whether all tests were run: only then is what was never called known."""
    config = session.config
    if not hasattr(config, "workerinput"):
        narrowed = ("collectonly", "deselect", "ignore", "keyword", "lf", "markexpr", "maxfail")
        named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
        part = named or any(config.getoption(name, None) for name in narrowed) or exitstatus not in (0, 1)
        (Path(os.environ[recorder.FOLDER]) / ("part" if part else "whole")).touch()


@dataclass(frozen=True)
class Aws:
    """An empty account in the embedded AWS."""

    account: str
    environment: dict[str, str]
    _clients: dict = field(default_factory=dict)

    def client(self, service, region="us-east-1"):
        # A test may send a service elsewhere meanwhile.
        key = (service, region, os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}", ""))
        if key not in self._clients:
            self._clients[key] = own_session().client(service, region_name=region)
            reach_address(self._clients[key])
        return self._clients[key]

    def seed(self, **regions):
        """Make resources by region (`us_east_1={...}`), properties by type and name."""
        seed(Scenario({name.replace("_", "-"): own for name, own in regions.items()}), self.environment, load_specs())


@dataclass(frozen=True)
class Finished:
    """A run of the program."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def clean_environment(monkeypatch, tmp_path):
    """No variable of whoever runs the tests, and a folder of one's own."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "AUDITOR_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def aws(sandbox, clean_environment, monkeypatch):
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    account = f"{worker + 1:04}{next(_accounts):08}"
    environment = {**sandbox.environment(), "AWS_ACCESS_KEY_ID": account}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Aws(account, environment)


@pytest.fixture
def run(capfd):
    """Runs the program in this process with these arguments."""

    def finished(*arguments):
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended, recorder.using(arguments):
            main([str(argument) for argument in arguments])
        told = capfd.readouterr()
        return Finished(int(ended.value.code or 0), told.out, told.err)

    return finished


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

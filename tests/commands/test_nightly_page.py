"""docs/nightly.md is followed to the letter, from an empty account to the first message, on the embedded AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
import venv
from pathlib import Path

import pytest
from webhook import webhook

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "nightly.md").read_text(encoding="utf-8")
SLACK = "slack://TOKEN_A/TOKEN_B/TOKEN_C/#CHANNEL"
AWSCLI = "awscli==1.46.3"
FUNCTION = {"Role": "arn:aws:iam::123456789012:role/shop", "Runtime": "python3.12", "Handler": "app.handler",
            "MemorySize": 512, "Code": {"app.py": "def handler(event, context): return 1\n"}}  # fmt: skip


def commands(way):
    """The commands of a way, in the order of the page."""
    found = re.findall(rf"^( *)<!-- {way}: .*? -->\n *```(?:sh|crontab)\n(.*?) *```$", PAGE, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text) for _, text in found]


@pytest.fixture
def hook():
    with webhook() as running:
        yield running


@pytest.fixture
def shop(aws):
    """A function in two regions, alike."""
    own = {"AWS::Lambda::Function": {"api": FUNCTION}}
    aws.seed(us_east_1=own, eu_west_1=own)
    return aws


@pytest.fixture
def checkout(tmp_path, hook):
    """A copy of the program's sources, with the page's auditor.yaml beside it."""
    made = tmp_path / "checkout"
    for name in ("auditor", "bench", "templates"):
        shutil.copytree(ROOT / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("constraints-run.txt", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, made / name)
    (settings,) = re.findall(r"```yaml\n(golden:.*?)```", PAGE, re.DOTALL)
    (made / "auditor.yaml").write_text(settings)
    return made


@pytest.fixture
def path(tmp_path):
    """Where the programs are that the commands name: this Python, auditor, and a make that packs for this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    packing = f"-m bench.lambda_zip --architecture x86_64 --python {version} dist/auditor-lambda.zip"
    for name, arguments in {"python3": '"$@"', "auditor": '-m auditor "$@"', "make": packing}.items():
        (folder / name).write_text(f"#!/bin/sh\nPYTHONPATH=. exec {sys.executable} {arguments}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def followed(script, checkout, environment, hook):
    """Run a script of the page, with the hook in Slack's place."""
    told = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script.replace(SLACK, f"json://{hook.address}/")],
        cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def titles(hook):
    return [one["title"] for one in hook.got]


@pytest.fixture
def machine(shop, checkout, path, hook, tmp_path, monkeypatch):
    """The folder of the cron way, made as the page says, and the environment that cron gives."""
    folder = tmp_path / "srv"
    aws = {name: value for name, value in shop.environment.items() if name.startswith("AWS_")}
    environment = {**aws, "PATH": path, "HOME": str(tmp_path), "SHELL": "/bin/sh", "LOGNAME": "auditor"}
    install, secrets, line, first = (text.replace("/srv/auditor", str(folder)) for text in commands("cron"))
    followed(install + secrets + f"cp auditor.yaml {folder}", checkout, environment, hook)
    return folder, environment, line, first


def test_a_line_of_the_crontab_leaves_a_report_and_a_message(machine, checkout, hook):
    folder, environment, line, first = machine
    followed(first, checkout, environment, hook)
    _, command = re.fullmatch(r"((?:[\d*]+ ){5})(.*)\n", line).groups()
    ended = subprocess.run(["/bin/sh", "-c", command], cwd="/", env=environment, check=False, timeout=120)

    secret = (folder / "secrets").stat().st_mode & 0o777
    assert (ended.returncode, titles(hook), (folder / "snapshots/reports/latest.html").exists(), oct(secret)) == (
        0,
        ["auditor: a test", "auditor: 0 open findings"],
        True,
        "0o600",
    )


@pytest.fixture(scope="session")
def aws_cli(tmp_path_factory):
    """AWS's own command line."""
    folder = tmp_path_factory.mktemp("awscli")
    venv.create(folder, with_pip=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", AWSCLI]
    subprocess.run(pip, check=True, capture_output=True, timeout=240)
    return folder / "bin"


@pytest.fixture
def nightly(shop, checkout, path, hook, aws_cli):
    """The AWS way, followed to its end: what the function answered."""
    environment = {**os.environ, **shop.environment, "PATH": f"{path}:{aws_cli}", "AWS_REGION": "us-east-1"}
    followed("".join(commands("aws")), checkout, environment, hook)
    return json.loads((checkout / "answer.json").read_text())


def test_a_stack_in_an_empty_account_audits_and_tells(shop, nightly, hook):
    bucket, _, key = nightly["page"].removeprefix("s3://").partition("/")

    page = shop.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert (nightly["exit_code"], titles(hook), page[:15]) == (0, ["auditor: 0 open findings"], b"<!doctype html>")


def test_the_schedule_of_the_stack_starts_the_same_audit(shop, nightly, hook):
    client = shop.client("scheduler")
    (name,) = (one["Name"] for one in client.list_schedules()["Schedules"])
    made = client.get_schedule(Name=name)
    wanted = {field: made[field] for field in ("FlexibleTimeWindow", "Target")}
    # The embedded scheduler looks every ten seconds for what is due.
    client.create_schedule(Name="now", ScheduleExpression="at(2020-01-01T00:00:00)", **wanted)

    deadline = time.monotonic() + 60
    while len(hook.got) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert (made["ScheduleExpression"], titles(hook)[1:]) == ("cron(30 2 * * ? *)", ["auditor: 0 new, 0 fixed"])


def test_the_systemd_units_on_the_page_are_whole():
    units = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)

    assert [re.findall(r"^\[(\w+)\]$", unit, re.MULTILINE) for unit in units] == [
        ["Unit", "Service"],
        ["Unit", "Timer", "Install"],
    ]

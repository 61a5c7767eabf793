"""Eight nights of the demo's shop in the embedded AWS, with somebody at work between them; prints what each night said.

    python -m bench.nights FOLDER        (make nights)

Leaves the reports and the history in FOLDER. The pictures of the report in docs/ are taken of the last one
(`python -m bench.pictures FOLDER`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import boto3

from auditor.cli.progress import progress_shown
from auditor.commands.audit import Voice, Wish, audit
from auditor.report.history_text import change
from auditor.report.wording import verdict
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.settings.load import Settings
from auditor.settings.parts import ExceptionSettings

SLOW: Final = ExceptionSettings(
    resource="AWS::Lambda::Function/thumbnails", path="/Timeout", region="eu-*", reason="slow disks, OPS-112"
)
Work = Callable[[], object]


def main() -> int:
    """Audit night after night."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "nights")
    story = load_scenario(SHOP, ACCOUNT)
    with Sandbox() as sandbox, sandbox.entered():
        seed(story, sandbox.environment(), load_specs())
        settings = Settings(
            golden=next(iter(story.regions)), regions=tuple(story.regions), pace="off", store=str(folder),
            exceptions=(SLOW,),
        )  # fmt: skip
        for number, work in enumerate(_works(), start=1):
            work()
            print(f"night {number}: {_night(settings)}")
            # A run is named by its second.
            time.sleep(1)
    return 0


def _night(settings: Settings) -> str:
    with progress_shown(quiet=True, json_log=False) as progress:
        made = audit(settings, os.environ, progress, Wish(attribute=True), Voice(print, print))
    assert made.report.history is not None
    return f"{verdict(made.report.drift)} {change(made.report.history)}"


def _works() -> list[Work]:
    ireland, sydney = "eu-west-1", "ap-southeast-2"
    return [
        lambda: None,
        lambda: _function(ireland, "orders-api", MemorySize=128),
        lambda: _function(sydney, "orders-api", MemorySize=128),
        lambda: _function(ireland, "checkout", MemorySize=512),
        lambda: _function(ireland, "thumbnails", Timeout=20),
        lambda: _function(ireland, "orders-api", MemorySize=256),
        lambda: _client("lambda", ireland).delete_function(FunctionName="checkout-debug"),
        lambda: _function(ireland, "orders-api", MemorySize=128),
    ]


def _function(region: str, name: str, **settings: Any) -> None:
    _client("lambda", region).update_function_configuration(FunctionName=name, **settings)


def _client(service: str, region: str) -> Any:
    # The embedded AWS takes a session token for the name of who calls.
    keys = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], "alice"
    return boto3.Session(*keys).client(service, region_name=region)


if __name__ == "__main__":
    sys.exit(main())

"""What somebody is told of an evening and three nights: drift appears, persists, and is fixed.

    python -m bench.messages             (make messages)

Runs `auditor audit` as a scheduler does, on the demo's shop in the embedded AWS, with the store in S3 and a webhook on
this machine, and prints what each run printed and what the webhook was sent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

import boto3

from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from bench.quiet_server import serving

BUCKET: Final = "audits-of-the-shop"
FUNCTION: Final = "thumbnails"
SECONDS: Final = 600
SETTINGS: Final = """\
golden: us-east-1
regions: [us-east-1, eu-west-1, ap-southeast-2]
select: {{exclude: [{{type: "AWS::S3::Bucket", name: {bucket}}}]}}
store: s3://{bucket}/nightly
notify: ["json://{hook}/"]
report_url: https://audits.example.org/nightly/reports
metrics: {{prometheus: auditor.prom}}
"""


def main() -> int:
    """Audit, and print."""
    with Sandbox() as sandbox, sandbox.entered(), _webhook() as (address, got), tempfile.TemporaryDirectory() as folder:
        story = load_scenario(SHOP, ACCOUNT)
        golden = next(iter(story.regions))
        seed(story, sandbox.environment(), load_specs())
        boto3.client("s3", region_name=golden).create_bucket(Bucket=BUCKET)
        (Path(folder) / "auditor.yaml").write_text(SETTINGS.format(hook=address, bucket=BUCKET))
        for title, work in _works():
            work()
            _night(title, folder, got)
            # A run is named by its second.
            time.sleep(1)
    return 0


def _night(title: str, folder: str, got: list[Any]) -> None:
    got.clear()
    command = [sys.executable, "-m", "auditor", "audit"]
    ended = subprocess.run(  # noqa: S603 this program
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "AUDITOR_FINGERPRINT_KEY": "n" * 44},
    )
    print(f"== {title}: exit code {ended.returncode}\n{ended.stdout}{ended.stderr}")
    for message in got:
        print(
            f"   message: {message['title']}\n" + "".join(f"   | {line}\n" for line in message["message"].splitlines())
        )
    if not got:
        print("   no message\n")


def _works() -> list[tuple[str, Callable[[], object]]]:
    client = boto3.client("lambda", region_name="eu-west-1")
    memory = client.get_function_configuration(FunctionName=FUNCTION)["MemorySize"]
    return [
        ("the evening before", lambda: None),
        ("night 1, somebody turned a screw in Ireland", lambda: _set(client, memory * 2)),
        ("night 2, nobody did anything", lambda: None),
        ("night 3, somebody turned it back", lambda: _set(client, memory)),
    ]


def _set(client: Any, memory: int) -> None:
    client.update_function_configuration(FunctionName=FUNCTION, MemorySize=memory)


@contextmanager
def _webhook() -> Iterator[tuple[str, list[Any]]]:
    """Its address, and what it was sent."""
    got: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with serving(Handler) as server:
        yield f"127.0.0.1:{server.server_port}", got


if __name__ == "__main__":
    sys.exit(main())

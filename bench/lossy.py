"""microburst between the program and the embedded AWS: AWS does what it is asked for, and the answer breaks off."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

from bench.between import VARIABLES

OPERATIONS: Final = {
    "lambda": (
        "AddPermission",
        "CreateAlias",
        "CreateCodeSigningConfig",
        "CreateEventSourceMapping",
        "CreateFunction",
        "CreateFunctionUrlConfig",
        "PublishLayerVersion",
        "PublishVersion",
        "PutFunctionConcurrency",
        "PutFunctionEventInvokeConfig",
        "UpdateAlias",
        "UpdateEventSourceMapping",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
    ),
    "codedeploy": ("CreateApplication", "CreateDeploymentConfig", "CreateDeploymentGroup"),
}
"""Those of the plan that are answered with something that can break off. Each answer is lost two times at most."""
_SECONDS: Final = 30


class Lossy:
    """Owns the proxies: a context manager."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` sends AWS clients to the sandbox."""
        self._upstream = {name: environment[name] for name in VARIABLES}
        self._processes: list[subprocess.Popen[bytes]] = []
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Lossy:
        for name, upstream in self._upstream.items():
            self.environment[name] = self._started(upstream)
        for url in self.environment.values():
            self._asked(url, "rules", _rules())
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._processes:
            one.kill()
            one.wait()

    def fired(self) -> int:
        """How many answers were lost."""
        return sum(len(self._asked(url, "fired")) for url in self.environment.values())

    def _started(self, upstream: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "microburst", "-u", upstream, "--port", str(port), "--no-resign"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._processes.append(subprocess.Popen([*command, "--host", "127.0.0.1"], env=own, **quiet))  # type: ignore[call-overload]  # noqa: S603 our own interpreter and module
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + _SECONDS
        while True:
            try:
                self._asked(url, "fired")
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
            else:
                return url

    def _asked(self, url: str, what: str, rules: list[dict[str, Any]] | None = None) -> list[Any]:
        body = json.dumps(rules).encode() if rules else None
        request = urllib.request.Request(  # noqa: S310 127.0.0.1
            f"{url}/_microburst/{what}", body, method="PATCH" if rules else "GET"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 127.0.0.1
            return list(json.load(answer))


def _rules() -> list[dict[str, Any]]:
    return [
        {"service": service, "operation": operation, "times": 2, "response": {"abort_bytes": 0}}
        for service, operations in OPERATIONS.items()
        for operation in operations
    ]

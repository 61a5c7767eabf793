"""Starts and stops the embedded AWS: one child process that dies with its parent and leaves nothing behind."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from auditor.errors import SandboxError

_SIGNED_WITH: Final = "sandbox"
ACCOUNT: Final = "123456789012"
READY_SECONDS: Final = 30.0
_NEEDED: Final = ("ministack", "moto", "hypercorn")


class Sandbox:
    """Owns the child process. Use it as a context manager, or `start` and `stop` it."""

    def __init__(self, port: int | None = None, account: str = ACCOUNT) -> None:
        """`port` is that of the AWS endpoint; a free one by default. CodeDeploy always has a free one."""
        self._wanted = port
        self._account = account
        self._ports: tuple[int, int] = (0, 0)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Return when both servers answer. Raises SandboxError where they do not, or the extra is missing."""
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise SandboxError(
                f"The embedded AWS needs what is not installed: {', '.join(missing)}. Nothing was started. Run in the "
                "folder of auditor's source: pip install '.[sandbox]'"
            )
        self._ports = (_port(self._wanted), _port(None))
        # The child reads its standard input: it ends when the pipe does, however this process ends.
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            # -P: not what lies in the current folder, but the program's own modules.
            [sys.executable, "-P", "-m", "auditor.sandbox.serve", *map(str, self._ports)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if not os.environ.get("AUDITOR_SANDBOX_LOG") else None,
            start_new_session=True,
            env=_child_environment(self._ports[0]),
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """End the child and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def environment(self) -> dict[str, str]:
        """The variables that send any AWS client here."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._ports[0]}",
            "AWS_ENDPOINT_URL_CODEDEPLOY": f"http://127.0.0.1:{self._ports[1]}",
            # To both servers an access key of 12 digits is an account.
            "AWS_ACCESS_KEY_ID": self._account,
            "AWS_SECRET_ACCESS_KEY": _SIGNED_WITH,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This process's environment is that of a shell which took the `export` lines, and nothing else of AWS."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        for name in kept:
            del os.environ[name]
        os.environ.update(self.environment())
        try:
            yield
        finally:
            for name in self.environment():
                os.environ.pop(name, None)
            os.environ.update(kept)

    def wait(self) -> None:
        """Return when the child ends by itself, which it should not. Raises SandboxError then."""
        assert self._process
        self._process.wait()
        raise SandboxError("The embedded AWS ended by itself. Set AUDITOR_SANDBOX_LOG=1 to see why.")

    def _wait_until_ready(self) -> None:
        assert self._process
        deadline = time.monotonic() + READY_SECONDS
        waiting = [
            f"http://127.0.0.1:{self._ports[0]}/_ministack/health",
            f"http://127.0.0.1:{self._ports[1]}/moto-api/",
        ]
        while waiting:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SandboxError(
                    f"The embedded AWS did not answer on port {self._ports[0]}. It was stopped. "
                    "Set AUDITOR_SANDBOX_LOG=1 to see what it says."
                )
            waiting = [url for url in waiting if not _answers(url)]
            time.sleep(0.02)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310 127.0.0.1
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _port(wanted: int | None) -> int:
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise SandboxError(
                f"Port {wanted} on 127.0.0.1 cannot be used ({error.strerror}). Nothing was started. "
                "Choose another with --port, or leave it out for a free one."
            ) from None
        return int(probe.getsockname()[1])


def _child_environment(port: int) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        # With which it holds the signatures of presigned links to be made.
        "AWS_SECRET_ACCESS_KEY": _SIGNED_WITH,
        "LOG_LEVEL": "WARNING",
        # These two would listen on every interface, at fixed ports.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }

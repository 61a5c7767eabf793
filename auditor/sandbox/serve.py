"""The child process of the sandbox: both servers, on 127.0.0.1 only, until standard input ends."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading


def main() -> None:
    """Serve on the two ports given: all of AWS, and CodeDeploy."""
    port, codedeploy_port = (int(argument) for argument in sys.argv[1:3])
    folder = tempfile.mkdtemp(prefix="auditor-sandbox-")
    # Before the servers are imported: they keep their files where these point.
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    # Functions are given the other endpoint by ministack, which knows nothing of this one.
    os.environ["AWS_ENDPOINT_URL_CODEDEPLOY"] = f"http://127.0.0.1:{codedeploy_port}"
    os.chdir(folder)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    try:
        _serve_codedeploy(codedeploy_port)
        _serve_all(port)
    finally:
        # Where a server cannot be started, nobody else clears up.
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_parent(folder: str) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    # With it go the handlers of Lambda functions: they are processes of its group.
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _serve_codedeploy(port: int) -> None:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 imported only after TMPDIR is set

    from auditor.sandbox.codedeploy import extend_moto  # noqa: PLC0415

    extend_moto()
    ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False).start()


def _serve_all(port: int) -> None:
    import asyncio  # noqa: PLC0415

    from hypercorn.asyncio import serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    from auditor.sandbox.extension import extended, load_handlers  # noqa: PLC0415
    from auditor.sandbox.opt_in import closed  # noqa: PLC0415
    from auditor.sandbox.trail import recorded  # noqa: PLC0415

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    asyncio.run(serve(closed(extended(app, load_handlers(), recorded)), config))


if __name__ == "__main__":
    main()

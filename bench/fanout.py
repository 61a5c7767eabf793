"""One artifact to four regions of different speed: read once, memory bounded, as fast as the slowest region alone.

    python -m bench.fanout [MEGABYTES]

Each region is reached through a proxy on this machine that lets only so many bytes a second through. Each upload runs
in a process of its own, so that its peak memory is its own: first to each region alone, then to all at once. Four
uploads at the same time that know nothing of one another say what the embedded AWS, one process, is able to take.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any, Final

import boto3
from botocore import xform_name
from botocore.config import Config

from auditor.deploy.archive import Artifact, packed
from auditor.deploy.fanout import Bucket, fan_out
from auditor.sandbox.server import Sandbox

SPEEDS: Final = {"us-east-1": 12, "eu-west-1": 10, "ap-southeast-2": 8, "sa-east-1": 9}
"""Megabytes a second, by region."""
_CHUNK: Final = 64 * 1024


async def _throttled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bucket: _Bandwidth) -> None:
    while content := await reader.read(_CHUNK):
        await bucket.take(len(content))
        writer.write(content)
        await writer.drain()
    writer.close()


class _Bandwidth:
    """Owns the moment at which the next byte may pass."""

    def __init__(self, speed: float) -> None:
        self._speed, self._next = speed, 0.0

    async def take(self, count: int) -> None:
        now = time.monotonic()
        self._next = max(self._next, now) + count / self._speed
        await asyncio.sleep(max(0.0, self._next - now - 0.02))


def serve(port: int, ready: Callable[[dict[str, int]], object]) -> None:
    """Serve a proxy for each region in front of a port; `ready` is told of their own ports."""

    async def run() -> None:
        servers = {}
        for region, speed in SPEEDS.items():
            bandwidth = _Bandwidth(speed * 1e6)

            async def connected(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, own: _Bandwidth = bandwidth
            ) -> None:
                there, here = await asyncio.open_connection("127.0.0.1", port)
                back = _throttled(there, writer, _Bandwidth(1e9))
                await asyncio.gather(_throttled(reader, here, own), back, return_exceptions=True)

            servers[region] = await asyncio.start_server(connected, "127.0.0.1", 0)
        ready({region: server.sockets[0].getsockname()[1] for region, server in servers.items()})
        await asyncio.Event().wait()

    asyncio.run(run())


def upload(path: str, key: str, ports: Mapping[str, int]) -> dict[str, float]:
    """Upload to the regions; seconds, and peak memory and bytes read from files, in megabytes."""
    told = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
    artifact = Artifact(Path(path), told["sha256"], told["size"], tuple(told["parts"]), frozenset())
    buckets = [_bucket(region, port) for region, port in ports.items()]
    before, read, start = _peak(), _read(), time.monotonic()
    placed, failed = fan_out(artifact, key, {"sha256": artifact.sha256}, buckets, replace=False)
    assert not failed, failed
    assert all(one.uploaded for one in placed.values())
    return {"seconds": time.monotonic() - start, "memory": _peak() - before, "read": (_read() - read) / 1e6}


def _bucket(region: str, port: int) -> Bucket:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=300)
    client = boto3.client("s3", region_name=region, endpoint_url=f"http://127.0.0.1:{port}", config=config)

    def call(operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(client, xform_name(operation))(**params)
        return answer

    return Bucket(region, f"fan-out-{region}", "", call)


def _peak() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def _read() -> int:
    # What recv() brings is not in it: of this process, that is files alone.
    line = Path("/proc/self/io").read_text(encoding="ascii").splitlines()[0]
    return int(line.partition(":")[2])


def _in_a_process(path: Path, key: str, ports: Mapping[str, int]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.fanout", "upload", str(path), key, json.dumps(ports)]
    made: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603
    return made


def _apart(path: Path, ports: Mapping[str, int]) -> dict[str, float]:
    """A process for each region, all at the same time; the longest, and the memory and bytes of all together."""
    with ThreadPoolExecutor(len(ports)) as pool:
        made = pool.map(lambda region: _in_a_process(path, f"apart/{region}.zip", {region: ports[region]}), ports)
        each = list(made)
    sums = {name: sum(one[name] for one in each) for name in ("memory", "read")}
    return {"seconds": max(one["seconds"] for one in each), **sums}


def _artifact(folder: Path, megabytes: int) -> tuple[Path, int]:
    source = folder / "source"
    source.mkdir()
    (source / "appspec.yml").write_text("version: 0.0\nos: linux\n", encoding="utf-8")
    with (source / "content.bin").open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1_000_000))
    made = packed(source, folder / "artifact.zip")
    told = {"sha256": made.sha256, "size": made.size, "parts": made.parts}
    made.path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    return made.path, made.size


def _show(name: str, one: Mapping[str, float]) -> None:
    print(f"{name:<16} {one['seconds']:>8.1f} {one['memory']:>12.0f} {one['read']:>12.0f}")


def main(megabytes: int) -> None:
    """Measure, and print a table."""
    with Sandbox() as sandbox, sandbox.entered(), tempfile.TemporaryDirectory(prefix="fan-out-") as folder:
        for region in SPEEDS:
            where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            boto3.client("s3", region_name=region).create_bucket(Bucket=f"fan-out-{region}", **where)
        ports: dict[str, int] = {}
        served, port = threading.Event(), int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])

        def ready(found: dict[str, int]) -> None:
            ports.update(found)
            served.set()

        proxies = threading.Thread(target=serve, args=(port, ready))
        proxies.daemon = True
        proxies.start()
        served.wait(10)
        path, size = _artifact(Path(folder), megabytes)
        print(f"An artifact of {size / 1e6:.0f} MB.\n{'to':<16} {'seconds':>8} {'memory (MB)':>12} {'read (MB)':>12}")
        alone = {region: _in_a_process(path, f"alone/{region}.zip", {region: ports[region]}) for region in SPEEDS}
        for region, one in alone.items():
            _show(region, one)
        together = _in_a_process(path, "together/all.zip", ports)
        _show("all at once", together)
        apart = _apart(path, ports)
        _show("four processes", apart)
        slowest = max(one["seconds"] for one in alone.values())
        print(f"All at once took {together['seconds'] / slowest:.2f} times the slowest region alone,")
        print(f"and {together['seconds'] / apart['seconds']:.2f} times four processes, each of which reads it all.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["upload"]:
        print(json.dumps(upload(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)

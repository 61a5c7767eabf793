"""The nightly audit's code for Lambda as one zip: pinned wheels for its platform, each held against its hash.

    python -m bench.lambda_zip dist/auditor-lambda.zip

The same sources and pins give the same bytes, whatever this machine is. See docs/nightly.md.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PINS: Final = ROOT / "constraints-run.txt"
UNZIPPED: Final = 250 * 1024 * 1024
"""Bytes that a function may have: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
MACHINES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
# What Amazon Linux 2023 has is glibc 2.34: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_TAGS: Final = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34")
# The earliest that a zip can say: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.6
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT: Final = frozenset({"bin", "__pycache__"})


def main() -> None:
    """Make the zip, and print what Lambda limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--architecture", choices=MACHINES, default="arm64")
    parser.add_argument("--python", default="3.12", help="Lambda's runtime, as 3.12")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        collect(Path(folder), given.python, given.architecture)
        size = zipped(Path(folder), given.output)
    digest = hashlib.sha256(given.output.read_bytes()).hexdigest()[:16]
    print(f"{given.output}: {given.output.stat().st_size:,} bytes, unzipped {size:,} of {UNZIPPED:,}, sha256 {digest}")
    if size > UNZIPPED:
        sys.exit("Lambda takes no function of this size. Run it as a container: auditor schedule-setup --form fargate")


def collect(folder: Path, python: str, architecture: str) -> None:
    """Install the program, and what it needs, into a folder, as for Lambda. Nothing of this machine gets into it."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
    ]
    tags = [f"--platform={tag}_{MACHINES[architecture]}" for tag in _TAGS]
    there = [f"--python-version={python}", "--implementation=cp", "--only-binary=:all:", *tags]
    _run([*pip, *there, f"--target={folder}", "--require-hashes", f"--requirement={PINS}"])
    with tempfile.TemporaryDirectory() as built:
        # Of a copy: setuptools would take along what an earlier build left beside the sources.
        source = _copied(Path(built) / "source")
        _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", built, str(source)])
        for wheel in Path(built).glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(folder)


def _copied(source: Path) -> Path:
    for name in ("auditor", "templates"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    return source


def zipped(folder: Path, output: Path) -> int:
    """Zip what a folder holds, in order and without times. The bytes of its files together."""
    output.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with zipfile.ZipFile(output, "w") as made:
        for path in sorted(_files(folder)):
            content = path.read_bytes()
            size += len(content)
            made.writestr(_entry(path.relative_to(folder).as_posix()), content, compresslevel=9)
    return size


def _files(folder: Path) -> Iterable[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return (path for path in found if not _LEFT_OUT & {*path.relative_to(folder).parts})


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    # Lambda runs as another user than whoever unpacked it, who must be able to read, and to load libraries.
    entry.external_attr = 0o100755 << 16 if ".so" in name else 0o100644 << 16
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 our own interpreter, pip and build


if __name__ == "__main__":
    main()

"""The wheel is whole: installed into an empty environment, it renders a report."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")


@pytest.fixture
def installed(tmp_path):
    """The program of a wheel built from the tree, in a virtual environment with nothing else but what it needs."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("auditor", "templates"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", source]
    subprocess.run(build, check=True, capture_output=True, timeout=120)

    venv.create(tmp_path / "empty", with_pip=True)
    pins = re.findall(r"^[\w.\[\]-]+==[^ ;\\]+", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    # A constraint may name no extras.
    (tmp_path / "pins.txt").write_text("\n".join(re.sub(r"\[.*\]", "", pin) for pin in pins))
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    pip = [tmp_path / "empty/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", tmp_path / "pins.txt", wheel], check=True, capture_output=True, timeout=240)
    return tmp_path / "empty/bin/auditor"


def test_a_wheel_installed_into_an_empty_environment_renders_a_report(aws, run, tmp_path, installed):
    aws.seed(us_east_1={"AWS::S3::Bucket": {"shop-us-east-1": {"Tags": {"team": "<shop>"}}}})
    taken = run("snapshot", *SITES).out.strip()

    told = subprocess.run(
        [installed, "report", taken, "-o", "report.html"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    page = (tmp_path / "report.html").read_text()
    assert (told.returncode, told.stderr, "shop-${region}" in page) == (2, "", True)

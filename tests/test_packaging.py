"""What is shipped for Lambda, as a container and as a workflow: pins, sizes, and what is not in it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bench.lambda_zip import UNZIPPED, collect, zipped

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
WORKFLOW = (ROOT / "docs" / "examples" / "github-actions.yml").read_text(encoding="utf-8")
NOT_FOR_RUNNING = ("moto", "ministack", "pytest", "mypy", "playwright", "distributed", "cfn-lint", "setuptools")


def pins(name):
    """Each requirement of a file of pins, by its name, with its hashes."""
    blocks = re.findall(r"^(\S+?)(?:\[\S+\])?==(.*(?:\n    .*)*)", (ROOT / name).read_text(), re.MULTILINE)
    return dict(blocks)


def test_the_pins_for_running_are_those_for_developing():
    every, running = pins("constraints.txt"), pins("constraints-run.txt")

    assert {name: every.get(name) for name in running} == running


def test_everything_that_the_program_needs_is_pinned_and_nothing_for_developing_is():
    needed = [re.split(r"[\[;<>= ]", one)[0] for one in requires("auditor") if "extra ==" not in one]
    running = pins("constraints-run.txt")
    lacking = [name for name in needed if re.sub(r"[._]", "-", name) not in running]

    assert (lacking, [name for name in NOT_FOR_RUNNING if name in running]) == ([], [])


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The zip for Lambda as it is by default, and its unzipped bytes."""
    folder = tmp_path_factory.mktemp("lambda")
    collect(folder / "task", "3.12", "arm64")
    return folder / "auditor-lambda.zip", zipped(folder / "task", folder / "auditor-lambda.zip"), folder


def test_the_zip_is_small_enough_for_lambda(packed):
    assert packed[1] < UNZIPPED * 0.6


def test_the_zip_has_the_handler_and_the_templates_and_nothing_for_another_platform(packed):
    names = zipfile.ZipFile(packed[0]).namelist()
    libraries = [name for name in names if name.endswith(".so")]

    assert (
        "auditor/nightly.py" in names,
        "auditor/templates/report.html.j2" in names,
        [name for name in libraries if "x86_64" in name],
        any("cpython-312-aarch64" in name for name in libraries),
    ) == (True, True, [], True)


def test_the_same_files_make_the_same_zip_whenever_they_were_written(packed):
    again = packed[2] / "again.zip"
    for path in (packed[2] / "task").rglob("*.py"):
        path.touch()
    zipped(packed[2] / "task", again)

    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(packed[0].read_bytes()).digest()


def test_lambdas_user_can_read_what_is_in_the_zip(packed):
    modes = {one.external_attr >> 16 & 0o444 for one in zipfile.ZipFile(packed[0]).infolist()}

    assert modes == {0o444}


def steps_of_the_build():
    """The commands of the Dockerfile's first stage, in their order."""
    stage = DOCKERFILE.partition("\nFROM python:3.12-slim\n")[0].replace("\\\n", " ")
    return re.findall(r"^RUN (.*)$", stage, re.MULTILINE)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """What the Dockerfile's first stage makes, below a folder instead of the root."""
    root = tmp_path_factory.mktemp("image")
    source = root / "source"
    shutil.copytree(ROOT, source, ignore=lambda folder, names: [one for one in names if not_copied(folder, one)])
    (root / "bin").mkdir()
    (root / "bin" / "python").symlink_to(sys.executable)
    environment = {"PATH": f"{root}/bin:/usr/bin:/bin", "HOME": str(root)}
    for step in steps_of_the_build():
        # A virtual environment of this one has the interpreter that this one has.
        command = step.replace("/opt/", f"{root}/opt/").replace("/wheels", f"{root}/wheels")
        subprocess.run(["/bin/sh", "-ec", command], cwd=source, env=environment, check=True, timeout=280)
    return root / "opt" / "auditor" / "bin"


def not_copied(folder, name):
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    return name == "__pycache__" or (Path(folder) == ROOT and name not in kept)


def test_what_the_image_is_built_of_runs_where_nothing_can_be_written(image, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(closed), "PYTHONDONTWRITEBYTECODE": "1"}
    told = subprocess.run(
        [image / "auditor", "iam-policy", "audit"],
        cwd=closed, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (told.returncode, told.stderr, [*closed.iterdir()]) == (0, "", [])


def test_the_embedded_aws_and_pip_are_not_in_the_image(image):
    there = {one.name.partition("-")[0] for one in image.parent.glob("lib/python*/site-packages/*.dist-info")}

    assert there & {"moto", "ministack", "pip", "setuptools"} == set()


def test_the_image_runs_as_no_user_in_particular():
    assert re.findall(r"^(USER|ENTRYPOINT|HEALTHCHECK) (.*)$", DOCKERFILE, re.MULTILINE) == [
        ("USER", "10001:10001"),
        ("HEALTHCHECK", "NONE"),
        ("ENTRYPOINT", '["auditor"]'),
    ]


def test_every_action_of_the_workflow_is_pinned_by_its_commit_with_the_version_beside_it():
    used = re.findall(r"uses: (.*)$", WORKFLOW, re.MULTILINE)

    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def scripts():
    jobs = YAML(typ="safe").load(WORKFLOW)["jobs"]
    return {(job, step["name"]): step["run"] for job, one in jobs.items() for step in one["steps"] if "run" in step}


@pytest.mark.parametrize(
    ("job", "step", "ended"),
    [
        ("audit", "Audit", {0: 0, 1: 1, 2: 0, 3: 3}),
        ("audit", "Findings for code scanning", {0: 0, 1: 1, 2: 0, 3: 0}),
        ("comment", "Say what differs", {0: 0, 1: 1, 2: 0, 3: 3}),
    ],
)
def test_drift_is_no_failure_of_the_workflow_and_what_is_not_known_is(tmp_path, job, step, ended):
    codes = {}
    for code in ended:
        for name, ending in (("auditor", code), ("gh", 0)):
            (tmp_path / name).write_text(f"#!/bin/sh\nexit {ending}\n")
            (tmp_path / name).chmod(0o755)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "STORE": "s3://x", "NUMBER": "1",
                       "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}  # fmt: skip
        # As a runner does it.
        run = ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts()[job, step]]
        codes[code] = subprocess.run(run, env=environment, check=False, capture_output=True, timeout=30).returncode

    assert codes == ended


def test_nothing_that_a_stranger_can_write_is_part_of_a_script():
    assert [name for name, text in scripts().items() if "${{" in text] == []


def test_no_job_of_the_workflow_has_a_permission_that_it_does_not_name():
    workflow = YAML(typ="safe").load(WORKFLOW)

    assert (workflow["permissions"], {job: sorted(one["permissions"]) for job, one in workflow["jobs"].items()}) == (
        {},
        {"audit": ["contents", "id-token", "security-events"], "comment": ["contents", "id-token", "pull-requests"]},
    )

"""The listener's zip: whole, the same every time, and enough with boto3 alone."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import botocore
import pytest

import auditor
from auditor.deploy.bundle import BUNDLED, HANDLER, bundle
from auditor.errors import DeployError

ROOT = Path(auditor.__file__).parents[1]
LAMBDA_HAS = {"boto3", "botocore"}
BUNDLE_HAS = {"ruamel"}
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html"""


def imported(path):
    """The modules that a file imports, and those that are in what it imports."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(module):
    """The file of one of our modules; "" where the name is not a module's."""
    path = module.replace(".", "/")
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if (ROOT / name).exists()), "")


def files_of(module):
    """Its file, and those of the packages around it, which are imported first."""
    parts = module.split(".")
    return {file_of(".".join(parts[:length])) for length in range(1, len(parts) + 1)} - {""}


@pytest.fixture
def bundled(tmp_path):
    target = tmp_path / "listener.zip"
    bundle(target)
    return target


def test_the_bundle_holds_what_the_handler_imports_and_no_more():
    needed, unread = set(), files_of(HANDLER.rpartition(".")[0])
    while unread:
        needed |= unread
        names = {name for path in unread for name in imported(path) if name.split(".")[0] == "auditor"}
        unread = {path for name in names for path in files_of(name)} - needed

    assert sorted(needed) == sorted(BUNDLED)


@pytest.mark.parametrize("path", BUNDLED)
def test_a_bundled_module_imports_nothing_that_lambda_lacks(path):
    libraries = {name.split(".")[0] for name in imported(path)}

    assert libraries - sys.stdlib_module_names - LAMBDA_HAS - BUNDLE_HAS - {"auditor"} == set()


def test_two_bundles_are_the_same_bytes(tmp_path):
    bundle(tmp_path / "one.zip")
    bundle(tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_size_that_is_told_is_the_files(tmp_path):
    assert bundle(tmp_path / "one.zip") == (tmp_path / "one.zip").stat().st_size


def test_every_file_can_be_read_by_whomever_lambda_runs_as(bundled):
    with zipfile.ZipFile(bundled) as zipped:
        modes = {entry.external_attr >> 16 for entry in zipped.infolist()}

    assert modes == {0o100644}


def test_the_modules_are_what_the_package_has(bundled):
    with zipfile.ZipFile(bundled) as zipped:
        held = {name: zipped.read(name) for name in zipped.namelist()}

    assert {path: held[path] for path in BUNDLED} == {path: (ROOT / path).read_bytes() for path in BUNDLED}


def test_the_rest_is_the_library_that_reads_yaml_with_its_licence(bundled):
    with zipfile.ZipFile(bundled) as zipped:
        others = set(zipped.namelist()) - set(BUNDLED)

    assert {name.split("/")[0] for name in others} == {"ruamel"}
    assert "ruamel/yaml/LICENSE" in others


def test_the_handler_is_found_with_the_zip_and_boto3_alone(bundled, tmp_path):
    alone = tmp_path / "libraries"
    alone.mkdir()
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"):
        (alone / name).symlink_to(Path(botocore.__file__).parents[1] / name)
    module, _, handler = HANDLER.rpartition(".")
    script = f"import sys; sys.path[:0] = sys.argv[1:]; import {module} as made; print(made.__file__, made.{handler})"
    python = [sys.executable, "-I", "-S", "-W", "error", "-c", script, str(bundled), str(alone)]

    told = subprocess.run(python, capture_output=True, text=True, timeout=60, check=False)

    assert (told.returncode, told.stderr, told.stdout.split()[:1]) == (
        0,
        "",
        [f"{bundled}/{module.replace('.', '/')}.py"],
    )


def test_a_folder_that_is_not_there_is_made(tmp_path):
    bundle(tmp_path / "out" / "listener.zip")

    assert zipfile.is_zipfile(tmp_path / "out" / "listener.zip")


def test_what_cannot_be_written_is_said_so(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(DeployError) as refused:
        bundle(tmp_path / "file" / "listener.zip")

    assert str(refused.value) == (
        f"{tmp_path}/file/listener.zip could not be written (File exists). Nothing of it was left behind. "
        "Choose another place for it."
    )


def test_what_was_there_stays_where_the_bundle_cannot_take_its_place(tmp_path):
    (tmp_path / "listener.zip").mkdir()

    with pytest.raises(DeployError):
        bundle(tmp_path / "listener.zip")

    assert [path.name for path in tmp_path.iterdir()] == ["listener.zip"]

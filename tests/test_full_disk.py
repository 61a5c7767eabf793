"""A disk that is full, at whatever write: one message, nothing half, and the next run goes on."""

from __future__ import annotations

import pytest

from auditor.deploy.archive import packed
from auditor.deploy.bundle import bundle
from auditor.errors import ArtifactError, DeployError, SettingsError, StoreError
from auditor.runs.files import append_line, create_file, write_whole
from auditor.runs.secret_key import secret_key
from auditor.store.storage import Folder
from bench import torture_disk
from bench.full_disk import filling, fitting
from bench.torture import came_of
from bench.torture_trial import run

TEXT = "line\n" * 1000
pytestmark = pytest.mark.usefixtures("clean_environment")


def chosen():
    """One in nineteen, so that each command is met at some of its writes."""
    return list(torture_disk.trials())[::19]


def test_every_command_ends_with_one_message_and_leaves_nothing_half():
    wrong = {one.name: came_of(one).wrong for one in chosen()}

    assert {name: told for name, told in wrong.items() if told} == {}


@pytest.mark.parametrize("how", ["files", "bytes"])
def test_the_disk_is_full_from_that_write_on(tmp_path, how):
    with filling(tmp_path, 2, how) as disk:
        (tmp_path / "first").write_text("x")
        with pytest.raises(OSError, match=r"space|large"):
            (tmp_path / "second").write_text("x")
    (tmp_path / "third").write_text("x")

    assert (len(disk.written), (tmp_path / "second").exists()) == (2, how == "bytes")


def test_a_trial_of_what_is_left_half_is_a_violation(tmp_path):
    (tmp_path / "drift.json").write_text("{")

    assert list(torture_disk.left_badly(tmp_path, {"page.html": b""})) == [
        "page.html is gone", "drift.json is not whole",
    ]  # fmt: skip


@pytest.mark.parametrize("old", [None, "old"])
def test_a_file_is_as_it_was(tmp_path, old):
    if old:
        (tmp_path / "file").write_text(old)
    with fitting(100), pytest.raises(StoreError, match="File too large"):
        write_whole(tmp_path / "file", TEXT)

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == ([("file", old)] if old else [])


@pytest.mark.parametrize("old", [None, "old\n"])
def test_a_line_is_added_whole_or_not_at_all(tmp_path, old):
    if old:
        (tmp_path / "file").write_text(old)
    with fitting(100), pytest.raises(StoreError, match="Nothing was added"):
        append_line(tmp_path / "file", "x" * 1000)

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == ([("file", old)] if old else [])


def test_a_claim_that_cannot_be_written_is_none(tmp_path):
    with fitting(0), pytest.raises(StoreError):
        Folder(tmp_path).create(".pending-20261124T010203Z", b"whose it is")

    assert list(tmp_path.iterdir()) == []


def test_what_is_made_anew_is_made_whole_or_not_at_all(tmp_path):
    with fitting(100), pytest.raises(OSError, match="File too large"):
        create_file(tmp_path / "file", TEXT.encode())

    assert list(tmp_path.iterdir()) == []


def test_an_artifact_is_packed_whole_or_not_at_all(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "file").write_bytes(bytes(range(256)) * 100)
    with fitting(100), pytest.raises(ArtifactError):
        packed(tmp_path / "source", tmp_path / "artifact.zip")

    assert [one.name for one in tmp_path.iterdir()] == ["source"]


def test_the_bundle_of_the_listener_is_written_whole_or_not_at_all(tmp_path):
    with fitting(100), pytest.raises(DeployError):
        bundle(tmp_path / "functions.zip")

    assert list(tmp_path.iterdir()) == []


def test_the_key_of_the_fingerprints_is_written_whole_or_not_at_all(tmp_path):
    with fitting(10), pytest.raises(SettingsError):
        secret_key({"XDG_CONFIG_HOME": str(tmp_path)})

    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_plan_and_an_audit_leave_nothing_that_others_may_read():
    """What `-o` writes to be passed on is as the umask says; the locks' files tell others who is at work."""
    with torture_disk.prepared(torture_disk.COMMANDS["plan"]) as folder:
        run("plan", "-o", "plan.json")
        run("audit", "-o", "page.html")
        open_to_others = {
            str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file() and one.stat().st_mode & 0o077
        }

    assert open_to_others == {"auditor.yaml", "page.html", "store/.audit-lock"}

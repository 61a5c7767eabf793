"""A file is written whole, or is as it was."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from auditor.errors import StoreError
from auditor.runs.files import write_whole
from auditor.store.storage import Folder


def test_the_file_holds_the_text(tmp_path):
    write_whole(tmp_path / "report.html", "ä\r\n")

    assert (tmp_path / "report.html").read_bytes() == b"\xc3\xa4\r\n"


def test_a_character_that_is_no_text_is_written_as_its_escape(tmp_path):
    write_whole(tmp_path / "drift.json", '"\ud800"')

    assert (tmp_path / "drift.json").read_bytes() == b'"\\ud800"'


def test_a_file_that_was_there_is_replaced(tmp_path):
    (tmp_path / "report.html").write_text("a longer old one")
    write_whole(tmp_path / "report.html", "new")

    assert (tmp_path / "report.html").read_text() == "new"


def test_folders_are_made_where_they_are_missing(tmp_path):
    write_whole(tmp_path / "a" / "b" / "report.html", "x")

    assert (tmp_path / "a" / "b" / "report.html").read_text() == "x"


def test_others_may_read_it(tmp_path):
    write_whole(tmp_path / "report.html", "x")

    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o644


def mode(path):
    return path.stat().st_mode & 0o777


def test_it_has_the_permissions_of_the_file_that_was_there(tmp_path):
    (tmp_path / "report.html").write_text("old")
    (tmp_path / "report.html").chmod(0o640)
    write_whole(tmp_path / "report.html", "x")

    assert mode(tmp_path / "report.html") == 0o640


@pytest.mark.parametrize("old", [False, True])
def test_a_private_file_is_its_owners_alone(tmp_path, old):
    if old:
        (tmp_path / "plan.json").write_text("old")
    write_whole(tmp_path / "plan.json", "x", private=True)

    assert mode(tmp_path / "plan.json") == 0o600


def test_the_umask_is_never_changed_by_who_writes_at_the_same_time(tmp_path):
    """The umask is the process's: who changes it to ask for it changes it for all threads."""
    before = os.umask(0o027)
    try:
        seen = set()
        with ThreadPoolExecutor(8) as pool:
            done = [pool.submit(write_whole, tmp_path / str(number), "x") for number in range(200)]
            while not all(one.done() for one in done):
                seen.add(Path("/proc/self/status").read_text().partition("Umask:\t")[2].partition("\n")[0])
    finally:
        os.umask(before)

    assert ({mode(path) for path in tmp_path.iterdir()}, seen - {"0027"}) == ({0o640}, set())


def test_what_a_store_holds_is_its_owners_alone(tmp_path):
    place = Folder(tmp_path)
    place.write("20261124T010203Z/manifest.json", b"{}")
    place.create(".pending-20261124T010203Z", b"x")

    assert {mode(path) for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


def test_nothing_is_left_beside_it(tmp_path):
    write_whole(tmp_path / "report.html", "x")

    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_what_cannot_be_written_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError) as caught:
        write_whole(tmp_path / "file" / "report.html", "x")

    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'report.html'} could not be written (File exists). Nothing of it was left behind. "
        "Choose another place for it."
    )


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()

    with pytest.raises(StoreError):
        write_whole(tmp_path / "folder", "x")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]

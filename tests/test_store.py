"""A snapshot is whole, or is not there; and it is what was written, or is refused."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor import __version__, golden, store
from auditor.errors import StoreError
from auditor.model import Locale, Reading, Resource, SiteSnapshot, State, Unread
from auditor.store import Header

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
HEADER = Header("us-east-1", ("AWS::S3::Bucket",), "k1")
VIRGINIA = Locale("us-east-1", "use1", "123456789012", references={"version:api:7": "version:c0de/1"})
# Two halves of a pair that stand together are one character in JSON, as they are in what AWS sends.
TEXTS = st.text(st.characters(exclude_categories=())).filter(lambda text: text == json.loads(json.dumps(text)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def site(name="us-east-1", value=None):
    bucket = Resource("AWS::S3::Bucket", "assets", {"policy": Reading(State.READ, value)})
    return SiteSnapshot(name, VIRGINIA, (bucket,))


def written(folder, *sites, now=NOON, header=HEADER):
    pending = store.begin(folder, now)
    for one in sites or (site(),):
        store.write_site(pending, one)
    return store.commit(pending, header, {one.site: {"resources": {}} for one in sites or (site(),)})


def refusal(call, *arguments):
    with pytest.raises(StoreError) as caught:
        call(*arguments)
    return str(caught.value)


@settings(deadline=None)
@given(VALUES, TEXTS)
@example({"\ud800": ["\udfff", None]}, "\udc80")
def test_what_is_read_is_what_was_written(value, error):
    readings = {
        "read": Reading(State.READ, value),
        "absent": Reading(State.ABSENT),
        "unknown": Reading(State.UNREADABLE, error=error),
    }
    snapshot = SiteSnapshot(
        "prod/us-east-1",
        VIRGINIA,
        (Resource("AWS::S3::Bucket", "assets", readings),),
        (Unread("AWS::Lambda::Alias", error, "api"),),
        {"s3.GetBucketPolicy": 3},
    )
    with tempfile.TemporaryDirectory() as name:
        id_ = written(Path(name), snapshot)

        assert store.read_site(store.open_snapshot(Path(name), id_), "prod/us-east-1") == snapshot


def test_a_snapshot_is_named_by_its_time(tmp_path):
    assert written(tmp_path) == "20261124T120000Z"


def test_nothing_is_visible_before_the_commit(tmp_path):
    store.write_site(store.begin(tmp_path, NOON), site())

    assert store.snapshots(tmp_path) == ()


def test_a_run_that_was_killed_just_before_the_commit_left_nothing_visible(tmp_path):
    pending = store.begin(tmp_path, NOON)
    (pending.folder / "manifest.json").write_text("{}")

    assert store.snapshots(tmp_path) == ()


def test_nothing_is_left_of_what_was_discarded(tmp_path):
    pending = store.begin(tmp_path, NOON)
    store.write_site(pending, site())
    store.discard(pending)

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_beside_what_was_committed(tmp_path):
    id_ = written(tmp_path)

    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        id_,
        f"{id_}/manifest.json",
        f"{id_}/us-east-1.json",
    ]


def test_a_site_of_another_account_has_a_file_of_its_own(tmp_path):
    id_ = written(tmp_path, site("us-east-1"), site("prod/us-east-1"))

    assert sorted(path.name for path in (tmp_path / id_).iterdir()) == [
        "manifest.json",
        "prod__us-east-1.json",
        "us-east-1.json",
    ]


def test_the_manifest_says_what_the_snapshot_is(tmp_path):
    folder = tmp_path / written(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["sha256"]

    assert manifest == {
        "schema": "auditor/snapshot/1",
        "tool_version": __version__,
        "taken": "2026-11-24T12:00:00Z",
        "golden": "us-east-1",
        "types": ["AWS::S3::Bucket"],
        "key_id": "k1",
        "sites": {
            "us-east-1": {
                "file": "us-east-1.json",
                "resources": {},
                "sha256": hashlib.sha256((folder / "us-east-1.json").read_bytes()).hexdigest(),
            }
        },
    }


@pytest.mark.parametrize("name", ["manifest.json", "us-east-1.json"])
def test_a_file_has_sorted_keys_and_ends_with_a_newline(tmp_path, name):
    text = (tmp_path / written(tmp_path) / name).read_text()

    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


@settings(deadline=None)
@given(st.data())
def test_a_file_in_which_any_byte_changed_is_refused(data):
    with tempfile.TemporaryDirectory() as name:
        id_ = written(Path(name))
        path = Path(name) / id_ / data.draw(st.sampled_from(["manifest.json", "us-east-1.json"]))
        content = bytearray(path.read_bytes())
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)

        with pytest.raises(StoreError):
            store.read_site(store.open_snapshot(Path(name), id_), "us-east-1")


@pytest.mark.parametrize("name", ["manifest.json", "us-east-1.json"])
def test_a_file_in_which_only_white_space_changed_is_refused(tmp_path, name):
    id_ = written(tmp_path)
    path = tmp_path / id_ / name
    path.write_bytes(path.read_bytes()[:-1] + b" ")

    with pytest.raises(StoreError, match="is not what was written"):
        store.read_site(store.open_snapshot(tmp_path, id_), "us-east-1")


def test_a_changed_file_is_named_with_what_to_do(tmp_path):
    id_ = written(tmp_path)
    path = tmp_path / id_ / "us-east-1.json"
    path.write_bytes(path.read_bytes() + b" ")

    assert refusal(store.read_site, store.open_snapshot(tmp_path, id_), "us-east-1") == (
        f"{path} is not what was written: its sha256 differs from the manifest's. It was not used. Restore the file "
        "from a backup, or take a new snapshot."
    )


@pytest.mark.parametrize("content", ['{"schema": "auditor/snapshot/9"}', "{", "[]", "", '{"schema": 7}'])
def test_a_manifest_of_another_kind_is_refused_with_what_to_do(tmp_path, content):
    id_ = written(tmp_path)
    (tmp_path / id_ / "manifest.json").write_text(content)

    assert "Read it with the version that wrote it, or take a new snapshot." in refusal(
        store.open_snapshot, tmp_path, id_
    )


def test_a_site_that_is_not_in_the_snapshot_is_refused_with_those_that_are(tmp_path):
    stored = store.open_snapshot(tmp_path, written(tmp_path, site("us-east-1"), site("eu-west-1")))

    assert refusal(store.read_site, stored, "eu-west-2") == (
        "Snapshot 20261124T120000Z holds no site eu-west-2; it holds eu-west-1, us-east-1. Nothing was compared."
    )


def test_a_site_whose_file_is_gone_is_refused(tmp_path):
    stored = store.open_snapshot(tmp_path, written(tmp_path))
    (stored.folder / "us-east-1.json").unlink()

    assert "us-east-1.json could not be read (No such file or directory)" in refusal(
        store.read_site, stored, "us-east-1"
    )


def test_the_latest_is_the_newest(tmp_path):
    written(tmp_path, now=datetime(2026, 11, 25, tzinfo=UTC))
    written(tmp_path, now=datetime(2026, 11, 24, tzinfo=UTC))

    assert store.open_snapshot(tmp_path, "latest").id == "20261125T000000Z"


def test_snapshots_of_one_second_all_have_their_own_id_and_order(tmp_path):
    ids = [written(tmp_path) for _ in range(11)]

    assert (len(set(ids)), store.snapshots(tmp_path)) == (11, tuple(ids))


def test_a_snapshot_is_opened_by_the_path_of_its_folder(tmp_path):
    written(tmp_path / "a")

    assert store.open_snapshot(tmp_path / "b", str(tmp_path / "a" / "20261124T120000Z")).id == "20261124T120000Z"


def test_an_unknown_snapshot_is_refused_with_those_that_are_known(tmp_path):
    written(tmp_path)

    assert refusal(store.open_snapshot, tmp_path, "20250101T000000Z") == (
        f"{tmp_path} has no snapshot '20250101T000000Z'. It holds 20261124T120000Z. Take one with 'auditor snapshot'."
    )


def test_an_empty_store_has_no_latest(tmp_path):
    assert refusal(store.open_snapshot, tmp_path / "none", "latest") == (
        f"{tmp_path / 'none'} has no snapshot 'latest'. It holds none. Take one with 'auditor snapshot'."
    )


def test_what_is_not_a_snapshot_is_passed_over(tmp_path):
    (tmp_path / "README.md").write_text("kept by git")
    (tmp_path / "empty").mkdir()

    assert store.snapshots(tmp_path) == ()


def test_a_store_that_cannot_be_written_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")

    assert refusal(store.begin, tmp_path / "file" / "store", NOON) == (
        f"{tmp_path / 'file' / 'store'} could not be written (Not a directory). No snapshot was written. Check the "
        "path, its permissions and the space left, or choose another with --store."
    )


def test_what_a_dead_run_left_is_swept_and_what_a_running_one_writes_is_kept(tmp_path):
    dead, running = store.begin(tmp_path, NOON), store.begin(tmp_path, NOON)
    yesterday = time.time() - 25 * 60 * 60
    os.utime(dead.folder, (yesterday, yesterday))

    store.begin(tmp_path, NOON)

    assert (dead.folder.exists(), running.folder.exists()) == (False, True)


def test_snapshots_with_fingerprints_of_different_keys_are_not_compared(tmp_path):
    one = store.open_snapshot(tmp_path, written(tmp_path))
    other = store.open_snapshot(tmp_path, written(tmp_path, header=Header("us-east-1", (), "k2")))

    assert "Take both with the same AUDITOR_FINGERPRINT_KEY." in refusal(golden.refuse_other_key, one, other)


def test_snapshots_with_fingerprints_of_the_same_key_are_compared(tmp_path):
    one = store.open_snapshot(tmp_path, written(tmp_path))

    assert golden.refuse_other_key(one, one) is golden.refuse_other_key(one, None) is None

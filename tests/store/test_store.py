"""A snapshot is whole, or is not there; and it is what was written, or is refused."""

from __future__ import annotations

import hashlib
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import zstandard
from hypothesis import example, given, settings, strategies as st

from auditor import __version__
from auditor.errors import StoreError
from auditor.model.json_text import rendered
from auditor.model.values import Locale, Reading, Resource, SiteSnapshot, State, Unread
from auditor.store import golden, site_file, store
from auditor.store.store import Header, storage_at

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


FILES = ("", "/manifest.json", "/us-east-1.json.zst", "/us-east-1.json")


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    """An empty store, in a folder or in a bucket."""
    if request.param == "folder":
        return storage_at(tmp_path / "store")
    request.getfixturevalue("aws").client("s3").create_bucket(Bucket="kept")
    return storage_at("s3://kept/of/auditor")


def site(name="us-east-1", value=None):
    bucket = Resource("AWS::S3::Bucket", "assets", {"policy": Reading(State.READ, value)})
    return SiteSnapshot(name, VIRGINIA, (bucket,))


def written(place, *sites, now=NOON, header=HEADER):
    pending = store.begin(place, now)
    for one in sites or (site(),):
        store.write_site(pending, one)
    return store.commit(pending, header, {one.site: {"resources": {}} for one in sites or (site(),)})


def names(place):
    return [one.name for one in place.listed("")]


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
        id_ = written(storage_at(name), snapshot)

        assert store.read_site(store.open_snapshot(storage_at(name), id_), "prod/us-east-1") == snapshot


def test_a_site_is_read_from_either_store_as_it_was_written(place):
    id_ = written(place, site(value={"\ud800": ["ä", None]}))

    assert store.read_site(store.open_snapshot(place, id_), "us-east-1") == site(value={"\ud800": ["ä", None]})


def test_a_snapshot_is_named_by_its_time(place):
    assert written(place) == "20261124T120000Z"


def test_nothing_is_visible_before_the_commit(place):
    store.write_site(store.begin(place, NOON), site())

    assert store.snapshots(place) == ()


def test_a_run_that_was_killed_just_before_its_manifest_was_there_left_no_snapshot(place):
    written(place, now=NOON - timedelta(days=1))
    store.write_site(store.begin(place, NOON), site())

    assert store.open_snapshot(place, "latest").id == "20261123T120000Z"


def test_a_run_that_was_killed_just_after_its_manifest_was_there_left_a_snapshot(place):
    id_ = written(place)
    place.write(f".pending-{id_}", b"of the run that was killed")

    assert store.read_site(store.open_snapshot(place, "latest"), "us-east-1") == site()


def test_nothing_is_left_of_what_was_discarded(place):
    pending = store.begin(place, NOON)
    store.write_site(pending, site())
    store.discard(pending)

    assert names(place) == []


def test_no_folder_is_left_of_what_was_discarded(tmp_path):
    pending = store.begin(storage_at(tmp_path), NOON)
    store.write_site(pending, site())
    store.discard(pending)

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_beside_what_was_committed(place):
    id_ = written(place)

    assert names(place) == [f"{id_}/manifest.json", f"{id_}/us-east-1.json.zst"]


def test_a_site_of_another_account_has_a_file_of_its_own(place):
    id_ = written(place, site("us-east-1"), site("prod/us-east-1"))

    assert names(place.within(id_)) == ["manifest.json", "prod__us-east-1.json.zst", "us-east-1.json.zst"]


def test_the_manifest_says_what_the_snapshot_is(place):
    own = place.within(written(place))
    manifest = json.loads(own.read("manifest.json"))
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
                "file": "us-east-1.json.zst",
                "resources": {},
                "sha256": hashlib.sha256(own.read("us-east-1.json.zst")).hexdigest(),
            }
        },
    }


@pytest.mark.parametrize("name", ["manifest.json", "us-east-1.json.zst"])
def test_a_file_has_sorted_keys_and_ends_with_a_newline(place, name):
    text = site_file.unpacked(name, place.within(written(place)).read(name)).decode()

    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1, ensure_ascii=False) + "\n"


@settings(deadline=None)
@given(st.data())
def test_a_file_in_which_any_byte_changed_is_refused(data):
    with tempfile.TemporaryDirectory() as name:
        id_ = written(storage_at(name))
        file = f"{id_}/{data.draw(st.sampled_from(['manifest.json', 'us-east-1.json.zst']))}"
        content = bytearray(storage_at(name).read(file))
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        storage_at(name).write(file, bytes(content))

        with pytest.raises(StoreError):
            store.read_site(store.open_snapshot(storage_at(name), id_), "us-east-1")


@pytest.mark.parametrize("name", ["manifest.json", "us-east-1.json.zst"])
def test_a_file_whose_last_byte_changed_is_refused(place, name):
    id_ = written(place)
    place.write(f"{id_}/{name}", place.read(f"{id_}/{name}")[:-1] + b" ")

    with pytest.raises(StoreError, match="is not what was written"):
        store.read_site(store.open_snapshot(place, id_), "us-east-1")


def test_a_changed_file_is_named_with_what_to_do(place):
    name = f"{written(place)}/us-east-1.json.zst"
    place.write(name, place.read(name) + b" ")

    assert refusal(store.read_site, store.open_snapshot(place, "latest"), "us-east-1") == (
        f"{place.address}/{name} is not what was written: its sha256 differs from the manifest's. It was not used. "
        "Restore the file from a backup, or take a new snapshot."
    )


@pytest.mark.parametrize("content", ['{"schema": "auditor/snapshot/9"}', "{", "[]", "", '{"schema": 7}'])
def test_a_manifest_of_another_kind_is_refused_with_what_to_do(place, content):
    id_ = written(place)
    place.write(f"{id_}/manifest.json", content.encode())

    assert "Read it with the version that wrote it, or take a new snapshot." in refusal(store.open_snapshot, place, id_)


MEMBERS = ("golden", "taken", "types", "key_id", "sites")


def resealed(place, name, change):
    """Change a document of a snapshot as somebody would who knows how it is sealed."""
    document = json.loads(place.read(name))
    document.pop("sha256", None)
    change(document)
    if name.endswith("manifest.json"):
        document["sha256"] = hashlib.sha256(rendered(document)).hexdigest()
    place.write(name, rendered(document))


@pytest.mark.parametrize("member", MEMBERS)
def test_a_manifest_that_lacks_a_member_is_refused_with_its_name(tmp_path, member):
    place = storage_at(tmp_path)
    id_ = written(place)
    resealed(place, f"{id_}/manifest.json", lambda document: document.pop(member))
    assert f"is not what auditor {__version__} writes: it lacks '{member}'" in refusal(store.open_snapshot, place, id_)


@pytest.mark.parametrize(
    ("member", "value"), [("taken", None), ("taken", 5), ("taken", "noon"), ("types", 5), ("sites", 5), ("sites", [{}])]
)
def test_a_manifest_whose_member_has_another_form_is_refused(tmp_path, member, value):
    place = storage_at(tmp_path)
    id_ = written(place)
    resealed(place, f"{id_}/manifest.json", lambda document: document.update({member: value}))
    assert "a member of it has another form" in refusal(store.open_snapshot, place, id_)


@pytest.mark.parametrize("member", ["site", "locale", "resources", "unread", "calls"])
def test_a_site_that_lacks_a_member_is_refused_with_its_name(member):
    document = json.loads(site_file.unpacked("us-east-1.json.zst", site_file.site_content(site())))
    document.pop(member)
    assert f"it lacks '{member}'" in refusal(site_file.site_of, "us-east-1.json", rendered(document))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("site",), 1),
        (("locale", "account"), 123456789012),
        (("locale", "references"), {"subnet-1": 1}),
        (("resources", 0, "type"), {}),
        (("resources", 0, "name"), 7),
        (("calls",), {"lambda.ListFunctions": "1"}),
    ],
)
def test_a_site_of_which_a_member_has_another_form_is_refused(at, value):
    document = json.loads(site_file.unpacked("us-east-1.json.zst", site_file.site_content(site())))
    holder = document
    for step in at[:-1]:
        holder = holder[step]
    holder[at[-1]] = value
    told = refusal(site_file.site_of, "us-east-1.json", rendered(document))
    assert "a member of it has another form" in told


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"schema": ' + b"[" * 300 + b"]" * 300 + b"}", b"\xff"])
def test_a_file_that_is_nested_without_end_or_no_text_is_refused(content):
    assert "is of schema None" in refusal(site_file.site_of, "us-east-1.json", content)


def test_a_site_that_is_not_in_the_snapshot_is_refused_with_those_that_are(place):
    stored = store.open_snapshot(place, written(place, site("us-east-1"), site("eu-west-1")))

    assert refusal(store.read_site, stored, "eu-west-2") == (
        "Snapshot 20261124T120000Z holds no site eu-west-2; it holds eu-west-1, us-east-1. Nothing was compared."
    )


def test_a_site_whose_file_is_gone_is_refused(place):
    stored = store.open_snapshot(place, written(place))
    stored.place.remove("us-east-1.json.zst")

    assert "us-east-1.json.zst could not be read (No" in refusal(store.read_site, stored, "us-east-1")


def test_the_latest_is_the_newest(place):
    written(place, now=datetime(2026, 11, 24, tzinfo=UTC))
    written(place, now=datetime(2026, 11, 25, tzinfo=UTC))

    assert store.open_snapshot(place, "latest").id == "20261125T000000Z"


def test_snapshots_of_one_second_all_have_their_own_id_and_order(place):
    ids = [written(place) for _ in range(11)]

    assert (len(set(ids)), store.snapshots(place)) == (11, tuple(ids))


def test_a_snapshot_is_newer_than_the_one_before_although_the_clock_was_set_back(place):
    written(place, now=NOON + timedelta(days=5))
    written(place, now=NOON)
    assert store.snapshots(place) == ("20261129T120000Z", "20261129T120001Z")


def test_a_snapshot_that_follows_a_clock_set_back_says_the_time_of_its_id(place):
    written(place, now=NOON + timedelta(days=5))
    assert store.open_snapshot(place, written(place, now=NOON)).taken == "2026-11-29T12:00:01Z"


def test_the_name_that_somebody_gave_a_snapshot_says_nothing_of_the_time(tmp_path):
    place = storage_at(tmp_path)
    (tmp_path / written(place)).rename(tmp_path / "zz-before-the-move")
    assert written(place, now=NOON + timedelta(minutes=1)) == "20261124T120100Z"


def test_a_snapshot_is_opened_by_the_address_of_its_own_place_or_of_a_file_in_it(place, tmp_path):
    own = place.within(written(place))

    opened = [store.open_snapshot(storage_at(tmp_path / "b"), f"{own.address}{file}") for file in FILES]

    assert [one.id for one in opened] == ["20261124T120000Z"] * 4


def test_an_unknown_snapshot_is_refused_with_those_that_are_known(place):
    written(place)

    assert refusal(store.open_snapshot, place, "20250101T000000Z") == (
        f"{place.address} has no snapshot '20250101T000000Z'. It holds 20261124T120000Z. "
        "Take one with 'auditor snapshot'."
    )


def test_an_empty_store_has_no_latest(place):
    assert refusal(store.open_snapshot, place, "latest") == (
        f"{place.address} has no snapshot 'latest'. It holds none. Take one with 'auditor snapshot'."
    )


def test_what_is_not_a_snapshot_is_passed_over(place):
    place.write("README.md", b"kept by git")
    place.write("history/20261124T120000Z.json", b"{}")

    assert store.snapshots(place) == ()


def test_a_store_that_cannot_be_written_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")

    assert refusal(store.begin, storage_at(tmp_path / "file" / "store"), NOON) == (
        f"{tmp_path / 'file' / 'store'} could not be written (Not a directory). It was left "
        "as it is. Check the path, its permissions and "
        "the space left, or choose another store with --store."
    )


@pytest.mark.parametrize("named", ["nosuch.json", "elsewhere/20250101T000000Z", "./us-east-1.json.zst"])
def test_a_path_that_is_no_snapshot_is_called_so(place, named):
    assert refusal(store.open_snapshot, place, named) == (
        f"{named} is no snapshot, nor a site's file in one. Nothing was compared. Check the path."
    )


def test_a_bucket_that_is_not_there_is_refused_with_what_to_do(aws):
    assert refusal(store.begin, storage_at("s3://nowhere-kept/a"), NOON) == (
        "s3://nowhere-kept/a/ could not be listed (NoSuchBucket: The specified bucket does not exist). It "
        "was left as it is. Check the bucket's name and its policy, and whose credentials these are, or choose another "
        "store with --store."
    )


def test_what_a_dead_run_left_is_swept_and_what_a_running_one_writes_is_kept(place):
    dead, running = store.begin(place, NOON), store.begin(place, NOON + timedelta(hours=2))
    for one in (dead, running):
        store.write_site(one, site())

    store.discard(store.begin(place, NOON + timedelta(hours=25)))

    assert names(place) == [".pending-20261124T140000Z", "20261124T140000Z/us-east-1.json.zst"]


def test_a_snapshot_whose_run_was_killed_after_its_manifest_was_there_is_not_swept(place):
    id_ = written(place)
    place.write(f".pending-{id_}", b"of the run that was killed")

    store.discard(store.begin(place, NOON + timedelta(hours=25)))

    assert names(place) == [f"{id_}/manifest.json", f"{id_}/us-east-1.json.zst"]


def test_snapshots_of_one_second_are_told_to_be_of_different_times(place):
    # The history has a run a time: two of one time would be one.
    taken = [store.open_snapshot(place, written(place, now=NOON)).taken for _ in range(3)]

    assert (len(set(taken)), taken) == (3, sorted(taken))


def test_of_two_that_begin_in_one_second_none_loses_its_snapshot(place):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda value: written(place, site(value=value)), range(8)))

    values = [store.read_site(store.open_snapshot(place, id_), "us-east-1") for id_ in ids]
    assert values == [site(value=value) for value in range(8)]


def test_an_id_whose_claim_was_given_up_meanwhile_is_not_taken_again(place):
    ids = [written(place) for _ in range(2)]

    assert ids == ["20261124T120000Z", "20261124T120001Z"]


def test_nothing_is_left_of_what_was_removed(place):
    written(place)
    kept = written(place, now=NOON + timedelta(days=1))

    store.remove(place, "20261124T120000Z")

    assert names(place) == [f"{kept}/manifest.json", f"{kept}/us-east-1.json.zst"]


@pytest.mark.parametrize("name", ["", "history", "runs", "../store", "20261124T120000Z.old"])
def test_a_file_that_only_looks_like_a_mark_of_removal_removes_nothing(place, name):
    written(place)
    place.write("history/20261124T120000Z.json", b"{}")
    place.write(f".removing-{name}", b"")
    written(place, now=NOON + timedelta(minutes=1))
    assert {"20261124T120000Z/manifest.json", "history/20261124T120000Z.json"} <= set(names(place))


@pytest.mark.parametrize("gone", [[], ["manifest.json"], ["manifest.json", "us-east-1.json.zst"]])
def test_a_removal_that_was_killed_is_gone_on_with_by_the_next_run(place, gone):
    id_ = written(place)
    place.write(f".removing-{id_}", b"")
    for name in gone:
        place.remove(f"{id_}/{name}")

    store.discard(store.begin(place, NOON + timedelta(minutes=1)))

    assert names(place) == []


def test_a_snapshot_that_was_written_before_files_were_packed_is_read(place):
    content = site_file.unpacked("us-east-1.json.zst", site_file.site_content(site()))
    place.write("20261120T120000Z/us-east-1.json", content)
    told = {"us-east-1": {"file": "us-east-1.json", "sha256": hashlib.sha256(content).hexdigest()}}
    manifest = {"schema": "auditor/snapshot/1", "tool_version": "0", "taken": "2026-11-20T12:00:00Z",
                "golden": "us-east-1", "types": [], "key_id": "k1", "sites": told}  # fmt: skip
    seal = hashlib.sha256(rendered(manifest)).hexdigest()
    place.write("20261120T120000Z/manifest.json", rendered({**manifest, "sha256": seal}))

    assert store.read_site(store.open_snapshot(place, "latest"), "us-east-1") == site()


def test_the_same_site_is_packed_into_the_same_bytes():
    assert site_file.site_content(site()) == site_file.site_content(site())


def test_a_file_that_unpacks_to_too_much_is_refused():
    packer = zstandard.ZstdCompressor().compressobj()
    zeros = bytes(2**20)
    bomb = b"".join([*(packer.compress(zeros) for _ in range(513)), packer.flush()])

    assert refusal(site_file.unpacked, "snapshots/a/us-east-1.json.zst", bomb) == (
        "snapshots/a/us-east-1.json.zst unpacks to more than 512 MiB, the most that is read. It was not used. Take a "
        "new snapshot, or narrow it with 'types'."
    )


def test_a_file_that_is_not_packed_though_its_name_says_so_is_refused():
    assert "us-east-1.json.zst cannot be unpacked" in refusal(site_file.site_of, "us-east-1.json.zst", b"{}")


def test_snapshots_with_fingerprints_of_different_keys_are_not_compared(place):
    one = store.open_snapshot(place, written(place))
    other = store.open_snapshot(place, written(place, header=Header("us-east-1", (), "k2")))

    assert "Take both with the same AUDITOR_FINGERPRINT_KEY." in refusal(golden.refuse_other_key, one, other)


def test_snapshots_with_fingerprints_of_the_same_key_are_compared(place):
    one = store.open_snapshot(place, written(place))

    assert golden.refuse_other_key(one, one) is golden.refuse_other_key(one, None) is None

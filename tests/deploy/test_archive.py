"""The same tree gives the same artifact in whatever form it comes, and what is not safe to unpack is refused."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from auditor.deploy.archive import PART, Limits, appspec_name, member, packed
from auditor.errors import ArtifactError

# A path, what is there: a file's bytes, a program's (a bytearray), where a link leads to (a text), a folder (None).
APP = {
    "appspec.yml": b"version: 0.0\n",
    "bin/run": bytearray(b"#!/bin/sh\n"),
    "current": "releases/1",
    "releases/1/page": b"hello",
    "empty": None,
}
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0:"), min_size=1, max_size=6).filter(
    lambda name: name not in {".", "..", ".git"}
)
LEAVES = st.binary(max_size=40) | st.binary(max_size=40).map(bytearray) | st.none()


def flat(tree, within=""):
    for name, inner in tree.items():
        if isinstance(inner, dict):
            yield from flat(inner, f"{within}{name}/")
        else:
            yield f"{within}{name}", inner


TREES = (
    st.dictionaries(NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3)))
    .map(lambda tree: dict(flat(tree)))
    .filter(lambda tree: any(content is not None for content in tree.values()))
)


def as_folder(path, tree, clock=0):
    path.mkdir()
    for name, content in tree.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir(exist_ok=True)
        elif isinstance(content, str):
            place.symlink_to(content)
        else:
            place.write_bytes(content)
            place.chmod(0o770 if isinstance(content, bytearray) else 0o604)
            os.utime(place, (clock, clock))
    return path


def as_zip(path, tree, year=2024):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in tree.items():
            info = zipfile.ZipInfo(name if content is not None else f"{name}/", (year, 2, 3, 4, 5, 6))
            info.external_attr = unix_mode(content) << 16
            archive.writestr(info, content or b"", zipfile.ZIP_DEFLATED)
    return path


def as_tar(path, tree, prefix="", comment=""):
    headers = {"comment": comment} if comment else {}
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT, pax_headers=headers) as tar:
        for name, content in tree.items():
            tar.addfile(*tar_member(prefix + name, content))
    return path


def tar_member(name, content):
    info = tarfile.TarInfo(name)
    info.mode, info.mtime, info.uid, info.uname = stat.S_IMODE(unix_mode(content)), 1_700_000_000, 501, "somebody"
    if content is None:
        info.type = tarfile.DIRTYPE
    elif isinstance(content, str):
        info.type, info.linkname = tarfile.SYMTYPE, content
    else:
        info.size = len(content)
        return info, io.BytesIO(content)
    return info, None


def unix_mode(content):
    if content is None:
        return stat.S_IFDIR | 0o700
    if isinstance(content, str):
        return stat.S_IFLNK | 0o777
    return stat.S_IFREG | (0o711 if isinstance(content, bytearray) else 0o666)


def made_of(path, *members):
    """A tar.gz of just these members, as they are."""
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            tar.addfile(info, content)
    return path


def special(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, None


def bytes_of(source, folder, **more):
    return packed(source, folder / "artifact.zip", **more).path.read_bytes()


def refusal(source, beside, **more):
    with pytest.raises(ArtifactError) as caught:
        packed(source, beside / "artifact.zip", **more)
    return str(caught.value)


@settings(deadline=None)
@given(TREES, st.randoms(use_true_random=False))
def test_a_tree_gives_the_same_bytes_as_a_folder_a_zip_and_a_tar(tree, random):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shuffled = dict(random.sample(list(tree.items()), len(tree)))

        made = [
            bytes_of(as_folder(folder / "tree", tree), folder),
            bytes_of(as_zip(folder / "tree.zip", shuffled), folder),
            bytes_of(as_tar(folder / "tree.tgz", shuffled), folder),
        ]

        assert made == made[:1] * 3


def test_times_are_nowhere_in_an_artifact(tmp_path):
    first = bytes_of(as_folder(tmp_path / "first", APP, clock=1), tmp_path)

    assert bytes_of(as_folder(tmp_path / "second", APP, clock=1_800_000_000), tmp_path) == first


def times_of(artifact):
    with zipfile.ZipFile(artifact.path) as made:
        return {one.filename: one.date_time for one in made.infolist()}


@settings(deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_file_has_another_time_exactly_if_it_has_another_content(before, after):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times = [
            times_of(packed(as_folder(folder / f"tree-{number}", {"page": content}), folder / f"{number}.zip"))["page"]
            for number, content in enumerate((before, after))
        ]

    assert (times[0] == times[1]) == (before == after)


def test_the_times_of_all_files_lie_behind_us(tmp_path):
    tree = {f"page-{number}": b"%d" % number for number in range(300)}

    years = {time[0] for time in times_of(packed(as_folder(tmp_path / "tree", tree), tmp_path / "a.zip")).values()}

    assert years <= set(range(1981, 2021))


def test_a_link_to_another_place_has_another_time(tmp_path):
    one = packed(as_folder(tmp_path / "one", {"a": b"", "b": b"", "now": "a"}), tmp_path / "one.zip")
    other = packed(as_folder(tmp_path / "other", {"a": b"", "b": b"", "now": "b"}), tmp_path / "other.zip")

    assert times_of(one)["now"] != times_of(other)["now"]


def unpack(artifact, folder):
    """As `unzip` and the agent do, with the times that the archive says."""
    with zipfile.ZipFile(artifact.path) as made:
        for info in made.infolist():
            moment = datetime(*info.date_time).timestamp()
            os.utime(made.extract(info, folder), (moment, moment))


def test_python_runs_the_new_code_where_it_has_compiled_the_old(tmp_path):
    # The agent leaves __pycache__ where it is, and keeps the times of what it copies.
    prices = []
    for release in (b"PRICE = 1", b"PRICE = 2"):
        source = as_folder(tmp_path / release[-1:].decode(), {"appspec.yml": b"version: 0.0\n", "price.py": release})
        artifact = packed(source, tmp_path / "artifact.zip")
        unpack(artifact, tmp_path / "app")
        command = [sys.executable, "-c", "import price; print(price.PRICE)"]
        done = subprocess.run(command, cwd=tmp_path / "app", env={}, capture_output=True, text=True, check=True)
        prices.append(done.stdout)

    assert prices == ["1\n", "2\n"]


def test_the_bytes_of_an_artifact_are_the_same_tomorrow(tmp_path):
    artifact = packed(as_zip(tmp_path / "a.zip", {"appspec.yml": b"version: 0.0\n"}), tmp_path / "artifact.zip")

    assert artifact.sha256 == "73dc8cfd561388714361391db4837b0ce4bf3231055eb245e415eddc9449520f"


def test_an_artifact_holds_what_the_tree_holds(tmp_path):
    with zipfile.ZipFile(packed(as_folder(tmp_path / "tree", APP), tmp_path / "artifact.zip").path) as made:
        held = [(one.filename, oct(one.external_attr >> 16), made.read(one)) for one in made.infolist()]

    assert held == [
        ("appspec.yml", "0o100644", b"version: 0.0\n"),
        ("bin/run", "0o100755", b"#!/bin/sh\n"),
        ("current", "0o120777", b"releases/1"),
        ("empty/", "0o40755", b""),
        ("releases/1/page", "0o100644", b"hello"),
    ]


def test_an_artifact_tells_its_files(tmp_path):
    artifact = packed(as_folder(tmp_path / "tree", APP), tmp_path / "artifact.zip")

    assert artifact.names == {"appspec.yml", "bin/run", "current", "releases/1/page"}


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_links_are_kept_in_every_form(tmp_path, form):
    expected = bytes_of(as_folder(tmp_path / "expected", APP), tmp_path)

    assert bytes_of(form(tmp_path / "source", APP), tmp_path) == expected


def test_the_folder_that_github_puts_around_a_tree_is_left_out(tmp_path):
    expected = bytes_of(as_folder(tmp_path / "tree", APP), tmp_path)

    assert bytes_of(as_tar(tmp_path / "a", APP, "shop-1f2e3d/", comment="1f2e3d"), tmp_path) == expected


def test_a_folder_around_a_tree_without_an_appspec_is_kept(tmp_path):
    artifact = packed(as_tar(tmp_path / "a", {"page": b""}, "site/"), tmp_path / "artifact.zip")

    assert artifact.names == {"site/page"}


def test_a_folder_that_is_not_alone_is_kept(tmp_path):
    artifact = packed(as_tar(tmp_path / "a", {"app/appspec.yml": b"", "README": b""}), tmp_path / "artifact.zip")

    assert artifact.names == {"app/appspec.yml", "README"}


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_the_history_of_git_is_left_out(tmp_path, form):
    tree = {**APP, ".git/HEAD": b"ref", ".git/objects": None, "lib/.git/HEAD": b"", "lib/one": b"", "lib/two/.git": b""}

    with zipfile.ZipFile(packed(form(tmp_path / "source", tree), tmp_path / "artifact.zip").path) as made:
        assert made.namelist() == [
            "appspec.yml", "bin/run", "current", "empty/", "lib/one", "lib/two/", "releases/1/page",
        ]  # fmt: skip


def test_the_history_of_git_in_a_folder_counts_for_nothing(tmp_path):
    source = as_folder(tmp_path / "tree", {"page": b"", ".git/HEAD": b"ref", ".git/config": b""})

    assert packed(source, tmp_path / "artifact.zip", Limits(100, 1)).names == {"page"}


def test_the_history_of_git_is_left_out_of_a_folder_within(tmp_path):
    source = as_tar(tmp_path / "a", {".git/HEAD": b"ref", "appspec.yml": b""}, "app/")

    assert packed(source, tmp_path / "artifact.zip").names == {"appspec.yml"}


def test_the_history_of_git_beside_a_folder_leaves_that_folder_alone(tmp_path):
    source = as_tar(tmp_path / "a", {".git/HEAD": b"ref", "app/appspec.yml": b""})

    assert packed(source, tmp_path / "artifact.zip").names == {"appspec.yml"}


def test_a_hard_link_becomes_a_file(tmp_path):
    source = made_of(tmp_path / "a", tar_member("one", b"same"), special("two", tarfile.LNKTYPE, "./one"))

    assert member(packed(source, tmp_path / "artifact.zip"), "two") == b"same"


def test_a_name_of_macos_without_the_flag_for_utf_8_is_read(tmp_path):
    source = tmp_path / "a.zip"
    as_zip(source, {"caf\u00e9": b""})
    # Bit 11 of the flags, in the local header and in the central directory.
    content = bytearray(source.read_bytes())
    content[7] &= ~0x08
    content[content.index(b"PK\x01\x02") + 9] &= ~0x08
    source.write_bytes(content)

    assert packed(source, tmp_path / "artifact.zip").names == {"caf\u00e9"}


def test_a_zip_of_windows_has_files_without_a_kind(tmp_path):
    source = tmp_path / "a.zip"
    with zipfile.ZipFile(source, "w") as archive:
        info = zipfile.ZipInfo("page")
        info.create_system, info.external_attr = 0, 0x20
        archive.writestr(info, b"hello")

    with zipfile.ZipFile(packed(source, tmp_path / "artifact.zip").path) as made:
        assert oct(made.getinfo("page").external_attr >> 16) == "0o100644"


NAMED = {
    "/etc/passwd": "is absolute",
    "C:page": "is absolute",
    "a\\b": "holds a backslash",
    "a/../../b": "leads upwards",
    "..": "leads upwards",
    "a" * 5000: "is too long",
}


@pytest.mark.parametrize("form", [as_zip, as_tar])
@pytest.mark.parametrize(("name", "why"), NAMED.items(), ids=lambda text: text[:12])
def test_an_unsafe_name_is_refused(tmp_path, form, name, why):
    assert why in refusal(form(tmp_path / "source", {"page": b"", name: b"x"}), tmp_path)


def test_a_name_with_a_nul_is_refused(tmp_path):
    source = as_zip(tmp_path / "a.zip", {"page.txt": b""})
    source.write_bytes(source.read_bytes().replace(b"page.txt", b"page\0txt"))

    assert refusal(source, tmp_path) == (
        f"{source}: the name 'page\\x00txt' holds a NUL. Nothing was packed or uploaded. Correct the source, or name "
        "another."
    )


def test_a_nul_in_a_name_of_other_letters_is_refused(tmp_path):
    source = as_zip(tmp_path / "a.zip", {"caf\u00e9.txt": b""})
    source.write_bytes(source.read_bytes().replace(b".txt", b"\0txt"))

    assert "the name 'caf\u00e9\\x00txt' holds a NUL" in refusal(source, tmp_path)


def test_a_name_in_a_folder_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / os.fsdecode(b"caf\xe9")).write_bytes(b"")

    assert "the name 'caf\\udce9' is not UTF-8" in refusal(tmp_path / "tree", tmp_path)


def test_a_name_in_a_tar_that_is_not_utf_8_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a", "w:gz", format=tarfile.GNU_FORMAT, encoding="latin-1") as tar:
        tar.addfile(tarfile.TarInfo("caf\u00e9"))

    assert "the name 'caf\\udce9' is not UTF-8" in refusal(tmp_path / "a", tmp_path)


def test_a_long_name_is_cut_in_the_message(tmp_path):
    assert len(refusal(as_tar(tmp_path / "source", {"a" * 5000: b"x"}), tmp_path)) < 400


LINKED = {
    "to what is above": {"page": b"", "link": "../page"},
    "to what is above its folder": {"page": b"", "a/b/link": "../../../page"},
    "through another link": {"page": b"", "a/b/up": "../..", "link": "a/b/up/.."},
    "in a circle": {"page": b"", "one": "two", "two": "one"},
    "to the whole machine": {"page": b"", "link": "/etc"},
    "with a backslash": {"page": b"", "link": "..\\page"},
}


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
@pytest.mark.parametrize("tree", LINKED.values(), ids=LINKED.keys())
def test_a_link_out_of_the_tree_is_refused(tmp_path, form, tree):
    assert "is a symbolic link to " in refusal(form(tmp_path / "source", tree), tmp_path)


def test_a_link_out_of_the_folder_that_becomes_the_tree_is_refused(tmp_path):
    source = as_tar(tmp_path / "a", {"appspec.yml": b"", "link": "../app/appspec.yml"}, "app/")

    assert "'link' is a symbolic link to '../app/appspec.yml', out of the tree" in refusal(source, tmp_path)


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_a_link_that_stays_inside_is_kept(tmp_path, form):
    tree = {"page": b"", "a/b/up": "../..", "a/c": "b/up/page", "gone": "nowhere"}

    assert packed(form(tmp_path / "source", tree), tmp_path / "artifact.zip").names == {"page", "a/b/up", "a/c", "gone"}


@pytest.mark.parametrize("form", [as_zip, as_tar])
def test_a_file_beneath_a_link_is_refused(tmp_path, form):
    source = form(tmp_path / "source", {"page": b"", "link": "here", "link/file": b"x"})

    assert "'link' is a file or a link, and something is in it as in a folder" in refusal(source, tmp_path)


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    source = made_of(tmp_path / "a", tar_member("page", b"1"), tar_member("./page", b"2"))

    assert "'page' is in it twice" in refusal(source, tmp_path)


def test_a_folder_that_is_there_twice_is_one_folder(tmp_path):
    source = made_of(tmp_path / "a", tar_member("a", None), tar_member("a/", None), tar_member("a/page", b"2"))

    assert packed(source, tmp_path / "artifact.zip").names == {"a/page"}


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_a_device_is_refused(tmp_path, kind):
    source = made_of(tmp_path / "a", tar_member("page", b""), special("odd", kind))

    assert "'odd' is a device, a pipe or a socket" in refusal(source, tmp_path)


def test_a_pipe_in_a_folder_is_refused(tmp_path):
    os.mkfifo(as_folder(tmp_path / "tree", APP) / "odd")

    assert "'odd' is a device, a pipe or a socket" in refusal(tmp_path / "tree", tmp_path)


def test_a_hard_link_to_nothing_is_refused(tmp_path):
    source = made_of(tmp_path / "a", special("two", tarfile.LNKTYPE, "one"), tar_member("one", b""))

    assert "'two' is a hard link to 'one', which is not before it" in refusal(source, tmp_path)


def test_an_encrypted_zip_is_refused(tmp_path):
    source = as_zip(tmp_path / "a.zip", {"page": b"x"})
    content = bytearray(source.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    source.write_bytes(content)

    assert "'page' is encrypted" in refusal(source, tmp_path)


def test_a_zip_packed_in_a_way_of_its_own_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("page", b"x")

    assert "'page' is packed by method 14" in refusal(tmp_path / "a.zip", tmp_path)


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_more_bytes_than_allowed_are_refused(tmp_path, form):
    source = form(tmp_path / "source", {"one": b"x" * 60, "two": b"x" * 41})

    assert "it holds more than 100 bytes unpacked" in refusal(source, tmp_path, limits=Limits(100, 10))


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_as_many_bytes_as_allowed_are_packed(tmp_path, form):
    source = form(tmp_path / "source", {"one": b"x" * 60, "two": b"x" * 40})

    assert packed(source, tmp_path / "artifact.zip", Limits(100, 10)).names == {"one", "two"}


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_more_entries_than_allowed_are_refused(tmp_path, form):
    source = form(tmp_path / "source", {"one": b"", "two": b"", "three": None})

    assert "it holds more than 2 entries" in refusal(source, tmp_path, limits=Limits(100, 2))


def test_hard_links_count_as_the_files_that_they_become(tmp_path):
    links = [special(f"link{number}", tarfile.LNKTYPE, "page") for number in range(3)]
    source = made_of(tmp_path / "a", tar_member("page", b"x" * 30), *links)

    assert "it holds more than 100 bytes unpacked" in refusal(source, tmp_path, limits=Limits(100, 10))


@pytest.mark.parametrize("claimed", [1, 5000])
def test_a_zip_that_lies_about_a_size_is_refused(tmp_path, claimed):
    source = as_zip(tmp_path / "a.zip", {"page": b"x" * 1000})
    content = bytearray(source.read_bytes())
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, claimed)
    source.write_bytes(content)

    assert "page" in refusal(source, tmp_path)


def test_a_tar_with_a_bomb_behind_its_end_is_refused(tmp_path):
    source = as_tar(tmp_path / "a", {"page": b"x"})
    with source.open("ab") as file:
        file.write(gzip.compress(bytes(3_000_000)))

    assert "it holds more than 1000 bytes unpacked" in refusal(source, tmp_path, limits=Limits(1000, 10))


def test_a_header_that_claims_to_be_huge_is_not_read(tmp_path):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 4 * 1024**3
    (tmp_path / "a").write_bytes(gzip.compress(header.tobuf() + bytes(1024)))

    assert "its headers are too long" in refusal(tmp_path / "a", tmp_path)


def test_headers_in_headers_without_end_are_refused(tmp_path):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XGLTYPE, 0
    (tmp_path / "a").write_bytes(gzip.compress(header.tobuf() * 2000))

    assert str(tmp_path / "a") in refusal(tmp_path / "a", tmp_path)


def test_a_list_of_contents_that_is_huge_is_not_read(tmp_path):
    source = as_zip(tmp_path / "a.zip", {f"{number:0200}": b"" for number in range(2000)})

    assert "its headers are too long" in refusal(source, tmp_path, limits=Limits(100, 10))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("form", [as_zip, as_tar])
def test_an_archive_that_is_cut_off_is_refused(tmp_path, form, cut):
    source = form(tmp_path / "source", {"one": os.urandom(3000), "two": os.urandom(3000)})
    content = source.read_bytes()
    source.write_bytes(content[: int(len(content) * cut)])

    assert f"{source} is damaged (" in refusal(source, tmp_path)


def test_a_tar_without_its_end_is_refused(tmp_path):
    whole = gzip.decompress(as_tar(tmp_path / "a", {"one": b"1", "two": b"2"}).read_bytes())
    (tmp_path / "a").write_bytes(gzip.compress(whole[:1024]))

    assert "is damaged (its end is missing)" in refusal(tmp_path / "a", tmp_path)


def test_a_tar_with_a_damaged_header_is_refused(tmp_path):
    whole = bytearray(gzip.decompress(as_tar(tmp_path / "a", {"one": b"1", "two": b"2"}).read_bytes()))
    whole[1024 + 10] ^= 0xFF
    (tmp_path / "a").write_bytes(gzip.compress(whole))

    assert "is damaged (its end is missing)" in refusal(tmp_path / "a", tmp_path)


@settings(deadline=None)
@given(st.sampled_from([as_zip, as_tar]), st.data())
def test_whatever_is_damaged_is_refused_or_is_a_whole_artifact(form, data):
    with tempfile.TemporaryDirectory() as name:
        source = form(Path(name) / "source", APP)
        content = bytearray(source.read_bytes())
        for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
            content[place] = data.draw(st.integers(0, 255))
        source.write_bytes(content)
        try:
            packed(source, Path(name) / "artifact.zip")
        except ArtifactError:
            left = {"source"}
        else:
            left = {"source", "artifact.zip"}

        assert {path.name for path in Path(name).iterdir()} == left


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
@pytest.mark.parametrize("tree", [{}, {"a": None}, {".git/HEAD": b"ref"}], ids=["nothing", "folders", "git"])
def test_a_tree_without_a_file_is_refused(tmp_path, form, tree):
    assert "it holds no file" in refusal(form(tmp_path / "source", tree), tmp_path)


def test_a_source_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "gone", tmp_path) == (
        f"{tmp_path / 'gone'}: there is no such file or folder. Nothing was packed or uploaded. Correct the source, or "
        "name another."
    )


def test_a_source_of_another_kind_is_refused(tmp_path):
    (tmp_path / "page.zip").write_bytes(b"hello")

    assert "it is neither a folder nor a zip nor a tar.gz" in refusal(tmp_path / "page.zip", tmp_path)


def test_a_gzip_of_no_tar_is_refused(tmp_path):
    (tmp_path / "page.tgz").write_bytes(gzip.compress(b"hello" * 1000))

    assert f"{tmp_path / 'page.tgz'} is damaged (" in refusal(tmp_path / "page.tgz", tmp_path)


def test_a_pipe_as_source_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert "it is no folder and no file" in refusal(tmp_path / "pipe", tmp_path)


def test_an_artifact_within_its_own_source_is_refused(tmp_path):
    tree = as_folder(tmp_path / "tree", APP)

    assert "would be part of its own source" in refusal(tree, tree / "bin")


def test_a_target_in_no_folder_is_refused(tmp_path):
    assert "No such file or directory" in refusal(as_zip(tmp_path / "a.zip", APP), tmp_path / "gone")


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_nothing_is_left_behind_of_what_is_refused(tmp_path, form):
    source = form(tmp_path / "source", {"one": b"x" * 60, "two": b"x" * 60})
    refusal(source, tmp_path, limits=Limits(100, 10))

    assert list(tmp_path.iterdir()) == [source]


def test_an_artifact_that_was_there_stays_when_another_is_refused(tmp_path):
    (tmp_path / "artifact.zip").write_bytes(b"earlier")
    refusal(as_zip(tmp_path / "a.zip", {"a": None}), tmp_path)

    assert (tmp_path / "artifact.zip").read_bytes() == b"earlier"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """An artifact of three parts, and the most memory that was in use for it, in bytes."""
    folder = tmp_path_factory.mktemp("large")
    source = as_folder(folder / "tree", {"blob": os.urandom(2 * PART + 100), "appspec.yml": b""})
    tracemalloc.start()
    artifact = packed(as_tar(folder / "a", {"blob": (source / "blob").read_bytes()}), folder / "artifact.zip")
    tracemalloc.reset_peak()
    artifact = packed(folder / "a", folder / "artifact.zip")
    peak = tracemalloc.get_traced_memory()[1] - tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return artifact, peak


def test_the_hash_of_an_artifact_is_that_of_its_bytes(large):
    assert large[0].sha256 == hashlib.sha256(large[0].path.read_bytes()).hexdigest()


def test_the_size_of_an_artifact_is_that_of_its_bytes(large):
    assert large[0].size == large[0].path.stat().st_size


def test_the_parts_of_an_artifact_have_their_own_hashes(large):
    content = large[0].path.read_bytes()
    parts = [content[start : start + PART] for start in range(0, len(content), PART)]

    assert large[0].parts == tuple(base64.b64encode(hashlib.sha256(part).digest()).decode() for part in parts)


def test_memory_does_not_grow_with_what_is_packed(large):
    assert large[1] < PART // 2


def test_a_file_of_an_artifact_is_read(tmp_path):
    assert member(packed(as_folder(tmp_path / "tree", APP), tmp_path / "artifact.zip"), "releases/1/page") == b"hello"


def test_a_link_to_a_file_of_an_artifact_is_followed(tmp_path):
    tree = {"deploy/prod.yml": b"version: 0.0\n", "appspec.yml": "deploy/prod.yml"}

    assert member(packed(as_folder(tmp_path / "tree", tree), tmp_path / "a.zip"), "appspec.yml") == b"version: 0.0\n"


def test_a_file_that_an_artifact_has_not_is_refused(tmp_path):
    artifact = packed(as_folder(tmp_path / "tree", APP), tmp_path / "artifact.zip")

    with pytest.raises(ArtifactError, match="there is no file 'gone' in it"):
        member(artifact, "gone")


def test_a_file_of_more_than_a_mebibyte_is_not_read(tmp_path):
    artifact = packed(as_folder(tmp_path / "tree", {"page": bytes(1024**2 + 1)}), tmp_path / "artifact.zip")

    with pytest.raises(ArtifactError, match="'page' is of more than 1048576 bytes"):
        member(artifact, "page")


MONOREPO = {
    ".gitmodules": b"", "README": b"", "lib": "services/web", "services/api/appspec.yml": b"api",
    "services/web/appspec.yml": b"web", "services/web/up": "../api/appspec.yml",
}  # fmt: skip


def test_a_folder_of_a_repository_is_the_tree(tmp_path):
    source = as_tar(tmp_path / "a", MONOREPO, "acme-shop-6dcb09b/")

    artifact = packed(source, tmp_path / "artifact.zip", folder="services/api")
    assert (artifact.names, member(artifact, "appspec.yml")) == ({"appspec.yml"}, b"api")


def test_all_of_a_repository_is_the_tree_with_an_appspec_or_without(tmp_path):
    source = as_tar(tmp_path / "a", {"a/page": b""}, "acme-shop-6dcb09b/")

    assert packed(source, tmp_path / "artifact.zip", folder="").names == {"a/page"}


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("services/wbe", "there is no folder 'services/wbe' in it. Nearest: services/web"),
        ("README", "'README' in it is a file, and no folder"),
        ("README/x", "'README' in it is a file, and no folder"),
        ("lib", "'lib' in it is a link to 'services/web', and no folder"),
        ("lib/site", "'lib' in it is a link to 'services/web', and no folder"),
        ("services/web", "'up' is a symbolic link to '../api/appspec.yml', out of the tree or in a circle"),
    ],
)
def test_a_folder_that_is_none_or_reaches_out_of_itself_is_refused(tmp_path, folder, why):
    source = as_tar(tmp_path / "a", MONOREPO, "acme-shop-6dcb09b/")

    assert why in refusal(source, tmp_path, folder=folder)


def test_the_folders_that_have_an_appspec_are_named_where_the_top_has_none(tmp_path):
    source = as_tar(tmp_path / "a", MONOREPO, "acme-shop-6dcb09b/")

    with pytest.raises(ArtifactError) as caught:
        appspec_name(packed(source, tmp_path / "artifact.zip", folder=""))
    assert str(caught.value).split(". ")[2] == (
        "Below it there is one in 'services/api', 'services/web': ship such a folder alone (of GitHub's, "
        "github:OWNER/REPO@REF//FOLDER)"
    )


def test_of_many_folders_with_an_appspec_the_first_are_named(tmp_path):
    tree = {f"{letter}/appspec.yml": b"" for letter in "gfedcba"} | {"page": b""}

    with pytest.raises(ArtifactError, match="one in 'a', 'b', 'c', 'd', 'e' and 2 more: ship"):
        appspec_name(packed(as_folder(tmp_path / "tree", tree), tmp_path / "artifact.zip"))


@pytest.mark.parametrize("name", ["appspec.yml", "appspec.yaml", "appspec.json"])
def test_an_appspec_is_found_under_each_of_its_names(tmp_path, name):
    assert appspec_name(packed(as_folder(tmp_path / "tree", {name: b""}), tmp_path / "artifact.zip")) == name


def test_an_artifact_without_an_appspec_at_its_top_is_refused(tmp_path):
    artifact = packed(as_folder(tmp_path / "tree", {"a/appspec.yml": b"", "b": b""}), tmp_path / "artifact.zip")

    with pytest.raises(ArtifactError, match=r"has no appspec.yml, appspec.yaml or appspec.json at its top"):
        appspec_name(artifact)


def test_a_damaged_artifact_is_refused(tmp_path):
    artifact = packed(as_folder(tmp_path / "tree", APP), tmp_path / "artifact.zip")
    artifact.path.write_bytes(b"damage")

    with pytest.raises(ArtifactError, match="is damaged"):
        member(replace(artifact), "appspec.yml")

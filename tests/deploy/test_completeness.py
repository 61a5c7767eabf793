"""What an artifact lacks, or holds in place of something else, is told before anything is uploaded."""

from __future__ import annotations

import io
import tarfile

import pytest
from deploy.github_server import github_server, tarball
from hypothesis import given, strategies as st

from auditor.deploy.appspec_artifact import checked_appspec, hint_of
from auditor.deploy.archive import packed
from auditor.deploy.artifact_tree import Tree
from auditor.deploy.completeness import is_pointer, renamed_by_unzip
from auditor.deploy.source import packed_source
from auditor.errors import ArtifactError

OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n".encode()
TOP = "version: 0.0\nos: linux\n"
ALL = f"{TOP}files: [{{source: /, destination: /srv}}]\n".encode()
SITE = f"{TOP}files: [{{source: site, destination: /srv}}]\n".encode()
LAMBDA = b"""\
version: 0.0
Resources: [{f: {Type: AWS::Lambda::Function, Properties: {Name: f, Alias: live}}}]
"""
ECS = b"""\
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: arn:aws:ecs:us-east-1:123456789012:task-definition/web:1
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}
"""
POINTERS_ARE = "of Git LFS or git-annex in place of"


def folder_of(path, files):
    for name, content in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            place.symlink_to(content)
        elif content is None:
            place.mkdir()
        else:
            place.write_bytes(content)
    return path


def checked(tmp_path, files, **more):
    """What is warned of in an artifact with these files."""
    return checked_appspec(packed(folder_of(tmp_path / "tree", files), tmp_path / "artifact.zip", **more))[1]


def refusal(tmp_path, files):
    with pytest.raises(ArtifactError) as caught:
        checked(tmp_path, files)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        POINTER,
        POINTER.replace(b"\n", b"\r\n"),
        POINTER.replace(b"https://git-lfs.github.com/spec/v1", b"https://hawser.github.com/spec/v1"),
        POINTER.replace(b"https://git-lfs.github.com/spec/v1", b"http://git-media.io/v/2"),
        POINTER.replace(b"oid", b"ext-0-foo sha256:" + OID.encode() + b"\noid"),
        b"/annex/objects/SHA256E-s1048576--" + OID.encode() + b".bin\n",
    ],
)
def test_a_pointer_is_known_in_each_of_its_forms(content):
    assert is_pointer(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"version: 0.0\n",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"# " + POINTER,
        b"/annex/objects/README",
    ],
)
def test_what_only_speaks_of_pointers_is_none(content):
    assert not is_pointer(content)


@given(st.binary(max_size=200))
def test_no_other_file_is_a_pointer(content):
    assert not is_pointer(content)


@pytest.mark.parametrize(
    "files",
    [
        {"appspec.yml": ALL, "model.bin": POINTER},
        {"appspec.yml": SITE, "site/a/model.bin": POINTER},
        {"appspec.yml": f"{TOP}files: [{{source: model.bin, destination: /srv}}]".encode(), "model.bin": POINTER},
        {"appspec.yml": f"{TOP}hooks: {{AfterInstall: [{{location: run.sh}}]}}".encode(), "run.sh": POINTER},
        {"appspec.yml": LAMBDA, "model.bin": POINTER},
        {"appspec.yml": ALL, "model.bin": f".git/annex/objects/Xx/{OID}"},
    ],
)
def test_a_pointer_that_would_be_deployed_or_run_is_refused(tmp_path, files):
    told = refusal(tmp_path, files)

    assert f"1 file ({sorted(files)[1]!r}) is a pointer {POINTERS_ARE} its content. For a folder, run 'git lfs" in told
    assert told.endswith(" It would be deployed like that, so nothing was uploaded.")


@pytest.mark.parametrize(
    "files",
    [
        {"appspec.yml": SITE, "site/page": b"", "test/model.bin": POINTER, "site2": POINTER},
        {"appspec.yml": ECS, "model.bin": POINTER, "other.bin": POINTER},
    ],
)
def test_a_pointer_that_is_only_shipped_is_warned_of(tmp_path, files):
    (warning,) = checked(tmp_path, files)

    assert warning.startswith("2 files (")
    assert f"are pointers {POINTERS_ARE} their content" in warning


def test_of_many_pointers_three_are_named(tmp_path):
    told = refusal(tmp_path, {"appspec.yml": ALL, **{f"{letter}.bin": POINTER for letter in "edcba"}})

    assert told.startswith("5 files ('a.bin', 'b.bin', 'c.bin' and 2 more) are pointers")


def test_a_large_file_that_begins_like_a_pointer_is_none(tmp_path):
    assert checked(tmp_path, {"appspec.yml": ALL, "model.bin": POINTER + bytes(1024)}) == ()


MODULES = b"""\
[submodule "lib/one"]
\tpath = lib/one
\turl = https://github.com/acme/one.git
[submodule "two"] ; a comment
  PATH="lib/two" # another
[submodule "three"]
\tpath = web/three
"""
MISSING = (
    "{} not in the artifact: GitHub's archives hold none, and a clone has them after 'git submodule update --init' "
    "only. Ship a folder that has them, if they are needed."
)


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({}, "3 submodules ('lib/one', 'lib/two', 'web/three') are"),
        ({"lib/one": None, "lib/two/a/b": b"", "web/three/c": b""}, "1 submodule ('lib/one') is"),
        (
            {"lib/one/.gitmodules": MODULES, "lib/one/lib/one/a": b"", "lib/two/a": b"", "web/three/c": b""},
            "2 submodules ('lib/one/lib/two', 'lib/one/web/three') are",
        ),
    ],
)
def test_a_submodule_of_which_nothing_is_there_is_warned_of(tmp_path, files, missing):
    assert checked(tmp_path, {"appspec.yml": SITE, "site/a": b"", ".gitmodules": MODULES, **files}) == (
        MISSING.format(missing),
    )


def test_submodules_that_are_there_are_no_warning(tmp_path):
    files = {"lib/one/a": b"", "lib/two/b": b"", "web/three/c": b"", "web/three/.git": b"gitdir: ../../.git/modules/x"}

    assert checked(tmp_path, {"appspec.yml": ALL, ".gitmodules": MODULES, **files}) == ()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"path =", b'path = "', b"[submodule", b"path = ../../etc\n"])
def test_what_is_no_list_of_submodules_names_none(tmp_path, content):
    assert checked(tmp_path, {"appspec.yml": ALL, ".gitmodules": content}) == ()


def test_of_one_folder_the_submodules_below_it_alone_count(tmp_path):
    with github_server() as github:
        github.archive = tarball({".gitmodules": MODULES, "web/appspec.yml": ALL, "web/a": b""})
        made = packed_source("github:acme/shop@main//web", {"GITHUB_API_URL": github.url}, tmp_path)

    assert made.artifact.missing == ("three",)


def test_an_archive_of_github_has_the_folder_of_a_submodule_and_nothing_in_it(tmp_path):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, data in {"appspec.yml": ALL, ".gitmodules": MODULES, "web/three/c": b"", "lib/two/c": b""}.items():
            info = tarfile.TarInfo(f"shop-6dcb09b/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        info = tarfile.TarInfo("shop-6dcb09b/lib/one")
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    (tmp_path / "a.tgz").write_bytes(content.getvalue())

    assert packed(tmp_path / "a.tgz", tmp_path / "artifact.zip", folder="").missing == ("lib/one",)


def test_what_looks_as_if_it_held_secrets_is_warned_of(tmp_path):
    assert checked(tmp_path, {"appspec.yml": ALL, ".env": b"", "keys/a.pem": b"", "env": b""}) == (
        ".env is in the artifact, and looks as if it held secrets",
        "keys/a.pem is in the artifact, and looks as if it held secrets",
    )


COPIED = (
    "1 symbolic link ('site/current') leads to a folder: the agent deploys a copy of the folder in place of a link. If "
    "the link is meant, make it in a hook."
)
FILES = (
    "2 symbolic links ('site/a', 'site/current'): on Windows each becomes a file that holds where it led. Ship a copy."
)
LINKED = {"site/current": "v/1", "site/v/1/a": b"", "site/a": "v/1/a", "other": "site"}
WINDOWS = b"version: 0.0\nos: windows\nfiles: [{source: Site, destination: 'c:\\srv'}]\n"


@pytest.mark.parametrize(
    ("files", "warnings"),
    [
        ({"appspec.yml": SITE, **LINKED}, (COPIED,)),
        ({"appspec.yml": WINDOWS, **LINKED}, (FILES,)),
        ({"appspec.yml": SITE, "site/a": b"", "other/current": "../site"}, ()),
        ({"appspec.yml": SITE, "site": "releases/1", "releases/1/a": b""}, ()),
        ({"appspec.yml": LAMBDA, **LINKED}, ()),
    ],
)
def test_a_link_that_servers_get_something_else_for_is_warned_of(tmp_path, files, warnings):
    assert checked(tmp_path, files) == warnings


def test_a_file_that_unzip_renames_is_told_of_where_it_is_deployed_or_takes_the_place_of_another():
    names = ["site/c;1", "other/a;1", "other/a;2", "other/b;1", "other/d", "other/d;1"]
    content = {"files": [{"source": "site", "destination": "/srv"}]}

    assert list(renamed_by_unzip(content, Tree(names))) == [
        ("other/a;1", "other/a"),
        ("other/a;2", "other/a"),
        ("other/d;1", "other/d"),
        ("site/c;1", "site/c"),
    ]


def test_a_source_that_is_a_submodules_is_refused_with_the_reason(tmp_path):
    told = refusal(tmp_path, {"appspec.yml": SITE, ".gitmodules": b"path = site"})

    assert told.splitlines()[-1] == MISSING.format("1 submodule ('site') is")


RUN = f"{TOP}files: [{{source: site, destination: /srv}}]\nhooks: {{AfterInstall: [{{location: run.sh}}]}}\n".encode()


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        (
            {"appspec.yml": RUN, "run.sh": b"#!/bin/sh", "site/a": b"", "site/b": "a", "site/c": "a", "site/bin": b"x"},
            "2 symbolic links and 1 program: a server keeps these only if it has 'unzip'",
        ),
        ({"appspec.yml": RUN, "run.sh": b"#!/bin/sh", "site/a": b"", "out": "site/a"}, ""),
        ({"appspec.yml": WINDOWS, "site/b": "a", "site/a": b""}, ""),
        ({"appspec.yml": LAMBDA, "site/b": "a", "site/a": b""}, ""),
    ],
)
def test_what_is_lost_without_unzip_is_hinted_at(tmp_path, files, hint):
    folder = folder_of(tmp_path / "tree", files)
    for name in ("run.sh", "site/bin"):
        if (folder / name).exists():
            (folder / name).chmod(0o755)
    artifact = packed(folder, tmp_path / "artifact.zip")

    assert hint_of(artifact, checked_appspec(artifact)[0]) == hint

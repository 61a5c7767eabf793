"""What an artifact lacks, or holds without anybody meaning it, though it can be packed and deployed. Pure.

What is deployed in place of something else is refused, and anything else is a warning.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from auditor.deploy.archive_tree import parents
from auditor.deploy.artifact_tree import Tree
from auditor.deploy.unpack import FILE, FOLDER, PROGRAM, Entry, shown

POINTER_SIZE: Final = 1024
"""Bytes that a pointer has less than (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""
# The first is Git LFS's of today, the others what older versions wrote. git-annex has its own form:
# https://git-annex.branchable.com/internals/pointer_file/
_POINTER: Final = re.compile(
    rb"version https?://(git-lfs\.github\.com|hawser\.github\.com|git-media\.io)/[^\r\n]*\r?\n"
    rb"(ext-\d-[^\r\n]*\r?\n)*oid [a-z0-9]+:[0-9a-f]+\r?\n|/annex/objects/[A-Z0-9]+-s\d+"
)
_ANNEX: Final = "/.git/annex/objects/"
_PRIVATE: Final = (".env", ".env.*", "*.pem", "*.key", "id_rsa", "id_ed25519")
"""What is seldom meant to be shipped."""
_MODULES: Final = ".gitmodules"
_LARGEST_MODULES: Final = 1024 * 1024
_MODULE_PATH: Final = re.compile(r"""^[ \t]*path[ \t]*=[ \t]*("[^"\n]*"|[^#;\n]*?)[ \t\r]*(?:[#;].*)?$""", re.M | re.I)
_NAMED: Final = 3
"""Names that a message has of many."""


def is_pointer(content: bytes) -> bool:
    """Whether a file only tells which object of Git LFS, or of git-annex, belongs in its place."""
    return bool(_POINTER.match(content))


def is_annexed(link: str) -> bool:
    """Whether a symbolic link leads to an object of git-annex, which is in no artifact."""
    return _ANNEX in f"/{link}"


def missing_modules(entries: Mapping[str, Entry], folder: str) -> tuple[str, ...]:
    """The submodules below a folder of a repository of which nothing is there, relative to the folder.

    https://git-scm.com/docs/gitmodules: they are listed at the top, and in each submodule for its own.
    """
    start = f"{folder}/" if folder else ""
    found = {path for name, entry in entries.items() for path in _modules(name, entry)}
    if not found:
        return ()
    filled = {parent for name, entry in entries.items() if entry.mode != FOLDER for parent in parents(name)}
    return tuple(sorted(path.removeprefix(start) for path in found - filled if path.startswith(start)))


def _modules(name: str, entry: Entry) -> Iterator[str]:
    above, _, last = name.rpartition("/")
    if last == _MODULES and entry.mode in {FILE, PROGRAM} and entry.size <= _LARGEST_MODULES:
        text = b"".join(entry.chunks()).decode(errors="replace")
        for path in _MODULE_PATH.findall(text):
            inner = posixpath.normpath(posixpath.join(above, path.strip('"')))
            if inner not in {".", above} and not inner.startswith("../"):
                yield inner


def deployed_pointers(pointers: Collection[str], platform: str, content: Mapping[str, Any], tree: Tree) -> list[str]:
    """The pointers that would be deployed, or run, in place of what they stand for."""
    if platform != "Server":
        # Of ECS, nothing in the artifact is deployed; of Lambda it is the function's code.
        return sorted(pointers) if platform == "Lambda" else []
    places = list(_used(content, tree))
    return sorted(name for name in pointers if _is_within(name, places, tree))


def renamed_by_unzip(content: Mapping[str, Any], tree: Tree) -> Iterator[tuple[str, str]]:
    """The files that are deployed, or run, under another name than their own or take another one's place, with it.

    Info-ZIP's unzip, silently: it writes no control character, and takes ';1' at a name's end for a version of VMS
    (https://sourceforge.net/projects/infozip/, unix/unix.c, mapname).
    """
    changed = {name: made for name in tree.names if (made := _unzipped(name)) != name}
    number = Counter(changed.values())
    places = list(_used(content, tree)) if changed else []
    for name, made in sorted(changed.items()):
        if _is_within(name, places, tree) or made in tree.names or number[made] > 1:
            yield name, made


def _unzipped(name: str) -> str:
    return re.sub(r";[0-9]*$", "", re.sub(r"[\x00-\x1f\x7f]", "", name))


def _used(content: Mapping[str, Any], tree: Tree) -> Iterator[str]:
    """Where the sources and the scripts of a server's AppSpec are; "" is the whole tree."""
    hooks = content.get("hooks")
    yield from _places(content.get("files"), "source", tree)
    for scripts in hooks.values() if isinstance(hooks, Mapping) else ():
        yield from _places(scripts, "location", tree)


def _places(listed: Any, key: str, tree: Tree) -> Iterator[str]:
    for entry in listed if isinstance(listed, list) else ():
        path = entry.get(key) if isinstance(entry, Mapping) else None
        place = tree.place(path.strip()) if isinstance(path, str) else None
        if place is not None:
            yield place


def _is_within(name: str, places: Collection[str], tree: Tree) -> bool:
    """Whether a file is one of some places of a tree, or in one; "" is the whole tree."""
    path = f"{tree.folded(name)}/"
    return any(not place or path.startswith(f"{place}/") for place in places)


def pointer_words(names: Collection[str]) -> str:
    """What is wrong with pointers in an artifact, and what to do."""
    are, their = ("is a pointer", "its") if len(names) == 1 else ("are pointers", "their")
    return (
        f"{_some(names, 'file')} {are} of Git LFS or git-annex in place of {their} content. For a folder, run 'git lfs "
        "pull'; of GitHub's, let archives include Git LFS objects (the repository's Settings, Archives), or mark what "
        "is not needed as export-ignore in .gitattributes"
    )


def content_warnings(names: Iterable[str], missing: Collection[str], pointers: Collection[str]) -> Iterator[str]:
    """What of an artifact nobody may have meant, one line each. `pointers` are those that are not deployed."""
    for name in sorted(names):
        if any(fnmatchcase(name.rpartition("/")[2], pattern) for pattern in _PRIVATE):
            yield f"{name} is in the artifact, and looks as if it held secrets"
    if pointers:
        yield f"{pointer_words(pointers)}."
    if missing:
        yield missing_words(missing)


def missing_words(missing: Collection[str]) -> str:
    """What is wrong with submodules of which nothing is in an artifact, and what to do."""
    return (
        f"{_some(missing, 'submodule')} {'is' if len(missing) == 1 else 'are'} not in the artifact: GitHub's archives "
        "hold none, and a clone has them after 'git submodule update --init' only. Ship a folder that has them, if "
        "they are needed."
    )


def link_warnings(links: Collection[str], content: Mapping[str, Any], tree: Tree) -> Iterator[str]:
    """The symbolic links that servers get something else for, as one line."""
    places = list(_used(content, tree))
    used = [name for name in links if _is_within(name, places, tree)]
    folders = [name for name in used if tree.is_folder(name) and tree.folded(name) not in places]
    if tree.windows and used:
        # The agent unpacks by .NET there: https://github.com/dotnet/dotnet-api-docs/pull/12026
        yield f"{_some(used, 'symbolic link')}: on Windows each becomes a file that holds where it led. Ship a copy."
    elif folders:
        # https://github.com/aws/aws-codedeploy-agent/issues/152
        lead = "leads" if len(folders) == 1 else "lead"
        yield (
            f"{_some(folders, 'symbolic link')} {lead} to a folder: the agent deploys a copy of the folder in place of "
            "a link. If the link is meant, make it in a hook."
        )


def unpacking_hint(links: Collection[str], programs: Collection[str], content: Mapping[str, Any], tree: Tree) -> str:
    """What of the files of a server's AppSpec is lost where the agent has no `unzip`; "" where nothing is.

    It then unpacks by a library, and succeeds: https://github.com/aws/aws-codedeploy-agent, command_executor.rb
    """
    places = list(_places(content.get("files"), "source", tree))
    count = {
        what: sum(_is_within(name, places, tree) for name in names)
        for what, names in (("symbolic link", links), ("program", programs))
    }
    lost = " and ".join(f"{number} {what}{'' if number == 1 else 's'}" for what, number in count.items() if number)
    return "" if tree.windows or not lost else f"{lost}: a server keeps these only if it has 'unzip'"


def _some(names: Collection[str], what: str) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"{len(names)} {what}{'' if len(names) == 1 else 's'} ({', '.join(map(shown, sorted(names)[:_NAMED]))}{more})"
    )

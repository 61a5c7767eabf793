"""Which of all that a source holds is the artifact's tree, and whether its parts fit together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from auditor.deploy.unpack import FOLDER, LINK, Entry, UnfitTreeError, shown
from auditor.nearest import hint

APPSPECS: Final = ("appspec.yml", "appspec.yaml", "appspec.json")
"""What an AppSpec file may be called, and which is taken where there are several."""
_MOST_LINKS: Final = 40


def whole_of(entries: Mapping[str, Entry], is_repository: bool) -> Mapping[str, Entry]:
    """What a source holds, without git's own, and without the one folder that it may all be in.

    In an archive of a repository all is in one; anywhere else that folder counts for nothing if it has an AppSpec.
    """
    own = _without_git(entries)
    top = _only_folder(own)
    return _inner(own, top) if top and (is_repository or any(f"{top}/{name}" in own for name in APPSPECS)) else own


def tree_of(whole: Mapping[str, Entry], folder: str = "") -> dict[str, Entry]:
    """The entries to be packed, checked against each other, in the order of their names' bytes.

    `folder` is the part that is meant; "" for the whole. Raises UnfitTreeError.
    """
    kept = _part(whole, folder)
    files = {name: entry for name, entry in kept.items() if entry.mode != FOLDER}
    if not files:
        raise UnfitTreeError("it holds no file")
    within = {folder for name in kept for folder in parents(name)}
    if beneath := sorted(within & files.keys()):
        raise UnfitTreeError(f"{shown(beneath[0])} is a file or a link, and something is in it as in a folder")
    links = {name: entry.link for name, entry in files.items() if entry.mode == LINK}
    for name, link in links.items():
        if not _stays_inside(name, links):
            raise UnfitTreeError(f"{shown(name)} is a symbolic link to {shown(link)}, out of the tree or in a circle")
    # A folder with something in it is there anyhow.
    return {name: kept[name] for name in sorted(kept, key=str.encode) if name not in within}


def _without_git(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    # A submodule's, or a worktree's, is a file that tells where on the author's machine the rest is.
    kept = {name: entry for name, entry in entries.items() if ".git" not in name.split("/")}
    parents = {f"/{name}/".partition("/.git/")[0][1:] for name in entries.keys() - kept.keys()}
    return {name: _folder(name) for name in parents if name} | kept


def _folder(name: str) -> Entry:
    return Entry(name, FOLDER, 0, lambda: iter(()))


def _only_folder(entries: Mapping[str, Entry]) -> str:
    """The one folder that everything is in; "" where there is none."""
    tops = {name.partition("/")[0] for name in entries}
    top = min(tops, default="")
    return top if len(tops) == 1 and (top not in entries or entries[top].mode == FOLDER) else ""


def _inner(entries: Mapping[str, Entry], folder: str) -> dict[str, Entry]:
    start = f"{folder}/"
    inner = ((name.removeprefix(start), entry) for name, entry in entries.items() if name.startswith(start))
    return {name: replace(entry, name=name) for name, entry in inner}


def _part(entries: Mapping[str, Entry], folder: str) -> Mapping[str, Entry]:
    """What is in a folder. Raises UnfitTreeError where there is none, and for a link: who means that is to name it."""
    if not folder:
        return entries
    for name in (folder, *parents(folder)):
        if name in entries and entries[name].mode != FOLDER:
            kind = f"a link to {shown(entries[name].link)}" if entries[name].mode == LINK else "a file"
            raise UnfitTreeError(f"{shown(name)} in it is {kind}, and no folder")
    inner = _inner(entries, folder)
    if not inner and folder not in entries:
        folders = {parent for name in entries for parent in parents(name)}
        raise UnfitTreeError(f"there is no folder {shown(folder)} in it.{hint(folder, folders)}".removesuffix("."))
    return inner


def parents(name: str) -> Iterator[str]:
    """The folders that a name is in, the innermost first."""
    at = name.rfind("/")
    while at > 0:
        yield name[:at]
        at = name.rfind("/", 0, at)


def _stays_inside(name: str, links: Mapping[str, str]) -> bool:
    # Links lead through other links: 'a' is the tree's top if 'x/y/up' leads to '../..' and 'a' to 'x/y/up'.
    here, ahead, followed = list[str](), name.split("/")[::-1], 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            if not here:
                return False
            here.pop()
        elif part not in {"", "."}:
            here.append(part)
            if (link := links.get("/".join(here))) is not None:
                here.pop()
                ahead.extend(link.split("/")[::-1])
                followed += 1
        if followed > _MOST_LINKS:
            return False
    return True

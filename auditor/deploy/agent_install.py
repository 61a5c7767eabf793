"""What CodeDeploy's agent would copy where, and to what it would give permissions, found before anything is uploaded.

https://github.com/aws/aws-codedeploy-agent, installer.rb and install_instruction.rb. The server is taken to be empty:
what is on it already, only it knows.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from auditor.deploy.agent_keys import SHELL
from auditor.deploy.agent_permissions import Permission, is_default_acl, permission_of
from auditor.deploy.appspec_checks import Place, Problem, is_text
from auditor.deploy.artifact_tree import Tree

_MOST_LINKS: Final = 40
MOST_COPIED: Final = 1_000_000
"""Files and folders that one entry of `files` may come to: more come only of links to folders."""


@dataclass
class Installation:
    """The agent's list of what to do, as it grows."""

    tree: Tree
    copies: dict[str, str] = field(default_factory=dict)
    """The source of each file, by its destination."""
    folders: set[str] = field(default_factory=set)
    inner: set[str] = field(default_factory=set)
    """The folders that come of a source: only a server's own folders can be there already, and are not made."""
    permitted: dict[str, int] = field(default_factory=dict)
    """Which entry gives a file or a folder its permissions."""

    def copy(self, source: str, destination: str) -> str:
        """Why a file may not be copied; "" where it may."""
        other = self.copies.get(destination)
        if other is not None:
            return f"{source!r} and {other!r} would both become {destination}"
        if destination in self.folders:
            return f"{source!r} would become {destination}, which is a folder"
        self.copies[destination] = source
        return _wrong_in_path(destination)

    def make(self, folder: str) -> str:
        """Why a folder may not be made; "" where it may."""
        if folder in self.copies:
            return f"{folder} would be a folder, and {self.copies[folder]!r} becomes that file"
        self.folders.add(folder)
        return "" if "\n" not in folder else _wrong_in_path(folder)


def problems_of_install(content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """What of `files` and `permissions` the agent would refuse because of the rest of them. Pure.

    An entry of another form than it should be is left out: its own check tells.
    """
    going = Installation(tree)
    for number, entry in enumerate(entries(content.get("files"))):
        source: Any = entry.get("source")
        destination: Any = entry.get("destination")
        if is_text(source) and is_text(destination):
            destination = _single_slash(_clean(tree, destination))
            why = next((one for one in _installed(going, source, destination) if one), "")
            if why:
                yield Problem(("files", number), why)
            name = posixpath.basename(tree.folded(source))
            if tree.is_file(source) and "." in name[1:] and posixpath.basename(destination) == name:
                what = f"it is a folder, and the file would become {destination}/{name}"
                yield Problem(("files", number, "destination"), what, warning=True)
    if not tree.windows:
        for number, entry in enumerate(entries(content.get("permissions"))):
            if permission := permission_of(entry):
                yield from _permitted(going, number, permission, entry)


def entries(value: Any) -> list[Mapping[str, Any]]:
    """The entries of a list, {} for each that has no keys; none of what is no list."""
    return [one if isinstance(one, Mapping) else {} for one in value] if isinstance(value, list) else []


def _clean(tree: Tree, path: str) -> str:
    # The agent's own folder is '/'.
    folded = tree.folded(path)
    return posixpath.normpath(folded if tree.windows else posixpath.join("/", folded))


def _single_slash(path: str) -> str:
    # POSIX keeps two of them, and the agent all, but the server has one folder.
    return re.sub("^/+", "/", path)


def _wrong_in_path(path: str) -> str:
    """Why the agent would not find again what it made: the list that it cleans up by has a path a line."""
    if "\n" in path:
        return (
            f"the agent would take the line end in {path!r} for the beginning of another path, and delete what is there"
        )
    if path != path.rstrip():
        return f"the agent would not find {path!r} again, because of the blank at its end, and fail to replace it"
    return ""


def _installed(going: Installation, source: str, destination: str) -> Iterator[str]:
    tree = going.tree
    if tree.is_folder(source):
        if tree.copied(source) > MOST_COPIED:
            return
        yield from map(going.make, _with_parents(destination))
        for name, is_folder in tree.beneath(source):
            target = posixpath.join(destination, name)
            if is_folder:
                going.inner.add(target)
            yield going.make(target) if is_folder else going.copy(posixpath.join(source, name), target)
    elif tree.is_file(source):
        yield from map(going.make, _with_parents(destination))
        yield going.copy(source, posixpath.join(destination, posixpath.basename(tree.folded(source))))


def _with_parents(path: str) -> Iterator[str]:
    at = path
    while at not in ("/", ".", "") and not at.endswith(":"):
        yield at
        at = posixpath.dirname(at)


def _permitted(going: Installation, number: int, permission: Permission, entry: Mapping[str, Any]) -> Iterator[Problem]:
    place: Place = ("permissions", number)
    permission = replace(permission, object=_clean(going.tree, permission.object))
    is_file = permission.object in going.copies
    if is_file and "file" in permission.types and (permission.pattern != "**" or permission.exceptions):
        yield Problem(place, f"{permission.object} is one file, and 'pattern' and 'except' are for folders")
        return
    files, folders = _matched(going, permission)
    if not files and not folders:
        yield Problem(place, _nothing(permission), warning=True)
    if files and any(map(is_default_acl, _listed(entry.get("acls")))):
        yield Problem((*place, "acls"), f"a default entry is for folders only, and {files[0]} is a file: say type")
    yield from _twice(going, number, [*files, *folders])
    yield from _unfit(going, place, [*files, *folders], entry)


def _matched(going: Installation, permission: Permission) -> tuple[list[str], list[str]]:
    """The files and the folders that an entry is for, of those that the agent makes."""
    is_file = permission.object in going.copies
    files = [permission.object] if is_file else [one for one in going.copies if permission.matches(one)]
    folders = [] if is_file else [one for one in going.folders if permission.matches(one)]
    return files if "file" in permission.types else [], folders if "directory" in permission.types else []


def _nothing(permission: Permission) -> str:
    why = "the agent gives permissions only to what it copies, and none of that is meant here"
    if permission.pattern == "**" and not permission.exceptions:
        return f"{why}: an object is a file, or the folder that something is in"
    return f"{why}: a pattern is for names directly in the object, and its only wildcard is *"


def _twice(going: Installation, number: int, names: Collection[str]) -> Iterator[Problem]:
    again = [name for name in names if name in going.permitted]
    certain = [name for name in again if name in going.copies or name in going.inner]
    for name in certain[:1] or again[:1]:
        other = f"permissions/{going.permitted[name]}"
        what = f"{name} has its permissions from {other} already, and the agent takes them once"
        hint = ": keep them apart by pattern, except and type" if certain else ", unless the folder is on the server"
        yield Problem(("permissions", number), what + hint, warning=not certain)
    going.permitted |= {name: number for name in names if name not in going.permitted}


def _unfit(going: Installation, place: Place, names: Collection[str], entry: Mapping[str, Any]) -> Iterator[Problem]:
    """Files and folders that the agent cannot give what an entry says."""
    for key in ("acls", "context"):
        odd = next((one for one in names if SHELL.search(one)), None) if entry.get(key) else None
        if odd:
            yield Problem((*place, key), f"the agent gives {odd!r} to a shell as it is: rename it, or except it")
    link = next((one for one in names if _dangles(going, one)), None) if going.tree.links else None
    if link and any(entry.get(key) is not None for key in ("mode", "owner", "group", "acls", "context")):
        what = f"{link} is a link, and the agent copies nothing to where it leads: unless it is there, the agent fails"
        yield Problem(place, what, warning=True)


def _dangles(going: Installation, path: str) -> bool:
    for _ in range(_MOST_LINKS):
        link = going.tree.link_at(going.copies[path]) if path in going.copies else None
        if link is None:
            return path not in going.copies and path not in going.folders
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
    return True


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

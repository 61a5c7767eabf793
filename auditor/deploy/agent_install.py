"""What CodeDeploy's agent would copy where, and to what it would give permissions, found before anything is uploaded.

https://github.com/aws/aws-codedeploy-agent, installer.rb and install_instruction.rb. The server is taken to be empty:
what is on it already, only it knows.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.deploy.agent_permissions import Permission, is_default_acl, permission_of
from auditor.deploy.appspec_checks import Place, Problem, is_text
from auditor.deploy.artifact_tree import Tree


@dataclass
class Installation:
    """The agent's list of what to do, as it grows."""

    tree: Tree
    copies: dict[str, str] = field(default_factory=dict)
    """The source of each file, by its destination."""
    folders: set[str] = field(default_factory=set)
    permitted: dict[str, int] = field(default_factory=dict)
    """Which entry gives a file its permissions."""

    def copy(self, source: str, destination: str) -> str:
        """Why a file may not be copied; "" where it may."""
        other = self.copies.get(destination)
        if other is not None:
            return f"{source!r} and {other!r} would both become {destination}"
        if destination in self.folders:
            return f"{source!r} would become {destination}, which is a folder"
        self.copies[destination] = source
        return ""

    def make(self, folder: str) -> str:
        """Why a folder may not be made; "" where it may."""
        if folder in self.copies:
            return f"{folder} would be a folder, and {self.copies[folder]!r} becomes that file"
        self.folders.add(folder)
        return ""


def problems_of_install(content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """What of `files` and `permissions` the agent would refuse because of the rest of them. Pure.

    An entry of another form than it should be is left out: its own check tells.
    """
    going = Installation(tree)
    for number, entry in enumerate(_entries(content.get("files"))):
        source: Any = entry.get("source")
        destination: Any = entry.get("destination")
        if is_text(source) and is_text(destination):
            why = next((one for one in _installed(going, source, _clean(tree, destination)) if one), "")
            if why:
                yield Problem(("files", number), why)
    if not tree.windows:
        for number, entry in enumerate(_entries(content.get("permissions"))):
            if permission := permission_of(entry):
                yield from _permitted(going, number, permission, entry)


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [one if isinstance(one, Mapping) else {} for one in value] if isinstance(value, list) else []


def _clean(tree: Tree, path: str) -> str:
    return posixpath.normpath(tree.folded(path))


def _installed(going: Installation, source: str, destination: str) -> Iterator[str]:
    tree = going.tree
    if tree.is_folder(source):
        yield from map(going.make, _with_parents(destination))
        for name, is_folder in tree.beneath(source):
            target = posixpath.join(destination, name)
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
    path = _clean(going.tree, permission.object)
    names = [path] if path in going.copies else [one for one in going.copies if permission.matches(one)]
    if "file" not in permission.types:
        return
    if path in going.copies and (permission.pattern != "**" or permission.exceptions):
        yield Problem(place, f"{path} is one file, and 'pattern' and 'except' are for folders")
    acls = entry.get("acls")
    if names and any(map(is_default_acl, acls if isinstance(acls, list) else ())):
        yield Problem((*place, "acls"), f"a default entry is for folders only, and {names[0]} is a file: say type")
    again = [name for name in names if name in going.permitted]
    if again:
        other = f"permissions/{going.permitted[again[0]]}"
        yield Problem(place, f"{again[0]} has its permissions from {other} already; the agent takes them once")
    going.permitted |= {name: number for name in names if name not in going.permitted}

"""What the paths of an AppSpec lead to in an artifact, through its symbolic links, as on a server. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

_MOST_LINKS = 40


def nothing(_: str) -> bytes:
    """The beginning of a file of which nothing is known."""
    return b""


@dataclass(frozen=True)
class Tree:
    """The files and links of an artifact, '/' separated, links with where they lead."""

    names: Collection[str]
    links: Mapping[str, str] = field(default_factory=dict)
    head: Callable[[str], bytes] = nothing
    """The first bytes of a file, by its name."""
    windows: bool = False

    def folded(self, path: str) -> str:
        """A path as it is compared: on Windows, case and the kind of slash mean nothing."""
        return path.replace("\\", "/").casefold() if self.windows else path

    @cached_property
    def files(self) -> dict[str, str]:
        """The artifact's name of each file and link, by its folded one."""
        return {self.folded(name): name for name in self.names}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder, folded; "" is the tree itself."""
        return frozenset(parent for name in self.files for parent in _parents(name)) | {""}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """What is directly in a folder, folded."""
        found: dict[str, set[str]] = {}
        for name in self.files:
            at = name
            while at:
                above = at.rpartition("/")[0]
                found.setdefault(above, set()).add(at)
                at = above
        return {name: tuple(sorted(inner)) for name, inner in found.items()}

    def place(self, path: str) -> str | None:
        """Where a path leads, links followed; "" is the tree. None where nothing is, or where it leads out of it."""
        here, ahead, followed = "", self.folded(path).split("/")[::-1], 0
        while ahead:
            part = ahead.pop()
            if part in {"", "."}:
                continue
            at = self._step(here, part)
            link = self._link(at) if at is not None else None
            if link is not None:
                ahead.extend(self.folded(link).split("/")[::-1])
                followed += 1
            elif at is not None:
                here = at
            if at is None or followed > _MOST_LINKS:
                return None
        return here

    def _step(self, here: str, part: str) -> str | None:
        if here not in self.folders or (part == ".." and not here):
            return None
        if part == "..":
            return here.rpartition("/")[0]
        at = f"{here}/{part}" if here else part
        return at if at in self.files or at in self.folders else None

    def _link(self, at: str) -> str | None:
        return self.links.get(self.files.get(at, ""))

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder, or a link to one."""
        return self.place(path) in self.folders

    def is_file(self, path: str) -> bool:
        """Whether there is a file, or a link to one. A slash at the end says that it is a folder."""
        place = self.place(path)
        return place is not None and place in self.files and not self.folded(path).endswith("/")

    def beneath(self, folder: str) -> Iterator[tuple[str, bool]]:
        """Each name below a folder, relative to it, with whether it is a folder; links to folders are followed.

        One that leads to a folder above itself is not followed: the copy would have no end.
        """
        yield from self._beneath(self.place(folder) or "", "", ())

    def _beneath(self, at: str, within: str, above: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
        for child in self.children.get(at, ()):
            name = within + child.rpartition("/")[2]
            place = self.place(child)
            is_folder = place in self.folders
            yield name, is_folder
            if is_folder and place is not None and place not in (*above, at):
                yield from self._beneath(place, f"{name}/", (*above, at))

    def circles(self) -> Iterator[str]:
        """The links to a folder that they are themselves in: a copy that follows them has no end."""
        for link in self.links:
            place = self.place(self.folded(link))
            if place in self.folders and place in _parents(self.folded(link)):
                yield link


def _parents(path: str) -> Iterator[str]:
    yield ""
    for at, letter in enumerate(path):
        if letter == "/":
            yield path[:at]

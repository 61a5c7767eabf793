"""What the paths of an AppSpec lead to in an artifact, through its symbolic links, as on a server. Pure."""

from __future__ import annotations

import math
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
    programs: Collection[str] = ()
    """The files that may be run as they are."""
    empty: Collection[str] = ()
    """The folders with nothing in them."""

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
        empty = frozenset(map(self.folded, self.empty))
        return frozenset(parent for name in (*self.files, *empty) for parent in _parents(name)) | empty | {""}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """What is directly in a folder, folded."""
        found: dict[str, set[str]] = {}
        for name in (*self.files, *map(self.folded, self.empty)):
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

    def _leads(self, at: str) -> str | None:
        """Where a file, a link or a folder leads that is told by its own path."""
        return at if self._link(at) is None else self.place(at)

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder, or a link to one."""
        return self.place(path) in self.folders

    def is_file(self, path: str) -> bool:
        """Whether there is a file, or a link to one. A slash at the end says that it is a folder."""
        place = self.place(path)
        return place is not None and place in self.files and not self.folded(path).endswith("/")

    def link_at(self, path: str) -> str | None:
        """Where the link leads that a path is the name of; None where it is no link's. Links above it are followed."""
        above, _, name = self.folded(path).rpartition("/")
        place = self.place(above)
        at = self._step(place, name) if place is not None and name not in {"", ".", ".."} else None
        return None if at is None else self._link(at)

    def beneath(self, folder: str) -> Iterator[tuple[str, bool]]:
        """Each name below a folder, relative to it, with whether it is a folder; links to folders are followed.

        Without an end where `copied` is infinite.
        """
        ahead = [("", self.place(folder) or "")]
        while ahead:
            within, at = ahead.pop()
            for child in self.children.get(at, ()):
                name, place = within + child.rpartition("/")[2], self._leads(child)
                is_folder = place in self.folders
                yield name, is_folder
                if is_folder and place is not None:
                    ahead.append((f"{name}/", place))

    def copied(self, folder: str) -> float:
        """How many names `beneath` tells; infinite where a link leads back to a folder that it is in."""
        return self._copied.get(self.place(folder) or "", math.inf)

    @cached_property
    def _copied(self) -> Mapping[str, float]:
        waiting = {name: len(inner) for name, inner in self._inner.items()}
        outer: dict[str, list[str]] = {}
        for name, inner in self._inner.items():
            for one in inner:
                outer.setdefault(one, []).append(name)
        ready, sizes = [name for name, number in waiting.items() if not number], dict[str, float]()
        while ready:
            name = ready.pop()
            sizes[name] = len(self.children.get(name, ())) + sum(sizes[one] for one in self._inner[name])
            for one in outer.get(name, ()):
                waiting[one] -= 1
                if not waiting[one]:
                    ready.append(one)
        return sizes

    @cached_property
    def _inner(self) -> Mapping[str, tuple[str, ...]]:
        """The folders that are directly in one, or that links in it lead to."""
        places = {name: map(self._leads, self.children.get(name, ())) for name in self.folders}
        return {
            name: tuple(one for one in inner if one is not None and one in self.folders)
            for name, inner in places.items()
        }

    def circle(self, folder: str) -> str:
        """A link below a folder through which its copy would have no end; "" where it has one."""
        ahead, seen = [self.place(folder) or ""], set[str]()
        while ahead:
            at = ahead.pop()
            if at in seen or at in self._copied:
                continue
            seen.add(at)
            ahead.extend(self._inner[at])
        links = (self.files[child] for at in sorted(seen) for child in self.children.get(at, ()) if child in self.files)
        return next((link for link in links if link in self.links and self.place(self.folded(link)) in seen), "")


def _parents(path: str) -> Iterator[str]:
    yield ""
    for at, letter in enumerate(path):
        if letter == "/":
            yield path[:at]

"""What CodeDeploy's agent takes in a server's AppSpec, and what of it the agent ignores.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html and the pages below it;
what the agent does with it, https://github.com/aws/aws-codedeploy-agent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from auditor.deploy.agent_install import problems_of_install
from auditor.deploy.agent_permissions import wrong_in_acl, wrong_in_range
from auditor.deploy.appspec_checks import (
    TEXT,
    Check,
    Place,
    Problem,
    is_slip,
    is_text,
    is_whole,
    listed,
    mapping,
    near,
    one_of,
    shown,
    value_that,
)
from auditor.deploy.artifact_tree import Tree

NAME: Final = "appspec.yml"
"""What the file has to be called on servers: the agent looks for no other."""
EVENTS: Final = (
    "ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService",
    "BeforeBlockTraffic", "AfterBlockTraffic", "BeforeAllowTraffic", "AfterAllowTraffic",
)  # fmt: skip
RESERVED: Final = {"Start", "DownloadBundle", "Install", "BlockTraffic", "TestTraffic", "AllowTraffic", "End"}
LONGEST: Final = 3600
"""Seconds that the scripts of one event may take, together."""
_TOP: Final = ("version", "os", "files", "file_exists_behavior", "permissions", "hooks")
_PERMISSION: Final = ("object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type")
_SCRIPT: Final = ("location", "timeout", "runas", "sudo")
_KNOWN: Final = {*_TOP, *_PERMISSION, *_SCRIPT, *EVENTS, "source", "destination"}
# The agent gives the path to a shell, or cuts it at blanks, without quotation marks.
_SHELL: Final = re.compile(r"[\s&|;<>()$`\"'\\]")


def problems_of_server(name: str, content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """All that is wrong with a server's AppSpec, and what of it is ignored. `name` is its own."""
    if name.endswith(".json"):
        yield Problem((), f"the agent on servers reads YAML only; name the file {NAME}")
    elif name != NAME:
        yield Problem((), f"the agent on servers looks for {NAME} only; name the file so")
    yield from _server(tree)(content, ())
    yield from _circles(content, tree)
    yield from problems_of_install(content, tree)


def _circles(content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    links = [(link, tree.place(link.rpartition("/")[0])) for link in tree.circles()]
    entries = content.get("files")
    for number, entry in enumerate(entries if links and isinstance(entries, list) else ()):
        source: Any = entry.get("source") if isinstance(entry, Mapping) else None
        place = tree.place(source) if is_text(source) else None
        for link, above in links:
            if place is not None and above is not None and (place == "" or f"{above}/".startswith(f"{place}/")):
                what = f"{link!r} is a link to a folder that it is in: the agent would copy that without end"
                yield Problem(("files", number, "source"), what)


def _ignored(known: tuple[str, ...]) -> Callable[[str], str]:
    """Why the agent goes on with an unknown key; "" where it is a slip, or a known key in another place."""

    def why(name: str) -> str:
        if name in _KNOWN or is_slip(name, known) or is_slip(name, EVENTS):
            return ""
        hint = "; say file_exists_behavior at the top" if name == "overwrite" else ""
        return f"the agent ignores it{hint}"

    return why


def _entry(fields: Mapping[str, Check], needed: set[str], known: tuple[str, ...]) -> Check:
    """Keys with values, of which an empty one is as one that is not there."""
    return mapping(fields, needed, optional=known, ignored=_ignored(known))


def _server(tree: Tree) -> Check:
    fields = {
        "version": value_that(lambda one: one == 0 and not isinstance(one, bool | str), "expected 0.0, not in quotes"),
        "os": one_of("linux", "windows"),
        "files": listed(
            _entry(
                {"source": _source(tree), "destination": _destination(tree.windows)},
                {"source", "destination"},
                ("source", "destination"),
            )
        ),
        "file_exists_behavior": one_of("DISALLOW", "OVERWRITE", "RETAIN"),
        "permissions": value_that(_is_empty, "expected nothing: it is for linux only") if tree.windows else PERMISSIONS,
        "hooks": _hooks(tree),
    }
    return _entry(fields, {"version", "os"}, _TOP)


def _source(tree: Tree) -> Check:
    return value_that(
        lambda text: is_text(text) and (tree.is_folder(text) or tree.is_file(text)),
        "expected the path of a file or folder of the artifact",
    )


def _destination(windows: bool) -> Check:
    start, example = (r"[A-Za-z]:|[\\/]", r"c:\folder") if windows else ("/", "/folder")

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not is_text(value) or not re.match(start, value):
            yield Problem(place, f"expected a full path ({example}), found {shown(value)}")
        elif ".." in re.split(r"[\\/]" if windows else "/", value):
            yield Problem(place, f"expected a path without '..', which the agent cannot make, found {shown(value)}")

    return check


def _hooks(tree: Tree) -> Check:
    scripts = _scripts(tree)

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(place, f"expected events with lists of scripts, found {shown(value)}")
            return
        for event, given in value.items():
            yield from _event(event, (*place, event))
            # The agent leaves out an event without scripts.
            if event in EVENTS and given is not None:
                yield from scripts(given, (*place, event))
                yield from _together(given, (*place, event))

    return check


def _event(event: str, place: Place) -> Iterator[Problem]:
    if event in EVENTS:
        return
    if event in RESERVED:
        yield Problem(place, "nothing can be run at this event: CodeDeploy keeps it for itself")
    elif event in _KNOWN or is_slip(event, EVENTS):
        yield Problem(place, f"no such event on Server{near(event, EVENTS)}; expected {', '.join(EVENTS)}")
    else:
        yield Problem(place, f"the agent ignores it: no such event on Server{near(event, EVENTS)}", warning=True)


def _scripts(tree: Tree) -> Check:
    only_linux = value_that(_is_empty, "expected nothing: it is for linux only")
    fields = {
        "location": _script(tree),
        "timeout": value_that(_seconds, f"expected whole seconds, 1 to {LONGEST}"),
        "runas": only_linux if tree.windows else TEXT,
        "sudo": value_that(
            lambda one: isinstance(one, bool), "expected true or false"
        ),  # the agent's own, undocumented
    }
    return listed(_entry(fields, {"location"}, _SCRIPT))


def _script(tree: Tree) -> Check:
    def check(value: Any, place: Place) -> Iterator[Problem]:
        path = value.strip() if isinstance(value, str) else ""
        if not path or not tree.is_file(path):
            yield Problem(place, f"expected the path of a file of the artifact, found {shown(value)}")
        elif not tree.windows and (found := _SHELL.search(path)):
            what = f"the agent gives the path to a shell as it is, and {found[0]!r} is no letter there: rename the file"
            yield Problem(place, f"{what}, found {shown(value)}")
        elif not tree.windows and _is_of_windows(tree, path):
            what = (
                "its first line ends as on Windows (CR LF), and no interpreter of that name is found: save it with LF"
            )
            yield Problem(place, f"{what}, found {shown(value)}")

    return check


def _is_of_windows(tree: Tree, path: str) -> bool:
    line, end, _ = tree.head(tree.files[tree.place(path) or ""]).partition(b"\n")
    return line.startswith(b"#!") and bool(end) and line.endswith(b"\r")


def _together(scripts: Any, place: Place) -> Iterator[Problem]:
    given = [one for one in scripts if isinstance(one, Mapping)] if isinstance(scripts, list) else []
    seconds = sum(_seconds(one.get("timeout")) for one in given)
    if seconds > LONGEST:
        yield Problem(place, f"expected timeouts of {LONGEST} seconds together at most, found {seconds}")


def _seconds(value: Any) -> int:
    """How long a script may take; 0 where that is not said so that both AWS and the agent take it."""
    # Of a text, the agent reads the digits that it begins with.
    digits = re.match(r"\s*([0-9]{1,9})", value) if isinstance(value, str) else None
    seconds = int(digits[1]) if digits else value
    return seconds if is_whole(seconds, 1, LONGEST) else 0


def _is_empty(value: Any) -> bool:
    return value is None or value == []


def _context(value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, Mapping) or not is_text(value.get("type")):
        yield Problem(place, f"expected a type, and no other keys but name and range, found {shown(value)}")
        return
    if wrong := wrong_in_range(value.get("range")):
        # Without a range, the agent fails when it writes down what it did.
        yield Problem((*place, "range"), f"{wrong}, found {shown(value.get('range'))}")
    for name in value.keys() - {"name", "type", "range"}:
        if name == "user":
            yield Problem((*place, name), "the agent ignores it: it reads the user from 'name'", warning=True)
        elif why := _ignored(("name", "type", "range"))(str(name)):
            yield Problem((*place, name), why, warning=True)
        else:
            yield Problem((*place, name), "unknown key; expected one of name, type, range")


def _acl(value: Any, place: Place) -> Iterator[Problem]:
    if wrong := wrong_in_acl(value):
        yield Problem(place, f"{wrong}, found {shown(value)}")


_OWNER: Final = value_that(
    lambda one: is_text(one) and not one.strip().isdecimal(), "expected a name: the agent finds nobody by number"
)
PERMISSIONS: Final = listed(
    _entry(
        {
            "object": TEXT,
            "pattern": TEXT,
            "except": listed(TEXT),
            "owner": _OWNER,
            "group": _OWNER,
            "mode": value_that(lambda one: re.fullmatch("[0-7]{1,4}", str(one)), "expected one to four octal digits"),
            "acls": listed(_acl),
            "context": _context,
            "type": listed(one_of("file", "directory")),
        },
        {"object"},
        _PERMISSION,
    )
)

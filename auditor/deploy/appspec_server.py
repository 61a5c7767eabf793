"""What CodeDeploy's agent takes in a server's AppSpec, and what of it the agent ignores.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html and the pages below it;
what the agent does with it, https://github.com/aws/aws-codedeploy-agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from auditor.deploy.agent_hooks import hooks
from auditor.deploy.agent_install import MOST_COPIED, entries, problems_of_install
from auditor.deploy.agent_keys import PERMISSION, SHELL, TOP, entry, ignored, is_empty
from auditor.deploy.agent_permissions import wrong_in_acl, wrong_in_range
from auditor.deploy.appspec_checks import (
    TEXT,
    Check,
    Place,
    Problem,
    is_text,
    listed,
    one_of,
    shown,
    value_that,
)
from auditor.deploy.artifact_tree import Tree
from auditor.deploy.completeness import renamed_by_unzip

NAME: Final = "appspec.yml"
"""What the file has to be called on servers: the agent looks for no other."""
_LONGEST_NAME: Final = 255


def problems_of_server(name: str, content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """All that is wrong with a server's AppSpec, and what of it is ignored. `name` is its own."""
    if name.endswith(".json"):
        yield Problem((), f"the agent on servers reads YAML only; name the file {NAME}")
    elif name != NAME:
        yield Problem((), f"the agent on servers looks for {NAME} only; name the file so")
    yield from _server(tree)(content, ())
    yield from _endless(content, tree)
    yield from () if tree.windows else map(_renamed, renamed_by_unzip(content, tree))
    yield from problems_of_install(content, tree)


def _renamed(names: tuple[str, str]) -> Problem:
    name, other = map(shown, names)
    return Problem((), f"{name} would be {other} on a server: unzip leaves a part of the name out. Rename the file")


def _endless(content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    for number, one in enumerate(entries(content.get("files"))):
        source: Any = one.get("source")
        if not is_text(source) or not tree.is_folder(source) or tree.copied(source) <= MOST_COPIED:
            continue
        link = tree.circle(source)
        what = f"links to folders make {tree.copied(source):.0f} files and folders of it, and the agent copies each"
        if link:
            what = (
                f"{link!r} is a link that leads back to a folder that it is in: the agent would copy that without end"
            )
        yield Problem(("files", number, "source"), what)


def _server(tree: Tree) -> Check:
    fields = {
        "version": value_that(lambda one: one == 0 and not isinstance(one, bool | str), "expected 0.0, not in quotes"),
        "os": one_of("linux", "windows"),
        "files": listed(
            entry(
                {"source": _source(tree), "destination": _destination(tree.windows)},
                {"source", "destination"},
                ("source", "destination"),
            )
        ),
        "file_exists_behavior": one_of("DISALLOW", "OVERWRITE", "RETAIN"),
        "permissions": value_that(is_empty, "expected nothing: it is for linux only") if tree.windows else PERMISSIONS,
        "hooks": hooks(tree),
    }
    return entry(fields, {"version", "os"}, TOP)


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
        elif ".." in (names := re.split(r"[\\/]" if windows else "/", value)):
            yield Problem(place, f"expected a path without '..', which the agent cannot make, found {shown(value)}")
        elif why := next((one for one in map(_wrong_in_name, names) if one), ""):
            yield Problem(place, f"{why}, found {shown(value)}")

    return check


def _wrong_in_name(name: str) -> str:
    if len(name.encode()) > _LONGEST_NAME:
        return f"expected names of {_LONGEST_NAME} bytes at most"
    return "expected a path without control characters" if re.search(r"[\x00-\x1f]", name) else ""


def _context(value: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(value, Mapping) or not is_text(value.get("type")):
        yield Problem(place, f"expected a type, and no other keys but name and range, found {shown(value)}")
        return
    for name in ("name", "type"):
        if SHELL.search(str(value.get(name, ""))):
            what = "expected one word, which the agent gives to a shell as it is"
            yield Problem((*place, name), f"{what}, found {shown(value[name])}")
    if wrong := wrong_in_range(value.get("range")):
        # Without a range, the agent fails when it writes down what it did.
        yield Problem((*place, "range"), f"{wrong}, found {shown(value.get('range'))}")
    for name in value.keys() - {"name", "type", "range"}:
        if name == "user":
            yield Problem((*place, name), "the agent ignores it: it reads the user from 'name'", warning=True)
        elif why := ignored(("name", "type", "range"))(str(name)):
            yield Problem((*place, name), why, warning=True)
        else:
            yield Problem((*place, name), "unknown key; expected one of name, type, range")


def _acl(value: Any, place: Place) -> Iterator[Problem]:
    wrong = wrong_in_acl(value)
    if not wrong and (found := SHELL.search(value)):
        wrong = f"the agent gives it to a shell as it is, and {found[0]!r} is no letter there"
    if wrong:
        yield Problem(place, f"{wrong}, found {shown(value)}")


def _owner(value: Any, place: Place) -> Iterator[Problem]:
    if not is_text(value) or re.fullmatch(r"\s*[-+]?\d+\s*", value):
        yield Problem(place, f"expected a name, since the agent finds nobody by number, found {shown(value)}")
    elif value != value.strip() or re.search(r"[:\x00-\x1f]", value):
        yield Problem(place, f"expected one name, without blanks around it and without ':', found {shown(value)}")


def _is_object(value: Any) -> bool:
    return is_text(value) and not value.lstrip().startswith("~")


PERMISSIONS: Final = listed(
    entry(
        {
            "object": value_that(_is_object, "expected a full path (/folder), for ~ is what the server says"),
            "pattern": TEXT,
            "except": listed(TEXT),
            "owner": _owner,
            "group": _owner,
            "mode": value_that(lambda one: re.fullmatch("[0-7]{1,4}", str(one)), "expected one to four octal digits"),
            "acls": listed(_acl),
            "context": _context,
            "type": listed(one_of("file", "directory")),
        },
        {"object"},
        PERMISSION,
    )
)

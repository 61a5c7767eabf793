"""What CodeDeploy's agent takes under `hooks`: events, and the scripts that it runs at them.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html, and
https://github.com/aws/aws-codedeploy-agent, hook_executor.rb and linux_util.rb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from auditor.deploy.agent_keys import EVENTS, RESERVED, SCRIPT, SHELL, digits_of, entry, is_empty
from auditor.deploy.appspec_checks import TEXT, Check, Place, Problem, is_text, listed, near, shown, value_that
from auditor.deploy.artifact_tree import Tree

LONGEST: Final = 3600
"""Seconds that the scripts of one event may take, together."""
_WINDOWS: Final = "as on Windows (CR LF)"
_OF_SHELL: Final = re.compile(rb"#!\s*\S*?(/env\s+)?(sh|bash|dash|ksh|zsh)\b")


def hooks(tree: Tree) -> Check:
    """The scripts of each event; `tree` is the artifact that they are in."""
    scripts = _scripts(tree)

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(place, f"expected events with lists of scripts, found {shown(value)}")
            return
        for event, given in value.items():
            yield from _event(event, given is None, (*place, event))
            # The agent leaves out an event without scripts.
            if event in EVENTS and given is not None:
                yield from scripts(given, (*place, event))
                yield from _together(given, (*place, event))

    return check


def _event(event: str, is_nothing: bool, place: Place) -> Iterator[Problem]:
    if event in EVENTS:
        return
    if event in RESERVED:
        yield Problem(place, "nothing can be run at this event: CodeDeploy keeps it for itself")
    else:
        what = f"no such event on Server{near(event, EVENTS)}; expected {', '.join(EVENTS)}"
        yield Problem(place, what, warning=is_nothing)


def _scripts(tree: Tree) -> Check:
    fields = {
        "location": _script(tree),
        "timeout": value_that(lambda one: digits_of(one, LONGEST), f"expected whole seconds, 1 to {LONGEST}"),
        "runas": value_that(is_empty, "expected nothing: it is for linux only") if tree.windows else _user,
        # The agent's own: AWS does not document it.
        "sudo": value_that(lambda one: isinstance(one, bool), "expected true or false"),
    }
    return listed(entry(fields, {"location"}, SCRIPT))


def _user(value: Any, place: Place) -> Iterator[Problem]:
    yield from TEXT(value, place)
    if is_text(value) and not re.fullmatch(r"[\w.][\w.@+-]*\$?", value.strip()):
        # `su`, with what would be an option, a second word or a command of a shell's behind it.
        yield Problem(place, f"expected the name of a user, which the agent gives to a shell, found {shown(value)}")


def _script(tree: Tree) -> Check:
    def check(value: Any, place: Place) -> Iterator[Problem]:
        path = value.strip() if isinstance(value, str) else ""
        if not path or not tree.is_file(path):
            like = near(path, tree.names)
            yield Problem(place, f"expected the path of a file of the artifact, found {shown(value)}{like}")
        elif not tree.windows:
            for what, is_warning in _of_linux(tree, path):
                yield Problem(place, what, warning=is_warning)

    return check


def _of_linux(tree: Tree, path: str) -> Iterator[tuple[str, bool]]:
    """Why a script would not be run, and whether that is a warning only."""
    place = tree.place(path) or ""
    first, _, more = tree.head(tree.files[place]).partition(b"\n")
    if found := SHELL.search(path):
        yield (
            f"the agent gives {path!r} to a shell as it is, and {found[0]!r} is no letter there: rename the file",
            False,
        )
    elif first.startswith(b"#!") and b"\r" in first:
        yield f"the first line of {path!r} ends {_WINDOWS}, so that no interpreter is found: save it with LF", False
    elif b"\r\n" in first + b"\n" + more and (not first.startswith(b"#!") or _OF_SHELL.match(first)):
        yield (
            f"the lines of {path!r} end {_WINDOWS}; a shell takes CR for a part of each command: save it with LF",
            True,
        )
    if tree.link_at(path) is not None and tree.files[place] not in tree.programs:
        # What the agent does to a script so that it can be run does nothing to a link.
        yield (
            f"{path!r} is a link to {place!r}, which cannot be run, nor does the agent mend it: chmod +x {place}",
            False,
        )


def _together(scripts: Any, place: Place) -> Iterator[Problem]:
    given = [one for one in scripts if isinstance(one, Mapping)] if isinstance(scripts, list) else []
    seconds = sum(digits_of(one.get("timeout"), LONGEST) for one in given)
    if seconds > LONGEST:
        yield Problem(place, f"expected timeouts of {LONGEST} seconds together at most, found {seconds}")

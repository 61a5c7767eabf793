"""The names that CodeDeploy's agent knows in a server's AppSpec, and what it does with any other.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html and the pages below it;
what the agent does with it, https://github.com/aws/aws-codedeploy-agent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from auditor.deploy.appspec_checks import Check, is_slip, is_whole, mapping

EVENTS: Final = (
    "ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService",
    "BeforeBlockTraffic", "AfterBlockTraffic", "BeforeAllowTraffic", "AfterAllowTraffic",
)  # fmt: skip
RESERVED: Final = {"Start", "DownloadBundle", "Install", "BlockTraffic", "TestTraffic", "AllowTraffic", "End"}
TOP: Final = ("version", "os", "files", "file_exists_behavior", "permissions", "hooks")
PERMISSION: Final = ("object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type")
SCRIPT: Final = ("location", "timeout", "runas", "sudo")
_KNOWN: Final = {*TOP, *PERMISSION, *SCRIPT, *EVENTS, "source", "destination"}
SHELL: Final = re.compile(r"[\s&|;<>()$`\"'\\*?\[]|\{(?=.*(,|\.\.).*\})")
"""What is no letter where the agent puts something into a command, which it does without quotation marks.

A pattern may mean another file that is there: 'a?.sh' runs 'ab.sh'. Braces are one to bash, often the sh.
"""


def ignored(known: tuple[str, ...]) -> Callable[[str], str]:
    """Why the agent goes on with an unknown key; "" where it is a slip, or a known key in another place."""

    def why(name: str) -> str:
        if name in _KNOWN or is_slip(name, known) or is_slip(name, EVENTS):
            return ""
        hint = ": it reads file_exists_behavior, at the top" if name == "overwrite" else ""
        return f"the agent ignores it{hint}"

    return why


def entry(fields: Mapping[str, Check], needed: set[str], known: tuple[str, ...]) -> Check:
    """Keys with values, of which an empty one is as one that is not there."""
    return mapping(fields, needed, optional=known, ignored=ignored(known))


def is_empty(value: Any) -> bool:
    """Whether there is nothing, or nothing in it."""
    return value is None or value == []


def digits_of(value: Any, most: int) -> int:
    """A whole number from 1 on, or that which a text begins with; 0 where there is none, or it is larger."""
    found = re.match(r"\s*([0-9]{1,9})", value) if isinstance(value, str) else None
    number = int(found[1]) if found else value
    return number if is_whole(number, 1, most) else 0

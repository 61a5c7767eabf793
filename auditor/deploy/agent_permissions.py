"""How CodeDeploy's agent reads a server's permissions: ACL entries, SELinux ranges, and which files an entry is for.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-permissions.html, and
https://github.com/aws/aws-codedeploy-agent, lib/instance_agent/plugins/codedeploy/application_specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.deploy.appspec_checks import is_text

_KINDS: Final = {
    "u": "user", "user": "user", "g": "group", "group": "group",
    "m": "mask", "mask": "mask", "o": "other", "other": "other",
}  # fmt: skip
_DEFAULT: Final = ("d", "default")
_NAMELESS: Final = ("m", "mask", "o", "other")
_ACL: Final = "expected an ACL entry, [default:][user|group|mask|other]:[name]:[rwx-]"
_MOST_CATEGORY: Final = 1023


@dataclass(frozen=True)
class Permission:
    """What of an entry says which files it is for."""

    object: str
    pattern: str = "**"
    exceptions: tuple[str, ...] = ()
    types: tuple[str, ...] = ("file", "directory")

    def matches(self, name: str) -> bool:
        """Whether an absolute path is among what the entry is for."""
        base = self.object.rstrip("/") + "/"
        if not name.startswith(base):
            return False
        inner = name.removeprefix(base)
        if any(_is_like(inner, one) for one in self.exceptions):
            return False
        return self.pattern == "**" or _is_like(inner, self.pattern)


def _is_like(name: str, glob: str) -> bool:
    # An asterisk is the agent's only wildcard, and stays within a folder.
    return "/" not in name and re.fullmatch(".*".join(map(re.escape, glob.split("*"))), name) is not None


def permission_of(entry: Any) -> Permission | None:
    """The entry's own, where it is of the form that it should be."""
    if not isinstance(entry, Mapping) or not is_text(entry.get("object")):
        return None
    pattern: Any = entry.get("pattern")
    exceptions, types = entry.get("except"), entry.get("type")
    lists = [one for one in (exceptions, types) if one is not None]
    if not all(isinstance(one, list) and all(map(is_text, one)) for one in lists):
        return None
    return Permission(
        entry["object"].strip(),
        pattern if is_text(pattern) else "**",
        tuple(exceptions or ()),
        tuple(types or ("file", "directory")),
    )


def wrong_in_acl(entry: Any) -> str:
    """Why an ACL entry is none that the agent takes; "" where it is one."""
    parts = entry.split(":") if is_text(entry) else []
    *above, own, bits = parts if len(parts) > 1 else ["", "", ""]
    default, kinds = [one for one in above if one in _DEFAULT], [_KINDS[one] for one in above if one in _KINDS]
    in_order = above == [one for one in above if one in _DEFAULT] + [one for one in above if one in _KINDS]
    if not own + bits + "".join(above) or not in_order or len(default) > 1 or len(kinds) > 1:
        return _ACL
    if not kinds and own in _NAMELESS:
        kinds, own = [_KINDS[own]], ""
    kind = kinds[0] if kinds else "user"
    if kind in ("mask", "other") and own:
        return f"'{kind}' takes no name"
    if not default and kind != "mask" and not own:
        return "expected a name: what the owner, the group and others may, is said by 'mode'"
    return "" if re.fullmatch("[0-7]|[rwx-]*", bits) else "expected of permissions r, w, x and -, or one digit 0 to 7"


def is_default_acl(entry: Any) -> bool:
    """Whether an ACL entry is for what will be in a folder."""
    return isinstance(entry, str) and any(part in _DEFAULT for part in entry.split(":")[:-2][:2])


def wrong_in_range(text: Any) -> str:
    """Why an SELinux range is none that the agent takes; "" where it is one."""
    match = re.fullmatch(r"s([0-9]+)(?:-s([0-9]+))?(?::(\S+))?", text) if isinstance(text, str) else None
    if not match or (match[2] and int(match[2]) < int(match[1])):
        return "expected a range as s0, s0-s3 or s0:c0.c5,c9"
    categories: list[int] = []
    for part in match[3].split(",") if match[3] else ():
        found = re.fullmatch(r"c([0-9]+)(?:\.c([0-9]+))?", part)
        low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not low <= high <= _MOST_CATEGORY:
            return f"expected categories c0 to c{_MOST_CATEGORY}, found {part!r}"
        categories += range(low, high + 1)
    return "" if len(categories) == len(set(categories)) else "a category is in it twice"

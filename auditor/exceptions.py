"""Which differences somebody has accepted: the one function that report, plan and deploy gate ask. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from auditor.model import DriftException, Site

WHOLE: Final = ""
"""The path of an exception that covers whether the resource is there, and none of its fields."""
_ESCAPE: Final = re.compile(r"\[[*?\[/]\]")


def accepted(
    resource: str, path: str, site: Site, on: str, exceptions: Iterable[DriftException]
) -> DriftException | None:
    """The first exception that covers the difference on that day (`2026-11-24`), or None.

    An exception whose `until` lies before the day counts no more.
    """
    return next((one for one in exceptions if not expired(one, on) and covers(one, resource, path, site)), None)


def covers(exception: DriftException, resource: str, path: str, site: Site) -> bool:
    """Whether the exception's globs match, its end date aside."""
    return (
        fnmatchcase(resource, exception.resource)
        and _within(path, exception.path)
        and fnmatchcase(site.region, exception.region)
        and fnmatchcase(str(site), exception.site)
    )


def _within(path: str, pattern: str) -> bool:
    if pattern == WHOLE:
        return path == WHOLE
    below = pattern.rstrip("/") + "/"
    # A name may hold what a glob takes for its own (`a[1]`): said as it is, it is covered too.
    as_it_is = not _ESCAPE.search(pattern) and f"{path}/".startswith(below)
    return as_it_is or fnmatchcase(path, pattern) or fnmatchcase(path, f"{below}*")


def escaped(text: str) -> str:
    """The glob that a text alone matches; of a path, the glob that covers it and what is inside it."""
    glob = re.sub(r"([*?[])", r"[\1]", text)
    # A field may have no name: without the slash at the end, the glob would be that of the field around it.
    return f"{glob[:-1]}[/]" if glob.endswith("/") else glob


def expired(exception: DriftException, on: str) -> bool:
    """Whether the exception's last day lies before that day."""
    return bool(exception.until) and exception.until < on


def exception_fields(exception: DriftException) -> dict[str, str]:
    """An exception as a settings file and the JSON have it; what it leaves open is not said."""
    where = {"path": exception.path, "region": exception.region, "site": exception.site}
    narrowed = {name: glob for name, glob in where.items() if glob != "*"}
    until = {"until": exception.until} if exception.until else {}
    return {"resource": exception.resource, **narrowed, "reason": exception.reason, **until}

"""Which differences somebody has accepted: the one function that report, plan and deploy gate ask. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from auditor.model import DriftException, Site


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
    below = pattern.rstrip("/") + "/"
    # A name may hold what a glob takes for its own (`a[1]`): said as it is, it is covered too.
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{below}*") or f"{path}/".startswith(below)


def expired(exception: DriftException, on: str) -> bool:
    """Whether the exception's last day lies before that day."""
    return bool(exception.until) and exception.until < on

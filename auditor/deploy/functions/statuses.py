"""What GitHub is told of a commit: a status a region. Whoever sees the repository sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from auditor.deploy.functions.webhook import Ship
from auditor.deploy.github import GitHubSource, set_status

_LONGEST: Final = 140
"""Characters of a status's description: https://docs.github.com/en/rest/commits/statuses"""


def set_statuses(source: GitHubSource, ship: Ship, token: str, states: Iterable[tuple[str, str, str]]) -> None:
    """Give a commit statuses: (region, state, description) each. Raises GitHubError for the first that is refused."""
    # One commit may be shipped by several rules, a folder each: nobody's status is to hide another's.
    part = f"/{ship.folder}" if ship.folder else ""
    for region, state, description in states:
        set_status(source, ship.sha, token, state, f"auditor/{region}{part}", description)


def shortened(text: str) -> str:
    """As much of a text as a status's description takes."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def public_reason(why: str) -> str:
    """Why something was not uploaded, without AWS's message, whose account and names are not for everybody."""
    code = re.match(r"(\w+): ", why)
    return f"not uploaded ({code[1]})" if code else "not uploaded"

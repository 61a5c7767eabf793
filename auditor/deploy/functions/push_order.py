"""Which of two pushes is the newer one, by what GitHub says of them. No clock, no file and no network.

GitHub promises no order of its webhooks, sends one again when somebody asks for that, and Lambda tries one again later.
So when one arrives says little: https://github.com/remind101/slashdeploy/issues/97. The time of a commit says nothing
at all, since any commit can be pushed at any time.
"""

from __future__ import annotations

from collections.abc import Callable

from auditor.deploy.functions.webhook import Ship

Head = Callable[[], str]
"""Asks GitHub which commit the ref of a push is now; "" where there is no such ref. Raises GitHubError."""


def is_same(ship: Ship, last: Ship) -> bool:
    """Whether both are one push: sent again by GitHub, or by a second webhook of the repository."""
    if (ship.repository, ship.ref, ship.sha) != (last.repository, last.ref, last.sha):
        return False
    # A redelivery is the same to the letter, its id too.
    known = ship.at and last.at
    return (ship.before, ship.at) == (last.before, last.at) if known else ship.delivery == last.delivery


def is_newer(ship: Ship, last: Ship, head: Head) -> bool:
    """Whether a push came after another one to the same application.

    Seconds of GitHub's clock tell, and within one ref so does what each push found there and left behind. Where these
    say nothing, or different things (two pushes of one second, a ref that was set back to what it had been), GitHub is
    asked what the ref is now; where that is neither, the time at which the webhooks were heard tells.
    """
    time, chain = _time(ship, last), _chain(ship, last)
    if time == chain or not (time and chain):
        found = time or chain
        if found:
            return found > 0
    now = head() if _ref(ship) == _ref(last) and ship.sha != last.sha else ""
    if now in (ship.sha, last.sha):
        return now == ship.sha
    return (time or _sign(ship.heard - last.heard)) >= 0


def _time(ship: Ship, last: Ship) -> int:
    return _sign(ship.at - last.at) if ship.at and last.at else 0


def _chain(ship: Ship, last: Ship) -> int:
    """1 where a push begins at what the other one left behind, -1 the other way round, and 0 for neither or both."""
    if _ref(ship) != _ref(last):
        return 0
    return (ship.before != "" and ship.before == last.after) - (last.before != "" and last.before == ship.after)


def _ref(ship: Ship) -> tuple[str, str]:
    return ship.repository.lower(), ship.ref


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)

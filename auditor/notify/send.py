"""Tells people, each by their own service: tried again for a while, in threads that nobody waits for for ever.

Addresses are secrets: what is told of them is the scheme and the place in the list.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from auditor.aws import topics
from auditor.errors import NotifyError
from auditor.notify.apprise_services import deliver, is_scheme
from auditor.notify.notice import MOST, Words

SNS: Final = "sns"
WAITS: Final = (1.0, 4.0)
"""Seconds before the second try, and before the third."""
_VARIABLE: Final = re.compile(r"\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Target:
    """Who is told, under which name that is spoken of, and how many seconds all tries together may take."""

    name: str
    url: str = field(repr=False)
    limit: float
    problem: str = ""
    """Why there is no address."""


@dataclass(frozen=True)
class Sent:
    """What came of telling a target; `error` is "" where it worked."""

    name: str
    error: str = ""


def target_of(number: int, url: str, limit: float, environ: Mapping[str, str]) -> Target:
    """The target at a place of the list, counted from 1, the environment's variables filled in (`$${` is a `${`)."""
    lacking = [name for dollar, name in _VARIABLE.findall(url) if not dollar and not environ.get(name)]
    problem = f"the environment has no {', no '.join(lacking)}." if lacking else ""
    told = _VARIABLE.sub(lambda one: one[0][1:] if one[1] else environ.get(one[2], ""), url)
    scheme = told.partition(":")[0].lower()
    known = scheme if scheme == SNS or is_scheme(scheme) else "target"
    return Target(f"{known} ({_ordinal(number)} of notify)", told, limit, problem)


def send(targets: Sequence[Target], words: Words, waits: Sequence[float] = WAITS) -> tuple[Sent, ...]:
    """Tell all targets at the same time; none is waited for longer than its limit. Nothing is raised."""
    begun = time.monotonic()
    came: list[list[str]] = [[] for _ in targets]
    threads = [
        # A daemon: one that hangs does not keep the program from ending.
        threading.Thread(target=_told, args=(one, words, waits, begun + one.limit, into), daemon=True)
        for one, into in zip(targets, came, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread, one in zip(threads, targets, strict=True):
        thread.join(max(0.0, begun + one.limit - time.monotonic()))
    return tuple(_outcome(one, tuple(into)) for one, into in zip(targets, came, strict=True))


def _outcome(target: Target, came: tuple[str, ...]) -> Sent:
    if not came:
        return Sent(target.name, f"there was no end of it in {target.limit:g} seconds.")
    return Sent(target.name, came[-1])


def _told(target: Target, words: Words, waits: Iterable[float], until: float, came: list[str]) -> None:
    error = _once(target, words)
    for wait in waits:
        if not error or target.problem or time.monotonic() + wait >= until:
            break
        time.sleep(wait)
        error = _once(target, words)
    came.append(error)


def _once(target: Target, words: Words) -> str:
    if target.problem:
        return target.problem
    try:
        if target.url.lower().startswith(f"{SNS}:arn:"):
            notice = words(MOST)
            topics.publish(target.url[len(SNS) + 1 :], notice.title, notice.body)
        else:
            deliver(target.url, words)
    except NotifyError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 whatever a service's plugin raises, and it can quote the address
        return f"{type(error).__name__}."
    return ""


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"

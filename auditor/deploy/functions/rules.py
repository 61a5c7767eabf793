"""The listener's rules: what of which repository is shipped, from which folder, and as which application. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from auditor.deploy.appspec_checks import near
from auditor.deploy.source_folder import wrong_in_folder

EVENTS: Final = ("push", "release")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+")
_APPLICATION: Final = re.compile(r"[A-Za-z0-9._+=,@-]{1,100}")


class RuleError(ValueError):
    """What is wrong with a rule."""


@dataclass(frozen=True)
class Rule:
    """What is shipped, and as which application. A `*` in `ref` stands for anything, slashes too."""

    repository: str
    ref: str
    application: str
    event: str = "push"
    prereleases: bool = False
    """Whether a release is shipped already while GitHub shows it as a pre-release."""
    folder: str = ""
    """Which folder of the repository is shipped; "" for all of it."""


_NAMES: Final = tuple(one.name for one in fields(Rule))


def parse_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a JSON list. Raises RuleError, and ValueError for what is no JSON."""
    listed = json.loads(text)
    if not isinstance(listed, list):
        raise RuleError("RULES is no list")
    rules = tuple(_rule(number, one) for number, one in enumerate(listed))
    _refuse_two_folders(rules)
    return rules


def _rule(number: int, one: Any) -> Rule:
    if not isinstance(one, Mapping):
        raise RuleError(f"RULES/{number} is no object")
    for name in one:
        if name not in _NAMES:
            raise RuleError(f"RULES/{number}: unknown key {name[:60]!r}{near(name, _NAMES)}")
    for name in ("repository", "ref", "application"):
        if not isinstance(one.get(name), str) or not one[name]:
            raise RuleError(f"RULES/{number} has no text as its {name!r}")
    rule = Rule(**one)
    if why := next(_wrong(rule), ""):
        raise RuleError(f"RULES/{number}: {why}")
    return rule


def _wrong(rule: Rule) -> Iterator[str]:
    if not _REPOSITORY.fullmatch(rule.repository):
        yield "'repository' is not OWNER/NAME"
    # An application is a part of the object's key.
    if not _APPLICATION.fullmatch(rule.application) or rule.application in {".", ".."}:
        yield "'application' is no application's name"
    if rule.event not in EVENTS:
        yield f"'event' is not {' or '.join(EVENTS)}"
    if not isinstance(rule.prereleases, bool):
        yield "'prereleases' is not true or false, without quotation marks"
    elif rule.prereleases and rule.event != "release":
        yield "'prereleases' is for the event 'release' alone"
    if not isinstance(rule.folder, str):
        yield "'folder' is no text"
    elif why := wrong_in_folder(rule.folder):
        yield f"'folder' {why}; write it from the repository's top, as services/web"


def _refuse_two_folders(rules: tuple[Rule, ...]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for number, rule in enumerate(rules):
        other = seen.setdefault((rule.repository.lower(), rule.application), rule.folder)
        if other != rule.folder:
            raise RuleError(f"RULES/{number}: the application {rule.application} would get two folders of a repository")

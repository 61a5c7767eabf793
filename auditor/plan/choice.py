"""Which differences a plan takes up, and why it leaves the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from auditor.canonical.pairing import parent_and_own
from auditor.compare.classes import GOLDEN_SUSPECT
from auditor.model.plan import Danger
from auditor.model.values import Change, Decision, DecisionKind, Finding, Reading, Resource, State, Value
from auditor.plan.ground import Ground, Key, Specs

STACK: Final = "aws:cloudformation:stack-name"


@dataclass(frozen=True)
class Choice:
    """What a person asked a plan for."""

    only: tuple[str, ...] = ()
    """Globs over resource ids (`TYPE/NAME`) or names; none means all."""
    sites: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    most: int = 0
    """How many actions at most; 0 for as many as it takes."""
    deletes: bool = False
    suspects: bool = False
    """Take up differences in which golden alone differs from all the others."""
    stacks: bool = False
    """Write what CloudFormation owns."""
    without: frozenset[Danger] = frozenset()
    """Leave out actions with these dangers."""
    decisions: Mapping[str, Decision] | None = None
    """By finding; unless None, nothing is taken up but what is to be fixed."""


def chosen(finding: Finding, choice: Choice) -> bool:
    """Whether a finding is among what was asked for at all."""
    resource = f"{finding.type}/{finding.name}"
    named = not choice.only or any(fnmatchcase(one, glob) for glob in choice.only for one in (resource, finding.name))
    there = not choice.sites or any(fnmatchcase(finding.site, glob) for glob in choice.sites)
    return named and there and (not choice.types or any(fnmatchcase(finding.type, glob) for glob in choice.types))


def left(finding: Finding, change: Change | None, choice: Choice) -> str:
    """Why a difference is left as it is; "" for one that is to go."""
    if finding.exception:
        until = f" until {finding.exception.until}" if finding.exception.until else ""
        return f"accepted{until}: {finding.exception.reason}"
    if finding.kind == "unreadable":
        return f"it could not be read ({change.unreadable if change else 'unknown'}): what is unknown is not written"
    decided = _decided(finding, choice)
    if decided != "fix":
        return _DECIDED[decided] if decided else "not decided"
    if GOLDEN_SUSPECT in (change.classes if change else finding.classes) and not _asked(finding, choice):
        return "golden suspect: every other region agrees, golden alone differs (--suspects takes it up all the same)"
    if finding.kind == "extra" and not choice.deletes:
        return "golden has no such resource; nothing is deleted without --allow-delete"
    return ""


def _asked(finding: Finding, choice: Choice) -> bool:
    """Whether somebody wants a finding removed, whatever speaks against golden."""
    return choice.suspects or (choice.decisions is not None and finding.id in choice.decisions)


def _decided(finding: Finding, choice: Choice) -> DecisionKind | None:
    if choice.decisions is None:
        return "fix"
    decision = choice.decisions.get(finding.id)
    return decision.decision if decision else None


_DECIDED: Final[Mapping[DecisionKind, str]] = {
    "accept": "decided: accepted",
    "golden": "decided: golden is wrong (auditor plan --promote SITE makes golden follow)",
    "later": "decided: later",
}


def guarded(finding: Finding, key: Key, golden: Ground, actual: Ground, specs: Specs, choice: Choice) -> str:
    """Why a resource is not written at all; "" for one that may be."""
    owners = [*_owners(key, actual, specs), *(_owners(key, golden, specs) if finding.kind == "missing" else ())]
    stack = "" if choice.stacks else next((name for one in owners if (name := _stack(one))), "")
    if stack:
        return f"the CloudFormation stack {stack} owns it: change it there (--stacks writes it all the same)"
    unread = "" if choice.stacks else next((why for one in owners if (why := _untold(one))), "")
    if unread:
        return f"its tags could not be read ({unread}), so that a stack may own it (--stacks writes it all the same)"
    if specs[key[0]].implied and key not in golden.documents:
        return "nothing that was read of golden refers to such a one: it was not asked what hangs on it there"
    if finding.kind == "extra" and not any(type_ == finding.type for type_, _ in golden.documents):
        return "golden has not a single resource of this type: that is more likely a mistake than a wish to delete all"
    return ""


def _owners(key: Key, where: Ground, specs: Specs) -> list[Resource]:
    """A resource and what it is a part of, in a site: a stack that owns either owns both."""
    resource = where.resource(key)
    parent = parent_and_own(key[1], True)[0] if specs[key[0]].parent else ""
    return [one for one in (resource, where.resource((specs[key[0]].parent, parent))) if one]


def _stack(resource: Resource) -> str:
    """The stack that owns a resource, as its tags tell."""
    return next((name for one in _tags(resource) if one.state is State.READ and (name := _tag(one.value))), "")


def _untold(resource: Resource) -> str:
    """Why the tags of a resource are unknown; "" where they are known, or there are none."""
    return next((one.error for one in _tags(resource) if one.state is State.UNREADABLE), "")


def _tags(resource: Resource) -> list[Reading]:
    return [one for one in (resource.facets.get(name) for name in ("tags", "tagging")) if one]


def _tag(tags: Value) -> str:
    if isinstance(tags, Mapping):
        return str(tags.get(STACK, ""))
    return next((str(one.get("Value", "")) for one in tags if one.get("Key") == STACK), "")

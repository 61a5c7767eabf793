"""The classes of findings, explained, and what they make one suspect. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.compare.classes import CROSS_REGION, DELETED_PRINCIPAL, GOLDEN_SUSPECT, STALE_ARTIFACT, UNRESOLVED
from auditor.model.values import Drift, Finding
from auditor.report.display import visible
from auditor.report.wording import counted, site_noun

MEANINGS: Final[Mapping[str, str]] = {
    CROSS_REGION: "One side names a region that is not its own, and the other does not: "
    "usually a value that was copied from another region and not adapted.",
    GOLDEN_SUSPECT: "All the others agree with one another, and golden alone differs: golden itself may be wrong.",
    STALE_ARTIFACT: "The code here is not golden's: a deployment was missed, or reached one of the two only.",
    DELETED_PRINCIPAL: "A policy names a role or user that was deleted: its unique id is all that is left of it, "
    "and AWS takes it from nobody.",
    UNRESOLVED: "A value names something by an id of which it cannot be told what it is: "
    "the two may mean the same, or not.",
}


@dataclass(frozen=True)
class LabelView:
    """A class as a badge; `anchor` is its place in the legend, `meaning` one sentence ("" for a class unknown here)."""

    name: str
    anchor: str
    meaning: str


def label(name: str) -> LabelView:
    """The badge of a class."""
    shown = visible(name)
    return LabelView(shown, f"class-{'-'.join(shown.split())}", MEANINGS.get(name, ""))


def labels(names: Iterable[str]) -> tuple[LabelView, ...]:
    """The badges of classes, each once, in alphabetical order."""
    return tuple(label(name) for name in sorted(set(names)))


def classes_of(finding: Finding) -> frozenset[str]:
    """The classes of a finding and of all its changes."""
    return frozenset(finding.classes).union(*(one.classes for one in finding.changes))


def suspects(drift: Drift) -> tuple[Finding, ...]:
    """The open findings in which golden itself is suspected."""
    return tuple(one for one in drift.findings if one.exception is None and GOLDEN_SUSPECT in classes_of(one))


def suspicion(drift: Drift) -> str:
    """The question whether golden is wrong, "" where nothing raises it."""
    number = len(suspects(drift))
    if not number:
        return ""
    against = f"all other {site_noun(drift)}s agree against {visible(drift.golden)}"
    return f"In {counted(number, 'finding')} {against}: is golden wrong?"

"""What a report tells of, before it is put in words. No behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.history.history import History
from auditor.model.plan import Plan
from auditor.model.values import Drift


@dataclass(frozen=True)
class Report:
    """What a report is made of: the drift, and what else is known of it."""

    drift: Drift
    history: History | None = None
    plan: Plan | None = None
    no_plan: str = ""
    """Why there is no plan."""
    consoles: Mapping[str, str] = field(default_factory=dict)
    """Where the AWS console shows a resource, by type (see ResourceSpec.console)."""

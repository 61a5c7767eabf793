"""The drift as the JSON document that scripts rely on (`auditor/drift/1`). Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Any, Final

from auditor.compare.exceptions import exception_fields
from auditor.model.values import ABSENT, KINDS, Change, Coverage, Drift, Finding

SCHEMA: Final = "auditor/drift/1"


def drift_document(drift: Drift) -> dict[str, Any]:
    """What `auditor diff --format json` says: plain JSON values, the findings in an order of their own."""
    return {
        "schema": SCHEMA,
        "golden": drift.golden,
        "sites": list(drift.sites),
        "taken": drift.taken,
        "read": drift.read or drift.taken,
        "complete": drift.complete,
        "summary": summary(drift),
        "findings": [_finding(one) for one in sorted(drift.findings, key=_order)],
        "warnings": list(drift.warnings),
        "coverage": [_coverage(one) for one in sorted(drift.coverage, key=lambda one: (one.site, one.type, one.facet))],
    }


def drift_json(drift: Drift) -> str:
    """The same as text, its keys sorted."""
    return json.dumps(drift_document(drift), ensure_ascii=False, sort_keys=True, indent=2)


def summary(drift: Drift) -> dict[str, int]:
    """How many resources there are, how many open findings of each kind, and how many are excepted."""
    kinds = Counter(one.kind for one in drift.findings if one.exception is None)
    excepted = sum(one.exception is not None for one in drift.findings)
    return {"resources": sum(drift.inventory.values()), **{kind: kinds[kind] for kind in KINDS}, "excepted": excepted}


def _order(finding: Finding) -> tuple[str, ...]:
    return finding.site, finding.type, finding.name, finding.kind, finding.id


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "site": finding.site,
        "type": finding.type,
        "name": finding.name,
        "kind": finding.kind,
        "severity": finding.severity,
        "changes": [_change(one) for one in sorted(finding.changes, key=lambda one: one.path)],
        "classes": sorted({*finding.classes, *(name for one in finding.changes for name in one.classes)}),
        "exception": None if finding.exception is None else exception_fields(finding.exception),
        "attribution": None if finding.attribution is None else asdict(finding.attribution),
    }


def _change(change: Change) -> dict[str, Any]:
    if change.unreadable:
        return {"path": change.path, "unreadable": change.unreadable}
    sides = {"golden": change.golden, "actual": change.actual}
    told = {"path": change.path} | {side: value for side, value in sides.items() if value is not ABSENT}
    if change.attribution:
        told["attribution"] = asdict(change.attribution)
    if change.classes:
        told["classes"] = sorted(change.classes)
    if change.notes:
        told["notes"] = list(change.notes)
    return told


def _coverage(row: Coverage) -> dict[str, Any]:
    return {"site": row.site, "type": row.type, "facet": row.facet, **row.outcomes}

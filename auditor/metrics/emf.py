"""The numbers of an audit as one line in CloudWatch's embedded metric format. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
A line has one value for each dimension. So golden is the only one, what has few values (severities, kinds, services) is
in the metrics' names, and counts by site and by type are members that Logs Insights finds, no metrics.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from auditor.metrics.measures import Kept, Measures
from auditor.model.values import KINDS, SEVERITIES

NAMESPACE: Final = "auditor"
MOST: Final = 100
"""Metrics that a directive may have."""
_LONGEST: Final = 1024
"""Characters of a dimension's value, all of them ASCII."""


def emf_line(told: Measures) -> str:
    """One JSON object, without a line break. What is not known is left out."""
    metrics = dict(list(_metrics(told).items())[:MOST])
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Golden"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in metrics.items()],
    }
    line: dict[str, Any] = {
        "_aws": {"Timestamp": told.ended * 1000, "CloudWatchMetrics": [directive]},
        "Golden": told.golden.encode("ascii", "backslashreplace").decode()[:_LONGEST],
        **{name: value for name, (value, _) in metrics.items()},
        **_searched(told),
    }
    return json.dumps(line, sort_keys=True)


def _metrics(told: Measures) -> dict[str, tuple[float, str]]:
    flags = {"InSync": told.in_sync, "Complete": told.complete, "Failed": told.failed}
    counts = {"AcceptedFindings": told.accepted, **_findings(told.findings)}
    if told.unread is not None:
        counts["Unread"] = sum(told.unread.values())
    # Of what is no number of now, CloudWatch's alarms can only tell an age.
    complete = None if told.last_complete is None else told.ended - told.last_complete
    spans = {"AuditDuration": told.seconds, "OldestFindingAge": told.oldest, "SinceCompleteAudit": complete}
    calls = {"ApiCalls": sum(told.calls.values()), "Throttles": sum(told.throttles.values())}
    by_service = {f"ApiCalls.{name}": count for name, count in told.calls.items()}
    by_service |= {f"Throttles.{name}": count for name, count in told.throttles.items()}
    numbers = {name: (count, "Count") for name, count in (flags | counts | calls).items() if count is not None}
    seconds = {name: (value, "Seconds") for name, value in spans.items() if value is not None}
    services = {name: (count, "Count") for name, count in by_service.items()}
    return {name: (float(value), unit) for name, (value, unit) in (numbers | seconds | services).items()}


def _findings(found: Mapping[Kept, int] | None) -> dict[str, int | None]:
    if found is None:
        return {}
    kinds, severities = _sums(found, "kind"), _sums(found, "severity")
    by_kind: dict[str, int | None] = {f"Findings.{name}": kinds[name] for name in KINDS}
    return {"Findings": sum(found.values())} | by_kind | {f"Findings.{name}": severities[name] for name in SEVERITIES}


def _searched(told: Measures) -> dict[str, Mapping[str, int]]:
    if told.findings is None:
        return {}
    sums = {"FindingsBySite": _sums(told.findings, "site"), "FindingsByType": _sums(told.findings, "type")}
    return {**sums, "UnreadBySite": told.unread or {}}


def _sums(found: Mapping[Kept, int], name: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    for one, count in found.items():
        sums[getattr(one, name)] += count
    return sums

"""The drift in SARIF 2.1.0, which code scanning shows. Pure.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, and what GitHub reads of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from auditor import __version__
from auditor.model.values import Drift, Finding, Kind
from auditor.report.display import visible
from auditor.report.document import summary
from auditor.report.formats.text import finding_lines, shortened
from auditor.report.labels import classes_of
from auditor.report.wording import acceptance, all_read, in_order, verdict

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "auditorFindingId/v1"
GITHUB_FINGERPRINT: Final = "primaryLocationLineHash"
"""The only one by which code scanning knows a result again; it would be computed from the file that there is not."""
LEVELS: Final[Mapping[str, str]] = {"high": "error", "medium": "warning", "low": "note"}
TITLES: Final[Mapping[Kind, str]] = {
    "changed": "differs from golden",
    "missing": "is missing",
    "extra": "is not in golden",
    "unreadable": "could not be read",
}
HELP: Final[Mapping[Kind, str]] = {
    "changed": "A field of the resource is not as in golden. `auditor plan` shows how to make the site as golden is. "
    "If the two are to differ, add an exception with a reason to auditor.yaml.",
    "missing": "Golden has the resource, and the site does not. `auditor plan` shows how to make it there. "
    "If it is not meant to be there, add an exception with a reason to auditor.yaml.",
    "extra": "The site has the resource, and golden does not. Delete it, make it in golden too, "
    "or add an exception with a reason to auditor.yaml.",
    "unreadable": "It is not known whether the resource is as in golden. Give the reader the permission that the "
    "reason names (`auditor iam-policy audit` prints all of them), or audit again if AWS had a fault.",
}
"""What each kind of finding means, and what to do about it."""
_VALUE: Final = 400
"""Characters of a value that are told: the JSON has it whole."""
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""What stands for itself in a URI's path (RFC 3986, 2.3)."""


def sarif_log(drift: Drift) -> dict[str, Any]:
    """The log with one run: plain JSON values, a result a finding, a rule for each type and kind that occurs.

    What could not be read is `open`, and the run then not successful; what is accepted is suppressed.
    """
    findings = in_order(drift, drift.findings)
    rules = {_rule_id(one): one for one in findings}
    numbers = {name: number for number, name in enumerate(rules)}
    driver = {"name": "auditor", "version": __version__, "rules": [_rule(name, one) for name, one in rules.items()]}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(drift, findings)],
        "results": [_result(one, drift.golden, numbers) for one in findings],
        "properties": _said(drift),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _said(drift: Drift) -> dict[str, Any]:
    told = {"verdict": verdict(drift), "golden": visible(drift.golden), "taken": visible(drift.taken)}
    return {**told, "sites": [visible(name) for name in drift.sites], "summary": summary(drift)}


def _rule_id(finding: Finding) -> str:
    return visible(f"{finding.type}/{finding.kind}")


def _rule(name: str, finding: Finding) -> dict[str, Any]:
    title = f"{visible(finding.type)} {TITLES[finding.kind]}"
    means = {"text": HELP[finding.kind]}
    return {"id": name, "shortDescription": {"text": _message(title)}, "fullDescription": means, "help": means}


def _result(finding: Finding, golden: str, numbers: Mapping[str, int]) -> dict[str, Any]:
    rule, unread = _rule_id(finding), finding.kind == "unreadable"
    return {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        # Only what fails has a level (3.27.10).
        "kind": "open" if unread else "fail",
        "level": "none" if unread else LEVELS[finding.severity],
        "message": {"text": _told(finding, golden)},
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: visible(finding.id), GITHUB_FINGERPRINT: f"{visible(finding.id)}:1"},
        "suppressions": list(_suppressions(finding)),
        "properties": _properties(finding),
    }


def _told(finding: Finding, golden: str) -> str:
    resource = shortened(visible(f"{finding.type}/{finding.name}"), _VALUE)
    lines = "\n".join(finding_lines(finding, golden, _VALUE))
    return _message(f"{resource} in {shortened(visible(finding.site), _VALUE)}: {lines}")


def _location(finding: Finding) -> dict[str, Any]:
    name = f"{finding.site}/{finding.type}/{finding.name}"
    return {
        # Code scanning takes no result without a file. There is none: the URI is the resource's.
        "physicalLocation": {"artifactLocation": {"uri": _uri(name)}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": visible(name), "kind": "resource"}],
    }


def _suppressions(finding: Finding) -> Iterator[dict[str, str]]:
    if finding.exception is not None:
        yield {"kind": "external", "status": "accepted", "justification": acceptance(finding.exception)}


def _properties(finding: Finding) -> dict[str, Any]:
    told = {"kind": finding.kind, "severity": finding.severity, "classes": sorted(map(visible, classes_of(finding)))}
    if finding.attribution is None:
        return told
    return told | {"attribution": {name: visible(text) for name, text in asdict(finding.attribution).items()}}


def _invocation(drift: Drift, findings: Iterable[Finding]) -> dict[str, Any]:
    warnings = [{"level": "warning", "message": {"text": _message(visible(one))}} for one in drift.warnings]
    unread = [
        {"level": "error", "message": {"text": _told(one, drift.golden)}}
        for one in findings
        if one.kind == "unreadable"
    ]
    told = [*warnings, *unread]
    if not all_read(drift) and not unread:
        told = [*told, {"level": "error", "message": {"text": _message(verdict(drift))}}]
    return {"executionSuccessful": all_read(drift), "toolExecutionNotifications": told}


def _message(text: str) -> str:
    # In a message, braces are placeholders' and brackets before a parenthesis a link's (3.11.5, 3.11.6).
    unlinked = re.sub(r"(\\*)\](?=\()", lambda found: f"{found[1] * 2}\\]", text)
    return unlinked.replace("{", "{{").replace("}", "}}")


def _uri(path: str) -> str:
    encoded = path.encode(errors="surrogatepass")
    return "".join(chr(one) if one in _UNRESERVED else f"%{one:02X}" for one in encoded)

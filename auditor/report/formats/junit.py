"""The drift as test results in JUnit's XML, which CI servers show. Pure.

There is no standard: the names are those that Jenkins and GitLab read (https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from auditor.model.values import Drift, Finding
from auditor.report.display import visible
from auditor.report.formats.text import finding_lines, shortened
from auditor.report.wording import acceptance, all_read, in_order, verdict

SUITES: Final = "auditor"
_VALUE: Final = 400
"""Characters of a value that are told: the JSON has it whole."""
_COUNTED: Final = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def drift_junit(drift: Drift) -> str:
    """A suite a site, a case a finding: changed, missing and extra are failures, unreadable is an error.

    Accepted findings are skipped; a site without any finding has one case that passes. All is ASCII.
    """
    root = Element("testsuites", name=SUITES)
    by_site: dict[str, list[Finding]] = {name: [] for name in drift.sites}
    for finding in in_order(drift, drift.findings):
        by_site[finding.site].append(finding)
    for site, findings in by_site.items():
        _suite(root, drift, site, findings)
    if _unsaid(drift):
        _verdict_suite(root, drift)
    root.attrib |= _counts(root)
    indent(root)
    # Every character that XML 1.0 forbids is one that cannot be seen, and has become its escape.
    xml: bytes = tostring(root, encoding="us-ascii", xml_declaration=True)
    return xml.decode("ascii")


def _suite(root: Element, drift: Drift, site: str, findings: Sequence[Finding]) -> None:
    suite = _named_suite(root, drift, site)
    for finding in findings:
        _case(suite, finding, drift.golden)
    if not findings:
        SubElement(suite, "testcase", classname=visible(site), name=f"no difference from {visible(drift.golden)} found")
    suite.attrib |= _counts(suite)


def _named_suite(root: Element, drift: Drift, name: str) -> Element:
    suite = SubElement(root, "testsuite", name=visible(name))
    properties = SubElement(suite, "properties")
    for key, value in (("verdict", verdict(drift)), ("golden", drift.golden), ("taken", drift.taken)):
        SubElement(properties, "property", name=key, value=visible(value))
    return suite


def _case(suite: Element, finding: Finding, golden: str) -> None:
    accepted = ", accepted" if finding.exception else ""
    # GitLab knows a case by its name: a resource can have several findings.
    name = visible(f"{finding.type}/{finding.name}: {finding.kind}{accepted}")
    case = SubElement(suite, "testcase", classname=visible(finding.site), name=name)
    lines = list(finding_lines(finding, golden, _VALUE))
    if finding.exception:
        outcome = SubElement(case, "skipped", message=shortened(f"Accepted: {acceptance(finding.exception)}", _VALUE))
    else:
        tag = "error" if finding.kind == "unreadable" else "failure"
        outcome = SubElement(case, tag, type=finding.kind, message=lines[0])
    outcome.text = "\n".join([*lines, f"Severity: {finding.severity}"])


def _unsaid(drift: Drift) -> bool:
    """Whether something is amiss that no open finding says."""
    said = any(one.kind == "unreadable" and one.exception is None for one in drift.findings)
    return not drift.sites or (not all_read(drift) and not said)


def _verdict_suite(root: Element, drift: Drift) -> None:
    # Otherwise the file would read as if all were known, and alike.
    suite = _named_suite(root, drift, SUITES)
    case = SubElement(suite, "testcase", classname=SUITES, name="everything was read and compared")
    if all_read(drift):
        SubElement(case, "skipped", message=verdict(drift))
    else:
        SubElement(case, "error", type="incomplete", message=verdict(drift))
    suite.attrib |= _counts(suite)


def _counts(element: Element) -> dict[str, str]:
    found = Counter(one.tag for one in element.iter())
    return {name: str(found[tag]) for name, tag in _COUNTED.items()}

"""How much a finding matters, by rule. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from auditor.compare.classes import CROSS_REGION
from auditor.model.values import SEVERITIES, Change, Finding, Severity

RULES: Final[tuple[tuple[str, str, Severity], ...]] = (
    # Who may reach it, and whether it is encrypted.
    ("AWS::S3::Bucket", "/PublicAccessBlockConfiguration", "high"),
    ("AWS::S3::Bucket", "/ServerSideEncryptionConfiguration", "high"),
    ("AWS::S3::Bucket", "/OwnershipControls", "high"),
    ("AWS::S3::Bucket", "/PolicyStatus", "high"),
    ("AWS::S3::Bucket", "/Grants", "high"),
    ("AWS::S3::AccountPublicAccessBlock", "", "high"),
    ("AWS::Lambda::Url", "/AuthType", "high"),
    ("*", "/Policy", "high"),
    ("*", "/Tags", "low"),
    ("*", "/Description", "low"),
)
"""Type, place and grade. A rule holds for its place and all below, and for no field of that name elsewhere."""
KINDS: Final[Mapping[str, Severity]] = {"missing": "high", "extra": "low", "unreadable": "high"}


def severity(finding: Finding, overrides: Mapping[str, Severity]) -> Severity:
    """The highest severity of the finding's changes, or that of its kind.

    `overrides` maps globs over `TYPE/PATH` (or `TYPE/KIND`) to severities; the first match wins over the rules.
    """
    if finding.kind != "changed":
        return _first(f"{finding.type}/{finding.kind}", overrides, KINDS[finding.kind])
    grades = [_change(finding.type, change, overrides) for change in finding.changes]
    return min(grades, key=SEVERITIES.index, default="medium")


def _change(type_: str, change: Change, overrides: Mapping[str, Severity]) -> Severity:
    if CROSS_REGION in change.classes:
        return _first(f"{type_}{change.path}", overrides, "high")
    below = f"{change.path}/"
    grades = (grade for types, place, grade in RULES if fnmatchcase(type_, types) and below.startswith(f"{place}/"))
    return _first(f"{type_}{change.path}", overrides, next(grades, "medium"))


def _first(name: str, overrides: Mapping[str, Severity], otherwise: Severity) -> Severity:
    return next((grade for pattern, grade in overrides.items() if fnmatchcase(name, pattern)), otherwise)

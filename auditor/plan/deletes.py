"""The delete of a resource that golden has not, and how it would be made again. Pure."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.values import ABSENT, parse_site
from auditor.plan.draft import deleting_drafts
from auditor.plan.drafts import Drafted, Refusal, empty_action
from auditor.plan.ground import Subject


def deleted(subject: Subject, site: str) -> Drafted:
    """The action that deletes a resource that golden has not."""
    assert subject.actual
    spec, actual = subject.spec, subject.actual
    if spec.delete is None:
        return (), (Refusal(("",), f"none of this type is deleted: {spec.undeleted}"),)
    known = all(actual.known(facet) for facet in spec.facets)
    empty = empty_action(subject, actual.document.native, site, "delete")
    base = empty if known else replace(empty, cannot_undo="not all of it could be read")
    before = {name: value for name, value in actual.values.items() if value is not ABSENT}
    return tuple(deleting_drafts(base, spec, before, parse_site(site).region)), ()

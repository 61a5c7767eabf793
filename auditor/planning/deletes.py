"""The delete of a resource that golden has not, and how it would be made again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.model import ABSENT, Value, parse_site
from auditor.planned import PlannedCall
from auditor.planning.drafted_calls import place_of, planned
from auditor.planning.drafts import (
    DELETES,
    NO_WAY_BACK,
    Drafted,
    Refusal,
    dead_in,
    drafts_of,
    empty_action,
    facets_of,
)
from auditor.planning.ground import Subject
from auditor.planning.held import NotHeldError, referred
from auditor.planning.symbols import from_golden
from auditor.spec import Facet
from auditor.writes import creating, writing


def deleted(subject: Subject, site: str) -> Drafted:
    """The action that deletes a resource that golden has not."""
    assert subject.actual
    spec, actual = subject.spec, subject.actual
    if spec.delete is None:
        return (), (Refusal(("",), f"none of this type is deleted: {spec.undeleted}"),)
    undo, why = _remaking(subject, parse_site(site).region)
    base = replace(empty_action(subject, actual.document.native, site, "delete"), undo=undo, cannot_undo=why)
    drafts = drafts_of(base, (spec.delete,), subject, None, dict(actual.values), ABSENT)
    return tuple(replace(one, turn=DELETES - one.turn) for one in drafts), ()


def _remaking(subject: Subject, region: str) -> tuple[tuple[PlannedCall, ...], str]:
    """The calls that make again what is deleted, or why there are none."""
    spec, actual = subject.spec, subject.actual
    assert actual
    if not all(actual.known(facet) for facet in spec.facets):
        return (), "not all of it could be read"
    try:
        held = {
            facet.name: referred(actual.values[facet.name], ABSENT, node, place_of(facet), from_golden=False)
            for facet, node in facets_of(subject)
        }
    except NotHeldError as error:
        return (), str(error)
    given = {name: value for name, value in held.items() if value is not ABSENT}
    refused = next(filter(None, (_refused_anew(facet, given) for facet in spec.facets)), "")
    if refused:
        return (), refused
    calls = tuple(planned(call, spec) for call in creating(spec, given, region))
    if from_golden(calls):
        return (), "its code is kept nowhere"
    if dead := dead_in(calls):
        return (), dead
    return calls, "" if calls else NO_WAY_BACK


def _refused_anew(facet: Facet, given: Mapping[str, Value]) -> str:
    """Why AWS does not take what a facet held, which it could come to hold only before the rest; "" where it does."""
    own = given.get(facet.name, ABSENT)
    if own is not ABSENT and not writing(facet, ABSENT, own):
        # It comes with the resource, as the ACL of a bucket that only its owner may use: nothing is to be refused.
        return ""
    beside = ((bond, given.get(bond.facet, ABSENT)) for bond in facet.bonds if not bond.type and own is not ABSENT)
    return next((why for bond, value in beside if (why := bond.refuses(own, value))), "")

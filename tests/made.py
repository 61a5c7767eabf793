"""What the tests of the resource types share: documents made of what AWS answers, and the calls that write them."""

from __future__ import annotations

from botocore import xform_name

from auditor.aws.calls import fill
from auditor.aws.readings import taken
from auditor.canonical.document import document
from auditor.model.values import ABSENT, Locale, Reading, Resource, State
from auditor.specs.spec import Listed

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")


def whole(spec, name, readings, locale=VIRGINIA):
    """The document of a resource with these readings, by facet; the other facets are absent."""
    absent = {facet.name: Reading(State.ABSENT) for facet in spec.facets}
    return document(Resource(spec.type, name, absent | readings), spec, locale)


def listed(spec, item):
    """What the listing's item tells."""
    return {
        facet.name: taken(facet, facet.source.pick, item) for facet in spec.facets if isinstance(facet.source, Listed)
    }


def answered(spec, answers):
    """What AWS's answers tell, by facet (`_` for a space)."""
    given = {name.replace("_", " "): answer for name, answer in answers.items()}
    asked = [facet for facet in spec.facets if facet.name in given]
    return {facet.name: taken(facet, facet.source.pick, given[facet.name]) for facet in asked}


def known(values):
    """Raw values as they are, by facet (`_` for a space)."""
    return {name.replace("_", " "): Reading(State.READ, value) for name, value in values.items()}


def listed_fields(spec, name, item, /, locale=VIRGINIA, **others):
    """The fields of a resource that is listed as `item`; the raw values of other facets are `others`."""
    return whole(spec, name, known(others) | listed(spec, item), locale).fields


def writes(spec, name, found, wanted):
    """The calls that take a facet from one raw value to another: operations with parameters."""
    facet = next(facet for facet in spec.facets if facet.name == name)
    return [(call.operation, dict(call.params)) for call in facet.write(found, wanted)]


def creates(spec, /, **wanted):
    """The calls that make a resource of raw values, by facet: operations with parameters."""
    return [(call.operation, dict(call.params)) for call in spec.create(ABSENT, wanted)]


def carried_out(client, calls, **values):
    """Makes the calls, with these values for the placeholders in their parameters."""
    for call in calls:
        getattr(client, xform_name(call.operation))(**fill(call.params, values))

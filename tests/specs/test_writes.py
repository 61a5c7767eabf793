"""Which calls put a wanted value in place."""

from __future__ import annotations

from auditor.model.values import ABSENT
from auditor.specs.spec import Call, Facet, Listed, Listing, ResourceSpec
from auditor.specs.writes import creating, writing

PUT = Call("PutThing", {"Name": "${name}", "Configuration": "${value}"})
DELETE = Call("DeleteThing", {"Name": "${name}"})


def spec(*facets, create=None, created_with=()):
    return ResourceSpec(
        "AWS::Test::Thing", "test", Listing(Call("L")), facets, create=create, created_with=created_with
    )


def test_a_call_takes_the_value_where_it_stands_for_it():
    facet = Facet("one", Listed(), write=PUT)

    assert writing(facet, ABSENT, {"A": 1}) == (Call("PutThing", {"Name": "${name}", "Configuration": {"A": 1}}),)


def test_the_value_can_stand_deep_inside_a_parameter():
    facet = Facet("one", Listed(), write=Call("Put", {"Input": {"Rules": ["${value}"]}}))

    assert writing(facet, ABSENT, 7)[0].params == {"Input": {"Rules": [7]}}


def test_a_call_that_is_spread_takes_the_values_members_as_parameters():
    facet = Facet("one", Listed(), write=Call("Update", {"Name": "${name}"}, spread=True))

    assert writing(facet, ABSENT, {"A": 1, "B": 2})[0].params == {"Name": "${name}", "A": 1, "B": 2}


def test_a_writer_sees_what_was_there_and_what_is_wanted():
    facet = Facet("one", Listed(), write=lambda found, wanted: (Call("From", {"a": found, "b": wanted}),))

    assert writing(facet, 1, 2) == (Call("From", {"a": 1, "b": 2}),)


def test_what_is_not_wanted_is_removed():
    assert writing(Facet("one", Listed(), write=PUT, remove=DELETE), {"A": 1}, ABSENT) == (DELETE,)


def test_a_facet_that_can_only_be_read_takes_no_call():
    facet = Facet("one", Listed())

    assert (writing(facet, ABSENT, 1), writing(facet, 1, ABSENT)) == ((), ())


def test_a_resource_is_made_with_some_facets_and_then_given_the_others():
    made = spec(
        Facet("first", Listed()),
        Facet("second", Listed(), write=PUT),
        create=Call("Create", {"Name": "${name}", "Given": "${value}"}),
        created_with=("first",),
    )

    assert creating(made, {"first": 1, "second": 2}) == (
        Call("Create", {"Name": "${name}", "Given": {"first": 1}}),
        Call("PutThing", {"Name": "${name}", "Configuration": 2}),
    )


def test_what_cannot_be_made_takes_no_call():
    assert creating(spec(Facet("one", Listed(), write=PUT)), {"one": 1}) == ()

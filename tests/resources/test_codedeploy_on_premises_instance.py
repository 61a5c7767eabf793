"""CodeDeploy's on-premises instances: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.aws.readings import taken
from auditor.resources.codedeploy_on_premises_instance import SPEC
from made import IRELAND, VIRGINIA, whole

USER = "arn:aws:iam::123456789012:user/rack"


def made(information, locale=VIRGINIA):
    (facet,) = SPEC.facets
    reading = taken(facet, facet.source.alone.pick, {"instanceInfo": {"instanceName": "rack-1", **information}})
    return whole(SPEC, "rack-1", {"configuration": reading}, locale)


def test_what_each_region_generates_is_not_compared():
    virginia = {"instanceArn": "arn:aws:codedeploy:us-east-1:123456789012:instance/rack-1_a1", "registerTime": "1"}
    ireland = {"instanceArn": "arn:aws:codedeploy:eu-west-1:123456789012:instance/rack-1_b2", "registerTime": "2"}

    assert made(virginia).fields == made(ireland, IRELAND).fields


def test_who_the_instance_is_to_iam_is_compared():
    assert made({"iamUserArn": USER}).fields == {"iamUserArn": "arn:aws:iam::${account}:user/rack", "tags": {}}


def test_tags_have_no_order_and_a_key_can_have_two_values():
    tags = [{"Key": "role", "Value": "web"}, {"Key": "role", "Value": "api"}]

    assert made({"tags": tags}).fields["tags"] == {
        "role|api": {"Key": "role", "Value": "api"},
        "role|web": {"Key": "role", "Value": "web"},
    }


def test_only_registered_instances_are_listed():
    assert SPEC.listing.call.params == {"registrationStatus": "Registered"}


def test_that_an_instance_is_in_one_region_only_means_nothing():
    assert made({}).optional


def test_an_instance_is_audited_only():
    assert (SPEC.create, SPEC.delete, [facet for facet in SPEC.facets if facet.write]) == (None, None, [])

"""CodeDeploy's GitHub connections: there is nothing to them but their name."""

from __future__ import annotations

import jmespath

from auditor.resources.codedeploy_git_hub_connection import SPEC
from made import whole


def test_the_names_of_the_connections_are_listed():
    assert jmespath.search(SPEC.listing.call.pick, {"tokenNameList": ["shop-team"]}) == ["shop-team"]


def test_a_connection_is_its_name_alone():
    made = whole(SPEC, "shop-team", {})

    assert (made.name, made.fields) == ("shop-team", {})


def test_a_connection_is_neither_made_nor_deleted():
    assert (SPEC.create, SPEC.delete) == (None, None)

"""Golden's code on its way to a region: fetched from where AWS keeps it, and checked."""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace

import pytest
from reconciling import FUNCTION

from auditor.apply.target import Target
from auditor.apply.values import Golden, values
from auditor.errors import ApplyError
from auditor.model.plan import Action, Plan, PlannedCall, PlannedOn
from auditor.model.values import Reading, Resource, State
from auditor.resources import load_specs
from scripted import scripted_aws

SHIP = PlannedCall("lambda", "UpdateFunctionCode", {"FunctionName": "${name}", "ZipFile": "${golden:/Code}"})
ACTION = Action("1", "eu-west-1", FUNCTION, "api", "api", "update", "package", (SHIP,))
ON = PlannedOn("eu-west-1", FUNCTION, "api", "api", "", {}, {}, golden="api")
PLAN = Plan("us-east-1", "2026-11-24T01:02:03Z", {}, (ACTION,), resources=(ON,))


def shipped(location, content):
    """What golden's code at a location comes to, its hash being that of `content`."""
    sha = base64.b64encode(hashlib.sha256(content).digest()).decode()
    facets = {
        "package": Reading(State.READ, {"CodeSha256": sha}),
        "code": Reading(State.READ, {"RepositoryType": "S3", "Location": location}),
    }
    golden = Golden("us-east-1", SimpleNamespace(raw={(FUNCTION, "api"): Resource(FUNCTION, "api", facets)}))
    target = Target(PLAN, "eu-west-1", SimpleNamespace(vocabulary=load_specs()), None, None, False)
    return values(target, ACTION, SHIP, golden)["golden:/Code"]


def test_code_that_is_what_its_hash_says_is_shipped():
    with scripted_aws(lambda _: (200, "code")) as aws:
        assert shipped(f"{aws.url}/code?X-Amz-Signature=hush", b"code") == b"code"


def test_code_that_is_not_what_its_hash_says_is_not_shipped():
    with (
        scripted_aws(lambda _: (200, "another")) as aws,
        pytest.raises(ApplyError, match="its code is not what its CodeSha256 says"),
    ):
        shipped(f"{aws.url}/code", b"code")


def test_a_location_that_cannot_be_fetched_is_never_told():
    with scripted_aws(lambda _: (403, "no")) as aws, pytest.raises(ApplyError) as refused:
        shipped(f"{aws.url}/code?X-Amz-Signature=hush", b"code")

    assert str(refused.value) == (
        f"us-east-1: {FUNCTION}/api: its code could not be fetched (HTTPError). It was not shipped."
    )


@pytest.mark.parametrize("location", ["file:///etc/passwd", ""])
def test_code_comes_from_the_network_only(location):
    with pytest.raises(ApplyError, match="AWS does not say where its code is"):
        shipped(location, b"")

"""CodeDeploy applications."""

from __future__ import annotations

from functools import partial
from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.specs.spec import Batch, Call, Facet, Field, Listing, ResourceSpec, identity, ignored, unordered

_SIGNED_IN: Final = "somebody connects it to GitHub in the console, signed in there"
_ARN: Final = "arn:${partition}:codedeploy:${region}:${account}:application:${name}"


def tags_of(arn: str) -> Facet:
    """The tags of what has this ARN: read whole, written key by key."""
    return Facet(
        "tags",
        Call(
            "ListTagsForResource",
            {"ResourceArn": arn},
            pick="Tags",
            tokens=("NextToken", "NextToken"),
        ),
        at="Tags",
        default=[],
        shape=without_aws_tags,
        fields=(unordered("", "Key"),),
        write=partial(retagged, arn),
        turn=143,
    )


def without_aws_tags(tags: Value) -> Value:
    """The tags that are the owner's: those that AWS sets itself can neither be set nor removed."""
    return [tag for tag in tags if not tag.get("Key", "").startswith("aws:")]


def retagged(arn: str, found: Value, wanted: Value) -> tuple[Call, ...]:
    """The calls that bring one list of tags to another. A tag that stays as it is, is not sent."""
    here, there = _by_key(found), _by_key(wanted)
    gone = sorted(here.keys() - there.keys())
    fresh = [{"Key": key, "Value": value} for key, value in there.items() if here.get(key, ABSENT) != value]
    removed = (Call("UntagResource", {"ResourceArn": arn, "TagKeys": gone}),) if gone else ()
    # Removed first: a resource that has all the tags it may have takes no other.
    return removed + ((Call("TagResource", {"ResourceArn": arn, "Tags": fresh}),) if fresh else ())


def _by_key(tags: Value) -> dict[str, str]:
    return {} if tags is ABSENT else {tag["Key"]: tag.get("Value", "") for tag in without_aws_tags(tags)}


def tagged(wanted: Value) -> dict[str, Value]:
    """The parameter that gives a new resource its tags, of the facets' values by name; none where there are none."""
    tags = wanted.get("tags", ABSENT)
    own = [] if tags is ABSENT else without_aws_tags(tags)
    return {"tags": own} if own else {}


def created(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that makes an application of what its facets hold."""
    # Linking it to GitHub takes somebody who signs in to the console.
    platform = wanted["configuration"].get("computePlatform") or "Server"
    params = {"applicationName": "${name}", "computePlatform": platform, **tagged(wanted)}
    return (Call("CreateApplication", params),)


SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::Application",
    console="codesuite/codedeploy/applications/{name}?region={region}",
    service="codedeploy",
    listing=Listing(Call("ListApplications", pick="applications")),
    facets=(
        Facet(
            "configuration",
            Batch(
                Call("BatchGetApplications", {"applicationNames": "${names}"}, pick="applicationsInfo"),
                size=100,
                key="applicationName",
                alone=Call("GetApplication", {"applicationName": "${name}"}, pick="application"),
            ),
            fields=(
                identity("applicationName"),
                ignored("applicationId", "generated in each region"),
                ignored("createTime", "when it was made"),
                Field("computePlatform", default="Server", immutable=True),
                ignored("linkedToGitHub", "somebody signed in to GitHub from there; no API sets it"),
                Field("gitHubAccountName", read_only=True, unwritten=_SIGNED_IN),
            ),
            unwritten="CodeDeploy can rename an application, and change nothing else of it",
        ),
        tags_of(_ARN),
    ),
    create=created,
    created_with=("configuration", "tags"),
    delete=Call("DeleteApplication", {"applicationName": "${name}"}),
    turn=141,
    writes=(
        "codedeploy:CreateApplication",
        "codedeploy:TagResource",
        "codedeploy:UntagResource",
    ),
)

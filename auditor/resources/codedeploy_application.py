"""CodeDeploy applications."""

from __future__ import annotations

from typing import Final

from auditor.spec import Batch, Call, Facet, Field, Listing, ResourceSpec, identity, ignored, unordered

SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::Application",
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
                Field("gitHubAccountName", read_only=True),
            ),
        ),
        Facet(
            "tags",
            Call(
                "ListTagsForResource",
                {"ResourceArn": "arn:${partition}:codedeploy:${region}:${account}:application:${name}"},
                pick="Tags[?!starts_with(Key, 'aws:')]",
                tokens=("NextToken", "NextToken"),
            ),
            at="Tags",
            default=[],
            fields=(unordered("", "Key"),),
        ),
    ),
)

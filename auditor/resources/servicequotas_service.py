"""The services whose quotas are compared. A quota is named within its service, so each service is a parent."""

from __future__ import annotations

from typing import Final

from auditor.specs.spec import Call, Listing, ResourceSpec

SPEC: Final = ResourceSpec(
    type="AWS::ServiceQuotas::Service",
    console="servicequotas/home/services/{name}/quotas?region={region}",
    service="service-quotas",
    listing=Listing(
        Call("ListServices", {"MaxResults": 100}, pick="Services", actions=("servicequotas:ListServices",)),
        name="ServiceCode",
        keep='contains(`["codedeploy", "lambda", "s3"]`, ServiceCode)',
    ),
    facets=(),
    uncreated="AWS provides it",
    undeleted="AWS provides it",
    provided=True,
)

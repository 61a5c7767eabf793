"""CodeDeploy's on-premises instances. Audited only: an agent speaks to one region, so nothing here is written."""

from __future__ import annotations

from typing import Final

from auditor.specs.spec import Batch, Call, Facet, Field, Listing, ResourceSpec, identity, ignored, unordered

_BY_CHOICE: Final = (
    "auditor writes no on-premises instance, by choice: its agent speaks to one region, so that it is rightly another "
    "one elsewhere (AddTagsToOnPremisesInstances sets tags)"
)
_REGISTERED: Final = "recreate-only: it is set when the instance is registered"

SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::OnPremisesInstance",
    console="codesuite/codedeploy/on-premises-instances?region={region}",
    service="codedeploy",
    optional=True,
    # Without the status, deregistered ones are listed too.
    listing=Listing(Call("ListOnPremisesInstances", {"registrationStatus": "Registered"}, pick="instanceNames")),
    uncreated="auditor registers no on-premises instance, by choice: its agent speaks to one region",
    undeleted="auditor deregisters no on-premises instance, by choice: its agent speaks to one region",
    facets=(
        Facet(
            "configuration",
            Batch(
                Call("BatchGetOnPremisesInstances", {"instanceNames": "${names}"}, pick="instanceInfos"),
                # The operation says 25, its error 100.
                size=25,
                key="instanceName",
                alone=Call("GetOnPremisesInstance", {"instanceName": "${name}"}, pick="instanceInfo"),
            ),
            fields=(
                identity("instanceName"),
                ignored("instanceArn", "ends in random characters"),
                ignored("registerTime", "when it was registered"),
                ignored("deregisterTime", "only registered instances are listed"),
                Field("iamSessionArn", immutable=True, unwritten=_REGISTERED),
                Field("iamUserArn", immutable=True, unwritten=_REGISTERED),
                unordered("tags", "Key", "Value", default=[]),
            ),
            unwritten=_BY_CHOICE,
        ),
    ),
)

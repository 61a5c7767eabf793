"""CodeDeploy deployment configs that the account made itself. AWS can create and delete one, not update it."""

from __future__ import annotations

from typing import Final

from auditor.spec import Call, Facet, Field, Listing, ResourceSpec, identity, ignored

# These mean something for servers only; whatever AWS sends for other platforms is left out.
_OF_SERVERS: Final = '`{"minimumHealthyHosts": null, "zonalConfig": null}`'
_PICK: Final = f"merge(@, computePlatform && computePlatform != 'Server' && {_OF_SERVERS} || `{{}}`)"

SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::DeploymentConfig",
    service="codedeploy",
    # AWS's own, the same in every region, begin with CodeDeployDefault.
    listing=Listing(
        Call("ListDeploymentConfigs", pick="deploymentConfigsList[?!starts_with(@, 'CodeDeployDefault.')]")
    ),
    facets=(
        Facet(
            "configuration",
            Call("GetDeploymentConfig", {"deploymentConfigName": "${name}"}, pick=f"deploymentConfigInfo.{_PICK}"),
            fields=(
                identity("deploymentConfigName"),
                ignored("deploymentConfigId", "generated in each region"),
                ignored("createTime", "when it was made"),
                Field("computePlatform", default="Server", immutable=True),
                Field("minimumHealthyHosts", immutable=True),
                Field("trafficRoutingConfig", immutable=True),
                Field("zonalConfig", immutable=True),
            ),
        ),
    ),
)

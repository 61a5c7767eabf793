"""CodeDeploy deployment configs that the account made itself. AWS can create and delete one, not update it."""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value
from auditor.specs.spec import Call, Facet, Field, Listing, ResourceSpec, default, identity, ignored

_OF_SERVERS: Final = ("minimumHealthyHosts", "zonalConfig")
_ROUTES: Final = {"TimeBasedCanary": "timeBasedCanary", "TimeBasedLinear": "timeBasedLinear"}
_SETTINGS: Final = (*_OF_SERVERS, "computePlatform", "trafficRoutingConfig")


def meant(raw: Value) -> Value:
    """The config without what its platform does not know, traffic routing with only what its type takes.

    AWS sends members that mean nothing: healthy hosts of a Lambda config, a linear step of a canary.
    """
    if (raw.get("computePlatform") or "Server") == "Server":
        told = {name: value for name, value in raw.items() if name not in ("trafficRoutingConfig", "zonalConfig")}
        return told | ({"zonalConfig": zonal(raw["zonalConfig"])} if raw.get("zonalConfig") else {})
    routing = raw.get("trafficRoutingConfig") or {"type": "AllAtOnce"}
    other = set(_ROUTES.values()) - {_ROUTES.get(routing.get("type", ""))}
    known = {name: value for name, value in raw.items() if name not in _OF_SERVERS}
    return known | {"trafficRoutingConfig": {name: value for name, value in routing.items() if name not in other}}


def zonal(raw: Value) -> Value:
    """A zonal config without the waits that CodeDeploy makes where nothing is said.

    None after a zone, and after the first one as long as after the others:
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ZonalConfig.html
    """
    others = raw.get("monitorDurationInSeconds") or 0
    assumed = {"monitorDurationInSeconds": 0, "firstZoneMonitorDurationInSeconds": others}
    return {name: value for name, value in raw.items() if name not in assumed or value not in (None, assumed[name])}


def created(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that makes a config of what its facet holds."""
    settings = meant(wanted["configuration"])
    given = {name: settings[name] for name in _SETTINGS if settings.get(name) not in (None, {})}
    return (Call("CreateDeploymentConfig", {"deploymentConfigName": "${name}", **given}),)


SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::DeploymentConfig",
    console="codesuite/codedeploy/deployment-configs?region={region}",
    service="codedeploy",
    # AWS's own, the same in every region, begin with CodeDeployDefault.
    listing=Listing(
        Call("ListDeploymentConfigs", pick="deploymentConfigsList[?!starts_with(@, 'CodeDeployDefault.')]")
    ),
    facets=(
        Facet(
            "configuration",
            Call("GetDeploymentConfig", {"deploymentConfigName": "${name}"}, pick="deploymentConfigInfo"),
            fields=(
                identity("deploymentConfigName"),
                ignored("deploymentConfigId", "generated in each region"),
                ignored("createTime", "when it was made"),
                Field("computePlatform", default="Server", immutable=True),
                Field("minimumHealthyHosts", immutable=True),
                Field("trafficRoutingConfig", immutable=True),
                Field("zonalConfig", immutable=True),
                default("zonalConfig.minimumHealthyHostsPerZone", {"type": "FLEET_PERCENT", "value": 0}),
            ),
            shape=meant,
            unwritten="recreate-only: CodeDeploy makes and deletes a deployment config, and updates none",
        ),
    ),
    create=created,
    created_with=("configuration",),
    # Refused with DeploymentConfigInUseException while a group uses it.
    delete=Call("DeleteDeploymentConfig", {"deploymentConfigName": "${name}"}),
    turn=140,
    writes=("codedeploy:CreateDeploymentConfig",),
)

"""What moto's CodeDeploy lacks or loses, so that it answers as AWS does. Knows nothing of the auditor.

moto 5.2.5 has no deployment configs, no on-premises instances, no update, delete or batch reading of groups, forgets
a group's alarms and Auto Scaling groups. Groups are kept here as they were sent, and answered from that; deployments
are those of `codedeploy_deployments`.
"""

from __future__ import annotations

import time
import uuid

from moto.codedeploy import urls
from moto.codedeploy.exceptions import (
    ApplicationAlreadyExistsException,
    CodeDeployException,
    DeploymentGroupDoesNotExistException,
)
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, EmptyResult

from auditor.sandbox.codedeploy_defaults import PREDEFINED, Fields, defaults, with_hooks, without_empty
from auditor.sandbox.codedeploy_deployments import Deployments
from auditor.sandbox.trail import keep


class CodeDeploy(Deployments):
    """moto's responses, with the operations and fields that it lacks."""

    def call_action(self) -> TYPE_RESPONSE:
        status, headers, body = super().call_action()
        name = str(self._get_action())
        if not name.startswith(("Get", "List", "BatchGet")):
            caller = self.headers.get("Authorization", ""), self.headers.get("X-Amz-Security-Token", "")
            keep(caller, "codedeploy", name, self._asked, status, body if isinstance(body, bytes) else body.encode())
        return status, headers, body

    # -- applications

    def create_application(self) -> ActionResult:
        asked = self._asked
        platform = asked.get("computePlatform") or "Server"
        id_ = self.codedeploy_backend.create_application(asked["applicationName"], platform, asked.get("tags", []))
        return ActionResult({"applicationId": id_})

    def update_application(self) -> EmptyResult:
        asked, backend = self._asked, self.codedeploy_backend
        application = backend.get_application(asked["applicationName"])
        new = asked.get("newApplicationName", application.application_name)
        if new != application.application_name and new in backend.applications:
            raise ApplicationAlreadyExistsException(f"The application {new} already exists.")
        backend.applications[new] = backend.applications.pop(application.application_name)
        application.application_name = new
        return EmptyResult()

    def delete_application(self) -> EmptyResult:
        name, backend = self._asked["applicationName"], self.codedeploy_backend
        for group in [group for application, group in self._kept["groups"] if application == name]:
            self._forget(name, group)
        backend.applications.pop(name, None)
        backend.tagger.delete_all_tags_for_resource(backend._application_arn(name))  # noqa: SLF001 no public form
        return EmptyResult()

    # -- deployment groups

    def create_deployment_group(self) -> ActionResult:
        asked = self._asked
        self._check(asked)
        answer = super().create_deployment_group()
        key = (asked["applicationName"], asked["deploymentGroupName"])
        self._kept["groups"][key] = {name: value for name, value in asked.items() if name != "tags"}
        return answer

    def get_deployment_group(self) -> ActionResult:
        asked = self._asked
        return ActionResult(
            {"deploymentGroupInfo": self._group(asked["applicationName"], asked["deploymentGroupName"])}
        )

    def batch_get_deployment_groups(self) -> ActionResult:
        asked = self._asked
        application = asked["applicationName"]
        self.codedeploy_backend.get_application(application)
        if len(asked["deploymentGroupNames"]) > 100:
            raise CodeDeployException("BatchLimitExceededException", "The maximum number of names is 100.")
        names = [name for name in asked["deploymentGroupNames"] if (application, name) in self._kept["groups"]]
        groups = [self._group(application, name) for name in names]
        lost = len(asked["deploymentGroupNames"]) - len(groups)
        # AWS tells of unknown names with HTTP 200.
        return ActionResult({"deploymentGroupsInfo": groups, **({"errorMessage": f"{lost} not found"} if lost else {})})

    def list_deployment_groups(self) -> ActionResult:
        name = self._asked["applicationName"]
        self.codedeploy_backend.get_application(name)
        groups = [group for application, group in self._kept["groups"] if application == name]
        return ActionResult({"applicationName": name, "deploymentGroups": groups})

    def update_deployment_group(self) -> ActionResult:
        asked = self._asked
        application, name = asked.pop("applicationName"), asked.pop("currentDeploymentGroupName")
        self._group(application, name)
        self._check(asked)
        new = asked.pop("newDeploymentGroupName", name)
        groups = self._kept["groups"]
        # A field left out keeps its value; one sent, empty too, takes its place.
        groups[(application, new)] = {**groups.pop((application, name)), **asked, "deploymentGroupName": new}
        moved = self.codedeploy_backend.deployment_groups[application]
        moved[new] = moved.pop(name)
        moved[new].deployment_group_name = new
        return ActionResult({"hooksNotCleanedUp": []})

    def delete_deployment_group(self) -> ActionResult:
        asked = self._asked
        self._forget(asked["applicationName"], asked["deploymentGroupName"])
        return ActionResult({"hooksNotCleanedUp": []})

    def _forget(self, application: str, name: str) -> None:
        backend = self.codedeploy_backend
        self._kept["groups"].pop((application, name), None)
        backend.deployment_groups.get(application, {}).pop(name, None)
        # moto would give them to the next one of that name.
        backend.tagger.delete_all_tags_for_resource(backend._deployment_group_arn(application, name))  # noqa: SLF001

    def _check(self, asked: Fields) -> None:
        # moto takes whatever it is sent.
        if {"ec2TagFilters", "ec2TagSet"} <= asked.keys():
            raise CodeDeployException("InvalidEC2TagCombinationException", "Both ec2TagFilters and ec2TagSet.")
        if {"onPremisesInstanceTagFilters", "onPremisesTagSet"} <= asked.keys():
            raise CodeDeployException("InvalidOnPremisesTagCombinationException", "Both filters and a tag set.")
        config = asked.get("deploymentConfigName")
        if config and config not in {**PREDEFINED, **self._kept["configs"]}:
            raise CodeDeployException("DeploymentConfigDoesNotExistException", f"No deployment config {config}.")

    def _group(self, application: str, name: str) -> Fields:
        platform = self.codedeploy_backend.get_application(application).compute_platform
        kept = self._kept["groups"].get((application, name))
        if kept is None:
            raise DeploymentGroupDoesNotExistException(f"No deployment group {name} in {application}.")
        id_ = self.codedeploy_backend.deployment_groups[application][name].deployment_group_id
        own = {
            "computePlatform": platform,
            "deploymentGroupId": id_,
            "autoScalingGroups": [with_hooks(one, id_, kept) for one in kept.get("autoScalingGroups", [])],
        }
        return {**defaults(platform), **without_empty(kept), **without_empty(own)}

    # -- deployment configs

    def create_deployment_config(self) -> ActionResult:
        asked = self._asked
        name = asked["deploymentConfigName"]
        if name in self._kept["configs"] or name in PREDEFINED:
            raise CodeDeployException("DeploymentConfigAlreadyExistsException", f"{name} already exists.")
        if name.startswith("CodeDeployDefault."):
            raise CodeDeployException("InvalidDeploymentConfigNameException", f"{name} is reserved.")
        id_ = str(uuid.uuid4())
        self._kept["configs"][name] = {
            "computePlatform": "Server",
            **asked,
            "deploymentConfigId": id_,
            "createTime": time.time(),
        }
        return ActionResult({"deploymentConfigId": id_})

    def list_deployment_configs(self) -> ActionResult:
        return ActionResult({"deploymentConfigsList": [*PREDEFINED, *self._kept["configs"]]})

    def get_deployment_config(self) -> ActionResult:
        name = self._asked["deploymentConfigName"]
        found = self._kept["configs"].get(name) or PREDEFINED.get(name)
        if found is None:
            raise CodeDeployException("DeploymentConfigDoesNotExistException", f"No deployment config {name}.")
        return ActionResult(
            {"deploymentConfigInfo": {"computePlatform": "Server", **found, "deploymentConfigName": name}}
        )

    def delete_deployment_config(self) -> EmptyResult:
        name = self._asked["deploymentConfigName"]
        if name in PREDEFINED:
            raise CodeDeployException("InvalidOperationException", f"{name} is AWS's own.")
        if any(group.get("deploymentConfigName") == name for group in self._kept["groups"].values()):
            raise CodeDeployException("DeploymentConfigInUseException", f"{name} is in use.")
        self._kept["configs"].pop(name, None)
        return EmptyResult()

    # -- on-premises instances, and GitHub connections (which only the console makes)

    def register_on_premises_instance(self) -> EmptyResult:
        asked = self._asked
        name = asked["instanceName"]
        if not ("iamUserArn" in asked) ^ ("iamSessionArn" in asked):
            raise CodeDeployException("IamArnRequiredException", "Give an IAM user ARN or a session ARN.")
        if name in self._kept["instances"]:
            raise CodeDeployException("InstanceNameAlreadyRegisteredException", f"{name} is registered.")
        arn = f"arn:aws:codedeploy:{self.region}:{self.current_account}:instance/{name}_{uuid.uuid4().hex[:10]}"
        self._kept["instances"][name] = {**asked, "instanceArn": arn, "registerTime": time.time(), "tags": []}
        return EmptyResult()

    def deregister_on_premises_instance(self) -> EmptyResult:
        self._instance(self._asked["instanceName"])["deregisterTime"] = time.time()
        return EmptyResult()

    def list_on_premises_instances(self) -> ActionResult:
        wanted = self._asked.get("registrationStatus")
        names = [
            name
            for name, one in self._kept["instances"].items()
            if wanted is None or (wanted == "Deregistered") == ("deregisterTime" in one)
        ]
        return ActionResult({"instanceNames": names})

    def get_on_premises_instance(self) -> ActionResult:
        return ActionResult({"instanceInfo": self._instance(self._asked["instanceName"])})

    def batch_get_on_premises_instances(self) -> ActionResult:
        names = self._asked["instanceNames"]
        if len(names) > 25:
            raise CodeDeployException("BatchLimitExceededException", "The maximum number of names is 25.")
        return ActionResult({"instanceInfos": [self._instance(name) for name in names]})

    def add_tags_to_on_premises_instances(self) -> EmptyResult:
        asked = self._asked
        for name in asked["instanceNames"]:
            instance = self._instance(name)
            instance["tags"] = [tag for tag in instance["tags"] if tag not in asked["tags"]] + asked["tags"]
        return EmptyResult()

    def remove_tags_from_on_premises_instances(self) -> EmptyResult:
        asked = self._asked
        for name in asked["instanceNames"]:
            instance = self._instance(name)
            instance["tags"] = [tag for tag in instance["tags"] if tag not in asked["tags"]]
        return EmptyResult()

    def list_git_hub_account_token_names(self) -> ActionResult:
        return ActionResult({"tokenNameList": self._kept["tokens"]})

    def delete_git_hub_account_token(self) -> ActionResult:
        name = self._asked.get("tokenName", "")
        if name not in self._kept["tokens"]:
            raise CodeDeployException("GitHubAccountTokenDoesNotExistException", f"No token {name}.")
        self._kept["tokens"].remove(name)
        return ActionResult({"tokenName": name})

    def _instance(self, name: str) -> Fields:
        found: Fields | None = self._kept["instances"].get(name)
        if found is None:
            raise CodeDeployException("InstanceNotRegisteredException", f"{name} is not registered.")
        return found


def extend_moto() -> None:
    """Make moto's server answer CodeDeploy with this class."""
    urls.url_paths["{0}/$"] = CodeDeploy.dispatch

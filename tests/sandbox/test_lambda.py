"""The embedded Lambda answers as AWS does, where ministack alone would not."""

from __future__ import annotations

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import jmespath
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from auditor.aws.calls import Caller, filled
from auditor.aws.pacing import Pacer
from auditor.aws.read import read_resources
from auditor.aws.sessions import Sessions
from auditor.canonical.document import document
from auditor.compare.changes import changes
from auditor.model.values import ABSENT, Locale, Site, State
from auditor.resources import load_specs
from auditor.specs.spec import Follow


def archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("app.py"), "def handler(event, context):\n    return None\n")
    return content.getvalue()


@pytest.fixture
def client(aws):
    made = aws.client("lambda")
    role = f"arn:aws:iam::{aws.account}:role/shop"
    made.create_function(
        FunctionName="api", Runtime="python3.12", Handler="app.handler", Role=role, Code={"ZipFile": archive()}
    )
    made.publish_version(FunctionName="api")
    made.create_alias(FunctionName="api", Name="live", FunctionVersion="1")
    return made


@pytest.fixture
def arn(aws):
    return f"arn:aws:lambda:us-east-1:{aws.account}"


@pytest.fixture
def queue(aws):
    url = aws.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    return f"arn:aws:sqs:us-east-1:{aws.account}:{url.rpartition('/')[2]}"


def test_what_is_published_already_is_not_published_again(client):
    again = client.publish_version(FunctionName="api", Description="once more")

    versions = [one["Version"] for one in client.list_versions_by_function(FunctionName="api")["Versions"]]
    assert (again["Version"], versions) == ("1", ["$LATEST", "1"])


@pytest.mark.parametrize("change", [{"MemorySize": 256}, {"Description": "another one"}])
def test_what_was_changed_since_is_published_as_another_version(client, change):
    client.update_function_configuration(FunctionName="api", **change)

    assert client.publish_version(FunctionName="api")["Version"] == "2"


def test_a_version_with_a_description_of_its_own_is_not_published_again(client):
    client.update_function_configuration(FunctionName="api", MemorySize=256)
    client.publish_version(FunctionName="api", Description="of its own")

    assert client.publish_version(FunctionName="api")["Version"] == "2"


@pytest.mark.parametrize(
    ("guard", "refusal"),
    [
        ({"CodeSha256": "other"}, "InvalidParameterValueException"),
        ({"RevisionId": "other"}, "PreconditionFailedException"),
    ],
)
def test_another_code_or_revision_than_what_was_meant_is_not_published(client, guard, refusal):
    assert code(client.publish_version, FunctionName="api", **guard) == refusal


def code(call, **params):
    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value.response["Error"]["Code"]


def allow(client, **more):
    client.add_permission(
        **{"FunctionName": "api", "StatementId": "one", "Action": "lambda:InvokeFunction", "Principal": "*", **more}
    )


def statements(client, **of):
    return json.loads(client.get_policy(FunctionName="api", **of)["Policy"])["Statement"]


def test_a_function_that_nobody_was_let_into_has_no_policy(client):
    assert code(client.get_policy, FunctionName="api") == "ResourceNotFoundException"


def test_the_policy_of_an_alias_is_not_that_of_its_function(client):
    allow(client, Qualifier="live")

    assert code(client.get_policy, FunctionName="api") == "ResourceNotFoundException"


def test_a_statement_names_the_alias_that_it_is_about(client, arn):
    allow(client, Qualifier="live")

    assert [one["Resource"] for one in statements(client, Qualifier="live")] == [f"{arn}:function:api:live"]


def test_the_policy_of_an_alias_goes_with_it(client):
    allow(client, Qualifier="live")
    client.delete_alias(FunctionName="api", Name="live")
    client.create_alias(FunctionName="api", Name="live", FunctionVersion="$LATEST")

    assert code(client.get_policy, FunctionName="api", Qualifier="live") == "ResourceNotFoundException"


def test_each_parameter_of_a_permission_becomes_its_condition(client):
    allow(client, InvokedViaFunctionUrl=True, FunctionUrlAuthType="NONE", EventSourceToken="t")

    assert statements(client)[0]["Condition"] == {
        "StringEquals": {"lambda:FunctionUrlAuthType": "NONE", "lambda:EventSourceToken": "t"},
        "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
    }


def test_an_account_is_let_in_by_the_arn_of_its_root(client):
    allow(client, Principal="999988887777")

    assert statements(client)[0]["Principal"] == {"AWS": "arn:aws:iam::999988887777:root"}


def test_a_permission_cannot_be_overwritten(client):
    allow(client)

    assert code(allow, client=client) == "ResourceConflictException"


def test_the_last_permission_removed_leaves_no_policy(client):
    allow(client)
    client.remove_permission(FunctionName="api", StatementId="one")

    assert code(client.get_policy, FunctionName="api") == "ResourceNotFoundException"


def test_a_policy_put_whole_replaces_the_permissions(client, arn):
    allow(client)
    denied = {"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "lambda:*", "Resource": f"{arn}:function:api"}
    client.put_resource_policy(
        ResourceArn=f"{arn}:function:api", Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    )

    assert statements(client) == [denied]


def test_a_policy_deleted_whole_is_gone(client, arn):
    allow(client)
    client.delete_resource_policy(ResourceArn=f"{arn}:function:api")

    assert code(client.get_policy, FunctionName="api") == "ResourceNotFoundException"


def test_a_function_made_again_has_nothing_of_the_one_before(client, aws):
    allow(client)
    client.delete_function(FunctionName="api")
    role = f"arn:aws:iam::{aws.account}:role/shop"
    client.create_function(
        FunctionName="api", Runtime="python3.12", Handler="app.handler", Role=role, Code={"ZipFile": archive()}
    )

    assert code(client.get_policy, FunctionName="api") == "ResourceNotFoundException"


def test_the_runtime_is_updated_by_aws_until_somebody_says_otherwise(client):
    before = client.get_runtime_management_config(FunctionName="api")["UpdateRuntimeOn"]
    client.put_runtime_management_config(FunctionName="api", UpdateRuntimeOn="FunctionUpdate")

    after = client.get_runtime_management_config(FunctionName="api")["UpdateRuntimeOn"]
    assert (before, after) == ("Auto", "FunctionUpdate")


def test_the_runtime_of_no_function_is_not_managed(client):
    assert code(client.get_runtime_management_config, FunctionName="none") == "ResourceNotFoundException"


def test_a_loop_is_ended_until_somebody_allows_it(client):
    before = client.get_function_recursion_config(FunctionName="api")["RecursiveLoop"]
    client.put_function_recursion_config(FunctionName="api", RecursiveLoop="Allow")

    assert (before, client.get_function_recursion_config(FunctionName="api")["RecursiveLoop"]) == ("Terminate", "Allow")


def test_scaling_is_what_was_asked_for(client):
    client.put_function_scaling_config(
        FunctionName="api", Qualifier="$LATEST.PUBLISHED", FunctionScalingConfig={"MinExecutionEnvironments": 2}
    )

    told = client.get_function_scaling_config(FunctionName="api", Qualifier="$LATEST.PUBLISHED")
    assert told["RequestedFunctionScalingConfig"] == {"MinExecutionEnvironments": 2}


def test_a_function_is_signed_by_a_configuration_that_exists(client, arn):
    none = f"{arn}:code-signing-config:csc-{'0' * 17}"

    refused = code(client.put_function_code_signing_config, FunctionName="api", CodeSigningConfigArn=none)
    assert refused == "CodeSigningConfigNotFoundException"


def signing(client, arn):
    profile = arn.replace("lambda", "signer") + ":/signing-profiles/shop/abcdefghij"
    made = client.create_code_signing_config(
        Description="shop", AllowedPublishers={"SigningProfileVersionArns": [profile]}, Tags={"team": "shop"}
    )
    return made["CodeSigningConfig"]["CodeSigningConfigArn"]


def test_a_functions_code_signing_is_told_until_it_is_taken_away(client, arn):
    made = signing(client, arn)
    client.put_function_code_signing_config(FunctionName="api", CodeSigningConfigArn=made)
    told = client.get_function_code_signing_config(FunctionName="api").get("CodeSigningConfigArn")
    client.delete_function_code_signing_config(FunctionName="api")

    after = client.get_function_code_signing_config(FunctionName="api").get("CodeSigningConfigArn")
    assert (told, after) == (made, None)


def test_a_code_signing_configuration_that_is_used_stays(client, arn):
    made = signing(client, arn)
    client.put_function_code_signing_config(FunctionName="api", CodeSigningConfigArn=made)

    assert code(client.delete_code_signing_config, CodeSigningConfigArn=made) == "ResourceConflictException"


def test_a_code_signing_configuration_warns_until_it_is_told_to_enforce(client, arn):
    made = signing(client, arn)
    before = client.get_code_signing_config(CodeSigningConfigArn=made)["CodeSigningConfig"]["CodeSigningPolicies"]
    enforce = {"UntrustedArtifactOnDeployment": "Enforce"}
    client.update_code_signing_config(CodeSigningConfigArn=made, CodeSigningPolicies=enforce)

    after = client.list_code_signing_configs()["CodeSigningConfigs"][0]["CodeSigningPolicies"]
    assert (before, after) == ({"UntrustedArtifactOnDeployment": "Warn"}, enforce)


def test_code_signing_configurations_have_tags(client, arn):
    made = signing(client, arn)
    client.tag_resource(Resource=made, Tags={"stage": "live"})
    client.untag_resource(Resource=made, TagKeys=["team"])

    assert client.list_tags(Resource=made)["Tags"] == {"stage": "live"}


def test_the_tags_of_a_function_are_still_ministacks(client, arn):
    client.tag_resource(Resource=f"{arn}:function:api", Tags={"team": "shop"})

    assert client.get_function(FunctionName="api")["Tags"] == {"team": "shop"}


def provider(client, aws, region="us-east-1"):
    network = {"SubnetIds": ["subnet-12345678"], "SecurityGroupIds": ["sg-12345678"]}
    role = {"CapacityProviderOperatorRoleArn": f"arn:aws:iam::{aws.account}:role/operator"}
    client.create_capacity_provider(CapacityProviderName="big", VpcConfig=network, PermissionsConfig=role)


def test_a_capacity_provider_is_known_by_its_arn(client, aws, arn):
    provider(client, aws)

    found = client.list_capacity_providers()["CapacityProviders"]
    assert [one["CapacityProviderArn"] for one in found] == [f"{arn}:capacity-provider:big"]


def test_a_capacity_provider_is_of_one_region(client, aws):
    provider(client, aws)

    assert aws.client("lambda", "eu-west-1").list_capacity_providers()["CapacityProviders"] == []


def test_a_capacity_provider_is_changed_and_deleted(client, aws):
    provider(client, aws)
    client.update_capacity_provider(
        CapacityProviderName="big", CapacityProviderScalingConfig={"MaxVCpuCount": 12, "ScalingMode": "Auto"}
    )
    told = client.get_capacity_provider(CapacityProviderName="big")["CapacityProvider"]
    client.delete_capacity_provider(CapacityProviderName="big")

    gone = code(client.get_capacity_provider, CapacityProviderName="big")
    assert (told["CapacityProviderScalingConfig"]["MaxVCpuCount"], gone) == (12, "ResourceNotFoundException")


def test_the_url_of_an_alias_names_the_alias(client, arn):
    client.create_function_url_config(FunctionName="api", AuthType="AWS_IAM")
    client.create_function_url_config(FunctionName="api", Qualifier="live", AuthType="AWS_IAM")

    told = client.list_function_url_configs(FunctionName="api")["FunctionUrlConfigs"]
    assert sorted(one["FunctionArn"] for one in told) == [f"{arn}:function:api", f"{arn}:function:api:live"]


def test_the_unpublished_functions_event_invoke_config_says_latest(client, arn):
    client.put_function_event_invoke_config(FunctionName="api", MaximumRetryAttempts=0)

    told = client.list_function_event_invoke_configs(FunctionName="api")["FunctionEventInvokeConfigs"]
    assert [one["FunctionArn"] for one in told] == [f"{arn}:function:api:$LATEST"]


def test_a_mapping_of_a_queue_has_the_defaults_of_queues(client, queue):
    made = client.create_event_source_mapping(FunctionName="api", EventSourceArn=queue)

    assert (made["BatchSize"], made["MaximumBatchingWindowInSeconds"], made["State"]) == (10, 0, "Enabled")


def test_a_mapping_has_an_arn_of_its_own(client, queue, arn):
    made = client.create_event_source_mapping(FunctionName="api", EventSourceArn=queue)

    assert made["EventSourceMappingArn"] == f"{arn}:event-source-mapping:{made['UUID']}"


def test_a_mapping_keeps_every_setting(client, queue):
    made = client.create_event_source_mapping(
        FunctionName="api", EventSourceArn=queue, MetricsConfig={"Metrics": ["EventCount"]}, Enabled=False
    )
    client.update_event_source_mapping(UUID=made["UUID"], KMSKeyArn="arn:aws:kms:us-east-1:123456789012:key/1")

    told = client.list_event_source_mappings()["EventSourceMappings"][0]
    assert (told["MetricsConfig"], told["KMSKeyArn"], told["State"]) == (
        {"Metrics": ["EventCount"]},
        "arn:aws:kms:us-east-1:123456789012:key/1",
        "Disabled",
    )


def test_what_is_cleared_of_a_mapping_is_gone(client, queue):
    filters = {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]}
    made = client.create_event_source_mapping(FunctionName="api", EventSourceArn=queue, FilterCriteria=filters)
    client.update_event_source_mapping(UUID=made["UUID"], FilterCriteria={})

    assert "FilterCriteria" not in client.get_event_source_mapping(UUID=made["UUID"])


def test_a_second_mapping_of_one_source_is_refused(client, queue):
    client.create_event_source_mapping(FunctionName="api", EventSourceArn=queue)

    again = code(client.create_event_source_mapping, FunctionName="api", EventSourceArn=queue)
    assert again == "ResourceConflictException"


def kafka(client, arn):
    cluster = arn.replace("lambda", "kafka") + ":cluster/shop/12345678-1234-1234-1234-123456789012-1"
    return client.create_event_source_mapping(
        FunctionName="api", EventSourceArn=cluster, Topics=["orders"], StartingPosition="LATEST", Tags={"team": "shop"}
    )


def test_a_mapping_of_a_topic_has_a_consumer_group_of_a_generated_name(client, arn):
    made = kafka(client, arn)

    assert (made["BatchSize"], len(made["AmazonManagedKafkaEventSourceConfig"]["ConsumerGroupId"])) == (100, 36)


def test_a_mapping_of_a_topic_is_listed_tagged_and_deleted(client, arn):
    made = kafka(client, arn)
    tags = client.list_tags(Resource=made["EventSourceMappingArn"])["Tags"]
    listed = [one["UUID"] for one in client.list_event_source_mappings()["EventSourceMappings"]]
    client.delete_event_source_mapping(UUID=made["UUID"])

    left = client.list_event_source_mappings()["EventSourceMappings"]
    assert (tags, listed, left) == ({"team": "shop"}, [made["UUID"]], [])


def test_provisioned_concurrency_of_an_alias_is_absent_until_it_is_asked_for(client):
    params = {"FunctionName": "api", "Qualifier": "live"}
    before = code(client.get_provisioned_concurrency_config, **params)
    client.put_provisioned_concurrency_config(**params, ProvisionedConcurrentExecutions=3)

    told = client.get_provisioned_concurrency_config(**params)["RequestedProvisionedConcurrentExecutions"]
    assert (before, told) == ("ProvisionedConcurrencyConfigNotFoundException", 3)


def test_provisioned_concurrency_is_listed_under_the_arn_of_its_version(client, arn):
    client.put_provisioned_concurrency_config(FunctionName="api", Qualifier="1", ProvisionedConcurrentExecutions=3)

    listed = client.list_provisioned_concurrency_configs(FunctionName="api")["ProvisionedConcurrencyConfigs"]
    told = [(one["FunctionArn"], one["RequestedProvisionedConcurrentExecutions"]) for one in listed]
    assert told == [(f"{arn}:function:api:1", 3)]


@pytest.mark.parametrize(
    ("qualifier", "refusal"),
    [
        ("1", "InvalidParameterValueException"),
        ("$LATEST", "InvalidParameterValueException"),
        ("9", "ResourceNotFoundException"),
    ],
)
def test_provisioned_concurrency_is_for_one_version_once(client, qualifier, refusal):
    client.put_provisioned_concurrency_config(FunctionName="api", Qualifier="live", ProvisionedConcurrentExecutions=3)
    params = {"FunctionName": "api", "Qualifier": qualifier, "ProvisionedConcurrentExecutions": 3}

    assert code(client.put_provisioned_concurrency_config, **params) == refusal


def test_a_policy_is_of_its_version_alone(client):
    allow(client, Qualifier="1", Principal="sns.amazonaws.com")

    refusals = [code(client.get_policy, FunctionName="api", **one) for one in ({}, {"Qualifier": "live"})]
    assert client.get_policy(FunctionName="api", Qualifier="1")["Policy"]
    assert refusals == ["ResourceNotFoundException"] * 2


def test_a_layer_version_that_nobody_was_let_into_has_no_policy(client):
    client.publish_layer_version(LayerName="common", Content={"ZipFile": archive()})

    refused = code(client.get_layer_version_policy, LayerName="common", VersionNumber=1)
    assert refused == "ResourceNotFoundException"


def test_the_account_has_limits(client):
    assert client.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 1000


def test_what_an_update_says_of_snapshots_is_kept(client):
    client.update_function_configuration(FunctionName="api", SnapStart={"ApplyOn": "PublishedVersions"})

    assert client.list_functions()["Functions"][0]["SnapStart"]["ApplyOn"] == "PublishedVersions"


def test_a_dead_letter_queue_is_taken_away_by_naming_none(client, queue):
    client.update_function_configuration(FunctionName="api", DeadLetterConfig={"TargetArn": queue})
    client.update_function_configuration(FunctionName="api", DeadLetterConfig={"TargetArn": ""})

    assert "DeadLetterConfig" not in client.get_function_configuration(FunctionName="api")


def test_an_image_has_the_digest_of_what_it_is_in_any_region(client, aws):
    uri = f"{aws.account}.dkr.ecr.us-east-1.amazonaws.com/shop:1"
    client.create_function(
        FunctionName="image", PackageType="Image", Role="arn:aws:iam::1:role/r", Code={"ImageUri": uri}
    )

    resolved = client.get_function(FunctionName="image")["Code"]["ResolvedImageUri"]
    assert resolved == (
        f"{aws.account}.dkr.ecr.us-east-1.amazonaws.com/shop"
        "@sha256:3309cf224132de3c68d12fedce1486aa593285be3a4b578d8698d540ccd96471"
    )


# What the specs write is what they then read: golden's resources are made in another region, and changed there.

ORDER = (
    "CodeSigningConfig",
    "LayerVersion",
    "CapacityProvider",
    "Function",
    "Alias",
    "EventInvokeConfig",
    "Url",
    "EventSourceMapping",
)
SPECS = {f"AWS::Lambda::{name}": load_specs()[f"AWS::Lambda::{name}"] for name in ORDER}


@dataclass
class Region:
    """One region of the embedded AWS, to be read by the specs and written by them."""

    aws: object
    name: str
    renamed: dict = field(default_factory=dict)

    @property
    def client(self):
        return self.aws.client("lambda", self.name)

    def locale(self):
        return Locale(self.name, self.name, self.aws.account)

    def resources(self):
        with ThreadPoolExecutor(4) as pool:
            caller = Caller(Sessions(), Site(self.name), self.locale(), Pacer({}))
            found, unread = read_resources(SPECS, caller, pool, lambda *_: None)
        assert unread == ()
        return {(one.type, one.name): one for one in found}

    def documents(self):
        found = [document(one, SPECS[one.type], self.locale()) for one in self.resources().values()]
        return {(one.type, one.name): one for one in found}

    def drift(self):
        """What is otherwise than in golden, by type, name and path."""
        golden, own = Region(self.aws, "us-east-1").documents(), self.documents()
        both = golden.keys() & own.keys()
        differences = {(*key, one.path) for key in both for one in changes(golden[key], own[key])}
        return differences | (golden.keys() ^ own.keys())

    def here(self, value):
        """A value of golden's in this region's words."""
        text = json.dumps(value).replace("us-east-1", self.name)
        for golden, own in self.renamed.items():
            text = text.replace(golden, own)
        return json.loads(text)

    def perform(self, calls, name, value, picked=None):
        parent, _, own = name.rpartition("/") if "/" in name else ("", "", name)
        values = {"name": own, "parent": parent, "region": self.name, "account": self.aws.account, "partition": "aws"}
        told = {"value": value, "golden:/Code": archive(), "picked": picked}
        for call in calls:
            params = filled(dict(call.params), {**values, **told})
            answer = getattr(self.client, xform_name(call.operation))(**params)
            told |= {f"own:/{member}": one for member, one in answer.items()}

    def write(self, resource, facet, found, wanted):
        calls = facet.write(found, wanted) if callable(facet.write) else (facet.write,)
        source, picked = facet.source, None
        if isinstance(source, Follow):
            picked = jmespath.search(source.pick, resource.facets[source.facet].value)
        self.perform(calls, resource.name, wanted, picked)

    def create(self, golden):
        spec = SPECS[golden.type]
        wanted = {name: self.here(golden.facets[name].value) for name in spec.created_with if held(golden, name)}
        self.perform(spec.create(ABSENT, wanted), self.here(golden.name), wanted)
        if golden.type == "AWS::Lambda::Function":
            self.client.publish_version(FunctionName=golden.name)

    def converge(self, golden):
        """Write every facet that is not as golden has it."""
        spec = SPECS[golden.type]
        found = next(one for one in self.resources().values() if one.type == golden.type and one.name.startswith(
            self.here(golden.name).partition("/")[0]))  # fmt: skip
        for facet in spec.facets:
            wanted = self.here(golden.facets[facet.name].value) if held(golden, facet.name) else ABSENT
            here = found.facets[facet.name].value if held(found, facet.name) else ABSENT
            if facet.write and wanted != here and wanted is not ABSENT:
                self.write(found, facet, here, wanted)
            elif facet.remove and wanted is ABSENT and here is not ABSENT:
                self.perform((facet.remove,), found.name, None)


def held(resource, name):
    return resource.facets[name].state is State.READ


@pytest.fixture
def golden(client, aws, arn):
    """A region in which every facet of every type is set."""
    made = signing(client, arn)
    provider(client, aws)
    client.publish_layer_version(LayerName="common", Content={"ZipFile": archive()}, Description="shared")
    client.add_layer_version_permission(
        LayerName="common", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )
    managed = {"CapacityProviderArn": f"{arn}:capacity-provider:big"}
    client.delete_function(FunctionName="api")
    client.create_function(
        FunctionName="api", Runtime="python3.12", Handler="app.handler", Role=f"arn:aws:iam::{aws.account}:role/shop",
        Code={"ZipFile": archive()}, MemorySize=512, Layers=[f"{arn}:layer:common:1"], Tags={"team": "shop"},
        Environment={"Variables": {"TOPIC": arn.replace("lambda", "sns")}}, SnapStart={"ApplyOn": "PublishedVersions"},
        CapacityProviderConfig={"LambdaManagedInstancesCapacityProviderConfig": managed},
    )  # fmt: skip
    client.publish_version(FunctionName="api")
    client.create_alias(FunctionName="api", Name="live", FunctionVersion="1", Description="what customers get")
    client.put_function_concurrency(FunctionName="api", ReservedConcurrentExecutions=5)
    client.put_function_code_signing_config(FunctionName="api", CodeSigningConfigArn=made)
    client.put_runtime_management_config(FunctionName="api", UpdateRuntimeOn="FunctionUpdate")
    client.put_function_recursion_config(FunctionName="api", RecursiveLoop="Allow")
    scaling = {"MinExecutionEnvironments": 2}
    client.put_function_scaling_config(FunctionName="api", Qualifier="$LATEST.PUBLISHED", FunctionScalingConfig=scaling)
    allow(client, Principal="sns.amazonaws.com", SourceArn=arn.replace("lambda", "sns") + ":orders")
    allow(client, Qualifier="live", Principal="999988887777")
    client.put_provisioned_concurrency_config(FunctionName="api", Qualifier="live", ProvisionedConcurrentExecutions=2)
    client.put_function_event_invoke_config(FunctionName="api", Qualifier="live", MaximumRetryAttempts=1)
    client.create_function_url_config(FunctionName="api", Qualifier="live", AuthType="AWS_IAM", Cors={"MaxAge": 60})
    kafka(client, arn)
    return Region(aws, "us-east-1").resources()


@pytest.fixture
def made(golden, aws):
    """Another region in which all of golden's was created, and then written, facet by facet."""
    region = Region(aws, "eu-west-1")
    for type_ in SPECS:
        for one in [one for one in golden.values() if one.type == type_]:
            region.create(one)
            if type_ == "AWS::Lambda::CodeSigningConfig":
                own = region.client.list_code_signing_configs()["CodeSigningConfigs"][0]["CodeSigningConfigId"]
                region.renamed[one.facets["configuration"].value["CodeSigningConfigId"]] = own
            region.converge(one)
    return region


def test_what_the_specs_make_in_another_region_is_no_drift(made):
    assert made.drift() == set()


def test_what_the_specs_change_in_another_region_is_no_drift(golden, made):
    client = made.client
    client.update_function_configuration(
        FunctionName="api", MemorySize=128, Layers=[], SnapStart={"ApplyOn": "None"}, Environment={"Variables": {}}
    )
    client.remove_permission(FunctionName="api", StatementId="one")
    allow(client, Principal="s3.amazonaws.com")
    allow(client, StatementId="two", Action="lambda:GetFunction")
    client.delete_function_concurrency(FunctionName="api")
    client.update_alias(FunctionName="api", Name="live", Description="another")
    client.put_function_event_invoke_config(FunctionName="api", Qualifier="live", MaximumEventAgeInSeconds=60)
    client.update_function_url_config(FunctionName="api", Qualifier="live", AuthType="NONE", Cors={})
    mapping = client.list_event_source_mappings()["EventSourceMappings"][0]
    client.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=5, Enabled=False)
    drifted = {type_.rpartition("::")[2] for type_, _, _ in made.drift()}

    for one in golden.values():
        made.converge(one)

    assert (drifted, made.drift()) == (
        {"Function", "Alias", "EventInvokeConfig", "Url", "EventSourceMapping"},
        set(),
    )


def test_code_can_be_shipped_for_another_architecture(client):
    client.update_function_code(FunctionName="api", ZipFile=archive(), Architectures=["arm64"])

    assert client.get_function_configuration(FunctionName="api")["Architectures"] == ["arm64"]

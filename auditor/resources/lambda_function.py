"""Lambda functions: their `$LATEST` configuration, code, environment, tags, policy and reserved concurrency."""

from __future__ import annotations

from typing import Final

from auditor.spec import (
    Call,
    Facet,
    Field,
    Listed,
    Listing,
    ResourceSpec,
    capability,
    default,
    identity,
    ignored,
    policy,
    secret,
    unordered,
)

# One call answers for code, tags and reserved concurrency, and has a quota of its own.
_FUNCTION: Final = {"FunctionName": "${name}"}

# JMESPath cannot leave out a map's members by how their names begin, as is done with other types' tags.
_AWS_TAGS: Final = (
    "aws:cloudformation:logical-id",
    "aws:cloudformation:stack-id",
    "aws:cloudformation:stack-name",
    "aws:servicecatalog:applicationId",
    "aws:servicecatalog:portfolioArn",
    "aws:servicecatalog:productArn",
    "aws:servicecatalog:provisioningPrincipalArn",
    "aws:createdBy",
    "lambda:createdBy",
)

MESSAGE: Final = "AWS says that it may hold what is sensitive"
CONFIGURATION: Final = (
    identity("FunctionName"),
    identity("Version"),
    ignored("FunctionArn", "made of site and name"),
    ignored("MasterArn", "Lambda@Edge's own"),
    ignored("LastModified", "when it was changed"),
    ignored("RevisionId", "changes with every update"),
    ignored("ConfigSha256", "hashes values that belong to the region"),
    ignored("CodeSize", "the code is compared by its hash"),
    ignored("State", "momentary"),
    ignored("StateReason", "momentary"),
    ignored("StateReasonCode", "momentary"),
    ignored("LastUpdateStatus", "momentary"),
    ignored("LastUpdateStatusReason", "momentary"),
    ignored("LastUpdateStatusReasonCode", "momentary"),
    ignored("RuntimeVersionConfig", "the patch level that AWS chose for the region"),
    ignored("SigningJobArn", "of the artifact, in its region"),
    ignored("SigningProfileVersionArn", "of the artifact, in its region"),
    capability("Environment", "a facet of its own, in which its values are fingerprints"),
    default("Description", ""),
    default("Timeout", 3),
    default("MemorySize", 128),
    Field("PackageType", default="Zip", immutable=True),
    Field("TenancyConfig", immutable=True),
    Field("CapacityProviderConfig", immutable=True),
    Field("DurableConfig", immutable=True),
    unordered("Architectures", default=["x86_64"]),
    default("EphemeralStorage", {"Size": 512}),
    default("TracingConfig", {"Mode": "PassThrough"}),
    default("SnapStart", {"ApplyOn": "None"}),
    ignored("SnapStart.OptimizationStatus", "follows from the runtime and the version"),
    default("LoggingConfig", {"LogFormat": "Text", "LogGroup": "/aws/lambda/${name}"}),
    default("LoggingConfig.LogFormat", "Text"),
    default("LoggingConfig.LogGroup", "/aws/lambda/${name}"),
    default("VpcConfig", {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False}),
    ignored("VpcConfig.VpcId", "follows from the subnets"),
    unordered("VpcConfig.SubnetIds", default=[], reference="subnet"),
    unordered("VpcConfig.SecurityGroupIds", default=[], reference="security-group"),
    default("VpcConfig.Ipv6AllowedForDualStack", False),
    Field("Layers", default=[]),
    ignored("Layers[].CodeSize", "follows from the layer"),
    ignored("Layers[].SigningJobArn", "of the layer, in its region"),
    ignored("Layers[].SigningProfileVersionArn", "of the layer, in its region"),
    default("FileSystemConfigs", []),
    ignored("ImageConfigResponse.Error", "a failure of the reading"),
    capability("ImageConfigResponse.Error.Message", MESSAGE),
    capability("RuntimeVersionConfig.Error.Message", MESSAGE),
)

# The levels exist with this format only.
_FILLED: Final = """merge(@, LoggingConfig.LogFormat == 'JSON' && {
    LoggingConfig: merge(`{"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}`, LoggingConfig)
} || `{}`)"""

SPEC: Final = ResourceSpec(
    type="AWS::Lambda::Function",
    service="lambda",
    # A replica that Lambda@Edge keeps in another region has a MasterArn, or is named us-east-1.NAME; its master
    # is what is configured.
    listing=Listing(
        Call("ListFunctions", pick="Functions[?!MasterArn && !contains(FunctionName, '.')]"), name="FunctionName"
    ),
    facets=(
        Facet("configuration", Listed(_FILLED), fields=CONFIGURATION),
        # Without kms:Decrypt the answer is HTTP 200, and the variables are left out.
        Facet(
            "environment",
            Listed("Environment"),
            at="Environment",
            unknown="Environment.Error",
            default={"Variables": {}},
            fields=(
                ignored("Error", "a failure of the reading"),
                capability("Error.Message", MESSAGE),
                default("Variables", {}),
                secret("Variables.*"),
            ),
        ),
        Facet(
            "code",
            Call("GetFunction", _FUNCTION, pick="Code"),
            at="Code",
            unknown="Code.Error",
            fields=(
                capability("Location", "a presigned URL of the code"),
                ignored("ResolvedImageUri", "the image is compared by its digest"),
                ignored("ResolvedS3Object", "the code is compared by its hash"),
                ignored("Error", "a failure of the reading"),
                capability("Error.Message", MESSAGE),
            ),
        ),
        # Without lambda:ListTags the answer is HTTP 200 with TagsError.
        Facet(
            "tags",
            Call("GetFunction", _FUNCTION, pick="Tags", actions=("lambda:GetFunction", "lambda:ListTags")),
            at="Tags",
            unknown="TagsError",
            default={},
            fields=tuple(ignored(name, "AWS's own") for name in _AWS_TAGS),
        ),
        Facet(
            "concurrency",
            Call("GetFunction", _FUNCTION, pick="Concurrency.ReservedConcurrentExecutions"),
            at="ReservedConcurrentExecutions",
        ),
        Facet(
            "policy",
            Call("GetPolicy", _FUNCTION, pick="Policy"),
            at="Policy",
            absent=frozenset({"ResourceNotFoundException"}),
            fields=(policy(""),),
        ),
    ),
)

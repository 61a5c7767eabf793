"""Lambda functions: their `$LATEST` configuration, code, environment, tags, policy and settings of their own call."""

from __future__ import annotations

from typing import Final

from auditor.resources._lambda import ARN, GONE, own_tags, tags_writer
from auditor.resources._lambda_function import (
    ANOTHER_UPLOAD,
    MESSAGE,
    NO_WAY_TO_NONE,
    OF_A_PACKAGE,
    READY,
    RUNTIME_VERSION,
    configured,
    create,
    digested,
    runtime_management,
    ship,
    ship_image,
    update,
    whole_function,
)
from auditor.resources._lambda_order import SIGNED_FIRST
from auditor.resources._lambda_policy import invocation_policy
from auditor.specs.spec import (
    Call,
    Facet,
    Field,
    Follow,
    Listed,
    Listing,
    ResourceSpec,
    capability,
    default,
    explicit,
    identity,
    ignored,
    secret,
    unordered,
)

# One call answers for code, tags and reserved concurrency, and has a quota of its own.
_FUNCTION: Final = {"FunctionName": "${name}"}
_ARN: Final = f"{ARN}:function:${{name}}"
# Whoever builds an image signs it and chooses its runtime; Lambda has neither setting for it.
_ZIP: Final = "PackageType != 'Image'"

_STATUS: Final = ("", "Reason", "ReasonCode")
_SIGNATURE: Final = ("SigningJobArn", "SigningProfileVersionArn")

CONFIGURATION: Final = (
    identity("FunctionName"),
    identity("Version"),
    ignored("FunctionArn", "made of site and name"),
    ignored("MasterArn", "Lambda@Edge's own"),
    ignored("LastModified", "when it was changed"),
    ignored("RevisionId", "changes with every update"),
    ignored("ConfigSha256", "hashes values that belong to the region"),
    ignored("CodeSize", "the code is compared by its hash"),
    *(ignored(f"State{part}", "momentary") for part in _STATUS),
    *(ignored(f"LastUpdateStatus{part}", "momentary") for part in _STATUS),
    ignored("RuntimeVersionConfig", "the patch level that AWS chose for the region"),
    *(ignored(name, "of the artifact, in its region") for name in _SIGNATURE),
    capability("Environment", "a facet of its own, in which its values are fingerprints"),
    Field("Role", reference="iam-role"),
    *(Field(name, unwritten=NO_WAY_TO_NONE) for name in ("RuntimeConfig", "AcceleratorConfig")),
    default("Description", ""),
    default("Timeout", 3),
    default("MemorySize", 128),
    ignored("CodeSha256", "a facet of its own"),
    ignored("Architectures", "a facet of its own"),
    ignored("PackageType", "a facet of its own"),
    Field("TenancyConfig", immutable=True),
    Field("CapacityProviderConfig", immutable_presence=True),
    Field(
        "CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig.CapacityProviderArn",
        reference="capacity-provider",
        immutable=True,
        unwritten="recreate-only, as far as AWS says: whether a function can move to another provider is told nowhere",
    ),
    Field("DurableConfig", immutable_presence=True),
    Field("DurableConfig.KMSKeyArn", reference="kms"),
    Field("KMSKeyArn", reference="kms"),
    Field("DeadLetterConfig", default={}),
    default("EphemeralStorage", {"Size": 512}),
    explicit("EphemeralStorage.Size", 512),
    default("TracingConfig", {"Mode": "PassThrough"}),
    explicit("TracingConfig.Mode", "PassThrough"),
    default("SnapStart", {"ApplyOn": "None"}),
    default("SnapStart.ApplyOn", "None"),
    ignored("SnapStart.OptimizationStatus", "follows from the runtime and the version"),
    default("LoggingConfig", {"LogFormat": "Text", "LogGroup": "/aws/lambda/${name}"}),
    explicit("LoggingConfig.LogFormat", "Text"),
    explicit("LoggingConfig.LogGroup", "/aws/lambda/${name}"),
    default("VpcConfig", {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False}),
    ignored("VpcConfig.VpcId", "follows from the subnets"),
    unordered("VpcConfig.SubnetIds", default=[], reference="subnet"),
    unordered("VpcConfig.SecurityGroupIds", default=[], reference="security-group"),
    explicit("VpcConfig.Ipv6AllowedForDualStack", False),
    Field("Layers", default=[]),  # In the order in which they are mounted, one over the other.
    Field("Layers[].Arn", reference="layer"),
    ignored("Layers[].CodeSize", "follows from the layer"),
    *(ignored(f"Layers[].{name}", "of the layer, in its region") for name in _SIGNATURE),
    default("FileSystemConfigs", []),
    Field("FileSystemConfigs[].Arn", reference="efs"),
    ignored("ImageConfigResponse.Error", "a failure of the reading"),
    capability("ImageConfigResponse.Error.Message", MESSAGE),
    capability("RuntimeVersionConfig.Error.Message", MESSAGE),
)

SPEC: Final = ResourceSpec(
    type="AWS::Lambda::Function",
    console="lambda/home?region={region}#/functions/{name}",
    service="lambda",
    # A replica that Lambda@Edge keeps has a MasterArn, or is named us-east-1.NAME; its master is what is configured.
    listing=Listing(
        Call("ListFunctions", pick="Functions[?!MasterArn && !contains(FunctionName, '.')]"),
        name="FunctionName",
        absent=GONE,
        one=Call("GetFunction", _FUNCTION, pick="[Configuration]"),
    ),
    create=create,
    created_with=("configuration", "package", "environment", "code", "tags"),
    delete=Call("DeleteFunction", _FUNCTION),
    turn=70,
    writes=(
        "lambda:AddPermission",
        "lambda:CreateFunction",
        "lambda:PublishVersion",
        "lambda:PutResourcePolicy",
        "lambda:PutRuntimeManagementConfig",
        "lambda:RemovePermission",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "iam:PassRole",
    ),
    facets=(
        Facet("configuration", Listed(), fields=CONFIGURATION, shape=configured, write=update, bonds=SIGNED_FIRST),
        # The code, and with it what it is built for, is shipped apart from the configuration.
        Facet(
            "package",
            Listed("{CodeSha256: CodeSha256, Architectures: Architectures, PackageType: PackageType}"),
            fields=(
                Field("CodeSha256", follows=("Code",)),
                unordered("Architectures", default=["x86_64"]),
                Field("PackageType", default="Zip", immutable=True, decides=OF_A_PACKAGE),
            ),
            write=ship,
            turn=71,
            bonds=SIGNED_FIRST,
        ),
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
                explicit("Variables", {}),
                secret("Variables.*"),
            ),
            write=Call("UpdateFunctionConfiguration", {**_FUNCTION, "Environment": "${value}"}, wait=READY),
            remove=Call("UpdateFunctionConfiguration", {**_FUNCTION, "Environment": {"Variables": {}}}, wait=READY),
        ),
        Facet(
            "code",
            whole_function("Code"),
            at="Code",
            unknown="Code.Error",
            shape=digested,
            fields=(
                capability("Location", "a presigned URL of the code"),
                ignored("ResolvedS3Object", "the code is compared by its hash"),
                Field("ImageUri", reference="ecr"),
                Field("ResolvedImageUri", follows=("Code/ImageUri",)),
                Field("SourceKMSKeyArn", reference="kms", unwritten=ANOTHER_UPLOAD),
                Field("RepositoryType", unwritten="AWS tells by it where the code lies"),
                ignored("Error", "a failure of the reading"),
                capability("Error.Message", MESSAGE),
            ),
            write=ship_image,
            turn=71,
        ),
        # Without lambda:ListTags the answer is HTTP 200 with TagsError.
        Facet(
            "tags",
            whole_function("Tags", "lambda:GetFunction", "lambda:ListTags"),
            at="Tags",
            unknown="TagsError",
            default={},
            shape=own_tags,
            write=tags_writer(_ARN),
            turn=72,
        ),
        Facet(
            "concurrency",
            whole_function("Concurrency.ReservedConcurrentExecutions"),
            at="ReservedConcurrentExecutions",
            write=Call("PutFunctionConcurrency", {**_FUNCTION, "ReservedConcurrentExecutions": "${value}"}),
            remove=Call("DeleteFunctionConcurrency", _FUNCTION),
            turn=80,
        ),
        invocation_policy(_FUNCTION, _ARN),
        Facet(
            "code signing",
            Call("GetFunctionCodeSigningConfig", _FUNCTION, "CodeSigningConfigArn", always=("FunctionName",)),
            at="CodeSigningConfigArn",
            absent=frozenset({"CodeSigningConfigNotFoundException"}),
            when=_ZIP,
            # Its ARN ends in random characters: only whether there is one is compared.
            fields=(Field("", compare="all-or-none", reference="code-signing-config"),),
            write=Call("PutFunctionCodeSigningConfig", {**_FUNCTION, "CodeSigningConfigArn": "${value}"}),
            remove=Call("DeleteFunctionCodeSigningConfig", _FUNCTION),
            turn=80,
        ),
        Facet(
            "code signing config",
            Follow(
                "code signing",
                "@",
                Call("GetCodeSigningConfig", {"CodeSigningConfigArn": "${picked}"}, pick="CodeSigningConfig"),
            ),
            at="CodeSigningConfig",
            when=_ZIP,
            fields=(
                Field("", follows=("CodeSigningConfigArn",)),
                ignored("CodeSigningConfigId", "generated in each region"),
                ignored("CodeSigningConfigArn", "generated in each region"),
                ignored("LastModified", "when it was changed"),
                unordered("AllowedPublishers.SigningProfileVersionArns", reference="signer"),
                default("CodeSigningPolicies", {"UntrustedArtifactOnDeployment": "Warn"}),
            ),
        ),
        Facet(
            "runtime management",
            Call("GetRuntimeManagementConfig", _FUNCTION, always=("UpdateRuntimeOn",)),
            at="RuntimeManagementConfig",
            when=_ZIP,
            default={"UpdateRuntimeOn": "Auto"},
            fields=(
                ignored("FunctionArn", "made of site and name"),
                Field("UpdateRuntimeOn", default="Auto", unwritten=RUNTIME_VERSION),
                Field(
                    "RuntimeVersionArn",
                    follows=("RuntimeManagementConfig/UpdateRuntimeOn",),
                    unwritten=RUNTIME_VERSION,
                ),
            ),
            write=runtime_management,
            turn=80,
        ),
        Facet(
            "recursion",
            Call("GetFunctionRecursionConfig", _FUNCTION, pick="RecursiveLoop"),
            at="RecursiveLoop",
            default="Terminate",
            write=Call("PutFunctionRecursionConfig", {**_FUNCTION, "RecursiveLoop": "${value}"}),
            turn=80,
        ),
        # Managed instances run published versions only; this one is whichever was published last.
        Facet(
            "scaling",
            Call(
                "GetFunctionScalingConfig",
                {**_FUNCTION, "Qualifier": "$LATEST.PUBLISHED"},
                pick="RequestedFunctionScalingConfig",
                always=("FunctionArn",),
            ),
            at="FunctionScalingConfig",
            when="CapacityProviderConfig",
            write=Call(
                "PutFunctionScalingConfig",
                {**_FUNCTION, "Qualifier": "$LATEST.PUBLISHED", "FunctionScalingConfig": "${value}"},
            ),
            unwritten=NO_WAY_TO_NONE,
            turn=80,
        ),
    ),
)

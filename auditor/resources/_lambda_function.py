"""How a Lambda function's configuration is written, which is not how AWS tells it. Pure."""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._empty import without_empties
from auditor.resources._lambda import changed, members, own_tags
from auditor.specs.spec import GOLDEN_CODE, Call

_FUNCTION: Final = {"FunctionName": "${name}"}
CLEARED: Final = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False},
    "DeadLetterConfig": {"TargetArn": ""},
    "KMSKeyArn": "",
    "TracingConfig": {"Mode": "PassThrough"},
    "Layers": [],
    "FileSystemConfigs": [],
    "ImageConfig": {},
    "EphemeralStorage": {"Size": 512},
    "SnapStart": {"ApplyOn": "None"},
    "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/${name}"},
}
"""What is written where a member is to be as if nobody had set it: to leave it out changes nothing."""
RUNTIME_VERSION: Final = (
    "it takes the ARN of a runtime version, which is another one in each region, and AWS has no list of them: set it "
    "by hand (PutRuntimeManagementConfig)"
)
NO_WAY_TO_NONE: Final = "AWS documents no way to take it away from a function that has one"
MESSAGE: Final = "AWS says that it may hold what is sensitive"
ANOTHER_UPLOAD: Final = "Lambda takes it with another upload of the code only"
READY: Final = "function_updated_v2"
"""What is waited for after a write: until then, Lambda refuses the next one with ResourceConflictException."""
_NEVER_CLEARED: Final = ("Runtime", "Role", "Handler", "RuntimeConfig", "AcceleratorConfig")
UPDATED: Final = (*_NEVER_CLEARED, "CapacityProviderConfig", "DurableConfig", *CLEARED)
_CREATED: Final = (*UPDATED, "PackageType", "Architectures", "TenancyConfig")
_BUILT: Final = ("PackageType", "Architectures")
_JSON_LEVELS: Final = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
_UNSET: Final[tuple[Value, ...]] = (None, "", {"TargetArn": ""}, {"TargetArn": None})


OF_A_PACKAGE: Final = (
    "Architectures",
    "Code",
    "CodeSha256",
    "Handler",
    "ImageConfigResponse",
    "Layers",
    "Runtime",
    "SnapStart",
    *("CodeSigningConfig", "CodeSigningConfigArn", "RuntimeManagementConfig"),
)
"""What a function has only as a zip, or only as an image, or otherwise as the one than as the other."""


_NESTED: Final = (
    *("ImageConfigResponse", "LoggingConfig", "TracingConfig", "SnapStart", "EphemeralStorage"),
    *("FileSystemConfigs", "RuntimeConfig", "AcceleratorConfig"),
)
"""What has members that AWS answers empty where nobody set them."""


def whole_function(pick: str, *actions: str) -> Call:
    """The call that tells most of a function, and what is picked of it.

    AWS leaves out the tags, and the concurrency, of a function that has none.
    https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
    """
    return Call("GetFunction", {"FunctionName": "${name}"}, pick, always=("Configuration", "Code"), actions=actions)


def configured(value: Value) -> Value:
    """A configuration in which what is not set is not there, and JSON logs have the levels that they default to."""
    told = {name: without_empties(member, "") if name in _NESTED else member for name, member in value.items()}
    set_ = {name: member for name, member in told.items() if member not in _UNSET or name == "Description"}
    set_ = {name: member for name, member in set_.items() if name not in _NESTED or member not in ({}, [])}
    logging = set_.get("LoggingConfig") or {}
    levels = _JSON_LEVELS if logging.get("LogFormat") == "JSON" else {}
    return {**set_, "LoggingConfig": {**levels, **logging}} if levels else set_


def written(value: Value) -> dict[str, Value]:
    """A configuration as CreateFunction and UpdateFunctionConfiguration take it, which is not how AWS tells it."""
    told = members(configured(value)) if value is not ABSENT else {}
    image = (told.pop("ImageConfigResponse", None) or {}).get("ImageConfig")
    network = {name: one for name, one in (told.get("VpcConfig") or {}).items() if name != "VpcId" and one is not None}
    forms = {
        "ImageConfig": image,
        "Layers": [layer["Arn"] for layer in told.get("Layers", [])],
        "SnapStart": {"ApplyOn": (told.get("SnapStart") or {}).get("ApplyOn", "None")},
        "VpcConfig": {**CLEARED["VpcConfig"], **network},  # type: ignore[dict-item]
    }
    return {**told, **{name: form for name, form in forms.items() if form}}


def update(found: Value, wanted: Value) -> tuple[Call, ...]:
    """One call with the members that differ."""
    here, there = ({**CLEARED, **written(value)} for value in (found, wanted))
    different = {name: value for name, value in changed(here, there).items() if name in UPDATED}
    if "KMSKeyArn" in (here.get("DurableConfig") or {}) and "DurableConfig" in different:
        # Left out, the key might stay: AWS does not say.
        different["DurableConfig"] = {"KMSKeyArn": "", **different["DurableConfig"]}
    return (Call("UpdateFunctionConfiguration", {**_FUNCTION, **different}, wait=READY),) if different else ()


def ship(found: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that gives a function golden's code, with the architecture that it is built for.

    An image is shipped by its URI, which another facet holds.
    """
    here, there = members(found), members(wanted)
    if here == there or there.get("PackageType") == "Image":
        return ()
    # Left out, the function would stay what it is.
    target = {"Architectures": there.get("Architectures") or ["x86_64"]}
    return (Call("UpdateFunctionCode", {**_FUNCTION, "ZipFile": GOLDEN_CODE, **target}, wait=READY),)


def ship_image(found: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that gives a function another image, by the URI that golden has it under; a zip has none."""
    image = {name: wanted.get(name) for name in ("ImageUri", "ResolvedImageUri")}
    if not image["ImageUri"] or (found is not ABSENT and image == {name: found.get(name) for name in image}):
        return ()
    return (Call("UpdateFunctionCode", {**_FUNCTION, "ImageUri": image["ImageUri"]}, wait=READY),)


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The function with everything that one call can give it, and golden's code."""
    settings = {name: one for name, one in written(wanted["configuration"]).items() if name in _CREATED}
    settings = {name: one for name, one in settings.items() if CLEARED.get(name) != one}
    settings |= {name: one for name, one in members(wanted.get("package", ABSENT)).items() if name in _BUILT}
    environment = wanted.get("environment", ABSENT)
    variables = {"Environment": environment} if environment is not ABSENT else {}
    tags = own_tags(members(wanted.get("tags", ABSENT)))
    image = members(wanted.get("code", ABSENT)).get("ImageUri")
    code = {"ImageUri": image} if image else {"ZipFile": GOLDEN_CODE}
    made = {**_FUNCTION, "Code": code, **settings, **variables, "Tags": tags}
    return (Call("CreateFunction", made, wait="function_active_v2"),)


def digested(value: Value) -> Value:
    """A location of code in which an image is told by its digest; the tag that it was asked for may have moved."""
    uri = value.get("ResolvedImageUri") or ""
    digest = uri.rpartition("@")[2] if "@" in uri else None
    return {**value, "ResolvedImageUri": digest}


def runtime_management(found: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that sets when the runtime is updated. A runtime version cannot be told in another region: none."""
    before, when = ("Auto" if one is ABSENT else one.get("UpdateRuntimeOn") or "Auto" for one in (found, wanted))
    params = {**_FUNCTION, "UpdateRuntimeOn": when}
    return () if when in ("Manual", before) else (Call("PutRuntimeManagementConfig", params),)

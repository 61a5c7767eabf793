"""What ministack's Lambda lacks or gets wrong of functions and their settings.

lambda_policies has who may call them; lambda_mappings and lambda_providers have what is no part of a function.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from ministack.services import lambda_svc

from auditor.sandbox.extension import Fields, Handlers, Ministack, Refused, State

_NAME: Final = re.compile(r"(?:.*:function:)?([\w-]+)(?::([\w$.-]+))?")


def not_found(what: str) -> Refused:
    """AWS's answer for what is not there."""
    return Refused("ResourceNotFoundException", 404, f"Not found: {what}")


def named(asked: Fields) -> tuple[str, str]:
    """The function that is asked for, by name or ARN, and its qualifier, "" where none is given."""
    match = _NAME.fullmatch(str(asked["FunctionName"]))
    name, own = match.groups() if match else (asked["FunctionName"], None)
    return str(name), str(asked.get("Qualifier") or own or "")


def arn_of(state: State, *parts: str) -> str:
    """The ARN of something of Lambda's in the caller's account and region."""
    return ":".join(["arn:aws:lambda", state.region, state.account, *(part for part in parts if part)])


def record_of(state: State, name: str) -> Fields:
    """What ministack keeps of a function; it is where CloudFormation, and S3's check of permissions, look as well."""
    record: Fields | None = lambda_svc._functions.get_scoped(state.account, state.region, name)  # noqa: SLF001
    if record is None:
        raise not_found(name)
    return record


async def existing(asked: Fields, ministack: Ministack) -> tuple[str, str]:
    """The function and the qualifier that are asked for. Raises Refused where there is none."""
    name, qualifier = named(asked)
    await ministack(
        "GetFunctionConfiguration", {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    )
    return name, qualifier


# -- configuration: ministack has no SnapStart, keeps a dead letter queue of "", and knows no image's digest.


async def _create_function(state: State, asked: Fields, ministack: Ministack) -> Fields:
    await ministack()
    return _mended(state, asked)


async def _update_configuration(state: State, asked: Fields, ministack: Ministack) -> Fields:
    await ministack()
    return _mended(state, asked)


async def _update_code(state: State, asked: Fields, ministack: Ministack) -> Fields:
    answer = await ministack()
    # ministack keeps the architecture that a function was made with.
    built = {name: asked[name] for name in ("Architectures",) if name in asked}
    record_of(state, named(asked)[0])["config"].update(built)
    image = asked.get("ImageUri")
    return {**answer, **(_mended(state, asked) if image else {}), **built, "Version": answer["Version"]}


def _mended(state: State, asked: Fields) -> Fields:
    config: Fields = record_of(state, named(asked)[0])["config"]
    if "SnapStart" in asked:
        config["SnapStart"] = {**asked["SnapStart"], "OptimizationStatus": "Off"}
    if config.get("DeadLetterConfig") == {"TargetArn": ""}:
        del config["DeadLetterConfig"]
    if config.get("ImageUri"):
        config["CodeSha256"] = _image_digest(config["ImageUri"])
    return config


def _image_digest(uri: str) -> str:
    # The same image has the same digest in every region's repository.
    return hashlib.sha256(uri.partition("/")[2].encode()).hexdigest()


async def _publish_version(state: State, asked: Fields, ministack: Ministack) -> Fields:
    # ministack publishes what was published already; AWS makes no second version of the same code and configuration:
    # https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
    name, _ = named(asked)
    record, described = record_of(state, name), state.of("described")
    config = record["config"]
    _guard(asked, config)
    last = record["versions"].get(max(record["versions"], key=int, default=""))
    if last:
        own = {**last["config"], "Description": described.get(last["config"]["FunctionArn"], config["Description"])}
        if _published(own) == _published(config):
            return dict(last["config"])
    answer = await ministack()
    described[answer["FunctionArn"]] = config["Description"]
    return answer


def _guard(asked: Fields, config: Fields) -> None:
    if asked.get("CodeSha256", config["CodeSha256"]) != config["CodeSha256"]:
        raise Refused("InvalidParameterValueException", 400, "CodeSHA256 is different from current CodeSHA256.")
    if asked.get("RevisionId", config["RevisionId"]) != config["RevisionId"]:
        raise Refused("PreconditionFailedException", 412, "The RevisionId provided does not match the latest one.")


def _published(config: Fields) -> Fields:
    # What differs between $LATEST and a version of it.
    own = ("Version", "FunctionArn", "RevisionId", "LastModified")
    return {name: value for name, value in config.items() if name not in own}


async def _get_function(_: State, __: Fields, ministack: Ministack) -> Fields:
    answer = await ministack()
    uri = answer["Code"].get("ImageUri")
    if uri:
        answer["Code"]["ResolvedImageUri"] = f"{uri.partition(':')[0]}@sha256:{_image_digest(uri)}"
    return answer


# -- settings of functions: ministack has no runtime management and no scaling, takes any code signing configuration,
# and tells the URL of an alias as that of the function.


async def _get_runtime_management(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, qualifier = await existing(asked, ministack)
    arn = arn_of(state, "function", name, qualifier or "$LATEST")
    return {"UpdateRuntimeOn": "Auto", **state.of("runtimes").get(arn, {}), "FunctionArn": arn}


async def _put_runtime_management(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, qualifier = await existing(asked, ministack)
    if (asked["UpdateRuntimeOn"] == "Manual") != ("RuntimeVersionArn" in asked):
        raise Refused("InvalidParameterValueException", 400, "A runtime version goes with Manual, and only with it.")
    own = {key: asked[key] for key in ("UpdateRuntimeOn", "RuntimeVersionArn") if key in asked}
    state.of("runtimes")[arn_of(state, "function", name, qualifier or "$LATEST")] = own
    return await _get_runtime_management(state, asked, ministack)


async def _get_scaling(state: State, asked: Fields, ministack: Ministack) -> Fields:
    arn = arn_of(state, "function", (await existing({"FunctionName": named(asked)[0]}, ministack))[0])
    own = state.of("scaling").get(arn, {})
    return {"FunctionArn": arn, "AppliedFunctionScalingConfig": own, "RequestedFunctionScalingConfig": own}


async def _put_scaling(state: State, asked: Fields, ministack: Ministack) -> Fields:
    found = await _get_scaling(state, asked, ministack)
    state.of("scaling")[found["FunctionArn"]] = asked.get("FunctionScalingConfig", {})
    return {"FunctionState": "Active"}


async def _get_function_signing(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, _ = await existing(asked, ministack)
    own = state.of("signed").get(name)
    return {"FunctionName": name, **({"CodeSigningConfigArn": own} if own else {})}


async def _put_function_signing(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, _ = await existing(asked, ministack)
    if asked["CodeSigningConfigArn"] not in state.of("signing"):
        raise Refused("CodeSigningConfigNotFoundException", 404, f"Not found: {asked['CodeSigningConfigArn']}")
    state.of("signed")[name] = asked["CodeSigningConfigArn"]
    return await _get_function_signing(state, asked, ministack)


async def _delete_function_signing(state: State, asked: Fields, ministack: Ministack) -> Fields:
    state.of("signed").pop((await existing(asked, ministack))[0], None)
    return {}


async def _create_url(state: State, asked: Fields, ministack: Ministack) -> Fields:
    answer = await ministack()
    state.of("urls")[answer["FunctionUrl"]] = arn_of(state, "function", *named(asked))
    return {**answer, "FunctionArn": state.of("urls")[answer["FunctionUrl"]]}


async def _url(state: State, _: Fields, ministack: Ministack) -> Fields:
    answer = await ministack()
    return {**answer, "FunctionArn": state.of("urls")[answer["FunctionUrl"]]}


async def _list_urls(state: State, _: Fields, ministack: Ministack) -> Fields:
    found = (await ministack())["FunctionUrlConfigs"]
    return {"FunctionUrlConfigs": [{**one, "FunctionArn": state.of("urls")[one["FunctionUrl"]]} for one in found]}


async def _invoke_config(asked: Fields, ministack: Ministack, operation: str) -> Fields:
    # To AWS no qualifier and $LATEST are the same one, and its ARN ends in $LATEST.
    name, qualifier = named(asked)
    return await ministack(operation, {**asked, "FunctionName": name, "Qualifier": qualifier or "$LATEST"})


async def _put_invoke_config(_: State, asked: Fields, ministack: Ministack) -> Fields:
    return await _invoke_config(asked, ministack, "PutFunctionEventInvokeConfig")


async def _get_invoke_config(_: State, asked: Fields, ministack: Ministack) -> Fields:
    return await _invoke_config(asked, ministack, "GetFunctionEventInvokeConfig")


async def _delete_invoke_config(_: State, asked: Fields, ministack: Ministack) -> Fields:
    return await _invoke_config(asked, ministack, "DeleteFunctionEventInvokeConfig")


async def _urls_of(state: State, name: str, ministack: Ministack) -> list[Fields]:
    """The qualifiers, as parameters, under which a function has URLs: they go with it."""
    found = (await ministack("ListFunctionUrlConfigs", {"FunctionName": name}))["FunctionUrlConfigs"]
    parts = [state.of("urls")[one["FunctionUrl"]].split(":") for one in found]
    return [{"Qualifier": part[7]} if len(part) > 7 else {} for part in parts]


async def _delete_function(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, qualifier = named(asked)
    urls = [] if qualifier else await _urls_of(state, name, ministack)
    answer = await ministack()
    for of in urls:
        await ministack("DeleteFunctionUrlConfig", {"FunctionName": name, **of})
    arn = arn_of(state, "function", name, qualifier)
    # With the function go its settings, and those of its aliases.
    for kind in ("runtimes", "scaling"):
        for known in [one for one in state.of(kind) if f"{one}:".startswith(f"{arn}:")]:
            del state.of(kind)[known]
    if not qualifier:
        state.of("signed").pop(name, None)
    return answer


HANDLERS: Final[Handlers] = {
    "lambda": {
        "CreateFunction": _create_function,
        "UpdateFunctionConfiguration": _update_configuration,
        "UpdateFunctionCode": _update_code,
        "PublishVersion": _publish_version,
        "GetFunction": _get_function,
        "GetRuntimeManagementConfig": _get_runtime_management,
        "PutRuntimeManagementConfig": _put_runtime_management,
        "GetFunctionScalingConfig": _get_scaling,
        "PutFunctionScalingConfig": _put_scaling,
        "GetFunctionCodeSigningConfig": _get_function_signing,
        "PutFunctionCodeSigningConfig": _put_function_signing,
        "DeleteFunctionCodeSigningConfig": _delete_function_signing,
        "CreateFunctionUrlConfig": _create_url,
        "GetFunctionUrlConfig": _url,
        "UpdateFunctionUrlConfig": _url,
        "ListFunctionUrlConfigs": _list_urls,
        "PutFunctionEventInvokeConfig": _put_invoke_config,
        "GetFunctionEventInvokeConfig": _get_invoke_config,
        "DeleteFunctionEventInvokeConfig": _delete_invoke_config,
        "DeleteFunction": _delete_function,
    }
}

"""What Lambda refuses of concurrency and of aliases, and how an alias with provisioned concurrency moves.

ministack takes any numbers, and moves each alias at once. Here it moves until it has been looked at once, so
that no clock is needed; AWS takes minutes. Knows nothing of the auditor.
"""

from __future__ import annotations

from typing import Final

from auditor.sandbox.extension import Fields, Handlers, Ministack, Refused, State
from auditor.sandbox.lambda_ import arn_of, named, record_of

_LATEST: Final = "$LATEST"


def _invalid(message: str) -> Refused:
    return Refused("InvalidParameterValueException", 400, message)


def _provisioned(record: Fields, but: str = "") -> int:
    configs: dict[str, Fields] = record.get("provisioned_concurrency", {})
    return sum(int(one["RequestedProvisionedConcurrentExecutions"]) for key, one in configs.items() if key != but)


async def _put_reserved(state: State, asked: Fields, ministack: Ministack) -> Fields:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    provisioned = _provisioned(record_of(state, named(asked)[0]))
    if asked["ReservedConcurrentExecutions"] < provisioned:
        raise _invalid(f"The reserved concurrency cannot be lower than the provisioned one, which is {provisioned}.")
    return await ministack()


async def _put_provisioned(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, qualifier = named(asked)
    record = record_of(state, name)
    alias: Fields = record["aliases"].get(qualifier, {})
    if _LATEST in (qualifier, alias.get("FunctionVersion")):
        raise _invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    if _shown(state, name, alias).get("RoutingConfig", {}).get("AdditionalVersionWeights"):
        raise _invalid("Alias with weights can not be used with Provisioned Concurrency")
    other = _other_of_version(record, qualifier)
    if other:
        raise _invalid(f"The version has provisioned concurrency already, by {other}.")
    total = _provisioned(record, qualifier) + asked["ProvisionedConcurrentExecutions"]
    if record.get("concurrency") is not None and total > record["concurrency"]:
        raise _invalid(f"The provisioned concurrency, {total}, exceeds the reserved one, {record['concurrency']}.")
    return await ministack()


def _other_of_version(record: Fields, qualifier: str) -> str:
    """The other qualifier of the same version that has provisioned concurrency; "" where none has.

    "Each version of a function can only have one provisioned concurrency configuration. This can be directly on the
    version itself, or on an alias that points to the version": AWS Lambda Developer Guide, provisioned concurrency.
    """
    configs: dict[str, Fields] = record.get("provisioned_concurrency", {})
    own = _version_of(record, qualifier)
    return next((one for one in configs if one != qualifier and _version_of(record, one) == own), "")


def _version_of(record: Fields, qualifier: str) -> str:
    return str(record["aliases"].get(qualifier, {}).get("FunctionVersion", qualifier))


def _list_provisioned(state: State, asked: Fields) -> Fields:
    name, _ = named(asked)
    configs: dict[str, Fields] = record_of(state, name).get("provisioned_concurrency", {})
    items = [{**one, "FunctionArn": arn_of(state, "function", name, key)} for key, one in configs.items()]
    return {"ProvisionedConcurrencyConfigs": items}


# -- aliases


def _refuse_latest(asked: Fields, points_at: str) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
    weights = asked.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    if weights and _LATEST in (points_at, *weights):
        raise _invalid("$LATEST is not supported for an alias pointing to more than 1 version")


async def _create_alias(_: State, asked: Fields, ministack: Ministack) -> Fields:
    _refuse_latest(asked, asked["FunctionVersion"])
    return await ministack()


async def _update_alias(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, _ = named(asked)
    before: Fields = record_of(state, name)["aliases"].get(asked["Name"], {})
    old = before.get("FunctionVersion", "")
    _refuse_latest(asked, str(asked.get("FunctionVersion", old)))
    answer = await ministack()
    held = asked["Name"] in record_of(state, name).get("provisioned_concurrency", {})
    if held and answer["FunctionVersion"] != old:
        moving = arn_of(state, "function", name, asked["Name"])
        state.of("moving")[moving] = old
    return _shown(state, name, answer)


def _shown(state: State, name: str, alias: Fields) -> Fields:
    """The alias, with the weights that AWS gives it while it moves.

    https://github.com/hashicorp/terraform-provider-aws/pull/48116
    """
    arn = arn_of(state, "function", name, str(alias.get("Name", "")))
    old = state.of("moving").get(arn)
    return alias if old is None else {**alias, "RoutingConfig": {"AdditionalVersionWeights": {old: 1.0}}}


def _looked_at(state: State, name: str, alias: Fields) -> Fields:
    shown = _shown(state, name, alias)
    state.of("moving").pop(arn_of(state, "function", name, str(alias.get("Name", ""))), None)
    return shown


async def _get_alias(state: State, asked: Fields, ministack: Ministack) -> Fields:
    return _looked_at(state, named(asked)[0], await ministack())


async def _list_aliases(state: State, asked: Fields, ministack: Ministack) -> Fields:
    answer = await ministack()
    return {**answer, "Aliases": [_looked_at(state, named(asked)[0], one) for one in answer["Aliases"]]}


HANDLERS: Final[Handlers] = {
    "lambda": {
        "PutFunctionConcurrency": _put_reserved,
        "ListProvisionedConcurrencyConfigs": _list_provisioned,
        "PutProvisionedConcurrencyConfig": _put_provisioned,
        "CreateAlias": _create_alias,
        "UpdateAlias": _update_alias,
        "GetAlias": _get_alias,
        "ListAliases": _list_aliases,
    }
}

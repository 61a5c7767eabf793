"""What ministack does not have of Lambda: code signing configurations and capacity providers, and the tags of both."""

from __future__ import annotations

import uuid
from typing import Final

from auditor.sandbox.extension import PASS, Fields, Handlers, Refused, State
from auditor.sandbox.lambda_ import arn_of, not_found

_MOMENT: Final = "2026-01-01T00:00:00.000+0000"


def _create_signing(state: State, asked: Fields) -> Fields:
    id_ = f"csc-{uuid.uuid4().hex[:17]}"
    arn = arn_of(state, "code-signing-config", id_)
    own = {key: one for key, one in asked.items() if key != "Tags"}
    defaults = {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}, "LastModified": _MOMENT}
    state.of("signing")[arn] = {**defaults, **own, "CodeSigningConfigId": id_, "CodeSigningConfigArn": arn}
    state.of("tags")[arn] = dict(asked.get("Tags", {}))
    return {"CodeSigningConfig": state.of("signing")[arn]}


def _get_signing(state: State, asked: Fields) -> Fields:
    return {"CodeSigningConfig": _kept(state, "signing", asked["CodeSigningConfigArn"])}


def _update_signing(state: State, asked: Fields) -> Fields:
    _kept(state, "signing", asked["CodeSigningConfigArn"]).update(asked)
    return _get_signing(state, asked)


def _delete_signing(state: State, asked: Fields) -> Fields:
    _kept(state, "signing", asked["CodeSigningConfigArn"])
    if asked["CodeSigningConfigArn"] in state.of("signed").values():
        raise Refused("ResourceConflictException", 409, "A function uses it.")
    del state.of("signing")[asked["CodeSigningConfigArn"]]
    return {}


def _list_signing(state: State, _: Fields) -> Fields:
    return {"CodeSigningConfigs": list(state.of("signing").values())}


def _create_provider(state: State, asked: Fields) -> Fields:
    arn = _provider_arn(state, asked)
    if arn in state.of("providers"):
        raise Refused("ResourceConflictException", 409, f"{arn} exists.")
    own = {key: one for key, one in asked.items() if key not in ("Tags", "CapacityProviderName")}
    state.of("providers")[arn] = {**own, "CapacityProviderArn": arn, "State": "Active", "LastModified": _MOMENT}
    state.of("tags")[arn] = dict(asked.get("Tags", {}))
    return _get_provider(state, asked)


def _get_provider(state: State, asked: Fields) -> Fields:
    return {"CapacityProvider": _kept(state, "providers", _provider_arn(state, asked))}


def _update_provider(state: State, asked: Fields) -> Fields:
    own = {key: one for key, one in asked.items() if key != "CapacityProviderName"}
    _kept(state, "providers", _provider_arn(state, asked)).update(own)
    return _get_provider(state, asked)


def _delete_provider(state: State, asked: Fields) -> Fields:
    answer = _get_provider(state, asked)
    del state.of("providers")[_provider_arn(state, asked)]
    return answer


def _list_providers(state: State, _: Fields) -> Fields:
    return {"CapacityProviders": list(state.of("providers").values())}


def _provider_arn(state: State, asked: Fields) -> str:
    return arn_of(state, "capacity-provider", str(asked["CapacityProviderName"]).rpartition(":")[2])


def _kept(state: State, kind: str, arn: str) -> Fields:
    found: Fields | None = state.of(kind).get(arn)
    if found is None:
        raise not_found(arn)
    return found


# -- tags of what ministack does not have


def _list_tags(state: State, asked: Fields) -> Fields:
    own = state.of("tags").get(asked["Resource"])
    return PASS if own is None else {"Tags": own}


def _tag(state: State, asked: Fields) -> Fields:
    own = state.of("tags").get(asked["Resource"])
    if own is None:
        return PASS
    own.update(asked["Tags"])
    return {}


def _untag(state: State, asked: Fields) -> Fields:
    own = state.of("tags").get(asked["Resource"])
    if own is None:
        return PASS
    for key in asked["TagKeys"]:
        own.pop(key, None)
    return {}


HANDLERS: Final[Handlers] = {
    "lambda": {
        "CreateCodeSigningConfig": _create_signing,
        "GetCodeSigningConfig": _get_signing,
        "UpdateCodeSigningConfig": _update_signing,
        "DeleteCodeSigningConfig": _delete_signing,
        "ListCodeSigningConfigs": _list_signing,
        "CreateCapacityProvider": _create_provider,
        "GetCapacityProvider": _get_provider,
        "UpdateCapacityProvider": _update_provider,
        "DeleteCapacityProvider": _delete_provider,
        "ListCapacityProviders": _list_providers,
        "ListTags": _list_tags,
        "TagResource": _tag,
        "UntagResource": _untag,
    }
}

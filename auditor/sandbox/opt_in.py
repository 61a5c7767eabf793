"""Regions that an account is without: ministack has all of them in every account. Knows nothing of the auditor.

In a region that is not enabled, AWS does not know the account's credentials, and says so as each kind of API does.
Only ministack's part answers so; CodeDeploy's, which is moto's, does not.

https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

from __future__ import annotations

from typing import Final

from auditor.sandbox.asgi import App, Receive, Scope, Send, body_of, header, sent
from auditor.sandbox.extension import Fields, Ministack, Refused, State, caller_of, refusal

_DISABLED: Final[set[tuple[str, str]]] = set()
"""Account and region."""
_ALWAYS: Final = frozenset(
    {"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
     "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
     "us-east-2", "us-west-1", "us-west-2"}
)  # fmt: skip
"""Regions that no account is without."""


def is_disabled(account: str, region: str) -> bool:
    """Whether an account is without a region."""
    return (account, region) in _DISABLED


def closed(app: App) -> App:
    """The ASGI application that refuses the credentials of an account in a region that it is without."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        account, region, service = caller_of(scope) if scope["type"] == "http" else ("", "", "")
        if not is_disabled(account, region):
            return await app(scope, receive, send)
        body = await body_of(receive)
        form = header(scope, b"content-type")
        protocol = "json" if "json" in form else "query" if body.startswith((b"Action=", b"Version=")) else "rest"
        return await sent(send, *_refused(service, protocol))

    return answer


def _refused(service: str, protocol: str) -> tuple[int, dict[str, str], bytes]:
    if service == "s3":
        made = Refused("InvalidToken", 400, "The provided token is malformed or otherwise invalid."), "s3", "rest-xml"
    elif service == "ec2":
        told = "AWS was not able to validate the provided access credentials"
        made = Refused("AuthFailure", 401, told), "ec2", "ec2"
    elif protocol == "query":
        told = "The security token included in the request is invalid"
        made = Refused("InvalidClientTokenId", 403, told), service, "query"
    else:
        told = "The security token included in the request is invalid."
        made = Refused("UnrecognizedClientException", 403, told), service, "json"
    status, headers, body = refusal(*made)
    return status, dict(headers), body


def disable_region(state: State, asked: Fields) -> Fields:
    """Takes a region from an account, at once; at AWS it takes minutes, or hours."""
    if asked["RegionName"] in _ALWAYS:
        raise Refused("ValidationException", message=f"{asked['RegionName']} cannot be disabled.")
    _DISABLED.add((asked.get("AccountId", state.account), asked["RegionName"]))
    return {}


def enable_region(state: State, asked: Fields) -> Fields:
    """Gives it back."""
    _DISABLED.discard((asked.get("AccountId", state.account), asked["RegionName"]))
    return {}


async def describe_regions(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """The regions, those that the account is without among them only where `AllRegions` are asked for."""
    answer = await ministack()
    for one in answer["Regions"]:
        disabled = is_disabled(state.account, one["RegionName"])
        opted = "not-opted-in" if disabled else "opted-in"
        one["OptInStatus"] = "opt-in-not-required" if one["RegionName"] in _ALWAYS else opted
    there = [one for one in answer["Regions"] if asked.get("AllRegions") or one["OptInStatus"] != "not-opted-in"]
    return {"Regions": there}


HANDLERS: Final = {
    "account": {"DisableRegion": disable_region, "EnableRegion": enable_region},
    "ec2": {"DescribeRegions": describe_regions},
}

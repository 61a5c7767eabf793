"""Service Quotas, which ministack lacks. Knows nothing of the auditor.

https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from auditor.sandbox.extension import Fields, Refused, State

SERVICES: Final[Mapping[str, str]] = {
    "codedeploy": "AWS CodeDeploy",
    "lambda": "AWS Lambda",
    "s3": "Amazon Simple Storage Service (Amazon S3)",
    "sqs": "Amazon Simple Queue Service (Amazon SQS)",
}
# Names and defaults are those of each service's page of limits. Codes of Lambda and of buckets are AWS's; CodeDeploy's
# are the sandbox's own, as AWS lists them only to who has an account.
DEFAULTS: Final[Mapping[str, Mapping[str, Fields]]] = {
    "codedeploy": {
        "L-00000001": {"QuotaName": "Applications associated with a Region", "Value": 1000.0},
        "L-00000002": {"QuotaName": "Custom deployment configurations", "Value": 50.0, "Adjustable": False},
        "L-00000003": {"QuotaName": "Concurrent deployments", "Value": 1000.0},
    },
    "lambda": {
        "L-B99A9384": {"QuotaName": "Concurrent executions", "Value": 1000.0},
        "L-2ACBD22F": {"QuotaName": "Function and layer storage", "Value": 75.0, "Unit": "Gigabytes"},
        "L-9FEE3D26": {"QuotaName": "Elastic network interfaces per VPC", "Value": 500.0},
    },
    "s3": {
        "L-FAABEEBA": {"QuotaName": "Access Points", "Value": 10000.0},
        # One for all regions, managed in us-east-1.
        "L-DC2B2D3D": {"QuotaName": "General purpose buckets", "Value": 10000.0, "GlobalQuota": True},
    },
}
_HOME: Final = "us-east-1"


def list_services(_: State, asked: Fields) -> Fields:
    """Every service that has quotas, `MaxResults` at a time."""
    return _page("Services", [{"ServiceCode": code, "ServiceName": name} for code, name in SERVICES.items()], asked)


def list_service_quotas(state: State, asked: Fields) -> Fields:
    """The quotas of a service that apply in the account and region, `MaxResults` at a time."""
    return _page("Quotas", [_quota(state, asked["ServiceCode"], code) for code in _codes(state, asked)], asked)


def get_service_quota(state: State, asked: Fields) -> Fields:
    """One quota."""
    if asked["QuotaCode"] not in _codes(state, asked):
        raise Refused("NoSuchResourceException", message=f"No quota {asked['QuotaCode']}.")
    return {"Quota": _quota(state, asked["ServiceCode"], asked["QuotaCode"])}


def request_service_quota_increase(state: State, asked: Fields) -> Fields:
    """Grants it at once; at AWS somebody decides, in minutes or in days."""
    quota = get_service_quota(state, asked)["Quota"]
    if not quota["Adjustable"] or asked["DesiredValue"] <= quota["Value"]:
        raise Refused("IllegalArgumentException", message="The desired value must be above the current one.")
    state.of("quotas")[asked["QuotaCode"]] = asked["DesiredValue"]
    given = {name: asked[name] for name in ("ServiceCode", "QuotaCode", "DesiredValue")}
    return {"RequestedQuota": {**given, "Status": "APPROVED"}}


def _codes(state: State, asked: Fields) -> list[str]:
    known = DEFAULTS.get(asked["ServiceCode"])
    if known is None:
        raise Refused("NoSuchResourceException", message=f"No service {asked['ServiceCode']}.")
    return [code for code, quota in known.items() if state.region == _HOME or not quota.get("GlobalQuota")]


def _quota(state: State, service: str, code: str) -> Fields:
    return {
        "ServiceCode": service,
        "ServiceName": SERVICES[service],
        "QuotaArn": f"arn:aws:servicequotas:{state.region}:{state.account}:{service}/{code}",
        "QuotaCode": code,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
        **DEFAULTS[service][code],
        **({"Value": state.of("quotas")[code]} if code in state.of("quotas") else {}),
    }


def _page(name: str, things: list[Fields], asked: Mapping[str, Any]) -> Fields:
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or 100)
    more = {"NextToken": str(start + size)} if start + size < len(things) else {}
    return {name: things[start : start + size], **more}


HANDLERS: Final = {
    "service-quotas": {
        "ListServices": list_services,
        "ListServiceQuotas": list_service_quotas,
        "GetServiceQuota": get_service_quota,
        "RequestServiceQuotaIncrease": request_service_quota_increase,
    }
}

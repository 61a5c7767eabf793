"""What a call says in some sites only: decided when it is made, by the site that it is made in. Pure.

A plan is worded canonically, so that what a parameter depends on (which region this is, what the resource is called
there) is not known in it. Such a parameter holds a `${choice:NAME}` alone; where the choice is ABSENT, the parameter
is left out, and so is a structure that then holds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from auditor.model.values import ABSENT, Value

CHOICE: Final = "choice:"
"""How a symbol begins for what is decided when the call is made."""
LOCATION_CONSTRAINT: Final = "${choice:location-constraint}"
BUCKET_NAMESPACE: Final = "${choice:bucket-namespace}"


def _location_constraint(values: Mapping[str, Any]) -> Value:
    # us-east-1 is the one region that must not be named:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
    return ABSENT if values["region"] == "us-east-1" else values["region"]


def _bucket_namespace(values: Mapping[str, Any]) -> Value:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    regional = str(values["name"]).endswith(f"-{values['account']}-{values['region']}-an")
    return "account-regional" if regional else ABSENT


_CHOICES: Final[Mapping[str, Callable[[Mapping[str, Any]], Value]]] = {
    LOCATION_CONSTRAINT: _location_constraint,
    BUCKET_NAMESPACE: _bucket_namespace,
}


def decided(params: Mapping[str, Value], values: Mapping[str, Any]) -> dict[str, Value]:
    """Parameters with their choices made; `values` are `name`, `region` and `account`, as the site has them.

    Raises KeyError for one of these that a choice needs and that is not among them.
    """
    made = {name: _decided(value, values) for name, value in params.items()}
    return {name: value for name, value in made.items() if value is not ABSENT}


def _decided(value: Value, values: Mapping[str, Any]) -> Value:
    if isinstance(value, Mapping):
        return (decided(value, values) or ABSENT) if value else value
    if isinstance(value, list):
        return [one for one in (_decided(element, values) for element in value) if one is not ABSENT]
    choice = _CHOICES.get(value) if isinstance(value, str) else None
    return choice(values) if choice else value

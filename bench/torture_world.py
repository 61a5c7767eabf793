"""The world that is tortured: the demo's shop and what refers to all kinds of ids, as plain values, on the wire.

`World.wire` answers what is read in it. Whoever changes its resources changes what is answered from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from auditor.model.values import Site
from auditor.sandbox.scenario import SHOP, Resources, load_scenario, localised, merge
from auditor.specs.spec import FUNCTION, Listed
from bench.case_aws import Part, Place, Refusal, answered, nothing, parts_of
from bench.case_file import ACCOUNT
from bench.case_resources import told as complete
from bench.case_sessions import locale_of
from bench.faults import Reply, Sent
from bench.sites import SPECS
from bench.wire import reply_of
from bench.world import MARKS, WORLD, key_id

GOLDEN: Final = "us-east-1"
SITE: Final = "eu-west-1"
REGIONS: Final = (GOLDEN, SITE)
ALIAS: Final = "AWS::Lambda::Alias"
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
_FACETS: Final = frozenset(
    facet.at for facet in SPECS[FUNCTION].facets if facet.at and not isinstance(facet.source, Listed)
) | {"Versions"}
_MARK: Final = "${mark}"
_BESIDE: Final[Resources] = {
    "AWS::Lambda::AccountSettings": {
        "account": {
            "AccountLimit": {"TotalCodeSize": 80530636800, "CodeSizeUnzipped": 262144000, "CodeSizeZipped": 52428800,
                             "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900},
            "AccountUsage": {"TotalCodeSize": 1, "FunctionCount": 1},
        }
    },
    "AWS::S3::AccountPublicAccessBlock": {
        "account": {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            }
        }
    },
    "AWS::Lambda::Function": {
        "connected": {
            "VpcConfig": {"SubnetIds": [f"subnet-0{_MARK * 7}0"], "SecurityGroupIds": [f"sg-0{_MARK * 8}"]},
            "KMSKeyArn": f"arn:aws:kms:${{region}}:${{account}}:key/{key_id(_MARK)}",
            "FileSystemConfigs": [
                {"Arn": f"arn:aws:elasticfilesystem:${{region}}:${{account}}:access-point/fsap-0{_MARK * 8}",
                 "LocalMountPath": "/mnt/shared"}
            ],
            "Layers": [{"Arn": "arn:aws:lambda:${region}:${account}:layer:shop-common:1"}],
            "Environment": {"Variables": {"ENDPOINT": f"vpce-0{_MARK * 8}"}},
        }
    },
}  # fmt: skip


def places(shop: bool = True) -> dict[str, Place]:
    """The shop in two regions, with what no scenario can seed beside it; or two empty regions."""
    story = load_scenario(SHOP, ACCOUNT).regions if shop else {}
    made = {}
    for region in REGIONS:
        locale = locale_of(Site(region), ACCOUNT)
        beside = json.loads(json.dumps(_BESIDE).replace(_MARK, MARKS[region])) if shop else {}
        found = merge(dict(story.get(region, {})), localised(beside, locale))
        made[region] = Place(locale, found)
    return made


@dataclass
class World:
    """Owns what the regions hold."""

    places: dict[str, Place] = field(default_factory=places)
    _parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    _replies: dict[tuple[str, str, str], Reply] = field(default_factory=dict)

    def change(self, region: str, resources: Resources) -> None:
        """Let a region hold these resources, worded canonically, from now on."""
        locale = locale_of(Site(region), ACCOUNT)
        self.places[region] = Place(locale, localised(resources, locale))
        self._parts.clear()
        self._replies.clear()

    def wire(self, sent: Sent) -> Reply:
        """What AWS answers."""
        key = (sent.region, sent.called, json.dumps(sent.params, sort_keys=True, default=str))
        if key not in self._replies:
            self._replies[key] = reply_of(sent, self.answer(sent))
        return self._replies[key]

    def answer(self, sent: Sent) -> Mapping[str, Any] | Refusal:
        """The same, before it is worded in the operation's protocol."""
        if sent.called == "s3.GetBucketLocation":
            return {"LocationConstraint": "" if sent.region == GOLDEN else sent.region}
        if sent.called == "iam.GetRole":
            return {"Role": {"RoleName": sent.params["RoleName"], "Arn": "arn:aws:iam::123456789012:role/any"}}
        found = answered(self._parts_in(sent.region), sent.service, sent.operation, sent.params)
        if found is not None:
            return found
        if sent.called == "lambda.GetEventSourceMapping":
            return Refusal("ResourceNotFoundException", "There is no such mapping.")
        # Lambda and KMS both have a ListAliases.
        beside = None if sent.service == "lambda" else WORLD.get(sent.region, {}).get(sent.operation)
        return nothing(sent.model) if beside is None else beside

    def _parts_in(self, region: str) -> tuple[Part, ...]:
        if region not in self._parts:
            here = self.places[region]
            self._parts[region] = (*parts_of(here, self.places.values()), *_alone(here))
        return self._parts[region]


def _alone(place: Place) -> Iterator[Part]:
    """What tells of one resource by itself, where a listing tells of it otherwise, and that it is ready."""
    ready = {"State": "Active", "LastUpdateStatus": "Successful"}
    for name, own in place.resources.get(FUNCTION, {}).items():
        whole = complete(FUNCTION, name, own or {}, place.locale).properties
        shown = {key: value for key, value in whole.items() if key not in _FACETS}
        yield Part("lambda", "GetFunction", {"FunctionName": name}, {"Configuration": {**shown, **ready}})
    for name, own in place.resources.get(ALIAS, {}).items():
        function, _, alias = name.partition("/")
        yield Part("lambda", "GetAlias", {"FunctionName": function, "Name": alias}, {"Name": alias, **(own or {})})
    for name, own in place.resources.get(MAPPING, {}).items():
        whole = complete(MAPPING, name, own or {}, place.locale).properties
        shown = {key: value for key, value in whole.items() if key != "Tags"}
        yield Part("lambda", "GetEventSourceMapping", {"UUID": whole["UUID"]}, shown)

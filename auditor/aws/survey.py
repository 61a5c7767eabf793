"""What an account holds, by listings alone: which regions it uses, before there are settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import jmespath

from auditor.aws.answers import parsing
from auditor.aws.calls import Caller, fill
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.aws.pacing import Pacer
from auditor.aws.read import Found, list_all
from auditor.aws.sessions import Sessions, partition_of
from auditor.aws.some import list_children
from auditor.errors import CredentialsError
from auditor.init.guesses import RegionHolds, Survey
from auditor.model.values import Locale, Site, State, Unread
from auditor.specs.spec import Call, Listing, ResourceSpec

REGIONS: Final = Call("DescribeRegions", {"AllRegions": True}, pick="Regions")
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html"""
STACKED: Final = Call(
    "GetResources",
    {"TagFilters": [{"Key": "aws:cloudformation:stack-name"}], "ResourceTypeFilters": ["codedeploy", "lambda", "s3"]},
    pick="ResourceTagMappingList",
)
"""https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html"""
TAGGING: Final = "resourcegroupstaggingapi"
REGIONS_AT_ONCE: Final = 8
Progress = Callable[[Site, int, int], None]
Listed = tuple[list[Found], list[Unread]]


@dataclass(frozen=True)
class Surveyor:
    """What looking takes: the types, the way to AWS, and the calls made so far by operation."""

    specs: Mapping[str, ResourceSpec]
    sessions: Sessions
    pacer: Pacer
    calls: Counter[str]

    def caller(self, region: str) -> Caller:
        """The way to a region. Raises CredentialsError where AWS will not say who is asking."""
        site = Site(region)
        return Caller(self.sessions, site, self.sessions.locale(site), self.pacer)


def survey_calls() -> tuple[tuple[str, Call], ...]:
    """The calls, each with its service, that no spec makes."""
    return ("ec2", REGIONS), (TAGGING, STACKED)


def surveyed(surveyor: Surveyor, home: str, named: tuple[str, ...], progress: Progress) -> Survey:
    """What the regions hold: those that are named, or else all that are enabled, as the region `home` tells.

    Raises CredentialsError where AWS will not say who is asking, or which regions there are.
    """
    caller = surveyor.caller(home)
    enabled, disabled = (named, ()) if named else _regions(caller)
    with ThreadPoolExecutor(len(surveyor.specs)) as pool:
        shared = list_all(_asked(surveyor.specs, shared=True), caller, pool)
    surveyor.calls.update(caller.counts())
    held = surveyor.sessions.together(REGIONS_AT_ONCE, partial(_region, surveyor, shared, progress), enabled)
    return Survey(dict(zip(enabled, held, strict=True)), disabled, bool(named))


def groups_of(surveyor: Surveyor, spec: ResourceSpec, parent: str, region: str) -> tuple[str, ...]:
    """The names of what a parent holds of a type; none where they cannot be listed."""
    caller = surveyor.caller(region)
    answer = list_children(spec, parent, caller)
    surveyor.calls.update(caller.counts())
    return () if isinstance(answer, Unread) else tuple(sorted(one.name for one in answer))


def _regions(caller: Caller) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The regions that are enabled for the account, and those that are not."""
    try:
        told = caller.items("ec2", REGIONS, {})
        with parsing(REGIONS.operation):
            every = {one["RegionName"] for one in told}
    except AWS_ERRORS as error:
        raise CredentialsError(
            f"{caller.site}: AWS did not tell which regions are enabled ({reason(error)}). Nothing was written. "
            "Name them with --region, or allow ec2:DescribeRegions."
        ) from None
    closed = {one["RegionName"] for one in told if one.get("OptInStatus") == "not-opted-in"}
    return tuple(sorted(every - closed)), tuple(sorted(closed))


def _asked(specs: Mapping[str, ResourceSpec], shared: bool) -> dict[str, ResourceSpec]:
    """The types to list: those of which people make what there is, and which take no call for each parent.

    `shared` are those that any region lists for all of them (buckets): what belongs to one is picked afterwards.
    """
    listed = {name: one.listing for name, one in specs.items() if not one.provided}
    alone = {
        name: replace(specs[name], listing=replace(listing, keep="") if shared else listing)
        for name, listing in listed.items()
        if isinstance(listing, Listing) and ("${region}" in listing.keep) is shared
    }
    return {name: one for name, one in alone.items() if not one.parent or _is_whole(one)}


def _is_whole(spec: ResourceSpec) -> bool:
    return isinstance(spec.listing, Listing) and spec.listing.parent is not None


def _region(surveyor: Surveyor, shared: Listed, progress: Progress, region: str) -> RegionHolds:
    progress(Site(region), 0, 1)
    try:
        caller = surveyor.caller(region)
    except CredentialsError as error:
        return _closed(surveyor, region, str(error).removeprefix(f"{region}: "))
    with ThreadPoolExecutor(len(surveyor.specs), thread_name_prefix=region) as pool:
        found, unread = list_all(_asked(surveyor.specs, shared=False), caller, pool)
    own = [*found, *(one for one in shared[0] if _is_there(surveyor.specs[one.spec.type], one, caller.locale))]
    stacked = _stacked(caller) if own else 0
    surveyor.calls.update(caller.counts())
    progress(Site(region), 1, 1)
    return _holds(caller.locale, own, (*unread, *shared[1]), stacked)


def _closed(surveyor: Surveyor, region: str, why: str) -> RegionHolds:
    """A region that takes no credentials: nothing is known of it."""
    asked = _asked(surveyor.specs, shared=False)
    return RegionHolds(Locale(region, "", "", partition_of(region)), {}, {}, dict.fromkeys(asked, why), why)


def _is_there(spec: ResourceSpec, found: Found, locale: Locale) -> bool:
    assert isinstance(spec.listing, Listing)
    return bool(jmespath.search(fill(spec.listing.keep, {"region": locale.region}), found.item))


def _stacked(caller: Caller) -> int | str:
    try:
        return len(caller.items(TAGGING, STACKED, {}))
    except AWS_ERRORS as error:
        return reason(error)


def _holds(locale: Locale, found: Iterable[Found], unread: Iterable[Unread], stacked: int | str) -> RegionHolds:
    resources = tuple(found)
    names: dict[str, list[str]] = {}
    for one in resources:
        # Where a function makes the name, it is not one that a person gave.
        if isinstance(one.spec.listing, Listing) and isinstance(one.spec.listing.name, str):
            names.setdefault(one.spec.type, []).append(one.full_name)
    given = {type_: tuple(own) for type_, own in names.items()}
    known = {one.type: one.error for one in unread if one.state is not State.NOT_OFFERED}
    return RegionHolds(locale, Counter(one.spec.type for one in resources), given, known, stacked)

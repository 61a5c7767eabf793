"""What an account's settings may be, guessed from what its regions hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from auditor.errors import EmptyAccountError, SettingsError
from auditor.init.golden import GoldenGuess, guessed_golden, shared_counts
from auditor.init.names import Groups, NameGuess, guessed_names
from auditor.model.values import Locale

APPLICATION: Final = "AWS::CodeDeploy::Application"
BUCKET: Final = "AWS::S3::Bucket"
_SHIPS: Final = ("artifact", "deploy", "release", "revision")
"""What the names of buckets hold that revisions are shipped to."""


@dataclass(frozen=True)
class RegionHolds:
    """What the listings of one region told."""

    locale: Locale
    counts: Mapping[str, int]
    """Resources by type, those left out that AWS provides."""
    names: Mapping[str, tuple[str, ...]]
    """Their native names by type, of the types whose names people give."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why a type could not be listed; of it, nothing is known."""
    stacked: int | str = 0
    """How many have a CloudFormation stack's tag, or why that could not be told."""

    @property
    def total(self) -> int:
        """The resources that were listed."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Survey:
    """What was looked at in an account, by region."""

    regions: Mapping[str, RegionHolds]
    disabled: tuple[str, ...] = ()
    """The regions that the account has not opted in to."""
    named: bool = False
    """The regions were named by the person, so all of them are meant."""


@dataclass(frozen=True)
class DeployGuess:
    """What `deploy` may say: an application that all regions have, and a bucket of each region."""

    application: str
    others: tuple[str, ...]
    """More applications that all regions have."""
    bucket: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guess:
    """What the settings may be."""

    golden: str
    why: str
    """Why this one is golden, in words that follow a colon; "" where the person named it."""
    tied: tuple[str, ...]
    """The regions, golden first, between which what they hold does not decide; none where it does."""
    regions: tuple[str, ...]
    """Golden first, then those that have most in common with others."""
    names: Mapping[str, NameGuess]
    deploy: DeployGuess | None

    def with_golden(self, region: str) -> Guess:
        """The same with another one of its regions as golden, which the person named."""
        return replace(self, golden=region, why="", tied=(), regions=_first(region, self.regions))


def guessed(survey: Survey, golden: str, default_region: str) -> Guess:
    """The settings that fit what was found; `golden` is the one that was asked for, or "".

    Raises EmptyAccountError where nothing was found, and SettingsError where the golden asked for is not in use.
    """
    used = [name for name, holds in survey.regions.items() if holds.total or survey.named]
    if not any(holds.total for holds in survey.regions.values()):
        raise EmptyAccountError(_nothing(survey))
    if golden and golden not in survey.regions:
        raise SettingsError(
            f"--golden is {golden}, which was not looked at: --region names {', '.join(sorted(survey.regions))}. "
            f"Nothing was written. Say --region {golden} as well."
        )
    if golden and golden not in used:
        raise SettingsError(
            f"--golden is {golden}, where nothing was found. Nothing was written. In use are {', '.join(sorted(used))}."
        )
    names = _names({name: survey.regions[name] for name in sorted(used)})
    shared = shared_counts(names.values(), used)
    ranked = sorted(used, key=lambda name: (-shared[name], -survey.regions[name].total, name))
    best = _golden(survey, {name: shared[name] for name in ranked if survey.regions[name].total}, default_region)
    deploy = _deploy(names, len(ranked))
    guess = Guess(best.region, best.why, best.tied, _first(best.region, ranked), names, deploy)
    return guess.with_golden(golden) if golden else guess


def _golden(survey: Survey, shared: Mapping[str, int], default_region: str) -> GoldenGuess:
    several = survey.named and len(survey.regions) > 1
    alone = "nothing was found in the others" if several else "it is the only region in use"
    whole = not any(survey.regions[name].unread for name in shared)
    return guessed_golden(shared, default_region, alone, whole)


def _first(region: str, regions: Iterable[str]) -> tuple[str, ...]:
    return (region, *(name for name in regions if name != region))


def _nothing(survey: Survey) -> str:
    looked = f"{len(survey.regions)} regions" if len(survey.regions) > 3 else ", ".join(sorted(survey.regions))
    unread = {why for holds in survey.regions.values() for why in holds.unread.values()}
    if unread:
        return (
            f"Nothing was found in {looked}, and not all could be read: {min(unread)}. Nothing was written. "
            "'auditor iam-policy audit' prints the permissions that reading takes."
        )
    return (
        f"There is not one resource to compare in {looked}. Nothing was written. Is this the right account "
        "(AWS_PROFILE), and are these its regions (--region)?"
    )


def _names(regions: Mapping[str, RegionHolds]) -> dict[str, NameGuess]:
    types = sorted({type_ for holds in regions.values() for type_ in holds.names})
    told = {
        type_: {name: (holds.locale, holds.names.get(type_, ())) for name, holds in regions.items()} for type_ in types
    }
    return {type_: guessed_names(named) for type_, named in told.items()}


def _deploy(names: Mapping[str, NameGuess], regions: int) -> DeployGuess | None:
    applications = _everywhere(names, APPLICATION, regions)
    # Everywhere under the very same name: the setting holds one.
    alike = sorted(name for name, inside in applications.items() if {one for (one,) in inside.values()} == {name})
    fit = [name for name in _everywhere(names, BUCKET, regions) if _ships(name)]
    pairs = [(one, bucket) for one in alike for bucket in fit or [""]]
    if not pairs:
        return None
    # What is named after the application is more likely its own.
    application, bucket = min(pairs, key=lambda pair: (pair[0].lower() not in pair[1], *pair))
    return DeployGuess(application, tuple(one for one in alike if one != application), bucket.replace("${", "{"))


def _ships(bucket: str) -> bool:
    return "${region" in bucket and any(word in bucket for word in _SHIPS)


def _everywhere(names: Mapping[str, NameGuess], type_: str, regions: int) -> Groups:
    groups = names[type_].groups if type_ in names else {}
    one_each: Iterable[str] = (
        name
        for name, inside in groups.items()
        if len(inside) == regions and all(len(natives) == 1 for natives in inside.values())
    )
    return {name: groups[name] for name in one_each}

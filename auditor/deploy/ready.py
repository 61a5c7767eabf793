"""Checks all that can be checked of a rollout before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.aws.calls import Caller
from auditor.canonical.wording import substitute
from auditor.deploy import codedeploy
from auditor.deploy.appspec import AppSpec, localised
from auditor.deploy.appspec_placeholders import SYMBOLS
from auditor.deploy.buckets import bucket_of
from auditor.deploy.fanout import Bucket
from auditor.deploy.function import alias_of
from auditor.deploy.source import Packed
from auditor.errors import ArtifactError, DeployError
from auditor.model.rollout import Rollout, properties_of


@dataclass(frozen=True)
class Ready:
    """A rollout that was checked, and that nothing has been done of."""

    rollout: Rollout
    packed: Packed
    buckets: tuple[Bucket, ...]
    callers: Mapping[str, Caller]
    key: bytes = field(repr=False)
    """What its journal is sealed with."""
    warnings: tuple[str, ...] = ()
    """What is unlikely to be meant, in the AppSpec and in the artifact."""
    hint: str = ""
    """What servers need, in one line; "" for nothing."""


def calls_of(callers: Mapping[str, Caller]) -> Mapping[str, int]:
    """The API calls made so far, by operation, over all sites."""
    return sum((Counter(one.counts()) for one in callers.values()), Counter())


def checked(rollout: Rollout, callers: Mapping[str, Caller]) -> tuple[Bucket, ...]:
    """The buckets of all sites. Raises DeployError for everything that stands in the way, in all of them, at once."""
    buckets, problems = [], []
    for site in rollout.sites:
        for check in (_check_platform, _check_groups, _check_alias):
            problems += _problems(lambda: check(rollout, callers[site]))  # noqa: B023 called at once
        problems += _problems(lambda: buckets.append(bucket_of(callers[site], rollout.buckets[site])))  # noqa: B023
    if problems:
        raise DeployError("\n".join(dict.fromkeys(problems)))
    return tuple(buckets)


def _problems(check: Callable[[], object]) -> list[str]:
    try:
        check()
    except (ArtifactError, DeployError) as error:
        return [str(error)]
    return []


def _check_platform(rollout: Rollout, caller: Caller) -> None:
    found = codedeploy.platform_of(caller, rollout.application) if rollout.groups else rollout.platform
    if found != rollout.platform:
        raise DeployError(
            f"{caller.site}: the application {rollout.application} has the compute platform {found}, and the AppSpec "
            f"is for {rollout.platform}. Nothing was uploaded. Ship it to an application of that platform."
        )


def _check_groups(rollout: Rollout, caller: Caller) -> None:
    for group in rollout.groups:
        codedeploy.previous_of(caller, rollout.application, group)
        going = codedeploy.running(caller, rollout.application, group)
        if going and rollout.running == "fail":
            raise DeployError(
                f"{caller.site}: the deployment {going[0]} is running in {rollout.application}/{group}. Nothing was "
                "uploaded. Wait for its end, or say --running wait."
            )


def _check_alias(rollout: Rollout, caller: Caller) -> None:
    own = appspec_in(rollout, caller)
    if rollout.platform == "Lambda":
        properties = properties_of(own)
        alias_of(caller, properties["Name"], properties["Alias"])


def appspec_in(rollout: Rollout, caller: Caller) -> Mapping[str, Any]:
    """The AppSpec in a site's own words; {} for Server, where it is read from the object."""
    if rollout.appspec is None:
        return {}
    spec = AppSpec("the AppSpec", rollout.platform, rollout.appspec, "")
    symbols = {name: str(getattr(caller.locale, name)) for name in SYMBOLS}
    try:
        return localised(spec, caller.locale.region, lambda text: substitute(text, symbols.__getitem__))
    except KeyError as missing:
        known = ", ".join(f"${{{name}}}" for name in symbols)
        raise ArtifactError(
            f"The AppSpec has the placeholder ${{{missing.args[0]}}}, and there are only {known}. Nothing was uploaded."
        ) from None

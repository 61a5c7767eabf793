"""The IAM policies of each use, narrowed to what the settings say. Calls nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from auditor.aws import trail
from auditor.aws.meanings import meaning_calls
from auditor.aws.resolve import lookup_calls
from auditor.aws.roles import PRINCIPAL_CALLS
from auditor.aws.sessions import REGION_CALLS, known_regions, partition_of
from auditor.aws.survey import survey_calls
from auditor.aws.versions import ALIAS
from auditor.aws.waits import WAITS
from auditor.compare.selection import types_matching, with_parents
from auditor.deploy import buckets, codedeploy, function, targets
from auditor.errors import SettingsError
from auditor.iam import grants as iam_grants
from auditor.iam.grants import Grant
from auditor.iam.policies import Policy, policies_of
from auditor.iam.scope import Bounds
from auditor.iam.text import explained, tables_of
from auditor.iam.trust import SESSION_SECONDS, stack_set, trust_policy
from auditor.resources import load_specs
from auditor.runs.files import write_whole
from auditor.settings.accounts import site_problems
from auditor.settings.load import ANY, Settings, load_settings
from auditor.specs.regions import SHORT_CODES
from auditor.specs.spec import ResourceSpec
from auditor.store.store import IN_S3

USES: Final = ("audit", "reconcile", "deploy")
CALLER: Final = "caller"
"""Whoever runs the program, and reads other accounts through roles."""
_EVERYTHING: Final = Bounds()
_SNS: Final = re.compile(r"sns:(?!//)", re.IGNORECASE)
"""How the address of a topic begins; what follows `sns://` are keys of its own, and their permissions."""


def unasked_settings(
    path: Path | None, options: Mapping[str, Any], environ: Mapping[str, str], golden_needed: bool
) -> Settings:
    """The settings as far as they tell without AWS: globs of an organization's accounts stay.

    Without golden needed, no site has to be named. Raises SettingsError as load_settings does.
    """
    told = load_settings(path, options, environ, known_regions, offline=True)
    nowhere = ANY in (told.regions[0], *((told.golden,) if golden_needed else ()))
    if nowhere and not golden_needed:
        return told
    if nowhere or not told.organization:
        return load_settings(path, options, environ, known_regions, golden_needed=golden_needed)
    named = tuple(dict.fromkeys(site.region for site in (*told.sites, told.golden_site) if site and site.region != ANY))
    problems = tuple(site_problems("", named, {}, known_regions()))
    if problems:
        raise SettingsError("\n".join(problems) + "\nNothing was read.")
    return told


def policies(
    use: str, settings_: Settings | None = None, role_name: str = "", organization: bool = False
) -> tuple[Policy, ...]:
    """The policies of a use: of every type and region without settings, else of those that the settings name.

    Raises SettingsError where the regions are of several partitions, which have no policy in common, and where nothing
    has to be granted.
    """
    granted = grants(use, settings_, organization, role_name)
    if not granted:
        raise SettingsError(
            "The settings name no role of another account, and neither a store in S3 nor a topic: who runs the program "
            "needs no policy for that. Nothing was printed. Where a role is taken, name it with --role-name."
        )
    return policies_of(granted, bounds(use, settings_, role_name))


def grants(
    use: str, settings_: Settings | None = None, organization: bool = False, role_name: str = ""
) -> tuple[Grant, ...]:
    """What a use has to be granted, each with its reason, of who runs the program in its own account."""
    if use == CALLER:
        return (*_caller_grants(settings_, organization, role_name), *own_grants(settings_))
    # Where accounts have a role each, the store and the topics are the caller's.
    own = use != "deploy" and not (settings_ and (settings_.accounts or settings_.organization))
    return (*role_grants(use, settings_), *(own_grants(settings_) if own else ()))


def _caller_grants(settings_: Settings | None, organization: bool, role_name: str) -> tuple[Grant, ...]:
    """Roles are taken unless the settings name accounts, and none of them has a role."""
    asked = organization or bool(settings_ and settings_.organization)
    taken = asked or role_name or not (settings_ and settings_.accounts) or roles(settings_)
    return tuple(one for one in iam_grants.caller_grants(asked) if taken or one.action != iam_grants.ASSUME)


def role_grants(use: str, settings_: Settings | None = None) -> tuple[Grant, ...]:
    """What a use has to be granted in each account that is read or written."""
    specs = _specs(settings_)
    waited = [(one.service, one.call) for one in WAITS.values()]
    # Whatever the types, a value may name a version of a function.
    versions = [("lambda", call) for call in load_specs()[ALIAS].lookups]
    lookups = [*lookup_calls(), *versions]
    changed = tuple(iam_grants.called([(trail.SERVICE, trail.LOOKUP)], "who changed what differs"))
    enabled = tuple(iam_grants.called(REGION_CALLS, "whether a region that refuses is enabled for the account"))
    if use == "deploy":
        return (*_deploy_grants(), *enabled)
    if use == "audit":
        # Regions are looked for before there are settings.
        survey = survey_calls() if settings_ is None else ()
        init = iam_grants.called(survey, "'auditor init' looks which regions are in use")
        return (*iam_grants.audit_grants(specs, lookups), *changed, *enabled, *init)
    return (*iam_grants.reconcile_grants(specs, (*meaning_calls(), *waited, *PRINCIPAL_CALLS), lookups), *enabled)


def own_grants(settings_: Settings | None) -> tuple[Grant, ...]:
    """What is done with the caller's own credentials, whichever account is read: the store, and topics that are told.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
    """
    if settings_ is None:
        return ()
    kept = iam_grants.store_grants() if settings_.is_in_s3 else ()
    return (*kept, *(iam_grants.notify_grants() if topics(settings_) else ()))


def _deploy_grants() -> tuple[Grant, ...]:
    looked = [(targets.SERVICE, call) for call in codedeploy.CALLS]
    shifted = [("lambda", function.ALIAS), *((WAITS[name].service, WAITS[name].call) for name in function.WAITED)]
    written = {"codedeploy": codedeploy.WRITES, "lambda": function.WRITES}
    return iam_grants.deploy_grants([*looked, *shifted], buckets.OPERATIONS, written)


def _specs(settings_: Settings | None) -> dict[str, ResourceSpec]:
    every = load_specs()
    return every if settings_ is None else with_parents(types_matching(settings_.types, every), every)


def bounds(use: str, settings_: Settings | None, role_name: str = "") -> Bounds:
    """What the settings narrow policies to. Raises SettingsError where the regions are of several partitions."""
    if settings_ is None:
        return Bounds(roles=_roles(role_name, "aws"))
    named = () if settings_.regions == (ANY,) else settings_.sites
    partitions = sorted({partition_of(site.region) for site in named})
    if len(partitions) > 1:
        raise SettingsError(
            f"The regions are of the partitions {', '.join(partitions)}, which no policy has in common. Nothing was "
            "printed. Name those of one with --region."
        )
    partition = partitions[0] if partitions else "aws"
    # What is reconciled is more than what is shipped.
    shipped = settings_.deploy if use == "deploy" else None
    return Bounds(
        partition,
        tuple(dict.fromkeys(site.region for site in named)),
        _buckets(settings_) if shipped and shipped.bucket and named else (),
        shipped.application if shipped else "",
        shipped.groups if shipped else (),
        _store(settings_),
        topics(settings_),
        tuple(dict.fromkeys((*roles(settings_, partition), *_roles(role_name, partition)))),
    )


def roles(settings_: Settings, partition: str = "aws") -> tuple[str, ...]:
    """The ARNs of the roles that the settings name; of an organization, with `*` for the account."""
    named = tuple(one.role_arn for one in settings_.accounts.values() if one.role_arn)
    every = settings_.organization.role_name.removeprefix("/") if settings_.organization else ""
    return tuple(dict.fromkeys((*named, *_roles(every, partition))))


def _store(settings_: Settings) -> str:
    """BUCKET/PREFIX as the store writes it, without slashes around the prefix; "" for a folder."""
    bucket, _, prefix = settings_.store.removeprefix(IN_S3).partition("/")
    return f"{bucket}/{prefix.strip('/')}" if settings_.is_in_s3 else ""


def _roles(name: str, partition: str) -> tuple[str, ...]:
    return (f"arn:{partition}:iam::*:role/{name}",) if name else ()


def topics(settings_: Settings) -> tuple[str, ...]:
    """The ARNs of the topics that are told, as far as no variable holds them."""
    return tuple(dict.fromkeys(one.topic for one in settings_.notify if one.topic and "$" not in one.topic))


def topic_warnings(settings_: Settings | None) -> tuple[str, ...]:
    """Which of `notify` are topics that a variable holds, on which nothing can be granted; no address is told."""
    told = [one.url.get_secret_value() for one in settings_.notify] if settings_ else []
    return tuple(
        f"warning: number {number} of 'notify' is an SNS topic whose ARN a variable holds. sns:Publish on it is in no "
        "policy here: add it by hand."
        for number, url in enumerate(told, start=1)
        if _SNS.match(url) and "$" in url
    )


def _buckets(settings_: Settings) -> tuple[str, ...]:
    """The name of each site's bucket; where it holds an account that only AWS knows, with `*` for it."""
    assert settings_.deploy
    made = []
    for site in settings_.sites:
        arn = settings_.accounts[site.account].role_arn.split(":") if site.account in settings_.accounts else []
        name = buckets.named(settings_.deploy.bucket, site.region, arn[4] if len(arn) > 4 else "*")
        made.append(name.replace("{region_short}", SHORT_CODES.get(site.region, "*")))
    return tuple(dict.fromkeys(made))


def explanation(use: str, settings_: Settings | None, role_name: str = "", organization: bool = False) -> str:
    """Action by action: why, on what, under which condition, and whether it writes."""
    return explained(grants(use, settings_, organization, role_name), bounds(use, settings_, role_name))


def trust(settings_: Settings | None, trusted: Iterable[str], external_id: str) -> Policy:
    """Who may assume the role in each account."""
    return trust_policy(trusted, external_id, bounds("audit", settings_).partition)


def template(use: str, settings_: Settings | None, trusted: Iterable[str], role_name: str) -> str:
    """The stack that makes the role in each account, as JSON."""
    made = role_policies(use, settings_)
    return stack_set(use, made, tuple(trusted), role_name, bounds(use, settings_).partition, _longest(settings_))


def _longest(settings_: Settings | None) -> int:
    """Seconds of the longest session that the settings ask for, or the hour that a role gives at least."""
    told = list(settings_.accounts.values()) if settings_ else []
    of_members = settings_.organization.duration if settings_ and settings_.organization else 0
    return max(SESSION_SECONDS, of_members, *(one.duration for one in told))


def role_policies(use: str, settings_: Settings | None) -> tuple[Policy, ...]:
    """The policies of a role that does this in its account, and has no other."""
    return policies_of(role_grants(use, settings_), bounds(use, settings_))


def tables() -> str:
    """What each use is granted and why, for docs/permissions.md."""
    return tables_of({use: grants(use, organization=True) for use in (*USES, CALLER)}, _EVERYTHING)


def earlier_files(folder: Path, use: str, count: int) -> tuple[Path, ...]:
    """The files in a folder that hold policies of a use beyond `count`: an earlier run wrote more."""
    try:
        names = sorted(folder.iterdir())
    except OSError:
        # None yet. What cannot be written there, is told when it is.
        names = []
    found = [(re.fullmatch(rf"{use}-([1-9]\d*)\.json", one.name), one) for one in names]
    numbered = sorted((int(match[1]), one) for match, one in found if match)
    return tuple(one for number, one in numbered if number > count)


def write_policies(folder: Path, use: str, texts: Iterable[str]) -> tuple[Path, ...]:
    """Write each policy into a file of its own, and tell which."""
    written = []
    for number, text in enumerate(texts, start=1):
        written.append(folder / f"{use}-{number}.json")
        write_whole(written[-1], text)
    return tuple(written)

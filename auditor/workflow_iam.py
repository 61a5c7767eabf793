"""The IAM policies of each use, narrowed to what the settings say. Calls nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from auditor import iam
from auditor.aws import trail
from auditor.aws.meanings import meaning_calls
from auditor.aws.resolve import ALIAS, lookup_calls
from auditor.aws.roles import GET_ROLE
from auditor.aws.sessions import REGION_CALLS, partition_of
from auditor.aws.survey import survey_calls
from auditor.aws.waits import WAITS
from auditor.deploy import buckets, codedeploy, function
from auditor.errors import SettingsError
from auditor.files import write_whole
from auditor.iam import Grant
from auditor.iam_policy import Policy, policies_of
from auditor.iam_scope import Bounds
from auditor.iam_text import explained, tables_of
from auditor.iam_trust import stack_set, trust_policy
from auditor.regions import SHORT_CODES
from auditor.resources import load_specs
from auditor.selection import types_matching, with_parents
from auditor.settings import ANY, Settings
from auditor.spec import ResourceSpec
from auditor.store import IN_S3

USES: Final = ("audit", "reconcile", "deploy")
CALLER: Final = "caller"
"""Whoever runs the program, and reads other accounts through roles."""
_EVERYTHING: Final = Bounds()


def policies(
    use: str, settings_: Settings | None = None, role_name: str = "", organization: bool = False
) -> tuple[Policy, ...]:
    """The policies of a use: of every type and region without settings, else of those that the settings name.

    Raises SettingsError where the regions are of several partitions, which have no policy in common.
    """
    return policies_of(grants(use, settings_, organization), bounds(use, settings_, role_name))


def grants(use: str, settings_: Settings | None = None, organization: bool = False) -> tuple[Grant, ...]:
    """What a use has to be granted, each with its reason, of who runs the program in its own account."""
    through_roles = bool(settings_ and (settings_.accounts or settings_.organization))
    if use == CALLER:
        listed = organization or bool(settings_ and settings_.organization)
        made = iam.caller_grants(listed)
        # Accounts may be reached by profiles alone.
        takes = settings_ is None or not through_roles or bool(_taken(settings_, "aws"))
        return (*(one for one in made if takes or one.action != "sts:AssumeRole"), *own_grants(settings_))
    # With roles in other accounts, what is done with the caller's own credentials is no business of these roles.
    return (*role_grants(use, settings_), *(() if use == "deploy" or through_roles else own_grants(settings_)))


def role_grants(use: str, settings_: Settings | None = None) -> tuple[Grant, ...]:
    """What a use has to be granted in each account that is read or written."""
    specs = _specs(settings_)
    waited = [(one.service, one.call) for one in WAITS.values()]
    # Whatever the types, a value may name a version of a function.
    versions = [("lambda", call) for call in load_specs()[ALIAS].lookups]
    lookups = [*lookup_calls(), *versions]
    changed = tuple(iam.called([(trail.SERVICE, trail.LOOKUP)], "who changed what differs"))
    enabled = tuple(iam.called(REGION_CALLS, "whether a region that refuses is enabled for the account"))
    if use == "deploy":
        return (*_deploy_grants(), *enabled)
    if use == "audit":
        # Regions are looked for before there are settings.
        survey = survey_calls() if settings_ is None else ()
        init = iam.called(survey, "'auditor init' looks which regions are in use")
        return (*iam.audit_grants(specs, lookups), *changed, *enabled, *init)
    return (*iam.reconcile_grants(specs, (*meaning_calls(), *waited, ("iam", GET_ROLE)), lookups), *enabled)


def own_grants(settings_: Settings | None) -> tuple[Grant, ...]:
    """What is done with the caller's own credentials, whichever account is read: the store, and topics that are told.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
    """
    if settings_ is None:
        return ()
    kept = iam.store_grants() if settings_.is_in_s3 else ()
    return (*kept, *(iam.notify_grants() if _topics(settings_) else ()))


def _deploy_grants() -> tuple[Grant, ...]:
    looked = [(codedeploy.SERVICE, call) for call in codedeploy.CALLS]
    shifted = [("lambda", function.ALIAS), *((WAITS[name].service, WAITS[name].call) for name in function.WAITED)]
    written = {"codedeploy": codedeploy.WRITES, "lambda": function.WRITES}
    return iam.deploy_grants([*looked, *shifted], buckets.OPERATIONS, written)


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
    store = settings_.store.removeprefix(IN_S3) if settings_.is_in_s3 else ""
    return Bounds(
        partition,
        tuple(dict.fromkeys(site.region for site in named)),
        _buckets(settings_) if shipped and shipped.bucket and named else (),
        shipped.application if shipped else "",
        shipped.groups if shipped else (),
        store,
        _topics(settings_),
        _roles(role_name, partition) or _taken(settings_, partition),
    )


def _taken(settings_: Settings, partition: str) -> tuple[str, ...]:
    """The roles that the settings have taken in other accounts."""
    named = dict.fromkeys(one.role_arn for one in settings_.accounts.values() if one.role_arn)
    asked = settings_.organization
    return (*named, *(_roles(asked.role_name.removeprefix("/"), partition) if asked else ()))


def _roles(name: str, partition: str) -> tuple[str, ...]:
    return (f"arn:{partition}:iam::*:role/{name}",) if name else ()


def _topics(settings_: Settings) -> tuple[str, ...]:
    return tuple(one.topic for one in settings_.notify if one.topic)


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
    return explained(grants(use, settings_, organization), bounds(use, settings_, role_name))


def trust(settings_: Settings | None, trusted: Iterable[str], external_id: str) -> Policy:
    """Who may assume the role in each account."""
    return trust_policy(trusted, external_id, bounds("audit", settings_).partition)


def template(use: str, settings_: Settings | None, trusted: Iterable[str], role_name: str) -> str:
    """The stack that makes the role in each account, as JSON."""
    made = role_policies(use, settings_)
    return stack_set(use, made, tuple(trusted), role_name, bounds(use, settings_).partition)


def role_policies(use: str, settings_: Settings | None) -> tuple[Policy, ...]:
    """The policies of a role that does this in its account, and has no other."""
    return policies_of(role_grants(use, settings_), bounds(use, settings_))


def tables() -> str:
    """What each use is granted and why, for docs/permissions.md."""
    return tables_of({use: grants(use, organization=True) for use in (*USES, CALLER)}, _EVERYTHING)


def write_policies(folder: Path, use: str, texts: Iterable[str]) -> tuple[Path, ...]:
    """Write each policy into a file of its own, and tell which."""
    written = []
    for number, text in enumerate(texts, start=1):
        written.append(folder / f"{use}-{number}.json")
        write_whole(written[-1], text)
    return tuple(written)

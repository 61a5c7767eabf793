"""What settings say of accounts, and the sites that they come to: names, globs, roles, partitions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Final

from pydantic import AfterValidator, SecretStr, model_validator

from auditor.model.values import Member, Site, parse_site
from auditor.nearest import hint
from auditor.settings.strict import Strict

SHORTEST: Final = 900
LONGEST: Final = 43200
_ROLE_ARN: Final = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/[\w+=,.@/-]+")
_ROLE_NAME: Final = re.compile(r"([\w+=,.@-]+/)*[\w+=,.@-]{1,64}")
_UNIT: Final = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PARTITIONS: Final = {"aws-us-gov": r"us-gov-", "aws-cn": r"cn-", "aws-iso": r"us-iso-", "aws-iso-b": r"us-isob-",
                      "aws-iso-e": r"eu-isoe-", "aws-iso-f": r"us-isof-", "aws-eusc": r"eusc-"}  # fmt: skip


def _role_arn(value: str) -> str:
    if value and not _ROLE_ARN.fullmatch(value):
        raise ValueError("the ARN of an IAM role such as arn:aws:iam::111122223333:role/auditor is needed")
    return value


def _duration(value: int) -> int:
    if value and not SHORTEST <= value <= LONGEST:
        raise ValueError(f"seconds from {SHORTEST} (a quarter of an hour) to {LONGEST} (twelve hours) are needed")
    return value


def _account_id(value: str) -> str:
    if value and not re.fullmatch(r"\d{12}", value):
        raise ValueError("an account id of 12 digits is needed, in quotes")
    return value


def _session_name(value: str) -> str:
    if not re.fullmatch(r"[\w+=,.@-]{2,64}", value, re.ASCII):
        raise ValueError("2 to 64 letters, digits and any of _+=,.@- are needed")
    return value


def _role_name(value: str) -> str:
    name = value.removeprefix("/")
    if not _ROLE_NAME.fullmatch(name):
        raise ValueError("the name of an IAM role is needed, with its path if it has one (audit/auditor)")
    return name


def _unit(value: str) -> str:
    if not _UNIT.fullmatch(value):
        raise ValueError("the id of an organizational unit (ou-ab12-cdef3456) or of a root (r-ab12) is needed")
    return value


Duration = Annotated[int, AfterValidator(_duration)]
SessionName = Annotated[str, AfterValidator(_session_name)]


class AccountSettings(Strict):
    """How an account is reached: by a role, a profile, or by a role that the profile asks for."""

    role_arn: Annotated[str, AfterValidator(_role_arn)] = ""
    external_id: SecretStr = SecretStr("")
    session_name: SessionName = "auditor"
    duration: Duration = 0
    profile: str = ""
    account_id: Annotated[str, AfterValidator(_account_id)] = ""

    @model_validator(mode="after")
    def _agrees(self) -> AccountSettings:
        if self.role_arn and self.account_id not in ("", self.role_arn.split(":")[4]):
            raise ValueError(f"account_id is {self.account_id}, and role_arn is of {self.role_arn.split(':')[4]}")
        return self

    @property
    def id(self) -> str:
        """The account's id, as far as the settings tell."""
        return self.account_id or (self.role_arn.split(":")[4] if self.role_arn else "")

    @property
    def partition(self) -> str:
        """The partition that its role is in; "" where no role is named."""
        return self.role_arn.split(":")[1] if self.role_arn else ""


class OrganizationSettings(Strict):
    """The accounts of an AWS organization, and how each is reached."""

    role_name: Annotated[str, AfterValidator(_role_name)]
    external_id: SecretStr = SecretStr("")
    session_name: SessionName = "auditor"
    duration: Duration = 0
    units: tuple[Annotated[str, AfterValidator(_unit)], ...] = ()
    exclude: tuple[str, ...] = ()
    profile: str = ""


def is_glob(name: str) -> bool:
    """Whether a site's name stands for those of several accounts."""
    return any(one in name for one in "*?[")


def sites_named(names: Iterable[str], accounts: Iterable[str]) -> tuple[str, ...]:
    """The sites that names and globs come to, in the order given, a glob's in the order of the accounts.

    A glob adds no site that is named, or that a glob before it gave.
    """
    given, known = tuple(names), tuple(accounts)
    found: list[str] = []
    for name in given:
        if not is_glob(name):
            found.append(name)
        else:
            found += [one for one in matching(name, known) if one not in found and one not in given]
    return tuple(found)


def matching(glob: str, accounts: Iterable[str]) -> tuple[str, ...]:
    """The sites that a glob stands for: accounts of which the name matches, in its region."""
    site = parse_site(glob)
    return tuple(str(Site(site.region, one)) for one in accounts if one and fnmatchcase(one, site.account))


def idle_globs(names: Iterable[str], accounts: Iterable[str]) -> Iterator[str]:
    """What is wrong with those names that are globs, in words."""
    known = tuple(accounts)
    for name in filter(is_glob, names):
        if is_glob(parse_site(name).region) or not parse_site(name).account:
            yield f"{name}: a glob stands for accounts, and the region is named in full, such as */us-east-1."
        elif not matching(name, known):
            yield f"{name} matches no account. There is: {', '.join(known) or 'none'}."


def partition_named(region: str) -> str:
    """The partition of a region, by its name."""
    return next((one for one, prefix in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def site_problems(
    golden: str, sites: tuple[str, ...], accounts: Mapping[str, AccountSettings], regions: tuple[str, ...]
) -> Iterator[str]:
    """What is wrong with the sites to read, in words. `regions` are AWS's; golden is "" where it is stored."""
    for name in sites:
        yield from filter(None, [_site_problem(parse_site(name), accounts, regions)])
    if golden and golden not in sites:
        yield (
            f"golden is {golden}, which is not among the regions ({', '.join(sites)}). "
            "Golden is read like any other: add it to them."
        )
    for name in sorted({name for name in sites if sites.count(name) > 1}):
        yield f"{name} is named twice among the regions."


def _site_problem(site: Site, accounts: Mapping[str, AccountSettings], regions: tuple[str, ...]) -> str:
    if site.account and site.account not in accounts:
        return f"{site} is in the account '{site.account}', which 'accounts' does not name."
    if site.region not in regions:
        near = get_close_matches(site.region, regions, n=1)
        return f"'{site.region}' is not an AWS region." + (f" Did you mean {near[0]}?" if near else "")
    partition = accounts[site.account].partition if site.account else ""
    if partition in ("", partition_named(site.region)):
        return ""
    return (
        f"{site} is in the partition {partition_named(site.region)}, and the role of '{site.account}' is in "
        f"{partition}. No credentials are good for both: name a role, and a 'profile', of the region's partition."
    )


def of_organization(
    organization: OrganizationSettings, members: Iterable[Member], named: Mapping[str, AccountSettings]
) -> dict[str, AccountSettings]:
    """How the organization's accounts are reached, by what their sites are called, in that order.

    Those that are excluded, and those that the settings name themselves, by id or by name, are not among them.
    """
    ids = {one.id for one in named.values()}
    kept = [one for one in members if one.id not in ids and not _excluded(one, organization.exclude)]
    called = site_names({one.id: one.name for one in kept})
    made: dict[str, AccountSettings] = {}
    for one in kept:
        name = called[one.id]
        if name not in named:
            made[name] = _reached(organization, one)
        elif named[name].id:
            # The settings have another account of this name.
            made[one.id] = _reached(organization, one)
    return dict(sorted(made.items()))


def idle_exclusions(organization: OrganizationSettings, members: Iterable[Member]) -> Iterator[str]:
    """What is to be said of each exclusion that excludes no account."""
    known = tuple(members)
    for glob in organization.exclude:
        if not any(_excluded(one, (glob,)) for one in known):
            near = hint(glob, {one.name for one in known})
            yield f"'organization.exclude': {glob} matches no active account of the organization.{near}"


def _excluded(member: Member, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(member.name, glob) or fnmatchcase(member.id, glob) for glob in globs)


def _reached(organization: OrganizationSettings, member: Member) -> AccountSettings:
    if member.own:
        return AccountSettings(profile=organization.profile, account_id=member.id)
    return AccountSettings(
        role_arn=f"arn:{member.partition}:iam::{member.id}:role/{organization.role_name}",
        external_id=organization.external_id,
        session_name=organization.session_name,
        duration=organization.duration,
        profile=organization.profile,
        account_id=member.id,
    )


def site_names(accounts: Mapping[str, str]) -> dict[str, str]:
    """What each account's sites are called, by its id: its name, where no other has that, or else its id.

    `accounts` are names by id. A name that holds what a site's name cannot, or that looks like an id, is not taken.
    """
    folded = [name.casefold() for name in accounts.values()]
    return {
        id_: name if _NAME.fullmatch(name) and not name.isdecimal() and folded.count(name.casefold()) == 1 else id_
        for id_, name in accounts.items()
    }

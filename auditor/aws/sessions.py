"""Sessions and clients: one session an account, one client a service and region, and who we are there."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config

from auditor import __version__
from auditor.aws.account import Account, asking, base_session, role_session
from auditor.aws.answers import parsing, refuse_foreign_answers
from auditor.aws.descriptions import boto3_session, describing_session
from auditor.aws.errors import (
    AWS_ERRORS,
    REFUSED_IN_REGION,
    THROTTLED,
    code_of,
    identity_error,
    profile_error,
    refusing_settings,
    region_disabled,
    role_error,
)
from auditor.aws.tally import Tally
from auditor.errors import AuditorError, CredentialsError, SettingsError
from auditor.model.values import Locale, Site
from auditor.specs.regions import SHORT_CODES
from auditor.specs.spec import Call

# Standard mode: with 10 % of 300 calls throttled it took 19 s, adaptive mode 73 s; the pacer does what adaptive
# mode is for. A fixed user agent saves botocore from composing one for each request.
CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": int(os.environ.get("AWS_MAX_ATTEMPTS") or 8)},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=32,
    user_agent=f"auditor/{__version__}",
)
_ALWAYS_ENABLED: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""A region of each partition that no account can be without: it tells which of the others are enabled."""
REGION_CALLS: Final = (("ec2", Call("DescribeRegions")),)
"""Asked only where a region refuses the credentials: whether it is enabled for the account."""
_ONCE: Final = Config(retries={"mode": "standard", "total_max_attempts": 1})


class _Answers(threading.local):
    """Owns the count of answers, on this thread, by which AWS throttled."""

    throttled = 0


_ANSWERS: Final = _Answers()


_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


class Sessions:
    """Owns the boto3 sessions and clients of a run."""

    def __init__(self, accounts: Mapping[str, Account] | None = None, config: Config = CONFIG) -> None:
        """`accounts` by their name in the configuration; "" is the caller's own and need not be given."""
        self._accounts = {"": Account(), **(accounts or {})}
        self._config = config
        self._bases: dict[str, botocore.session.Session] = {}
        self._sessions: dict[str, boto3.Session] = {}
        self._clients: dict[tuple[str, str, str, bool], Any] = {}
        self._identities: dict[Site, str | CredentialsError] = {}
        # Taken in this order: a site's, its account's, that of all: one slow account keeps no other waiting.
        self._locks: dict[Site | str, threading.RLock] = {}
        self._lock = threading.RLock()
        self.tally = Tally()
        self.stopping = threading.Event()
        """Set when the run is to end: no further call goes out."""

    def client(self, service: str, site: Site, once: bool = False) -> Any:
        """The client of a service in a site, made once. Making one is not thread-safe, using it is.

        With `once` it is another client, which sends each request one time only, and to the site's region only.
        """
        key = (service, site.account, site.region, once)
        session = self._session(site)
        with self._lock:
            if key not in self._clients:
                config = self._config.merge(_ONCE) if once else self._config
                with refusing_settings():
                    made = session.client(service, region_name=site.region, config=config)
                self._clients[key] = prepared(made, once)
            return self._clients[key]

    def together(self, at_once: int, work: Callable[[_Item], _Made], items: Iterable[_Item]) -> tuple[_Made, ...]:
        """What comes of each item, so many at the same time. Where one raises, no further call goes out."""
        pool = ThreadPoolExecutor(at_once)
        try:
            return tuple(pool.map(work, items))
        except BaseException:
            # The calls under way are waited for.
            self.stopping.set()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def is_offered(self, service: str, site: Site) -> bool:
        """Whether botocore's endpoint data has the service in the site's region."""
        return site.region in _regions_of(service, partition_of(site.region))

    def locale(self, site: Site) -> Locale:
        """What the site calls the things that differ between sites. AWS is asked once for each site.

        Raises CredentialsError where AWS will not say whose credentials these are, or the region is not enabled for
        their account; SettingsError where they are of another account than the settings say.
        """
        partition = partition_of(site.region)
        return Locale(
            region=site.region,
            region_short=SHORT_CODES.get(site.region, ""),
            account=self._identity(site),
            partition=partition,
            dns_suffix=_dns_suffix(partition),
        )

    def _identity(self, site: Site) -> str:
        with self._lock_of(site):
            if site not in self._identities:
                try:
                    self._identities[site] = self._account_id(site)
                except CredentialsError as error:
                    self._identities[site] = error
        found = self._identities[site]
        if isinstance(found, CredentialsError):
            raise found
        return found

    def _account_id(self, site: Site) -> str:
        try:
            with parsing("GetCallerIdentity"):
                found = str(self.client("sts", site).get_caller_identity()["Account"])
        except AWS_ERRORS as error:
            raise self._not_taken(error, site) from None
        wanted = self._accounts[site.account].account_id
        if wanted not in ("", found):
            raise SettingsError(
                f"{site}: these credentials are of the account {found}, and the settings say that '{site.account}' is "
                f"{wanted}. Nothing was read, and nothing written. Use credentials of that account, or mend its "
                "'account_id'."
            )
        return found

    def _not_taken(self, error: Exception, site: Site) -> AuditorError:
        home = enabled_site(site.region, site.account)
        if code_of(error) not in REFUSED_IN_REGION or home == site:
            return identity_error(error, str(site))
        try:
            account = self._identity(home)
            with parsing("DescribeRegions"):
                asked = self.client("ec2", home).describe_regions(RegionNames=[site.region], AllRegions=True)["Regions"]
        except (*AWS_ERRORS, CredentialsError):
            return identity_error(error, str(site))
        disabled = any(one.get("OptInStatus") == "not-opted-in" for one in asked)
        return region_disabled(str(site), site.region, account) if disabled else identity_error(error, str(site))

    def _session(self, site: Site) -> boto3.Session:
        with self._lock_of(site.account):
            if site.account not in self._sessions:
                self._sessions[site.account] = self._made(site)
            return self._sessions[site.account]

    def _made(self, site: Site) -> boto3.Session:
        account = self._accounts.get(site.account)
        if account is None:
            raise SettingsError(f"{site}: 'accounts' names no '{site.account}'. Nothing was read there. Name it there.")
        with self._lock, refusing_settings():
            if account.profile not in self._bases:
                if site.account and account.profile and account.profile not in base_session("").available_profiles:
                    raise profile_error(str(site), account.profile)
                self._bases[account.profile] = base_session(account.profile)
            base = self._bases[account.profile]
            if not account.role_arn:
                return boto3_session(base)
        try:
            return boto3_session(self._assumed(base, account, site.region))
        except AWS_ERRORS as error:
            raise role_error(error, str(site), account.role_arn, account.duration) from None

    def _assumed(self, base: botocore.session.Session, account: Account, region: str) -> botocore.session.Session:
        try:
            return role_session(base, self._asking(base, region), account)
        except AWS_ERRORS as error:
            home = enabled_site(region).region
            if code_of(error) not in REFUSED_IN_REGION or home == region:
                raise
        # The region may be one that the caller's account is without, and the role's is not.
        return role_session(base, self._asking(base, home), account)

    def _asking(self, base: botocore.session.Session, region: str) -> Any:
        with self._lock, refusing_settings():
            return asking(base, region, self._config)

    def _lock_of(self, what: Site | str) -> threading.RLock:
        with self._lock:
            return self._locks.setdefault(what, threading.RLock())


def prepared(client: Any, once: bool = False) -> Any:
    """A new client as the program uses it: what is no answer is refused, and throttled attempts are counted."""
    reach_address(refuse_foreign_answers(client))
    # Told of each attempt's answer; what a call comes to in the end says only how many there were.
    client.meta.events.register("response-received", _answered)
    if once:
        client.meta.events.register_first("needs-retry.s3", _without_redirect)
    return client


def throttled_here() -> int:
    """How many attempts, of all the calls that this thread has made so far, AWS throttled."""
    return _ANSWERS.throttled


def _answered(parsed_response: Mapping[str, Any] | None, **_: Any) -> None:
    told = parsed_response or {}
    code, status = told.get("Error", {}).get("Code"), told.get("ResponseMetadata", {}).get("HTTPStatusCode")
    _ANSWERS.throttled += code in THROTTLED or status == 429


def reach_address(client: Any) -> None:
    """Let a client of S3 Control reach an endpoint on this machine.

    S3 Control puts the account before the host's name, which an address cannot have.
    """
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    if client.meta.service_model.service_name == "s3control" and host.startswith("127."):
        client.meta.events.register("request-created.s3-control", _without_account)


def _without_redirect(request_dict: Any, **_: Any) -> None:
    # botocore sends a request for a bucket of another region again, there, beside all retries; not a second time.
    request_dict["context"].setdefault("s3_redirect", {})["redirected"] = True


def _without_account(request: Any, **_: Any) -> None:
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


def default_region() -> str:
    """The region that the person's own AWS settings name (AWS_REGION, the profile); "" for none."""
    with refusing_settings():
        return str(describing_session().get_config_variable("region") or "")


@cache
def known_regions() -> tuple[str, ...]:
    """Every region that botocore's endpoint data names, of all partitions."""
    with refusing_settings():
        session = describing_session()
    return tuple(
        sorted(
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions("lambda", partition_name=partition)
        )
    )


@cache
def _regions_of(service: str, partition: str) -> frozenset[str]:
    return frozenset(describing_session().get_available_regions(service, partition_name=partition))


@cache
def partition_of(region: str) -> str:
    """The partition that a region belongs to. Raises SettingsError for a region that AWS does not have."""
    if region not in known_regions():
        near = get_close_matches(region, known_regions(), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SettingsError(f"'{region}' is not an AWS region. Nothing was read.{hint}")
    return str(describing_session().get_partition_for_region(region))


def enabled_site(region: str, account: str = "") -> Site:
    """An account in a region that it cannot be without, of the partition of `region`; this one where none is known."""
    return Site(_ALWAYS_ENABLED.get(partition_of(region), region), account)


@cache
def _dns_suffix(partition: str) -> str:
    known = describing_session().get_data("endpoints")["partitions"]
    return str(next(one["dnsSuffix"] for one in known if one["partition"] == partition))

"""Sessions and clients: one session an account, one client a service and region, and who we are there."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import create_loader

from auditor import __version__
from auditor.aws.errors import AWS_ERRORS, THROTTLED, code_of, identity_error, refusing_settings
from auditor.errors import CredentialsError, SettingsError
from auditor.model import Locale, Site
from auditor.regions import SHORT_CODES

# Standard mode: with 10 % of 300 calls throttled it took 19 s, adaptive mode 73 s; the pacer does what adaptive
# mode is for. A fixed user agent saves botocore from composing one for each request.
CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": int(os.environ.get("AWS_MAX_ATTEMPTS") or 8)},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=32,
    user_agent=f"auditor/{__version__}",
)
_ONCE: Final = Config(retries={"mode": "standard", "total_max_attempts": 1})


class _Answers(threading.local):
    """Owns the count of answers, on this thread, by which AWS throttled."""

    throttled = 0


_ANSWERS: Final = _Answers()


@dataclass(frozen=True)
class Account:
    """How one account is reached: through its role, its profile, or (neither given) as the caller itself."""

    role_arn: str = ""
    external_id: str = ""
    session_name: str = "auditor"
    profile: str = ""


class Sessions:
    """Owns the boto3 sessions and clients of a run."""

    def __init__(self, accounts: Mapping[str, Account] | None = None, config: Config = CONFIG) -> None:
        """`accounts` by their name in the configuration; "" is the caller's own and need not be given."""
        self._accounts = {"": Account(), **(accounts or {})}
        self._config = config
        self._sessions: dict[str, boto3.Session] = {}
        self._clients: dict[tuple[str, str, str, bool], Any] = {}
        self._identities: dict[str, str] = {}
        self._lock = threading.RLock()
        self.stopping = threading.Event()
        """Set when the run is to end: no further call goes out."""

    def client(self, service: str, site: Site, once: bool = False) -> Any:
        """The client of a service in a site, made once. Making one is not thread-safe, using it is.

        With `once` it is another client, which sends each request one time only, and to the site's region only.
        """
        key = (service, site.account, site.region, once)
        with self._lock:
            if key not in self._clients:
                config = self._config.merge(_ONCE) if once else self._config
                with refusing_settings():
                    made = self._session(site).client(service, region_name=site.region, config=config)
                reach_address(made)
                # Told of each attempt's answer; what a call comes to in the end says only how many there were.
                made.meta.events.register("response-received", _answered)
                if once:
                    made.meta.events.register_first("needs-retry.s3", _without_redirect)
                self._clients[key] = made
            return self._clients[key]

    def is_offered(self, service: str, site: Site) -> bool:
        """Whether botocore's endpoint data has the service in the site's region."""
        return site.region in _regions_of(service, partition_of(site.region))

    def locale(self, site: Site) -> Locale:
        """What the site calls the things that differ between sites.

        Raises CredentialsError where AWS will not say whose credentials these are.
        """
        with self._lock:
            if site.account not in self._identities:
                self._identities[site.account] = self._account_id(site)
        partition = partition_of(site.region)
        return Locale(
            region=site.region,
            region_short=SHORT_CODES.get(site.region, ""),
            account=self._identities[site.account],
            partition=partition,
            dns_suffix=_dns_suffix(partition),
        )

    def _account_id(self, site: Site) -> str:
        try:
            return str(self.client("sts", site).get_caller_identity()["Account"])
        except AWS_ERRORS as error:
            raise identity_error(error, site.region) from None

    def _session(self, site: Site) -> boto3.Session:
        if site.account not in self._sessions:
            self._sessions[site.account] = self._made(self._accounts[site.account], site.region)
        return self._sessions[site.account]

    def _made(self, account: Account, region: str) -> boto3.Session:
        if not account.role_arn:
            return boto3.Session(profile_name=account.profile or None)
        sts = boto3.Session(profile_name=account.profile or None).client("sts", region_name=region, config=self._config)
        asked = {"RoleArn": account.role_arn, "RoleSessionName": account.session_name}
        if account.external_id:
            asked["ExternalId"] = account.external_id
        try:
            given = sts.assume_role(**asked)["Credentials"]
        except (ClientError, *AWS_ERRORS) as error:
            # AWS's message can quote the external id.
            raise CredentialsError(
                f"{region}: the role {account.role_arn} was not given ({code_of(error)}). Nothing was read there. "
                "Check its trust policy, the external id, and that the caller may call sts:AssumeRole."
            ) from None
        return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


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
        return str(boto3.Session().region_name or "")


@cache
def known_regions() -> tuple[str, ...]:
    """Every region that botocore's endpoint data names, of all partitions."""
    with refusing_settings():
        session = boto3.Session()
    return tuple(
        sorted(
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions("lambda", partition_name=partition)
        )
    )


@cache
def _regions_of(service: str, partition: str) -> frozenset[str]:
    return frozenset(boto3.Session().get_available_regions(service, partition_name=partition))


@cache
def partition_of(region: str) -> str:
    """The partition that a region belongs to. Raises SettingsError for a region that AWS does not have."""
    if region not in known_regions():
        near = get_close_matches(region, known_regions(), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SettingsError(f"'{region}' is not an AWS region. Nothing was read.{hint}")
    return str(boto3.Session().get_partition_for_region(region))


@cache
def _dns_suffix(partition: str) -> str:
    known = create_loader().load_data("endpoints")["partitions"]
    return str(next(one["dnsSuffix"] for one in known if one["partition"] == partition))

"""How an account is reached, and the credentials of its role, which renew themselves before they run out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError
from botocore.session import Session

from auditor.aws.answers import parsing, refuse_foreign_answers
from auditor.aws.descriptions import describing_session
from auditor.aws.errors import AWS_ERRORS, code_of

_HOUR: Final = 3600
"""Seconds for which AWS gives a role where nothing else is asked."""
# botocore renews 15 minutes before the end: credentials for as long would be renewed at each request.
_RENEWED: Final = 900
_BLOCKING: Final = 600


@dataclass(frozen=True)
class Account:
    """How one account is reached: through its role, its profile, or (neither given) as the caller itself.

    With both, the profile is who asks for the role.
    """

    role_arn: str = ""
    external_id: str = field(default="", repr=False)
    session_name: str = "auditor"
    profile: str = ""
    duration: int = 0
    """Seconds for which the role is asked; 0 for AWS's default, an hour."""
    account_id: str = ""
    """The id that AWS must say; "" where nobody knows."""


def base_session(profile: str) -> Session:
    """The caller's own session, or that of a profile. Its STS is that of each region, whatever the settings say.

    Tokens of the global endpoint are not valid in regions that an account opts in to:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
    """
    made = describing_session(profile)
    made.set_config_variable("sts_regional_endpoints", "regional")
    return made


def asking(base: Session, region: str, config: Config) -> Any:
    """The client of STS by which a session asks for roles. Raises NoCredentialsError where it has no credentials."""
    if base.get_credentials() is None:
        raise NoCredentialsError
    return refuse_foreign_answers(base.create_client("sts", region_name=region, config=config))


def role_session(base: Session, sts: Any, account: Account) -> Session:
    """The session of an account's role, asked for through its client `sts`, and renewed through it.

    Raises what botocore does where the role is not given. A renewal that fails says no more than the code: AWS's
    message can quote the external id.
    """
    # botocore makes a client for each renewal. This one is made once, where nobody else makes one, and renews its own.
    fetcher = AssumeRoleCredentialFetcher(
        lambda *_, **__: sts, base.get_credentials(), account.role_arn, extra_args=_asked(account)
    )
    seconds = account.duration or _HOUR
    made = describing_session()
    made.set_config_variable("sts_regional_endpoints", "regional")
    # The way that boto3 documents for credentials of one's own.
    made._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 there is no public form
        _given(fetcher.fetch_credentials),
        partial(_renewed, fetcher.fetch_credentials, account.role_arn),
        "assume-role",
        advisory_timeout=min(_RENEWED, seconds // 3),
        mandatory_timeout=min(_BLOCKING, seconds // 6),
    )
    return made


def _asked(account: Account) -> dict[str, Any]:
    asked: dict[str, Any] = {"RoleSessionName": account.session_name}
    if account.external_id:
        asked["ExternalId"] = account.external_id
    if account.duration:
        asked["DurationSeconds"] = account.duration
    return asked


def _given(fetch: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    with parsing("AssumeRole"):
        return fetch()


def _renewed(fetch: Callable[[], Mapping[str, Any]], role_arn: str) -> Mapping[str, Any]:
    try:
        return _given(fetch)
    except AWS_ERRORS as error:
        why = f"the role {role_arn} was not given again ({code_of(error)})"
        raise CredentialRetrievalError(provider="assume-role", error_msg=why) from None

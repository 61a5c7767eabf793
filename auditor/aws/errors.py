"""The one place where botocore's errors become ours, or the reason why something is unreadable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectionError as BotoConnectionError,
    HTTPClientError,
    InvalidConfigError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError

from auditor.errors import AuditorError, CredentialsError, SettingsError


class UnusableAnswerError(Exception):
    """What came is not an answer of the operation: nothing is known of what was asked, or of what became of it.

    It quotes nothing of what came.
    """


# An answer that cannot be parsed is told by an error of a tree of its own.
AWS_ERRORS: Final = (ClientError, BotoCoreError, ResponseParserError, UnusableAnswerError)
# The codes of botocore's standard mode that mean nothing but throttling (botocore/retries/standard.py); its
# LimitExceededException is, in some services, a quota of things that no waiting changes.
THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
GONE: Final = frozenset({"ResourceNotFoundException"})
"""What Lambda answers of what is not there, or no longer."""
EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
UNKNOWN_CALLER: Final = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
)
# What a region that is not enabled answers, by kind of API: STS and others of query, JSON, EC2, S3 for keys and tokens.
REFUSED_IN_REGION: Final = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId", "InvalidToken",
     "OptInRequired", "RegionDisabledException"}
)  # fmt: skip


def with_members(operation: str, answer: Mapping[str, Any], *needed: str) -> Mapping[str, Any]:
    """The answer to an operation. Raises UnusableAnswerError where it lacks one of these, or has nothing there."""
    for name in needed:
        if answer.get(name) in (None, ""):
            raise UnusableAnswerError(f"the answer to {operation} has no {name}")
    return answer


def code_of(error: Exception) -> str:
    """AWS's error code, or the name of botocore's error where no answer came."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def reason(error: Exception) -> str:
    """Why something is unreadable, in one line: code and message, shortened."""
    return in_one_line(code_of(error), message_of(error) if isinstance(error, ClientError) else str(error))


def message_of(error: ClientError) -> str:
    """What AWS says, in its own words, which can quote what it was sent."""
    return str(error.response.get("Error", {}).get("Message", ""))


def in_one_line(code: str, message: str) -> str:
    """A code and a message in one line, shortened."""
    text = " ".join(f"{code}: {message}".split())
    return text if len(text) <= 300 else text[:299] + "…"


@contextmanager
def refusing_settings() -> Iterator[None]:
    """Turns what botocore says of a person's AWS settings into a SettingsError."""
    try:
        yield
    except (ProfileNotFound, ConfigNotFound, ConfigParseError, InvalidConfigError) as error:
        raise SettingsError(f"The AWS settings cannot be used: {error}. Nothing was read. Check AWS_PROFILE.") from None
    except ValueError as error:
        # botocore checks endpoints (AWS_ENDPOINT_URL) so.
        raise SettingsError(f"The AWS settings cannot be used: {error}. Nothing was read.") from None


def profile_error(site: str, profile: str) -> CredentialsError:
    """What to tell of an account whose profile the AWS configuration does not have."""
    return CredentialsError(
        f"{site}: the AWS configuration has no profile '{profile}'. Nothing was read there. Make it (aws configure "
        f"--profile {profile}), or mend the account's 'profile' in the settings."
    )


def identity_error(error: Exception, site: str) -> AuditorError:
    """What to tell somebody whose credentials were not taken, before anything was read."""
    code = code_of(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return CredentialsError(
            "No AWS credentials were found. Nothing was read. Sign in (aws sso login), or set AWS_PROFILE or "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if code in EXPIRED:
        return CredentialsError(
            f"The AWS credentials have expired ({code}). Nothing was read. Sign in again (aws sso login)."
        )
    if code in UNKNOWN_CALLER | REFUSED_IN_REGION:
        return CredentialsError(
            f"{site}: AWS does not know these credentials ({code}). Nothing was read. "
            "Check AWS_PROFILE, and that the region is enabled for the account."
        )
    unreached = isinstance(error, BotoConnectionError | HTTPClientError)
    way = " Check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL." if unreached else ""
    return CredentialsError(f"{site}: AWS did not say who is asking ({reason(error)}). Nothing was read.{way}")


def region_disabled(site: str, region: str, account: str) -> CredentialsError:
    """What to tell of a site in a region that its account is without (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html)."""
    return CredentialsError(
        f"{site}: {region} is not enabled in account {account}. Nothing was read there. Enable it (in the account's "
        "settings, under AWS Regions), or take the site out of 'regions'."
    )


def role_error(error: Exception, site: str, role_arn: str, duration: int) -> AuditorError:
    """What to tell somebody who was not given a role. AWS's message can quote the external id, so it is not told."""
    code = code_of(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError) or code in EXPIRED:
        return identity_error(error, site)
    long = code == "ValidationError" and duration
    return CredentialsError(
        f"{site}: the role {role_arn} was not given ({code}). Nothing was read there. "
        + (
            f"Is {duration} seconds longer than the role allows, or than the hour that a role may ask for another?"
            if long
            else "Check its trust policy, the external id, and that the caller may call sts:AssumeRole."
        )
    )

"""A token of a GitHub App, for those who give no token of a person.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jwt

from auditor.deploy.github import GitHubSource, asked
from auditor.errors import GitHubError

APP_ID: Final = "GITHUB_APP_ID"
PRIVATE_KEY: Final = "GITHUB_APP_PRIVATE_KEY"
_LIFE: Final = 540
"""Seconds that we are believed to be the App: GitHub takes 600 at most."""


def installation_token(app_id: str, private_key: str, source: GitHubSource) -> str:
    """A token that may read this one repository, for an hour. `private_key` is PEM text, or the path of a file of it.

    Raises GitHubError; the key is in no message.
    """
    now = int(time.time())
    claims = {"iat": now - 60, "exp": now + _LIFE, "iss": app_id}
    try:
        bearer = jwt.encode(claims, _pem(private_key), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise GitHubError(f"{PRIVATE_KEY} is no RSA key in PEM. Nothing was read. Give the App's.") from None
    installation = _told(asked(f"{source.path}/installation", f"Bearer {bearer}"), "id")
    wanted = {"repositories": [source.name], "permissions": {"contents": "read"}}
    url = f"{source.api}/app/installations/{installation}/access_tokens"
    return _told(asked(url, f"Bearer {bearer}", wanted), "token")


def _told(answer: Mapping[str, Any], name: str) -> str:
    if not (value := answer.get(name)):
        raise GitHubError(f"GitHub told no {name} of the App's installation. Nothing was read. Check GITHUB_API_URL.")
    return str(value)


def _pem(private_key: str) -> str:
    if "-----BEGIN" in private_key:
        return private_key
    try:
        if not private_key:
            raise GitHubError(f"{APP_ID} is set, and {PRIVATE_KEY} is not. Nothing was read. Set both, or neither.")
        return Path(private_key).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise GitHubError(
            f"{PRIVATE_KEY} is neither a key in PEM nor the path of a file that can be read. Nothing was read."
        ) from None

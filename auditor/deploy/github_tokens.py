"""Which host each token of the environment is for: none goes to a host that a source alone names. Pure.

https://cli.github.com/manual/gh_help_environment says what the tokens of `gh` are for;
https://docs.github.com/en/actions/reference/workflows-and-actions/variables what GITHUB_API_URL is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from auditor.deploy.github import PUBLIC, GitHubSource
from auditor.deploy.github_app import APP_ID

_OWN: Final = "GITHUB_TOKEN"
_PUBLIC: Final = "GH_TOKEN"
_ENTERPRISE: Final = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_TENANTS: Final = ".ghe.com"


def token_of(source: GitHubSource, environ: Mapping[str, str]) -> str:
    """The token that the environment has for the source's host; "" for none.

    GITHUB_TOKEN is for the API that GITHUB_API_URL names; without one, for github.com and its tenants (*.ghe.com).
    GH_TOKEN is for github.com and its tenants, GH_ENTERPRISE_TOKEN for the server that GH_HOST or GITHUB_API_URL names.
    """
    return next((token for name in _names(source, environ) if (token := environ.get(name, "").strip())), "")


def is_app_host(source: GitHubSource, environ: Mapping[str, str]) -> bool:
    """Whether the source's host is the one that an App of the environment is of: its signature is a right, too."""
    return _origin(source.api) == _origin(environ.get("GITHUB_API_URL") or PUBLIC)


def withheld(source: GitHubSource, environ: Mapping[str, str]) -> str:
    """What to tell where the environment has a token or an App, and none for the source's host; "" where it has."""
    others = [name for name in (_OWN, _PUBLIC, *_ENTERPRISE) if environ.get(name, "").strip()]
    app = [APP_ID] if environ.get(APP_ID) else []
    if token_of(source, environ) or not [*others, *app] or (app and is_app_host(source, environ)):
        return ""
    host = urlsplit(source.api).netloc
    remedy = "GH_TOKEN" if _is_public(source.api) else f"GH_HOST={host} and GH_ENTERPRISE_TOKEN"
    return f"Not sent to {host}, as not meant for it: {', '.join([*others, *app])}. If it is trusted, set {remedy}."


def _names(source: GitHubSource, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables whose tokens are for the source's host, the first one first."""
    api = environ.get("GITHUB_API_URL", "")
    named = bool(api) and _origin(source.api) == _origin(api)
    if _is_public(source.api):
        return (_OWN, _PUBLIC) if named or not api else (_PUBLIC,)
    host = environ.get("GH_HOST", "").strip().lower()
    enterprise = _ENTERPRISE if named or urlsplit(source.api).netloc.lower() == host else ()
    return (*((_OWN,) if named else ()), *enterprise)


def _is_public(api: str) -> bool:
    scheme, netloc = _origin(api)
    return scheme == "https" and (netloc == urlsplit(PUBLIC).netloc or netloc.endswith(_TENANTS))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()

"""GitHub: which commit a ref is, its archive, and what it is told of a commit. Needs nothing but Python.

https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from auditor.deploy.source_folder import wrong_in_folder
from auditor.errors import GitHubError, NotOnGitHubError

Taken = TypeVar("Taken")
PUBLIC: Final = "https://api.github.com"
_SOURCE: Final = re.compile(
    r"github:(?:(?P<host>[A-Za-z0-9.-]+\.[A-Za-z0-9-]+(?::\d+)?)/)?(?P<owner>[A-Za-z0-9_-]+)/(?P<name>[A-Za-z0-9._-]+)"
    r"(?:@(?P<ref>[^\s\x00-\x1f\x7f~^:?*\[\\]+?))?(?://(?P<folder>.*))?"
)
_SLIPS: Final = (
    # As git writes it, as Terraform does, and without a sign before the folder.
    re.compile(r"(?P<name>github:[^@:#]+)(?P<ref>@(?:(?!//)[^:#])+):/*(?P<folder>[^:#@?]+)"),
    re.compile(r"(?P<name>github:[^@:#]+?)//(?P<folder>[^@:#]+)(?P<ref>@[^@:#]+)"),
    re.compile(r"(?P<name>github:(?:[^/@:]+\.[^/@:]+/)?[^/@:]+/[^/@:?]+)/(?P<folder>[^@:?]+)(?P<ref>@[^@:#]+)?"),
)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_ATTEMPTS: Final = 3
_SECONDS: Final = 60
"""That a connection may say nothing."""
_LONGEST: Final = 1800
"""Seconds that an archive may take, however slowly it comes."""
_NETWORK: Final = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError)
_CHUNK: Final = 1024 * 1024
_NOT_THERE: Final = frozenset({404, 422})


@dataclass(frozen=True)
class GitHubSource:
    """A ref of a repository. `api` is where the host's API is, without a slash at its end."""

    api: str
    owner: str
    name: str
    ref: str
    folder: str = ""
    """The part of the repository that is meant; "" for all of it."""

    @property
    def path(self) -> str:
        """Where the repository is in the API."""
        return f"{self.api}/repos/{self.owner}/{self.name}"


def parse_source(text: str, environ: Mapping[str, str]) -> GitHubSource:
    """`github:OWNER/REPO@REF`, or `github:HOST/OWNER/REPO@REF` of an Enterprise host; no ref: the default branch.

    `//FOLDER` at the end is one folder of it: git knows no ref with two slashes. GITHUB_API_URL says where the API is,
    as it does in GitHub Actions. Raises GitHubError.
    """
    match = _SOURCE.fullmatch(text)
    if not match or match["name"] in (".", "..") or ".." in (match["ref"] or ""):
        raise GitHubError(
            f"{text!r} names nothing on GitHub. Nothing was read. Write github:OWNER/REPO@REF.{_slip(text)}"
        )
    folder = (match["folder"] or "").removesuffix("/")
    why = "is empty" if match["folder"] in {"", "/"} else wrong_in_folder(folder)
    if not match["ref"] and "@" in folder:
        why = "comes before its ref"
    if why:
        form = "github:OWNER/REPO@REF//FOLDER"
        raise GitHubError(f"{text!r}: the folder {why}. Nothing was read. Write {form}.{_slip(text)}")
    api = _api(match["host"]) if match["host"] else environ.get("GITHUB_API_URL") or PUBLIC
    return GitHubSource(_checked(api.rstrip("/")), match["owner"], match["name"], match["ref"] or "HEAD", folder)


def _slip(text: str) -> str:
    """What was probably meant by a source that is none; "" where that is not known."""
    match = next((found for form in _SLIPS if (found := form.fullmatch(text))), None)
    if match is None:
        return ""
    return f" Did you mean '{match['name']}{match['ref'] or ''}//{match['folder'].strip('/')}'?"


def commit_of(source: GitHubSource, token: str, sleep: Callable[[float], object] = time.sleep) -> str:
    """The SHA of the commit that a ref is. Raises GitHubError.

    https://docs.github.com/en/rest/commits/commits#get-a-commit
    """
    url = f"{source.path}/commits/{quote(source.ref, safe='')}"
    found = _tried(url, token, lambda answer: answer.read(100), sleep, accept="application/vnd.github.sha")
    sha = str(found, "ascii", "replace").strip()
    if not _COMMIT.fullmatch(sha):
        raise GitHubError(f"{url} told no commit. Nothing was read. Check GITHUB_API_URL.")
    return sha


def download(
    source: GitHubSource,
    commit: str,
    token: str,
    target: Path,
    most: int,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Write the commit's archive (tar, gzipped) to a file. Raises GitHubError; nothing is left at `target` then.

    `most` is how many bytes it may have. The token goes to the API's host only: the archive's own address carries
    a right of its own.
    """
    url = f"{source.path}/tarball/{commit}"
    try:
        with target.open("wb") as file:
            _tried(url, token, lambda answer: _save(answer, file, url, most), sleep)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise GitHubError(
            f"{url} could not be put into {target} ({error.strerror or type(error).__name__}). Nothing of it was kept. "
            "Check the folder, and the space left."
        ) from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def set_status(
    source: GitHubSource,
    commit: str,
    token: str,
    state: str,
    context: str,
    description: str,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Tell GitHub how a commit fares (`pending`, `success`, `failure`, `error`). Raises GitHubError.

    https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
    """
    told = {"state": state, "context": context, "description": description[:140]}
    _tried(f"{source.path}/statuses/{commit}", token, lambda answer: answer.read(_CHUNK), sleep, told)


def asked(url: str, authorization: str, told: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """The JSON object that GitHub answers. Raises GitHubError."""
    answer = _tried(url, "", lambda one: one.read(10 * _CHUNK), time.sleep, told, authorization=authorization)
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise GitHubError(f"{_shown(url)} answered no JSON object. Nothing was read. Check GITHUB_API_URL.")
    return found


def _api(host: str) -> str:
    # https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api and, for
    # ghe.com, https://docs.github.com/en/enterprise-cloud@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
    if host.lower() in {"github.com", "www.github.com"}:
        return PUBLIC
    return f"https://api.{host}" if host.lower().endswith(".ghe.com") else f"https://{host}/api/v3"


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and not parts.username and not parts.password and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise GitHubError("GITHUB_API_URL, or a redirect, is no plain URL. Nothing was read. Write https://HOST/PATH.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(url)):
        raise GitHubError(f"{parts.scheme}://{parts.netloc} is not reached by https. Nothing was read. Use https.")
    return url


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost"}


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only. The token goes on only where a repository was renamed: to the same host."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        here = urlsplit(req.full_url)
        try:
            _checked(newurl)
            if _is_here(newurl) and not _is_here(req.full_url):
                # What listens on this machine is not for strangers to call.
                raise GitHubError(f"{here.netloc} redirects to this machine. Nothing was read. Check GITHUB_API_URL.")
        except GitHubError:
            fp.close()
            raise
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        there, token = urlsplit(newurl), req.unredirected_hdrs.get("Authorization")
        if request and token and (here.scheme, here.netloc) == (there.scheme, there.netloc):
            request.add_unredirected_header("Authorization", token)
        return request


def _save(answer: Any, file: IO[bytes], url: str, most: int) -> None:
    file.seek(0)
    file.truncate()
    size, until = 0, time.monotonic() + _LONGEST
    while chunk := answer.read1(_CHUNK):
        size += len(chunk)
        if size > most:
            raise GitHubError(f"{url} has more than {most:,} bytes. Nothing of it was kept. Ship less, or allow more.")
        if time.monotonic() > until:
            raise GitHubError(f"{url} took more than {_LONGEST} seconds. Nothing of it was kept. Try again later.")
        file.write(chunk)
    wanted = answer.headers.get("Content-Length") or ""
    if wanted.isdecimal() and size != int(wanted):
        raise http.client.IncompleteRead(b"", int(wanted) - size)


def _tried(
    url: str,
    token: str,
    take: Callable[[Any], Taken],
    sleep: Callable[[float], object],
    told: Mapping[str, Any] | None = None,
    accept: str = "application/vnd.github+json",
    authorization: str = "",
) -> Taken:
    """What `take` makes of the answer; tried three times where GitHub itself, or the way to it, failed."""
    request = _request(url, authorization or (f"Bearer {token}" if token else ""), told, accept)
    opener = urllib.request.build_opener(_Redirects())
    failed = GitHubError()
    for attempt in range(_ATTEMPTS):
        sleep(2**attempt - 1)
        try:
            with opener.open(request, timeout=_SECONDS) as answer:
                return take(answer)
        except urllib.error.HTTPError as error:
            with error:
                failed = _refusal(url, error)
                if error.code < 500:
                    break
        except _NETWORK as error:
            failed = _silence(url, error)
    raise failed


def _silence(url: str, error: Exception) -> GitHubError:
    return GitHubError(f"{_shown(url)} did not answer whole ({_why(error)}). Nothing was read. Try again later.")


def _why(error: Exception) -> str:
    # Of a refused connection or an unknown host, the system's words; they hold no secret.
    cause = getattr(error, "reason", None)
    told = cause.strerror if isinstance(cause, OSError) else ""
    return f"{type(error).__name__}{f': {told}' if told else ''}"


def _request(url: str, authorization: str, told: Mapping[str, Any] | None, accept: str) -> urllib.request.Request:
    data = json.dumps(told).encode() if told is not None else None
    request = urllib.request.Request(url, data, {"Accept": accept, "User-Agent": "auditor"})  # noqa: S310 checked
    if data:
        request.add_header("Content-Type", "application/json")
    if not (authorization.isascii() and authorization.isprintable()):
        # http.client would refuse it too, and show it.
        raise GitHubError("The token holds what cannot be sent. Nothing was read. Write it without line breaks.")
    if authorization:
        # It is not sent on to where a redirect leads.
        request.add_unredirected_header("Authorization", authorization)
    return request


def _shown(url: str) -> str:
    # What follows the question mark can be a right to read.
    return url.partition("?")[0]


def _refusal(url: str, error: urllib.error.HTTPError) -> GitHubError:
    """https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
    where, nothing = _shown(url), "Nothing was read."
    if error.code in _NOT_THERE:
        advice = "Check the name; what is private needs a token that may see it (GITHUB_TOKEN, or an App's)."
        return NotOnGitHubError(f"{where} is not there, or may not be seen ({error.code}). {nothing} {advice}")
    if error.code == 429 or error.headers.get("X-RateLimit-Remaining") == "0" or error.headers.get("Retry-After"):
        return GitHubError(
            f"{where}: GitHub's rate limit is used up. {nothing} Give a token (GITHUB_TOKEN), or wait an hour."
        )
    if error.code in {401, 403}:
        advice = "Check that the token (GITHUB_TOKEN, or the App's) is valid and may read the repository."
        return GitHubError(f"{where} was refused ({error.code}). {nothing} {advice}")
    return GitHubError(f"{where} failed ({error.code}). {nothing} Try again later.")

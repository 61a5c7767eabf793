"""Where an artifact comes from: a folder, an archive, or a commit on GitHub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditor.deploy.archive import Artifact, packed
from auditor.deploy.github import GitHubSource, commit_of, download, parse_source
from auditor.deploy.github_app import APP_ID, PRIVATE_KEY, installation_token
from auditor.deploy.github_tokens import is_app_host, token_of, withheld
from auditor.errors import ArtifactError, GitHubError, NotOnGitHubError

GITHUB: Final = "github:"
LARGEST: Final = 5 * 1024**3
"""Bytes that are downloaded at most."""


@dataclass(frozen=True)
class Packed:
    """An artifact, and where it is from. `text` packs the same again."""

    artifact: Artifact
    text: str
    commit: str = ""
    ref: str = ""
    folder: str = ""
    """The part of the repository that it is; "" for all of it."""

    @property
    def name(self) -> str:
        """What the object is called after: the commit, or else the content."""
        return self.commit or self.artifact.sha256


def packed_source(text: str, environ: Mapping[str, str], folder: Path) -> Packed:
    """The artifact of a source, made in `folder`. Raises ArtifactError, GitHubError."""
    if not text.startswith(GITHUB):
        if not text or "://" in text:
            raise ArtifactError(
                f"{text!r} is no source. Nothing was packed. Name a folder, a zip or tgz, or github:OWNER/REPO@REF."
            )
        path = Path(text).absolute()
        return Packed(packed(path, folder / "artifact.zip"), str(path))
    source = parse_source(text, environ)
    commit = download_source(source, environ, folder / "source.tar.gz")
    archive = folder / "source.tar.gz"
    try:
        made = packed(archive, folder / "artifact.zip", folder=source.folder)
    except ArtifactError as error:
        raise ArtifactError(str(error).replace(str(archive), text)) from None
    archive.unlink()
    again = f"{text.partition('//')[0].partition('@')[0]}@{commit}{f'//{source.folder}' if source.folder else ''}"
    return Packed(made, again, commit, source.ref, source.folder)


def download_source(source: GitHubSource, environ: Mapping[str, str], archive: Path) -> str:
    """The commit whose archive was written to a file. Raises GitHubError."""
    try:
        token = token_of(source, environ)
        if not token and environ.get(APP_ID) and is_app_host(source, environ):
            token = installation_token(environ[APP_ID], environ.get(PRIVATE_KEY, ""), source)
        commit = commit_of(source, token)
        download(source, commit, token, archive, LARGEST)
    except GitHubError as error:
        # A ref may hold slashes, so only GitHub can tell that this one holds a folder.
        is_folder = isinstance(error, NotOnGitHubError) and re.search("[/#]", source.ref)
        hint = "If a part of it is a folder, write two slashes before that: @REF//FOLDER." if is_folder else ""
        raise GitHubError(" ".join(filter(None, (str(error), hint, withheld(source, environ))))) from None
    return commit

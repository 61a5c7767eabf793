"""Where an artifact comes from: a folder, an archive, or a commit on GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditor.deploy.archive import Artifact, packed
from auditor.deploy.github import GitHubSource, commit_of, download, parse_source
from auditor.deploy.github_app import APP_ID, PRIVATE_KEY, installation_token
from auditor.deploy.github_tokens import is_app_host, token_of, withheld
from auditor.errors import ArtifactError, GitHubError

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
    made = packed(folder / "source.tar.gz", folder / "artifact.zip")
    (folder / "source.tar.gz").unlink()
    return Packed(made, f"{text.partition('@')[0]}@{commit}", commit, source.ref)


def download_source(source: GitHubSource, environ: Mapping[str, str], archive: Path) -> str:
    """The commit whose archive was written to a file. Raises GitHubError."""
    try:
        token = token_of(source, environ)
        if not token and environ.get(APP_ID) and is_app_host(source, environ):
            token = installation_token(environ[APP_ID], environ.get(PRIVATE_KEY, ""), source)
        commit = commit_of(source, token)
        download(source, commit, token, archive, LARGEST)
    except GitHubError as error:
        raise GitHubError(f"{error} {withheld(source, environ)}".rstrip()) from None
    return commit

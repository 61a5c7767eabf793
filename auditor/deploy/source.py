"""Where an artifact comes from: a folder, an archive, or a commit on GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditor.deploy.archive import Artifact, packed
from auditor.deploy.github import commit_of, download, parse_source, token_of
from auditor.deploy.github_app import APP_ID, PRIVATE_KEY, installation_token
from auditor.errors import ArtifactError

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
    token = token_of(environ)
    if not token and environ.get(APP_ID):
        token = installation_token(environ[APP_ID], environ.get(PRIVATE_KEY, ""), source)
    commit = commit_of(source, token)
    download(source, commit, token, folder / "source.tar.gz", LARGEST)
    made = packed(folder / "source.tar.gz", folder / "artifact.zip")
    (folder / "source.tar.gz").unlink()
    return Packed(made, f"{text.rpartition('@')[0] or text}@{commit}", commit, source.ref)

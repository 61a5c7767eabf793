"""Where the key that secrets are fingerprinted with is kept: outside every store."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from auditor.errors import SettingsError

VARIABLE: Final = "AUDITOR_FINGERPRINT_KEY"


def secret_key(environ: Mapping[str, str]) -> bytes:
    """The key from AUDITOR_FINGERPRINT_KEY, or from the user's configuration folder, made there at first use.

    Without it nobody can guess a secret from its fingerprint, not even who holds the snapshots. Raises
    SettingsError where it is too short, or cannot be read or made.
    """
    given = environ.get(VARIABLE)
    if given is not None:
        return _long_enough(os.fsencode(given), VARIABLE)
    path = _path(environ)
    try:
        return _long_enough(path.read_bytes() if path.exists() else _made(path), str(path))
    except OSError as error:
        raise SettingsError(
            f"{path}: the key for secrets' fingerprints could not be kept there ({error.strerror}). Nothing was "
            f"read. Set {VARIABLE} to 32 or more random characters, the same on every run."
        ) from None


def _path(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".config")
    return Path(base) / "auditor" / "fingerprint.key"


def _long_enough(key: bytes, where: str) -> bytes:
    if len(key.strip()) < 32:
        raise SettingsError(f"{where}: a key of at least 32 characters is needed. Nothing was read.")
    return key.strip()


def _made(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_hex(32).encode()
    # Written beside and then linked, so that no other run reads it half written; only its owner may read it.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
        path.hardlink_to(name)
    except FileExistsError:
        # Another run made it in between: there is one key.
        return path.read_bytes()
    finally:
        Path(name).unlink()
    return key

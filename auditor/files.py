"""Writes files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from auditor.errors import StoreError


def write_whole(path: Path, text: str) -> None:
    """Replace the file by one that holds `text` (UTF-8); a reader sees the old one or the new one.

    Raises StoreError where that cannot be done; the old file is then as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        made = Path(name)
        try:
            # A lone surrogate is not UTF-8; its escape is JSON.
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            made.chmod(0o644)
            made.replace(path)
        except BaseException:
            made.unlink()
            raise
    except OSError as error:
        raise StoreError(
            f"{path} could not be written ({error.strerror}). Nothing of it was left behind. "
            "Choose a folder that can be written with -o or --store."
        ) from None

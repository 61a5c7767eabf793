"""Which folder of a repository is shipped, where it is not the whole. Pure."""

from __future__ import annotations

import re


def wrong_in_folder(folder: str) -> str:
    """Why a path is no folder of a repository; "" where it may be one, and for "", which is the whole.

    It is written from the repository's top, '/' separated: services/web.
    """
    parts = folder.split("/")
    wrong = {
        "is absolute": folder.startswith("/") or bool(re.match("[A-Za-z]:", folder)),
        "leads upwards": ".." in parts,
        "has a part that is empty or '.'": bool(folder) and not {"", "."}.isdisjoint(parts),
        "holds a backslash: write '/'": "\\" in folder,
        "holds what cannot be printed": not folder.isprintable(),
        "is git's own": ".git" in parts,
    }
    return next((why for why, holds in wrong.items() if holds), "")


def key_of(application: str, name: str, folder: str = "") -> str:
    """What an artifact's object is called: by commit or content, and by the folder, as one commit has several."""
    return f"{application}/{name}/{folder}.zip" if folder else f"{application}/{name}.zip"

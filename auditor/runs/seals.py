"""Seals: what only who has the key of the fingerprints can write under a text. Pure."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SEAL: Final = "seal"
"""The member that holds one, in plans and in the entries of journals."""
_LENGTH: Final = 32


def seal(kind: str, content: bytes, key: bytes) -> str:
    """The keyed digest (HMAC-SHA-256, 128 bits) of a content, bound to what kind of thing it is."""
    return hmac.new(key, b"auditor seal\0" + kind.encode() + b"\0" + content, hashlib.sha256).hexdigest()[:_LENGTH]


def is_sealed(told: object, kind: str, content: bytes, key: bytes) -> bool:
    """Whether a seal is that of a content, made with this key."""
    return isinstance(told, str) and told.isascii() and hmac.compare_digest(told, seal(kind, content, key))

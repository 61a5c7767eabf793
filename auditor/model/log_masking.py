"""The end of a log of somebody's script, fit to be shown: without what looks like a secret, and not long. Pure.

A deployment's instances print what they like, and CodeDeploy hands on the last 4 KiB of it. Nobody knows their secrets
here, so what is named like one, and what has the form of one, is masked; what is neither cannot be told from words.
"""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "***"
LINES: Final = 12
"""So many lines of a log's end are kept, the last ones: what failed stands there."""
_LENGTH: Final = 300
"""Characters of a line that are kept."""
_CUT: Final = 4000
"""From so many bytes on, CodeDeploy may have cut the log: it hands on 4 KB, and begins anywhere."""
_NAMED: Final = (
    r"[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|"
    r"authorization|signature)[\w.-]*"
)
_PATTERNS: Final = (
    # A key's text has lines of its own; one that is cut short has only some of them.
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    (re.compile(r"\A(?:(?!-----BEGIN).)*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL), MASK),
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"://[^\s/@]+@"), f"://{MASK}@"),
    # A signed address is a right to read.
    (re.compile(r"(https?://[^\s?\"']+\?)[^\s\"']+"), rf"\1{MASK}"),
    (re.compile(rf"(--{_NAMED})(\s+|=)(\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE), rf"\1\2{MASK}"),
    (
        re.compile(
            rf"({_NAMED})([\"']?\s*[:=]\s*)(?!(?:Bearer|Basic) {re.escape(MASK)})(\"[^\"]*\"|'[^']*'|[^\s,;]+)",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"), MASK),
    (re.compile(r"\b(?:gh[a-z]_|github_pat_|xox[a-z]-|sk_live_|glpat-)[\w-]{10,}"), MASK),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), MASK),
    # A secret access key: 40 characters, some of each kind. A commit's hash has no capitals.
    (re.compile(r"(?<![\w/+])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+])"), MASK),
)


def without_secrets(text: str) -> str:
    """The text, with `***` for what is named like a secret, or has the form of one."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def log_end(text: str) -> tuple[str, ...]:
    """The last lines of a log without secrets, empty ones left out, each cut to a length that can be read."""
    if len(text.encode(errors="replace")) >= _CUT:
        # What it begins with may be the rest of a secret, whose name is cut off.
        text = text.partition(" ")[2] if " " in text.partition("\n")[0] else text.partition("\n")[2]
    # Masked as a whole first: a secret can have several lines.
    lines = [line.rstrip() for line in without_secrets(text).splitlines()]
    kept = [line for line in lines if line.strip()][-LINES:]
    return tuple(line if len(line) <= _LENGTH else f"{line[:_LENGTH]}…" for line in kept)

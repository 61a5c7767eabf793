"""What a value of auditor.yaml may be, where its kind alone does not say it. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from auditor.compare.comparators import is_comparator
from auditor.specs.spec import COMPARATORS

PLACEHOLDERS: Final = ("stem", "region", "region_short", "account")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_IN_S3: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")
_KEPT: Final = re.compile(r"(\d{1,6}) +(daily|monthly)")
_BRACES: Final = re.compile(r"\{[^{}]*\}")


def a_day(value: str) -> str:
    """The day, as ISO 8601 has it; "" for none. Raises ValueError for anything else."""
    try:
        return date.fromisoformat(value).isoformat() if value else value
    except ValueError:
        raise ValueError("a day such as 2027-01-31 is needed") from None


def a_pattern(value: str) -> str:
    """A pattern of names, with `{stem}` once. Raises ValueError for anything else."""
    named = re.findall(r"\{([^{}]*)\}", value)
    unknown = [name for name in named if name not in PLACEHOLDERS]
    if unknown or named.count("stem") != 1 or len(set(named)) < len(named) or set(_BRACES.sub("", value)) & set("{}"):
        known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        raise ValueError(f"a name with {{stem}} once is needed, and any of {known}")
    return value


def keep_of(value: Any) -> Any:
    """`30 daily, 12 monthly` as numbers by name; what has names is left as it is. Raises ValueError else."""
    if not isinstance(value, str | int | float | list | tuple):
        return value
    parts = [_KEPT.fullmatch(part.strip()) for part in str(value).split(",")]
    found = [(part[2], int(part[1])) for part in parts if part]
    if len(found) < len(parts) or len(dict(found)) < len(found):
        raise ValueError("such as '30 daily, 12 monthly' is needed")
    return dict(found)


def unambiguous(value: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, dict[str, str]]]:
    """Names by type, name and site, none of which stands for two. Raises ValueError for anything else."""
    for type_, names in value.items():
        taken: dict[tuple[str, str], str] = {}
        for name, natives in names.items():
            for site, native in natives.items():
                other = taken.setdefault((site, native), name)
                if other != name:
                    raise ValueError(f"{native} ({type_} in {site}) stands for both '{other}' and '{name}'")
    return value


def a_store(value: str) -> str:
    """A folder, or a place in S3. Raises ValueError for anything else."""
    if not value:
        raise ValueError("a folder, or s3://BUCKET/PREFIX, is needed, and this is empty")
    if ("://" in value or value.lower().startswith("s3:")) and not is_in_s3(value):
        raise ValueError("a folder, or s3://BUCKET/PREFIX, is needed")
    return a_path(value)


def a_path(value: str) -> str:
    """A path that a file system can have. Raises ValueError for anything else."""
    try:
        # As Python does it: what came from the command line and is not UTF-8 has an escape of its own.
        possible = b"\0" not in value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise ValueError("a path is needed, and no file can be called so")
    return value


def a_comparator(value: str) -> str:
    """How a field may be compared. Raises ValueError for anything else."""
    if not is_comparator(value):
        raise ValueError(f"one of {', '.join(COMPARATORS)} is needed")
    return value


def is_in_s3(store: str) -> bool:
    """Whether a store is a bucket, or a prefix of one, and no folder."""
    return bool(_IN_S3.fullmatch(store))

"""Which published versions of functions values name, and in which order it can be told what these are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from auditor.canonical.references import texts
from auditor.model.values import Locale, Resource


def in_arns(resources: Iterable[Resource], locale: Locale) -> frozenset[str]:
    """The versions of the site's own functions (`FUNCTION/NUMBER`) that stand in ARNs in the resources' values."""
    numbered = re.compile(rf":lambda:{locale.region}:{locale.account}:function:([\w-]+):(\d+)(?!\w)")
    words = (word for word in texts(resources) if ":function:" in word)
    return frozenset("/".join(match.groups()) for word in words for match in numbered.finditer(word))


def generations(versions: Iterable[Resource], locale: Locale) -> Iterator[list[Resource]]:
    """The versions, each after all that it names: what a version names is a part of what it is.

    Of those that name each other in a ring, none comes first.
    """
    left = [(one, in_arns((one,), locale) - {one.name}) for one in versions]
    while left:
        names = {one.name for one, _ in left}
        ready = [one for one, named in left if not named & names] or [one for one, _ in left]
        yield ready
        left = [(one, named) for one, named in left if one not in ready]

"""Which region the others may have to equal, guessed from what several of them have. Pure.

What one region alone has counts for nothing: it is as likely forgotten there as it is missing elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from auditor.init.names import NameGuess


@dataclass(frozen=True)
class GoldenGuess:
    """A region, and why it may be the one."""

    region: str
    why: str
    """In words that follow a colon."""
    tied: tuple[str, ...] = ()
    """The regions, this one first, between which what they hold does not decide."""


def shared_counts(names: Iterable[NameGuess], regions: Collection[str]) -> dict[str, int]:
    """How many resources that have a name of people's each region has in common with another one."""
    several = [inside for guess in names for inside in guess.groups.values() if len(inside) > 1]
    return {region: sum(region in inside for inside in several) for region in regions}


def guessed_golden(shared: Mapping[str, int], default_region: str, alone: str, whole: bool) -> GoldenGuess:
    """The region that has most in common with others, of those that hold anything: there is at least one.

    Between equal ones it is `default_region`, or the first by name. `alone` says why where there is one region only;
    `whole` that everything could be listed.
    """
    ranked = sorted(shared, key=lambda name: (-shared[name], name != default_region, name))
    first, others = ranked[0], ranked[1:]
    if not others:
        return GoldenGuess(first, alone)
    far = "" if whole else ", as far as could be listed"
    tied = tuple(name for name in ranked if shared[name] == shared[first])
    if len(tied) > 1:
        why = f"{_equal(tied[1:], shared[first])}{far}; of these, {_preferred(first, default_region)}"
        return GoldenGuess(first, why, tied)
    next_ = f"{others[0]} has {shared[others[0]]}"
    return GoldenGuess(first, f"it holds the most of what several regions have ({shared[first]}; {next_}){far}")


def _equal(others: tuple[str, ...], count: int) -> str:
    if not count:
        return "no two regions have a resource of the same name"
    verb = "have" if len(others) > 1 else "has"
    return f"{', '.join(others)} {verb} as much of what several regions have ({count})"


def _preferred(first: str, default_region: str) -> str:
    return "it is the one that your AWS settings name" if first == default_region else "it is the first by name"

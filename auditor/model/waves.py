"""Sites in waves: those of one go at the same time, each wave after the one before it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Final

from auditor.errors import SettingsError

Waves = tuple[tuple[str, ...], ...]
REST: Final = "rest"
"""In a wave: all sites that no other wave names."""
WAVE_HELP: Final = "Sites that go first; repeatable. 'rest' are all that no other wave names; without it they go last."


def waves_of(sites: Sequence[str], waves: Sequence[Sequence[str]], beside: Collection[str] = ()) -> Waves:
    """The sites in these waves; what no wave names goes last, and all at once where there are no waves.

    `beside` are sites that a wave may name too, and where nothing is to be done. Raises SettingsError for a site that
    is neither, and for one that is named twice.
    """
    named = [site for wave in waves for site in wave]
    known = tuple(dict.fromkeys((*sites, *beside)))
    strange = [site for site in named if site not in (*known, REST)]
    twice = [site for site in named if named.count(site) > 1]
    if strange or twice:
        why = _unknown(strange[0], known) if strange else f"{twice[0]} is named twice"
        raise SettingsError(f"The waves cannot be kept: {why}. Nothing was written. Mend --wave, or 'deploy.waves'.")
    rest = tuple(site for site in sites if site not in named)
    made = [_sites(wave, rest, sites) for wave in waves]
    return tuple(wave for wave in (*made, () if REST in named else rest) if wave)


def _sites(wave: Sequence[str], rest: tuple[str, ...], sites: Sequence[str]) -> tuple[str, ...]:
    spelt = [one for site in wave for one in (rest if site == REST else (site,))]
    return tuple(site for site in spelt if site in sites)


def _unknown(site: str, known: Sequence[str]) -> str:
    near = get_close_matches(site, (*known, REST), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{site or repr('')} is not among the regions ({', '.join(known)}){hint}"

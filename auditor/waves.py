"""Sites in waves: those of one go at the same time, each wave after the one before it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.errors import SettingsError


def waves_of(sites: Sequence[str], waves: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The sites in these waves; what no wave names goes last, and all at once where there are no waves.

    Raises SettingsError for a site that is not among `sites`, or that is named twice.
    """
    named = [site for wave in waves for site in wave]
    strange = [site for site in named if site not in sites]
    twice = [site for site in named if named.count(site) > 1]
    if strange or twice:
        known = f"is not among the regions ({', '.join(sites)})"
        why = f"{strange[0] or repr('')} {known}" if strange else f"{twice[0]} is named twice"
        raise SettingsError(f"The waves cannot be kept: {why}. Nothing was uploaded. Mend 'deploy.waves', or --wave.")
    rest = tuple(site for site in sites if site not in named)
    return tuple(tuple(wave) for wave in (*waves, rest) if wave)

"""Who is told of an audit, of what, and what came of telling them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from auditor import notify
from auditor.errors import AuditorError
from auditor.report.content import Report
from auditor.report.notice import Words, audit_notice, failure_notice, occasions, trial_notice
from auditor.settings import Settings
from auditor.settings_audit import PRESIGNED, NotifySettings
from auditor.store import bucket_at
from auditor.workflow import Say

_LINKED: Final = 3 * 24 * 60 * 60
"""Seconds for which a presigned link is made: over a weekend."""


def tell_audit(settings_: Settings, environ: Mapping[str, str], made: Report, page: str, note: Say) -> None:
    """Tell those who want to know of what the audit came to; `page` is the report's address."""
    now = {"always", *occasions(made.history, made.drift.complete)}
    _tell(settings_, environ, now, audit_notice(made, _link(settings_, page, note)), note)


def tell_failure(settings_: Settings, environ: Mapping[str, str], error: Exception, note: Say) -> None:
    """Tell those who want to know of an audit that came to nothing, and so of what is unknown."""
    # What is raised on purpose holds no secret. Of anything else, only the name is sure not to.
    why = str(error) if isinstance(error, AuditorError) else type(error).__name__
    _tell(settings_, environ, {"always", "unknown"}, failure_notice(why), note)


def tested(settings_: Settings, environ: Mapping[str, str]) -> tuple[notify.Sent, ...]:
    """Send everybody a test, and say what came of each."""
    return notify.send(_targets(enumerate(settings_.notify, 1), environ), trial_notice)


def listed(settings_: Settings, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Everybody who is told, and of what."""
    targets = _targets(enumerate(settings_.notify, 1), environ)
    return tuple((to.name, ", ".join(one.when)) for to, one in zip(targets, settings_.notify, strict=True))


def _tell(settings_: Settings, environ: Mapping[str, str], now: set[str], words: Words, note: Say) -> None:
    wanted = ((number, one) for number, one in enumerate(settings_.notify, 1) if now & {*one.when})
    try:
        told = notify.send(_targets(wanted, environ), words)
    except Exception as error:  # noqa: BLE001 nothing of this may fail an audit, and it may quote an address
        note(f"warning: nobody was told ({type(error).__name__}). Try it with 'auditor notify --test'.")
        return
    for sent in told:
        if sent.error:
            note(f"warning: {sent.name} was not told: {sent.error} Try it with 'auditor notify --test'.")


def _link(settings_: Settings, page: str, note: Say) -> str:
    folder, _, name = page.rpartition("/")
    if settings_.report_url == PRESIGNED:
        try:
            return bucket_at(folder).link(name, _LINKED)
        except AuditorError as error:
            note(f"warning: there is no link to the report. {error}")
            return page
    if settings_.report_url:
        return f"{settings_.report_url}/{name}"
    return page if settings_.is_in_s3 else str(Path(page).resolve())


def _targets(numbered: Iterable[tuple[int, NotifySettings]], environ: Mapping[str, str]) -> list[notify.Target]:
    return [notify.target_of(number, one.url.get_secret_value(), one.limit, environ) for number, one in numbered]

"""Who is told of an audit, of what, and what came of telling them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from auditor.commands.context import Say
from auditor.errors import AuditorError, StoreError, TerminatedError
from auditor.history.files import record_told, told_until
from auditor.history.history import history, run_of
from auditor.notify import send as notify
from auditor.notify.notice import Words, audit_notice, failure_notice, occasions, trial_notice
from auditor.report.causes import grouped
from auditor.report.content import Report
from auditor.settings.audit import PRESIGNED, NotifySettings
from auditor.settings.load import Settings
from auditor.store import store
from auditor.store.storage import Storage

_LINKED: Final = 3 * 24 * 60 * 60
"""Seconds for which a presigned link is made: over a weekend."""


def tell_audit(settings_: Settings, environ: Mapping[str, str], made: Report, page: str, note: Say) -> None:
    """Tell everybody of what changed since that one was last told; `page` is the report's address.

    Who could not be told is told of it the next time.
    """
    if not settings_.notify:
        return
    into, link, now = store.storage_at(settings_.store), _link(settings_, page, note), run_of(made.drift)
    targets = _targets(enumerate(settings_.notify, 1), environ)
    known = told_until(into, now.golden)
    told: dict[str, str] = {}
    for until, ones in grouped(zip(targets, settings_.notify, strict=True), lambda one: known.get(one[0].name)):
        since = _since(made, until)
        occasion = {"always", *occasions(since.history)}
        wanted = [target for target, one in ones if occasion & {*one.when}]
        missed = _tell(wanted, audit_notice(since, link), note)
        told |= {target.name: now.taken for target, _ in ones if target.name not in missed}
    _kept(into, now.golden, known | told, note)


def expect(settings_: Settings, environ: Mapping[str, str], into: Storage, made: Report) -> None:
    """Write down until when everybody has been told, before this audit is the last: it may be ended, or tell nobody."""
    if not (settings_.notify and made.history):
        return
    targets = _targets(enumerate(settings_.notify, 1), environ)
    golden, previous = made.drift.golden, made.history.previous
    record_told(into, golden, {one.name: previous for one in targets} | told_until(into, golden))


def _since(made: Report, until: str | None) -> Report:
    """The report with what changed since a run, where that is not the one before."""
    if made.history is None or until in (None, made.history.previous):
        return made
    before = [one for one in made.history.runs[:-1] if one.taken <= str(until)]
    return replace(made, history=history(made.history.runs[-1], before))


def _kept(into: Storage, golden: str, known: Mapping[str, str], note: Say) -> None:
    try:
        record_told(into, golden, known)
    except StoreError as error:
        note(f"warning: it was not kept who was told, so it may be told again. {error}")


def tell_failure(settings_: Settings, environ: Mapping[str, str], error: BaseException, note: Say) -> None:
    """Tell those who want to know of an audit that came to nothing, and so of what is unknown."""
    # What is raised on purpose holds no secret. Of anything else, only the name is sure not to.
    why = str(error) if isinstance(error, AuditorError | TerminatedError) else type(error).__name__
    wanted = [(number, one) for number, one in enumerate(settings_.notify, 1) if {"always", "unknown"} & {*one.when}]
    _tell(_targets(wanted, environ), failure_notice(why), note)


def tested(settings_: Settings, environ: Mapping[str, str]) -> tuple[notify.Sent, ...]:
    """Send everybody a test, and say what came of each."""
    return notify.send(_targets(enumerate(settings_.notify, 1), environ), trial_notice)


def listed(settings_: Settings, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Everybody who is told, and of what."""
    targets = _targets(enumerate(settings_.notify, 1), environ)
    return tuple((to.name, ", ".join(one.when)) for to, one in zip(targets, settings_.notify, strict=True))


def _tell(targets: Sequence[notify.Target], words: Words, note: Say) -> frozenset[str]:
    """Tell them; the names of those who were not told, which is said too."""
    try:
        sent = notify.send(targets, words)
    except Exception as error:  # noqa: BLE001 nothing of this may fail an audit, and it may quote an address
        note(f"warning: nobody was told ({type(error).__name__}). Try it with 'auditor notify --test'.")
        return frozenset(one.name for one in targets)
    missed = [one for one in sent if one.error]
    for one in missed:
        note(f"warning: {one.name} was not told: {one.error} Try it with 'auditor notify --test'.")
    return frozenset(one.name for one in missed)


def _link(settings_: Settings, page: str, note: Say) -> str:
    folder, _, name = page.rpartition("/")
    if settings_.report_url == PRESIGNED:
        try:
            return store.bucket_at(folder).link(name, _LINKED)
        except AuditorError as error:
            note(f"warning: there is no link to the report. {error}")
            return page
    if settings_.report_url:
        return f"{settings_.report_url}/{name}"
    return page if settings_.is_in_s3 else str(Path(page).resolve())


def _targets(numbered: Iterable[tuple[int, NotifySettings]], environ: Mapping[str, str]) -> list[notify.Target]:
    return [notify.target_of(number, one.url.get_secret_value(), one.limit, environ) for number, one in numbered]

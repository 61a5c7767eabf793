"""From decisions to exceptions in the settings file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from auditor.compare.exceptions import exception_fields
from auditor.decisions.matching import Accepting, accepting, refuse_changed
from auditor.errors import SettingsError
from auditor.model.values import Decision, Drift, DriftException
from auditor.runs.files import is_file, write_whole
from auditor.settings.edit import entry_line, with_exceptions
from auditor.settings.load import DEFAULT_FILE, Settings, file_in_use, refuse_wrong
from auditor.settings.yaml_file import settings_text


def file_to_write(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The settings file in use. Raises SettingsError where there is none that exceptions could be written into."""
    named = file_in_use(path, environ)
    if named is None or not is_file(named):
        raise SettingsError(
            f"There is no {named or DEFAULT_FILE} that exceptions could be written into. Nothing was read. Make it, or "
            "name another with --config; --dry-run prints them only."
        )
    return named


def accepted(settings_: Settings, decisions: Iterable[Decision], found: Drift) -> Accepting:
    """The exceptions that the decisions come to. Raises DecisionError for decisions that cannot be taken (any more)."""
    held = tuple(decisions)
    refuse_changed(held, found, "Nothing was written.")
    accounts = bool(settings_.accounts) or any("/" in site for site in found.sites)
    return accepting(held, found.findings, accounts, datetime.now(UTC).date().isoformat())


def write_exceptions(path: Path, exceptions: Iterable[DriftException]) -> None:
    """Add exceptions to a settings file, and leave all else in it as it is.

    Raises SettingsError, the file being as it was, where that cannot be done.
    """
    text, file = with_exceptions(path, settings_text(path), [exception_fields(one) for one in exceptions])
    try:
        refuse_wrong(file)
    except SettingsError as error:
        raise SettingsError(
            f"With these exceptions, no run would take {path}:\n{error}\nNothing was written."
        ) from None
    write_whole(path, text)


def exception_lines(exceptions: Iterable[DriftException]) -> tuple[str, ...]:
    """Exceptions as lines of a settings file."""
    return tuple(entry_line(exception_fields(one)) for one in exceptions)

"""The nightly audit as AWS runs it: a Lambda function, or a container's process, without a machine of one's own.

`auditor schedule-setup` writes the template that makes both. The environment says: AUDITOR_SETTINGS, where auditor.yaml
is (s3://BUCKET/KEY); AUDITOR_STORE, the store, whatever auditor.yaml says of it; AUDITOR_KEY_SECRET, the secret that is
the fingerprints' key; AUDITOR_VARIABLES_SECRET (optional), a secret whose JSON has the values of the variables that
addresses under `notify` hold (`${SLACK_URL}`). Only the temporary folder is written to. All is told as JSON lines.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from auditor.aws.secrets import secret_text
from auditor.cli.audit import outcome
from auditor.cli.options import INTERRUPTED, code_of, say, terminated
from auditor.cli.progress import event, progress_shown
from auditor.cli.streams import guarded
from auditor.commands import audit as audit_command, settings as settings_command
from auditor.errors import AuditorError, OutOfTimeError, OutputError, SettingsError
from auditor.model.json_text import parse_json
from auditor.runs.secret_key import VARIABLE as KEY
from auditor.settings.audit import STDOUT, MetricsSettings
from auditor.settings.load import DEFAULT_FILE, Settings
from auditor.store import store

SETTINGS: Final = "AUDITOR_SETTINGS"
STORE: Final = "AUDITOR_STORE"
KEY_SECRET: Final = "AUDITOR_KEY_SECRET"  # noqa: S105 the variable's name
VARIABLES_SECRET: Final = "AUDITOR_VARIABLES_SECRET"  # noqa: S105 the variable's name
_SPARED: Final = 60.0
"""Seconds before Lambda's limit at which an audit is ended, so that its end can be told; of a short one, a third."""
_FASTER: Final = (
    "Give the function more memory, audit fewer regions or types, or run it as a container: auditor schedule-setup "
    "--form fargate."
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Ended(BaseException):
    """The time is over. As an Exception, botocore would take it for a lost answer, and ask again."""


def handler(_: object, context: Any) -> dict[str, Any]:
    """Lambda's entry: audit, and tell what it came to. What calls it does not matter.

    Drift (`exit_code` 2) and what could not be read (3) are results. Raises AuditorError for what the command line
    ends with 1 for, so that Lambda counts an error; before the function's time is over, OutOfTimeError.
    """
    return audited(os.environ, context.get_remaining_time_in_millis() / 1000)


def audited(environ: Mapping[str, str], seconds: float = 0.0) -> dict[str, Any]:
    """The audit that the environment asks for, in so many seconds at most (0 for no limit), and what it came to."""
    try:
        return _audited(environ, seconds)
    except AuditorError as error:
        event(event="failed", text=str(error))
        raise
    except Exception as error:  # noqa: BLE001 raised again, without what it may quote
        # Of what nobody raised on purpose, the message may hold a secret; the places in the code do not.
        kind = type(error).__name__
        event(event="failed", text=kind, where=traceback.format_tb(error.__traceback__))
        raise AuditorError(f"{kind}: this is a bug. The audit failed; the log says where.") from None


def main() -> None:
    """A container's entry: the same, which ends as `auditor audit` does."""
    # As of the command line: who ends the container lets it leave nothing half-written.
    signal.signal(signal.SIGTERM, terminated)
    with guarded():
        code = _ended()
    sys.exit(code)


def _ended() -> int:
    try:
        code = int(audited(os.environ)["exit_code"])
        _flush()
    except AuditorError as error:
        return error.exit_code
    except KeyboardInterrupt:
        event(event="failed", text="interrupted; nothing was left half-written.")
        return INTERRUPTED
    return code


def _flush() -> None:
    """Have all of standard output written, where metrics go to, or tell why not."""
    try:
        sys.stdout.flush()
    except OutputError as error:
        event(event="failed", text=str(error))
        raise


def _audited(environ: Mapping[str, str], seconds: float) -> dict[str, Any]:
    begun = time.monotonic()
    settings, known = _settings(environ), _with_secrets(environ)
    left = seconds and max(1.0, seconds - (time.monotonic() - begun))
    event(event="audit", golden=settings.golden, sites=list(settings.regions), store=settings.store)
    voice = audit_command.Voice(say, _noted)
    try:
        with _ending_before(left), progress_shown(quiet=False, json_log=True) as progress:
            made = audit_command.audit(settings, known, progress, audit_command.Wish(), voice)
    except _Ended:
        error = OutOfTimeError(
            f"The audit was not over {seconds:.0f} seconds after it began, and Lambda gives it no more. It was ended; "
            f"the last report is as it was. {_FASTER}"
        )
        audit_command.failed(settings, known, error, seconds, voice)
        raise error from None
    return _told(made)


def _told(made: audit_command.Audited) -> dict[str, Any]:
    for site, unread in made.taken.unread if made.taken else ():
        _noted(f"{site}: {unread.type} could not be listed: {unread.error}")
    for warning in (*made.report.drift.warnings, *([made.unremoved] if made.unremoved else [])):
        _noted(warning)
    told = outcome(made, code_of(made.report.drift, {"strict": False}))
    event(**told)
    return {name: told[name] for name in ("snapshot", "exit_code", "summary", "page")}


def _settings(environ: Mapping[str, str]) -> Settings:
    """The settings, of which the store is the environment's, and metrics go to where CloudWatch finds them."""
    address, into = _needed(environ, SETTINGS), _needed(environ, STORE)
    folder, _, name = address.rpartition("/")
    text = store.bucket_at(folder).read(name)
    with tempfile.TemporaryDirectory(prefix="auditor-") as here:
        path = Path(here) / DEFAULT_FILE
        path.write_bytes(text)
        try:
            made = settings_command.settings(path, {"store": into}, environ, offline=False)
        except SettingsError as error:
            raise SettingsError(str(error).replace(str(path), address)) from None
    return made.model_copy(update={"metrics": MetricsSettings(emf=STDOUT)})


def _with_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, and what is kept in secrets, which never becomes a variable of this process."""
    named = environ.get(VARIABLES_SECRET, "")
    variables = _variables(named, secret_text(named)) if named else {}
    return {**variables, **environ, KEY: secret_text(_needed(environ, KEY_SECRET))}


def _variables(name: str, text: str) -> dict[str, str]:
    try:
        found = parse_json(text)
    except ValueError:
        # The error quotes the text.
        found = None
    if not isinstance(found, dict) or not all(_NAME.fullmatch(one) for one in found):
        raise SettingsError(
            f"The secret {name} is not JSON of variables and their values. Nothing was audited. Make it "
            '{"SLACK_URL": "…"}, with the names that stand in ${…} under \'notify\'.'
        )
    return {one: str(value) for one, value in found.items()}


def _needed(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise SettingsError(
            f"The environment has no {name}. Nothing was audited. Make the stack anew with 'auditor schedule-setup'."
        )
    return environ[name]


def _noted(text: str) -> None:
    event(event="warning", text=text.removeprefix("warning: "))


@contextmanager
def _ending_before(seconds: float) -> Iterator[None]:
    """Raise _Ended within, some time before so many seconds are over; 0 for never."""

    def end(_: int, __: FrameType | None) -> None:
        raise _Ended

    # A signal, as it also ends waiting. Lambda calls its handler on the main thread, the only one that gets one.
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(seconds * 2 / 3, seconds - _SPARED))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    main()

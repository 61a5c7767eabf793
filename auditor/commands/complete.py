"""What there is to complete a command line with: from the settings file and the store, never from AWS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.aws.sessions import known_regions
from auditor.resources import load_specs
from auditor.runs import journal
from auditor.settings.accounts import is_glob
from auditor.settings.checks import is_in_s3
from auditor.settings.load import file_in_use, state_of
from auditor.settings.yaml_file import parse_settings_file
from auditor.store import store


def snapshots(config: Path | None, folder: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """`latest`, and the ids of the snapshots, newest first; of those in S3, nothing is known here."""
    kept_in = _store(config, folder, environ)
    ids = () if is_in_s3(kept_in) else store.snapshots(store.storage_at(kept_in))
    return ("latest", *reversed(ids)) if ids else ()


def runs(config: Path | None, folder: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of the runs, newest first."""
    return tuple(reversed(journal.runs(state_of(_store(config, folder, environ)))))


def sites(config: Path | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The sites of the settings file, globs left out; AWS's regions where it names none."""
    named = _values(config, environ).get("regions")
    told = tuple(str(one) for one in named if not is_glob(str(one))) if isinstance(named, list) else ()
    return told or regions()


def regions() -> tuple[str, ...]:
    """AWS's regions."""
    return known_regions()


def types() -> tuple[str, ...]:
    """The resource types."""
    return tuple(load_specs())


def _store(config: Path | None, folder: str, environ: Mapping[str, str]) -> str:
    return folder or str(_values(config, environ).get("store") or "snapshots/")


def _values(config: Path | None, environ: Mapping[str, str]) -> Mapping[str, Any]:
    file = file_in_use(config, environ)
    return parse_settings_file(file).values if file else {}

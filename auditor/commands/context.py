"""What the settings come to for those who read and compare: types, scope, pairing, and the way to AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from auditor.aws.account import Account
from auditor.aws.pacing import QUOTAS, UNPACED, Pacer
from auditor.aws.sessions import Sessions
from auditor.aws.site import Reader
from auditor.canonical.pairing import Pairing
from auditor.canonical.redact import Redaction
from auditor.compare.drift import Scope
from auditor.compare.findings import Judgement
from auditor.compare.selection import types_matching, with_parents
from auditor.resources import load_specs
from auditor.runs.secret_key import secret_key
from auditor.settings.load import Settings
from auditor.specs.spec import ResourceSpec

Say = Callable[[str], object]
"""Told of a line for people."""


def scope_of(settings_: Settings, specs: Mapping[str, ResourceSpec]) -> Scope:
    """What of these types is compared, and how it is judged, as the settings say."""
    exceptions = tuple(one.accepted() for one in settings_.exceptions)
    today = datetime.now(UTC).date().isoformat()
    return Scope(
        specs,
        tuple(one.selector() for one in settings_.select.include),
        tuple(one.selector() for one in settings_.select.exclude),
        pairing_of(settings_),
        Judgement(exceptions, today, settings_.severity, settings_.comparators),
        load_specs(),
        settings_.plain,
    )


def pairing_of(settings_: Settings) -> Pairing:
    """Which resources are the same one, as the settings say."""
    return Pairing(settings_.names, settings_.pairs, settings_.pair_by_tag)


def specs_of(settings_: Settings) -> dict[str, ResourceSpec]:
    """The types that the settings name."""
    return types_matching(settings_.types, load_specs())


def reader_of(settings_: Settings, environ: Mapping[str, str]) -> Reader:
    """What reading the settings' sites takes."""
    accounts = {
        name: Account(
            one.role_arn, one.external_id.get_secret_value(), one.session_name, one.profile, one.duration, one.id
        )
        for name, one in settings_.accounts.items()
    }
    return Reader(
        with_parents(specs_of(settings_), load_specs()),
        Sessions(accounts),
        Pacer(QUOTAS if settings_.pace == "aws" else UNPACED),
        Redaction(secret_key(environ), settings_.plain),
        load_specs(),
        settings_.symbols,
        pairing_of(settings_),
    )

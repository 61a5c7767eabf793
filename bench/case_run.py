"""Runs a case: in memory against answers made of it, through the real reading, comparing and planning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from auditor.aws.account import Account
from auditor.aws.pacing import UNPACED, Pacer
from auditor.cli.options import code_of
from auditor.commands.context import reader_of
from auditor.commands.drift import drift_of, live_sides
from auditor.commands.plan import looking_up, plan_for
from auditor.model.plan import Plan
from auditor.model.values import Drift, Site
from auditor.plan.choice import Choice
from auditor.sandbox.scenario import resources_in
from auditor.settings.load import Settings
from bench.case_aws import Place
from bench.case_file import ACCOUNT, FOLDER, CaseFile, PlanExpected, case_files, read_case
from bench.case_judge import judged
from bench.case_sessions import CaseSessions, in_memory, locale_of
from bench.sites import SPECS

KEY: Final = "the key of the cases' fingerprints"
NOT_STRICT: Final = {"strict": False}


@dataclass(frozen=True)
class Outcome:
    """What a case came to."""

    drift: Drift
    plan: Plan
    exit: int


def wrong_in(path: Path) -> tuple[str, ...]:
    """What is wrong with a case in memory, in lines; nothing where it comes out as it says."""
    case = read_case(path)
    return tuple(judged(case, outcome_of(case, path)))


def outcome_of(case: CaseFile, path: Path) -> Outcome:
    """What a case comes to in memory."""
    with TemporaryDirectory(prefix="case-") as folder:
        return _outcome(case, places_of(case, path), settings_of(case, folder))


def _outcome(case: CaseFile, places: Mapping[Site, Place], settings: Settings) -> Outcome:
    accounts = {name: Account() for name in case.accounts}
    sessions = CaseSessions(accounts, in_memory(case, places).answer)
    reader = replace(reader_of(settings, {"AUDITOR_FINGERPRINT_KEY": KEY}), sessions=sessions, pacer=Pacer(UNPACED))
    with live_sides(settings, reader, _quiet) as (sides, _):
        found = drift_of(settings, *sides)
        made = plan_for(settings, found, sides, choice_of(case.plan), looking_up(reader))
    return Outcome(found, made, code_of(found, NOT_STRICT))


def places_of(case: CaseFile, path: Path, account: str = ACCOUNT) -> dict[Site, Place]:
    """The sites of a case, each with its resources as they are worded there."""
    places = {}
    for site in case.sites:
        own = case.account_of(site, account)
        found = resources_in(site.region, case.everywhere, case.patch_of(site), own, path)
        places[site] = Place(locale_of(site, own), found)
    return places


def settings_of(case: CaseFile, folder: str) -> Settings:
    """The settings of a case: those that it says, and the types that it has."""
    named = {name for patch in (case.everywhere, case.golden, case.site, *case.others.values()) for name in patch}
    values: dict[str, Any] = {
        "golden": case.regions[0],
        "regions": case.regions,
        "types": tuple(sorted(named & SPECS.keys())) or ("AWS::*",),
        "store": str(Path(folder) / "snapshots"),
        "pace": "off",
        **case.settings,
    }
    return Settings.model_validate(values)


def choice_of(expected: PlanExpected | None) -> Choice:
    """Which differences the plan of a case takes up."""
    if expected is None:
        return Choice()
    return Choice(
        deletes=expected.allow_delete,
        suspects=expected.suspects,
        stacks=expected.stacks,
        without=frozenset(expected.without),
    )


def _quiet(*_: object) -> None:
    """Tells nobody."""


def titles(folder: Path = FOLDER) -> dict[str, Path]:
    """The cases by the name of their file below the folder."""
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in case_files(folder)}

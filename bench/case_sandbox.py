"""Runs a case on the embedded AWS: planned, applied, audited again and taken back by the program itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from auditor.canonical.document import documents
from auditor.cli.options import code_of
from auditor.commands.apply import sealed
from auditor.commands.context import pairing_of, reader_of
from auditor.commands.drift import drift_of, live_sides
from auditor.commands.plan import live_plan
from auditor.model.values import Drift, Locale, Value
from auditor.sandbox.scenario import Resources, Scenario
from auditor.sandbox.seed import seed
from auditor.settings.load import Settings
from auditor.specs.spec import FUNCTION
from auditor.store import store
from bench.case_file import ApplyExpected, CaseError, CaseFile, RollbackExpected, read_case
from bench.case_judge import findings_judged, judged
from bench.case_resources import function_properties, told, versions_of
from bench.case_run import NOT_STRICT, Outcome, choice_of, places_of, settings_of
from bench.case_sessions import ByHand, answering
from bench.sites import SPECS

ROLE: Final = "AWS::IAM::Role"
_QUALIFIED: Final = ("AWS::Lambda::Url", "AWS::Lambda::EventSourceMapping")


@dataclass(frozen=True)
class Ended:
    """A run of the program: its exit code, and all that it printed."""

    code: int
    out: str


Program = Callable[..., Ended]
"""Runs `auditor` with these arguments in this process."""
State = Mapping[Any, Mapping[str, Value]]
"""The fields of a site's resources, by type and name."""


def wrong_on_sandbox(path: Path, account: str, program: Program) -> tuple[str, ...]:
    """What is wrong with a case on the embedded AWS that this process's environment names, in an empty account."""
    case = read_case(path)
    seed(_scenario(case, path, account), os.environ, SPECS)
    with TemporaryDirectory(prefix="case-") as folder, answering(ByHand(case, account).answer):
        return tuple(_wrong(case, settings_of(case, folder), os.environ, program))


def _wrong(case: CaseFile, settings: Settings, environ: Mapping[str, str], program: Program) -> Iterator[str]:
    folder = Path(settings.store).parent
    (folder / "auditor.yaml").write_text(settings.model_dump_json(exclude_unset=True), encoding="utf-8")
    before = _state(settings, environ) if case.rollback else {}
    plan, found, _ = live_plan(settings, environ, _quiet, choice_of(case.plan))
    yield from judged(case, Outcome(found, plan, code_of(found, NOT_STRICT)))
    if case.apply:
        (folder / "plan.json").write_text(sealed(plan, environ), encoding="utf-8")
        ended = program("apply", folder / "plan.json", "--yes", "--config", folder / "auditor.yaml")
        yield from _ended("apply", case.apply, ended, folder)
        yield from _afterwards(case, case.apply, settings, environ)
    if case.rollback:
        runs = _runs(folder)
        if not runs:
            yield "rollback: there is no run to take back"
            return
        ended = program("rollback", runs[-1].name, "--yes", "--config", folder / "auditor.yaml")
        yield from _ended("rollback", case.rollback, ended, folder)
        if case.rollback.then:
            yield from _as_before(before, _state(settings, environ))


def _ended(what: str, expected: ApplyExpected | RollbackExpected, ended: Ended, folder: Path) -> Iterator[str]:
    if ended.code != expected.exit:
        yield f"{what}: exit code {expected.exit} was expected, and it was {ended.code}: {ended.out.strip()[-1500:]}"
    calls = _calls(folder)
    if expected.calls is not None and list(expected.calls) != calls:
        yield f"{what}: expected calls {list(expected.calls)}, came {calls}"
    for part in expected.says:
        if part not in ended.out:
            yield f"{what}: '{part}' was not said: {ended.out.strip()[-1500:]}"


def _afterwards(
    case: CaseFile, expected: ApplyExpected, settings: Settings, environ: Mapping[str, str]
) -> Iterator[str]:
    if expected.then is None:
        return
    found = _found(settings, environ)
    rows = () if expected.then == "in sync" else expected.then
    yield from findings_judged(rows, found.findings, case.regions[1], "after apply")
    if expected.then == "in sync" and not found.complete:
        yield "after apply: not all of it could be read"


def _as_before(before: Mapping[str, State], after: Mapping[str, State]) -> Iterator[str]:
    for site, state in before.items():
        for key in sorted(state.keys() | after[site].keys()):
            was, is_ = state.get(key), after[site].get(key)
            if was != is_:
                yield f"after rollback: {site}: {'/'.join(key)} was {was!r}, is {is_!r}"


def _found(settings: Settings, environ: Mapping[str, str]) -> Drift:
    with live_sides(settings, reader_of(settings, environ), _quiet) as (sides, _):
        return drift_of(settings, *sides)


def _state(settings: Settings, environ: Mapping[str, str]) -> dict[str, State]:
    reader = reader_of(settings, environ)
    with live_sides(settings, reader, _quiet) as ((_, kept), _):
        return {
            site: {
                key: one.fields
                for key, one in documents(
                    store.read_site(kept, site), reader.specs, False, pairing_of(settings), SPECS
                ).items()
            }
            for site in settings.regions
        }


def _runs(folder: Path) -> list[Path]:
    """The journals' folders, oldest first."""
    runs = folder / "snapshots" / "runs"
    return sorted(runs.iterdir()) if runs.exists() else []


def _calls(folder: Path) -> list[str]:
    """The operations that the last run called, in order."""
    runs = _runs(folder)
    if not runs:
        return []
    entries = map(json.loads, (runs[-1] / "journal.jsonl").read_text(encoding="utf-8").splitlines())
    return [one["operation"] for one in entries if one["event"] == "calling"]


def _scenario(case: CaseFile, path: Path, account: str) -> Scenario:
    places = places_of(case, path, account)
    return Scenario({site.region: _seeded(place.resources, place.locale) for site, place in places.items()})


def _seeded(resources: Resources, at: Locale) -> Resources:
    made = {type_: dict(named) for type_, named in resources.items()}
    if FUNCTION in made:
        made[ROLE] = {"app": {}, **made.get(ROLE, {})}
        made[FUNCTION] = {name: _function(own or {}, at.account) for name, own in made[FUNCTION].items()}
    for type_ in _QUALIFIED:
        if type_ in made:
            made[type_] = {name: _with_function(type_, name, own or {}, at) for name, own in made[type_].items()}
    return made


def _with_function(type_: str, name: str, own: Mapping[str, Any], at: Locale) -> dict[str, Any]:
    whole = told(type_, name, own, at).properties
    rest = {key: value for key, value in own.items() if key != "Enabled"}
    return {**{key: whole[key] for key in ("FunctionArn", "State") if key in whole}, **rest}


def _function(own: Mapping[str, Any], account: str) -> dict[str, Any]:
    numbers = versions_of(own)
    if list(numbers) != [str(number) for number in range(1, len(numbers) + 1)]:
        raise CaseError(f"the versions of a function on the sandbox are 1, 2, 3 …, not {', '.join(numbers)}.")
    versions = {"Versions": list(numbers.values())} if numbers else {}
    return {**function_properties(own, account), **versions}


def _quiet(*_: object) -> None:
    """Tells nobody."""

"""One share of an estate's cases on the sandbox: changed, planned, applied, audited, taken back, and judged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from auditor.apply.run import Orders
from auditor.commands.apply import apply, rollback_plan
from auditor.commands.context import reader_of
from auditor.commands.drift import drift_of, live_sides
from auditor.commands.plan import live_plan
from auditor.model.values import SiteSnapshot, Value
from auditor.plan.choice import Choice
from auditor.settings.load import Settings
from auditor.store import store
from bench.reconcile_cases import Case, cases
from bench.reconcile_estate import GOLDEN, TARGET, Estate, change, copy_of, hand_in, held, label, populate
from bench.reconcile_judge import Looked, Result, Stages, beside, judged, paths
from bench.sites import SPECS

KEY: Final = "the key of the reconciling corpus's fingerprints"
EVERY_FAILURE: Final = 1_000_000


@dataclass(frozen=True)
class Share:
    """The results of a share of an estate's cases, and how many requests a whole run of it took."""

    type: str
    results: tuple[Result, ...] = ()
    requests: int = 0


def run_share(
    estate: Estate,
    number: int,
    wanted: Callable[[Case], bool],
    environ: Mapping[str, str],
    requests: Callable[[], int] = lambda: 0,
) -> Share:
    """Make and remove the differences of one share. The environment of this process is the sandbox's."""
    with tempfile.TemporaryDirectory(prefix="reconcile-") as folder:
        settings = settings_in(Path(folder), estate)
        account = environ["AWS_ACCESS_KEY_ID"]
        populate(estate, [0], environ, beside=True)
        mine = [
            one
            for place, one in enumerate(_all_cases(estate, look(settings, environ), account))
            if place % estate.shares == number and wanted(one)
        ]
        if not mine:
            return Share(estate.type)
        populate(estate, range(1, len(mine) + 1), environ, beside=False)
        return _measured(estate, mine, settings, environ, requests)


def _all_cases(estate: Estate, looked: Looked, account: str) -> Iterator[Case]:
    copy = copy_of(estate, looked.target, 0)
    assert copy, f"{estate.name}: no copy was made"
    values = held(estate, copy, TARGET, account, 0)
    for case in cases(estate.spec, values, hand_in(estate, TARGET, account, 0), TARGET, GOLDEN):
        # Every estate has its resource made and taken away.
        yield case if case.facet else replace(case, id=f"{case.id} ({estate.name})")


def _measured(
    estate: Estate,
    mine: Sequence[Case],
    settings: Settings,
    environ: Mapping[str, str],
    requests: Callable[[], int],
) -> Share:
    alike = look(settings, environ)
    if alike.drift.findings:
        told = "; ".join(f"{one.kind} {one.type}/{one.name} {paths(one)}" for one in alike.drift.findings[:5])
        return Share(estate.type, (Result(f"{estate.name} alike", "failed", f"the regions are not alike: {told}"),))
    refused = dict(_changed(estate, mine, alike, environ["AWS_ACCESS_KEY_ID"]))
    before = _target(settings, environ)
    first = requests()
    plan, drift, _ = live_plan(settings, environ, _quiet, Choice(deletes=True))
    applied = apply(settings, plan, environ, Orders(tolerate=EVERY_FAILURE), _quiet)
    sent = requests() - first
    after = look(settings, environ)
    back = rollback_plan(settings, applied.run, environ)
    returned = apply(settings, back, environ, Orders(tolerate=EVERY_FAILURE), _quiet)
    restored = _target(settings, environ)
    stages = Stages(alike.golden, drift.findings, before, plan, applied, after, back, returned, restored, refused)
    results = [judged(estate, place, case, stages) for place, case in enumerate(mine, start=1)]
    more = beside(estate, stages)
    return Share(estate.type, (*results, *more), sent)


def _quiet(*_: object) -> None:
    """Tells nobody."""


def settings_in(folder: Path, estate: Estate) -> Settings:
    """Settings that audit what an estate holds, with their store in the folder."""
    types = [one for one in (estate.type, *estate.each, *estate.beside) if one in SPECS]
    return Settings.model_validate(
        {
            "golden": GOLDEN,
            "regions": (GOLDEN, TARGET),
            "types": tuple(dict.fromkeys(types)),
            "store": str(folder / "snapshots"),
            "pace": "off",
            "symbols": estate.symbols,
        }
    )


def look(settings: Settings, environ: Mapping[str, str]) -> Looked:
    """Read both regions now."""
    with live_sides(settings, reader_of(settings, environ), _quiet) as (sides, _):
        found, (_, kept) = drift_of(settings, *sides), sides
        return Looked(found, store.read_site(kept, settings.golden), store.read_site(kept, TARGET))


def _target(settings: Settings, environ: Mapping[str, str]) -> SiteSnapshot:
    """Read the target alone now."""
    alone = settings.model_copy(update={"golden": TARGET, "regions": (TARGET,)})
    with live_sides(alone, reader_of(alone, environ), _quiet) as ((_, kept), _):
        return store.read_site(kept, TARGET)


def _changed(estate: Estate, mine: Sequence[Case], alike: Looked, account: str) -> Iterator[tuple[int, str]]:
    """Make each case's change in its own copy; the numbers of those that AWS did not take, and its words."""
    first = copy_of(estate, alike.target, 0)
    assert first
    for number, case in enumerate(mine, start=1):
        region, snapshot = (GOLDEN, alike.golden) if case.golden else (TARGET, alike.target)
        copy = copy_of(estate, snapshot, number)
        assert copy
        values = held(estate, copy, region, account, number)
        try:
            change(estate, _relabelled(case, number), copy, values, (region, account))
        except Exception as error:  # noqa: BLE001 whatever it is, it is to be told with the case
            yield number, str(error)


def _relabelled(case: Case, number: int) -> Case:
    """The case, worded for a copy: its value was made of copy 0."""
    return replace(case, value=_with_label(case.value, label(number)))


def _with_label(value: Value, name: str) -> Value:
    if isinstance(value, str):
        return value.replace(label(0), name)
    if isinstance(value, dict):
        return {_with_label(key, name): _with_label(member, name) for key, member in value.items()}
    return [_with_label(element, name) for element in value] if isinstance(value, list) else value

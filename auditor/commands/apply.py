"""The workflow's last part: a plan carried out, taken up again, taken back; and what remains then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from auditor.apply.run import (
    Orders,
    Run,
    Tell,
    carried_out_in_waves,
    golden_again,
    refuse_elsewhere,
    site_again,
    sites_of,
    target_of,
)
from auditor.apply.schedule import Outcome
from auditor.apply.target import Target, differences, fresh, said
from auditor.aws.site import THREADS, Reader
from auditor.canonical.redact import key_id
from auditor.commands.context import reader_of, scope_of
from auditor.compare.drift import drift
from auditor.compare.findings import EVERY
from auditor.errors import InterruptedRunError, LockedError, PlanError
from auditor.model.plan import Plan, PlannedOn
from auditor.model.values import Finding, Site, SiteSnapshot, Value, parse_site
from auditor.model.waves import waves_of
from auditor.plan.authority import refuse_beyond
from auditor.plan.file import parse_plan, plan_text
from auditor.plan.rollback import Now, rollback
from auditor.resources import load_specs
from auditor.runs import journal
from auditor.runs.files import text_of
from auditor.runs.journal import Journal, Record
from auditor.runs.lock import held, owner_now
from auditor.runs.secret_key import secret_key
from auditor.runs.state import RunState, run_state
from auditor.settings.load import STORED_GOLDEN, Settings
from auditor.store import store
from auditor.store.golden import golden_kept

NOTHING_YET = run_state(())


@dataclass(frozen=True)
class Applied:
    """What carrying a plan out came to."""

    run: str
    plan: Plan
    outcomes: tuple[Outcome, ...]
    remaining: tuple[Finding, ...]
    """What still differs of the resources that were touched, accepted differences among it."""
    unlike: tuple[str, ...] = ()
    """Of a run that was taken back: what is not as it was before, in words."""
    calls: Mapping[str, int] = field(default_factory=dict)
    """The API calls made, by operation."""

    @property
    def complete(self) -> bool:
        """Whether every action was carried out and verified, and everything could be read afterwards."""
        return all(one.done for one in self.outcomes) and not any(one.kind == "unreadable" for one in self.remaining)

    @property
    def in_sync(self) -> bool:
        """Whether nothing of what was touched differs any more that nobody accepted."""
        return not self.unlike and all(one.exception for one in self.remaining)


@dataclass(frozen=True)
class Then:
    """What follows on a plan in the same run: its sites, what the journal's header says of it, and how it goes on."""

    sites: tuple[str, ...]
    header: Mapping[str, Value]
    go_on: Callable[[Journal], object]


def read_plan(path: Path, environ: Mapping[str, str]) -> Plan:
    """The plan of a file. Raises PlanError for one that is none, was edited, or says what no plan may do."""
    return _authorised(parse_plan(text_of(path), str(path), secret_key(environ)), str(path))


def plan_to_show(path: Path, environ: Mapping[str, str]) -> tuple[Plan, str]:
    """The plan of a file, also of one that was sealed with a key that is not here; what is to be said of it then."""
    plan = _authorised(parse_plan(text_of(path), str(path), None), str(path))
    if plan.key_id == key_id(secret_key(environ)):
        return read_plan(path, environ), ""
    return plan, (
        f"{path} was sealed with another key than the one here: whether it is as it was made is not known. 'auditor "
        "apply' refuses it without that key (AUDITOR_FINGERPRINT_KEY)."
    )


def sealed(plan: Plan, environ: Mapping[str, str]) -> str:
    """A plan's file. Raises PlanError where its fingerprints are of another key than the one that is here."""
    return plan_text(plan, secret_key(environ))


def _authorised(plan: Plan, where: str) -> Plan:
    refuse_beyond(plan, load_specs(), where)
    return plan


def apply(
    settings_: Settings,
    plan: Plan,
    environ: Mapping[str, str],
    orders: Orders,
    tell: Tell,
    take_over: bool = False,
    then: Then | None = None,
) -> Applied:
    """Carry a plan out under the locks of its sites, each step written down before and after it.

    `then` goes on in the same journal, under the same locks.
    """
    reader = reader_of(settings_, environ)
    refuse_elsewhere(_authorised(plan, "The plan"), reader)
    # A wave may name a site where nothing is to be done: whether there is differs from day to day.
    waves = waves_of(sites_of(plan), orders.waves, {*plan.accounts, *settings_.regions})
    orders, folder = replace(orders, waves=waves), settings_.state
    header, key = _header(plan, orders, then), reader.redaction.key
    with journal.begin(folder, datetime.now(UTC), plan_text(plan, key), header, key) as book:
        try:
            with held(folder, header["sites"], owner_now(book.run), take_over):
                applied = _interruptible(settings_, Run(plan, reader, book, NOTHING_YET, orders, tell))
                if then and applied.complete and applied.in_sync:
                    then.go_on(book)
                return applied
        except LockedError:
            journal.abandon(folder, book.run, key)
            raise


def _header(plan: Plan, orders: Orders, then: Then | None) -> dict[str, Value]:
    return {
        "owner": owner_now("").who,
        "golden": plan.golden,
        "sites": sorted({one.site for one in plan.actions} | set(then.sites if then else ())),
        "undoes": plan.undoes,
        "tolerate": orders.tolerate,
        "waves": [list(wave) for wave in orders.waves],
        **{name: value for name, value in (then.header if then else {}).items() if name not in ("owner", "sites")},
    }


def resume(settings_: Settings, run: str, environ: Mapping[str, str], tell: Tell, take_over: bool = False) -> Applied:
    """Go on with a run that was ended: calls of unknown fate are settled by reading, what was done is not repeated."""
    folder = settings_.state
    _refuse_taken_back(folder, run)
    record, plan, reader = _opened(settings_, run, environ)
    key = reader.redaction.key
    first = record.entries[0]
    orders = Orders(tuple(tuple(wave) for wave in first["waves"]), first["tolerate"])
    with held(folder, first["sites"], owner_now(run), take_over), journal.reopen(folder, run, key) as book:
        # Read again under the lock: its own process may have gone on until now.
        state = run_state(journal.read(folder, run, key).entries)
        return _interruptible(settings_, Run(plan, reader, book, state, orders, tell))


def _opened(settings_: Settings, run: str, environ: Mapping[str, str]) -> tuple[Record, Plan, Reader]:
    """What is known of a run, with its plan and the way to its sites, which are those that it was made for."""
    reader = reader_of(settings_, environ)
    record = journal.read(settings_.state, run, reader.redaction.key)
    where = f"the plan of run {run}"
    plan = _authorised(parse_plan(record.plan, where, reader.redaction.key), where)
    refuse_elsewhere(plan, reader)
    return record, plan, reader


def _refuse_taken_back(folder: Path, run: str) -> None:
    for other in journal.runs(folder):
        first, *entries = journal.read(folder, other, None).entries or ({},)
        if first.get("undoes") == run and entries:
            raise PlanError(
                f"Run {run} was taken back by run {other}, so it is not gone on with. Nothing was called. "
                "Make a new plan."
            )


def _interruptible(settings_: Settings, run: Run) -> Applied:
    try:
        return _carried_out(settings_, run)
    except KeyboardInterrupt:
        name = run.journal.run
        raise InterruptedRunError(
            f"Run {name} was interrupted. The calls under way were ended, nothing was begun after them, and all of it "
            f"is written down. Go on with 'auditor resume {name}', or take it back with 'auditor rollback {name}'."
        ) from None


def _carried_out(settings_: Settings, run: Run) -> Applied:
    outcomes = carried_out_in_waves(run)
    made = Applied(run.journal.run, run.plan, outcomes, ())
    if not run.plan.actions:
        return made
    if run.plan.undoes:
        made = replace(made, unlike=tuple(map(run.filled.masked, _unlike(run))))
    else:
        made = replace(made, remaining=tuple(map(run.filled.finding, _remaining(settings_, run))))
    run.journal.write("end", complete=made.complete, in_sync=made.in_sync)
    return replace(made, calls=run.reader.sessions.tally.counts)


def rollback_plan(settings_: Settings, run: str, environ: Mapping[str, str]) -> Plan:
    """The plan that takes a run back; it says what cannot be. Reads what the run touched."""
    record, plan, reader = _opened(settings_, run, environ)
    state = run_state(record.entries)
    with ThreadPoolExecutor(THREADS) as pool:
        return rollback(plan, run, state, partial(_now, _targets(plan, reader, state, pool)))


def _targets(plan: Plan, reader: Reader, state: RunState, pool: ThreadPoolExecutor) -> Callable[[str], Target]:
    """A plan's sites by name, each made once: what a site's ids mean is asked once for all of its resources."""
    return cache(lambda site: target_of(plan, reader, state, site, pool))


def _now(target_in: Callable[[str], Target], one: PlannedOn) -> Now:
    now = fresh(target_in(one.site), one.type, one.native, one.name)
    if now.document is None:
        return Now(None, ())
    return Now(now.fields, differences(one.wanted, now.document), tuple(now.document.unreadable))


def _unlike(run: Run) -> Iterator[str]:
    """What of the touched resources is not as it was before the run that was taken back."""
    with ThreadPoolExecutor(THREADS) as pool:
        target_in = _targets(run.plan, run.reader, run.state, pool)
        for one in run.plan.resources:
            now = _now(target_in, one)
            what = f"{one.site}: {one.type}/{one.name}"
            if now.fields is None or one.wanted is None:
                if now.fields != one.wanted:
                    yield f"{what} {'is gone' if now.fields is None else 'is still there'}"
            else:
                yield from (f"{what}: {said(change, 'was', 'is')}" for change in now.differs)


def _remaining(settings_: Settings, run: Run) -> tuple[Finding, ...]:
    """A fresh audit of the resources that the plan touches."""
    plan = run.plan
    touched = {(one.site, one.type, one.name) for one in plan.resources}
    types = {one.type for one in plan.resources}
    scope = scope_of(settings_, {name: spec for name, spec in load_specs().items() if name in types})
    sites = sorted({one.site for one in plan.resources})
    state = run_state(run.journal.entries())
    others = [(parse_site(site), partial(_site_again, run, state, site)) for site in sites]
    golden, site = _golden_again(settings_, run)
    found = drift(site, plan.golden, plan.taken, golden, others, scope)
    return tuple(one for one in found.findings if (one.site, one.type, one.name) in touched or one.name == EVERY)


def _site_again(run: Run, state: RunState, site: str) -> SiteSnapshot:
    return site_again(run.plan, run.reader, state, site).snapshot


def _golden_again(settings_: Settings, run: Run) -> tuple[SiteSnapshot, Site]:
    if run.plan.golden.startswith(STORED_GOLDEN):
        kept_in = store.storage_at(settings_.store)
        kept, name = golden_kept(run.plan.golden, store.open_snapshot(kept_in, store.LATEST), kept_in)
        return store.read_site(kept, name), parse_site(name)
    return golden_again(run.plan, run.reader).snapshot, parse_site(run.plan.golden)

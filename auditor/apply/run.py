"""A whole run: the sites in waves, those of one wave at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial

from auditor.apply.action import carry_out
from auditor.apply.filled import Filled
from auditor.apply.schedule import Outcome, carried_out
from auditor.apply.step import Step
from auditor.apply.target import Target, called, differences, names_in, said
from auditor.apply.values import Golden
from auditor.aws.part import Part, RememberingCaller, read_part
from auditor.aws.site import THREADS, Reader
from auditor.aws.waits import WAITS
from auditor.canonical.document import documents
from auditor.canonical.redact import key_id
from auditor.errors import ApplyError, PlanError
from auditor.model.plan import Action, Plan
from auditor.model.values import Value, parse_site
from auditor.model.waves import Waves, waves_of
from auditor.plan.symbols import told_in
from auditor.runs.journal import Journal
from auditor.runs.state import RunState

Tell = Callable[[Outcome], object]
"""Told of each action's outcome, from the thread of its site."""
Stale = Mapping[tuple[str, str, str], str]
"""What is to be said of resources (site, type, name) of which golden's changed since the plan."""


@dataclass(frozen=True)
class Orders:
    """How a run goes on: the sites in waves, and how many actions may fail before nothing further is begun."""

    waves: Waves = ()
    tolerate: int = 0


@dataclass(frozen=True)
class Run:
    """What carrying a plan out takes."""

    plan: Plan
    reader: Reader
    journal: Journal
    state: RunState
    orders: Orders
    tell: Tell
    filled: Filled = field(default_factory=Filled)
    """The secrets that its calls were filled with."""


def refuse_elsewhere(plan: Plan, reader: Reader) -> None:
    """Raise PlanError where a site's account is not the one that the plan was made for, or the key is another."""
    if plan.key_id != key_id(reader.redaction.key):
        raise PlanError(
            "The plan's fingerprints were made with another key, so nothing can be said of what changed since. Nothing "
            "was called. Apply it with the AUDITOR_FINGERPRINT_KEY that it was made with, or make a new plan."
        )
    waits = {call.wait for one in plan.actions for call in (*one.calls, *one.undo)} - {"", *WAITS}
    if waits:
        raise PlanError(f"The plan waits for '{min(waits)}', which this program does not know. Make a new plan.")
    for name, account in plan.accounts.items():
        found = reader.sessions.locale(parse_site(name)).account
        if found != account:
            raise PlanError(
                f"{name}: the plan was made for the account {account}, and these credentials are of {found}. Nothing "
                "was called. Use the credentials (AWS_PROFILE) of the account that it was made for."
            )


def sites_of(plan: Plan) -> tuple[str, ...]:
    """The sites that a plan writes to, in its order."""
    return tuple(dict.fromkeys(one.site for one in plan.actions))


class Failures:
    """Owns the count of actions that failed, over all sites."""

    def __init__(self, tolerated: int) -> None:
        self._left = tolerated
        self._lock = threading.Lock()

    def count(self, outcome: Outcome) -> None:
        """One more, if it is one."""
        with self._lock:
            self._left -= bool(outcome.error)

    @property
    def too_many(self) -> bool:
        """Whether nothing further may be begun."""
        return self._left < 0


def carried_out_in_waves(run: Run) -> tuple[Outcome, ...]:
    """Every action's outcome, in the plan's order. Errors of actions are outcomes; Ctrl-C ends the run."""
    failures = Failures(run.orders.tolerate)
    golden, stale = _golden(run)
    outcomes: dict[str, Outcome] = {}
    for wave in waves_of(sites_of(run.plan), run.orders.waves):
        if failures.too_many:
            break
        for made in _wave(run, wave, golden, stale, failures):
            outcomes |= {one.action.id: one for one in made}
    skipped = [Outcome(one, because="an earlier wave failed") for one in run.plan.actions if one.id not in outcomes]
    for outcome in skipped:
        _told(run, outcome)
    outcomes |= {one.action.id: one for one in skipped}
    return tuple(outcomes[one.id] for one in run.plan.actions)


def _wave(
    run: Run, wave: tuple[str, ...], golden: Golden | None, stale: Stale, failures: Failures
) -> list[tuple[Outcome, ...]]:
    pool = ThreadPoolExecutor(len(wave))
    try:
        return list(pool.map(lambda site: _site(run, site, golden, stale, failures), wave))
    except BaseException:
        # The calls under way are waited for, and no other goes out.
        run.reader.sessions.stopping.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _site(run: Run, site: str, golden: Golden | None, stale: Stale, failures: Failures) -> tuple[Outcome, ...]:
    actions = [one for one in run.plan.actions if one.site == site]
    with ThreadPoolExecutor(THREADS, thread_name_prefix=site) as pool:
        target = replace(target_of(run.plan, run.reader, run.state, site, pool), filled=run.filled)
        begun: set[str] = set()

        def ended(outcome: Outcome) -> bool:
            begun.add(outcome.action.id)
            _told(run, _masked(run, outcome))
            failures.count(outcome)
            return not failures.too_many and not run.reader.sessions.stopping.is_set()

        outcomes = carried_out(actions, run.state.done, partial(_one, run, target, golden, stale, actions), ended)
    for outcome in outcomes:
        if outcome.because and outcome.action.id not in begun:
            _told(run, outcome)
    return tuple(_masked(run, one) for one in outcomes)


def _masked(run: Run, outcome: Outcome) -> Outcome:
    return replace(outcome, error=run.filled.masked(outcome.error))


def _told(run: Run, outcome: Outcome) -> None:
    action = outcome.action
    if outcome.error:
        run.journal.write("failed", action=action.id, site=action.site, error=outcome.error)
    elif outcome.because:
        run.journal.write("skipped", action=action.id, site=action.site, because=outcome.because)
    run.tell(outcome)


def _one(
    run: Run,
    target: Target,
    golden: Golden | None,
    stale: Stale,
    actions: list[Action],
    action: Action,
) -> None:
    if (action.site, action.type, action.name) in stale:
        raise ApplyError(stale[(action.site, action.type, action.name)])
    siblings = tuple(
        one for one in actions if (one.type, one.name) == (action.type, action.name) and one.id != action.id
    )
    carry_out(Step(target, action, golden, run.journal, run.state, siblings))


def target_of(plan: Plan, reader: Reader, state: RunState, site: str, pool: ThreadPoolExecutor) -> Target:
    """A site as a run finds it: what the plan said of its symbols, and what answers told before."""
    return Target(plan, site, reader, _caller(reader, site), pool, site in plan.wide, _symbols(plan, state, site))


def _symbols(plan: Plan, state: RunState, site: str) -> dict[str, Value]:
    return {**plan.symbols.get(site, {}), **told_in(plan, site, state.tells)}


def _caller(reader: Reader, site: str) -> RememberingCaller:
    where = parse_site(site)
    return RememberingCaller(reader.sessions, where, reader.sessions.locale(where), reader.pacer)


def _golden(run: Run) -> tuple[Golden | None, Stale]:
    """Golden's resources that the plan follows, and what is to be said of those that changed since."""
    if not any(one.golden for one in run.plan.resources):
        return None, {}
    part = golden_again(run.plan, run.reader)
    return Golden(run.plan.golden, part), dict(_stale(run, part))


def golden_again(plan: Plan, reader: Reader) -> Part:
    """Golden's resources that a plan follows, read again."""
    return _part(plan, reader, plan.golden, ((one.type, one.golden) for one in plan.resources if one.golden))


def site_again(plan: Plan, reader: Reader, state: RunState, site: str) -> Part:
    """The resources of a site that a plan touches, read again when a run came this far."""
    symbols = _symbols(plan, state, site)
    own = (one for one in plan.resources if one.site == site)
    natives = ((one.type, called(reader.vocabulary[one.type], one.native, symbols)) for one in own)
    return _part(plan, reader, site, natives)


def _part(plan: Plan, reader: Reader, site: str, resources: Iterable[tuple[str, str]]) -> Part:
    natives: dict[str, set[str]] = {}
    for type_, native in resources:
        natives.setdefault(type_, set()).add(native)
    with ThreadPoolExecutor(THREADS) as pool:
        return read_part(reader, _caller(reader, site), pool, natives, names_in(plan, site))


def _stale(run: Run, part: Part) -> Iterator[tuple[tuple[str, str, str], str]]:
    types = {one.type for one in run.plan.resources}
    specs = {type_: run.reader.vocabulary[type_] for type_ in types}
    made = cache(lambda wide: documents(part.snapshot, specs, wide, run.reader.pairing, run.reader.vocabulary))
    for one in (one for one in run.plan.resources if one.golden):
        now = made(one.site in run.plan.wide).get((one.type, one.name))
        told = [] if now is None else [said(change, "was", "is") for change in differences(one.wanted, now)]
        unread = next((one_.error for one_ in part.snapshot.unread if one_.type == one.type), "")
        if now is not None and now.native != one.golden:
            yield (one.site, one.type, one.name), f"{run.plan.golden}: {one.golden} is not {one.type}/{one.name}."
        elif now is None and unread:
            why = f"golden's {one.type}/{one.name} could not be read ({unread}). Nothing was written from it."
            yield (one.site, one.type, one.name), f"{run.plan.golden}: {why} See that it can be read, then resume."
        elif now is None or told:
            what = f"changed since the plan was made: {'; '.join(told)}" if now else "is gone"
            why = f"golden's {one.type}/{one.name} {what}. Nothing was written from it. Make a new plan."
            yield (one.site, one.type, one.name), f"{run.plan.golden}: {why}"

"""Every write that a plan makes, answered wrongly in every way, in `apply` and in `rollback`; then taken up again.

What is written changes the world; whether AWS does it before the answer is lost is a part of the fault. Right is: what
is called done is done, nothing but the plan's calls is sent, nothing is made twice, and once AWS answers again the run,
or a new plan, comes to its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from auditor.model.plan import Action, Plan, PlannedCall
from auditor.plan.document import plan_from
from auditor.sandbox.scenario import Resources, localised
from bench.case_file import ACCOUNT
from bench.case_resources import told
from bench.faults import FAILING, UNUSABLE, Fault, Reply, Send, Sent
from bench.sites import SPECS
from bench.torture_drifts import Drifted, drifts
from bench.torture_reads import throttled
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import GOLDEN, SITE, World
from bench.wire import on_wire, reply_of

PART: Final = "writes"
READS: Final = ("Get", "List", "Describe", "BatchGet", "Head")


def _done(fault: Fault) -> Fault:
    """AWS does what it is asked, and then this is answered."""

    def both(sent: Sent, send: Send) -> Reply:
        came = send()
        return fault(sent, lambda: came)

    return both


_AFTERWARDS: Final = ("failed", "unavailable", "too slow", *UNUSABLE)
"""What can be answered to what was done: an error in AWS's own words means that nothing was."""
FAULTS: Final[Mapping[str, Callable[[], Fault]]] = {
    **{name: partial(lambda fault: fault, one) for name, one in {**FAILING, **UNUSABLE}.items()},
    **{f"done, {name}": partial(_done, {**FAILING, **UNUSABLE}[name]) for name in _AFTERWARDS},
    "throttled 10 %": partial(throttled, 0.1),
    "throttled 60 %": partial(throttled, 0.6),
}


@dataclass
class Estate:
    """Owns a world that can be written to: each accepted call brings the site nearer to `wanted`."""

    drifted: Drifted
    folder: Path
    fault: Fault | None = None
    at: str = ""
    """The operation that the fault happens to."""
    world: World = field(default_factory=lambda: World({}))
    wanted: Resources = field(default_factory=dict)
    accepted: list[tuple[str, str, int]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    makes: set[tuple[str, str, int]] = field(default_factory=set)
    """What makes another thing each time."""
    happened: int = 0

    def __post_init__(self) -> None:
        self.wanted = self.drifted.golden
        self.world.change(GOLDEN, self.drifted.golden)
        self.world.change(SITE, self.drifted.site)
        self.site = json.loads(json.dumps(self.drifted.site))

    def shown(self) -> str:
        """What the site has."""
        return json.dumps(self.site, sort_keys=True)

    def is_wanted(self) -> bool:
        """Whether the site has what it was to have."""
        kept = {type_: named for type_, named in self.site.items() if named}
        return kept == {type_: named for type_, named in self.wanted.items() if named}

    def wire(self, sent: Sent) -> Reply:
        """What AWS answers, or what the fault makes of it."""
        if sent.operation.startswith(READS):
            return self.world.wire(sent)
        send = partial(self._written, sent)
        if self.fault and sent.called == self.at:
            self.happened += 1
            return self.fault(sent, send)
        return send()

    def _written(self, sent: Sent) -> Reply:
        found = self._planned(sent)
        if found is None or sent.region != SITE:
            self.strange.append(f"sent, and not planned: {sent.region} {sent.called} {dict(sent.params)}")
            return reply_of(sent, {})
        run_id, action, index = found
        self.accepted.append((run_id, action.id, index))
        self.makes |= {(run_id, action.id, index)} if action.calls[index].once else set()
        self.strange += _unlike(action, action.calls[index], sent)
        if index == len(action.calls) - 1:
            self._follow(action)
        self.keep()
        return reply_of(sent, self._answer(action, sent))

    def _planned(self, sent: Sent) -> tuple[str, Action, int] | None:
        """The call that the journal says is being made."""
        run_id, entries = journal_in(self.folder)
        for entry in reversed(entries):
            if entry["event"] == "calling" and entry["operation"] == sent.called:
                actions = {
                    one.id: one for one in plan_in(self.folder / "store" / "runs" / run_id / "plan.json").actions
                }
                return run_id, actions[entry["action"]], entry["call"]
        return None

    def keep(self) -> None:
        """Told after each call that was accepted."""

    def accepted_in(self, run_id: str) -> int:
        """How many calls of a run were accepted."""
        return sum(one[0] == run_id for one in self.accepted)

    def become(self, site: dict[str, Any]) -> None:
        """Let the site have this from now on."""
        self.site = site
        self.world.change(SITE, site)

    def _follow(self, action: Action) -> None:
        wanted = self.wanted.get(action.type, {}).get(action.name)
        here = self.site.setdefault(action.type, {})
        if wanted is None:
            here.pop(action.name, None)
        elif action.verb == "create" or action.name not in here:
            here[action.name] = wanted
        else:
            tops = {one.path.split("/")[1] for one in action.changes}
            kept = {name: value for name, value in here[action.name].items() if name not in tops}
            here[action.name] = {**kept, **{name: wanted[name] for name in tops if name in wanted}}
        self.become(self.site)

    def _answer(self, action: Action, sent: Sent) -> Mapping[str, Any]:
        shape = sent.model.output_shape
        own = self.site.get(action.type, {}).get(action.name)
        if shape is None or own is None or action.type not in SPECS:
            return {}
        locale = self.world.places[SITE].locale
        whole = told(action.type, localised(action.name, locale), localised(own, locale), locale).properties
        return {name: value for name, value in whole.items() if name in shape.members and name != "Code"}


def _unlike(action: Action, call: PlannedCall, sent: Sent) -> Iterator[str]:
    """What is sent otherwise than it was planned, as far as the plan says it literally."""
    parent, _, own = action.native.partition("/") if SPECS[action.type].parent else ("", "", action.native)
    means = {"name": own, "parent": parent, "region": SITE, "account": ACCOUNT, "partition": "aws"}
    for name, value in call.params.items():
        text = json.dumps(value, sort_keys=True)
        for symbol, literal in means.items():
            text = text.replace(f"${{{symbol}}}", literal)
        is_ = json.dumps(sent.params.get(name), sort_keys=True)
        if "${" not in text and is_ != text:
            yield f"{sent.called} {name}: planned {text}, sent {is_}"


def journal_in(folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """The newest run, and its entries."""
    newest = max((folder / "store" / "runs").glob("*/journal.jsonl"), key=lambda one: one.stat().st_mtime_ns)
    return newest.parent.name, [json.loads(line) for line in newest.read_text(encoding="utf-8").splitlines()]


def plan_in(path: Path) -> Plan:
    """The plan that a file holds."""
    return plan_from(json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Known:
    """A world whose plan comes to its end where nothing disturbs it, and what it writes with on both ways."""

    drifted: Drifted
    there: tuple[str, ...]
    back: tuple[str, ...]


@cache
def known() -> tuple[Known, ...]:
    """All of them."""
    found = [undisturbed(one) for one in drifts()]
    wrong = [one for one in found if isinstance(one, str)]
    if wrong:
        raise RuntimeError("; ".join(wrong))
    return tuple(one for one in found if isinstance(one, Known))


def undisturbed(one: Drifted) -> Known | str:
    """What a world's plan writes with; or why it does not come to its end."""
    with workplace(types=list(one.types)) as folder:
        estate = Estate(one, folder)
        with on_wire(estate.wire):
            ended = applied()
            if ended.code or estate.strange or not estate.accepted:
                return f"{one.name}: {ended.code} {ended.crash}{ended.err[-300:]}{ended.out[-500:]} {estate.strange}"
            there = operations(folder)
            estate.wanted = one.site
            ended = run("rollback", journal_in(folder)[0], "--yes")
            if ended.crash or estate.strange:
                return f"{one.name}: {ended.crash} {estate.strange}"
            back = operations(folder) if ended.code == 0 else ()
    return Known(one, there, back)


def operations(folder: Path) -> tuple[str, ...]:
    """The operations that the newest run called."""
    return tuple(dict.fromkeys(one["operation"] for one in journal_in(folder)[1] if one["event"] == "calling"))


def applied() -> Ended:
    """Plan, and carry it out."""
    planned = run("plan", "--allow-delete", "-q", "-o", "plan.json")
    return planned if planned.code != 2 else run("apply", "plan.json", "--yes")


def trials() -> Iterator[Trial]:
    """Every operation with every fault in `apply`, and with a third of them in `rollback`."""
    number = count()
    for back in (False, True):
        seen = set[str]()
        for one in known():
            for called in one.back if back else one.there:
                if called in seen:
                    continue
                seen.add(called)
                for name in FAULTS:
                    if not back or next(number) % 3 == 0:
                        what = "rollback" if back else "apply"
                        yield Trial(PART, f"{what} {called} {name}", partial(tried, one, called, name, back))


def tried(one: Known, called: str, fault: str, back: bool) -> Iterator[str]:
    """What is wrong with a run in which one operation is answered so, and with taking it up again."""
    with workplace(types=list(one.drifted.types)) as folder:
        estate = Estate(one.drifted, folder)
        with on_wire(estate.wire):
            first = ""
            if back:
                applied()
                first = journal_in(folder)[0]
                estate.wanted = one.drifted.site
            before = estate.shown()
            estate.fault, estate.at = FAULTS[fault](), called
            ended = run("rollback", first, "--yes") if back else applied()
            estate.fault = None
            yield from _judged(estate, ended, before)
            yield from _taken_up(estate, ended, partial(run, "rollback", first, "--yes") if back else applied)
        if not estate.happened:
            yield "it never happened"


def _judged(estate: Estate, ended: Ended, before: str) -> Iterator[str]:
    yield from ended.wrong(0, 1, 3)
    yield from estate.strange
    if ended.code == 0 and not ended.crash and not estate.is_wanted():
        yield "said to be done, and is not"
    if ended.code == 1 and estate.shown() != before:
        yield "said that it failed with nothing done, and something was"


def _taken_up(estate: Estate, ended: Ended, anew: Callable[[], Ended]) -> Iterator[str]:
    """Whether, now that AWS answers, the run comes to its end: by itself, or anew where it says so."""
    again = ended
    if ended.code != 0 or ended.crash:
        again = run("resume", journal_in(estate.folder)[0])
        again = anew() if again.code != 0 else again
    yield from (f"taken up: {one}" for one in again.wrong(0))
    if not estate.is_wanted():
        yield f"taken up, and not done: {again.code} {again.err.strip()[-300:]}{again.out.strip()[-300:]}"
    once = [key for key in estate.accepted if estate.accepted.count(key) > 1 and key in estate.makes]
    yield from (f"made twice: {one}" for one in sorted(set(once)))

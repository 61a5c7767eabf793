"""A plan as a person reads it in a terminal, in Terraform's manner. Pure; whether there is one, the caller says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from auditor.model.plan import DANGERS, VERBS, Action, LeftOut, Plan, PlannedCall
from auditor.model.pointer import pointer
from auditor.model.values import ABSENT, Change, Value
from auditor.plan.document import plan_sites, plan_summary
from auditor.report.causes import grouped
from auditor.report.display import NOT_SET, place, tags_text, version_words, visible
from auditor.report.formats.text import MIN_WIDTH, PLAIN, Paint, painter, pair, shortened, shortened_path
from auditor.report.wording import counted, listed

SECRET: Final = "(secret)"  # noqa: S105 what stands in its place
_SIGNS: Final = {"create": "+", "update": "~", "delete": "-"}
ARROW: Final = " -> "
"""As Terraform has it: from what a site has to what it is to have."""
_FINGERPRINT: Final = re.compile(r"\$\{secret:[0-9a-f]{32}\}")
"""How a document holds a secret; a change holds it as an object."""
_COLOURS: Final = {"bold": "1", "dim": "2", "+": "32", "~": "33", "-": "31", "?": "35", "!": "1;31"}


def plan_listing(plan: Plan, colour: bool, width: int, parameters: bool = False) -> str:
    """The actions by site and resource, what is left out by reason, and a summary; no line ends in a space.

    `parameters`: with all that each call says, uncut, and the resource's name in the site where that is another one.

    A change tells the site's value first, then what it becomes. Long values are cut to the width, the file has them
    whole; paths, warnings and reasons are not cut. A secret is told by nothing but that it is one.
    """
    paint = painter(_COLOURS if colour else {})
    width = max(width, MIN_WIDTH)
    paragraphs = [[paint(_heading(plan), "bold")]] if plan.actions else []
    for site, actions in grouped(plan.actions, lambda one: one.site):
        paragraphs.append([paint(visible(site), "bold")])
        by_resource = grouped(actions, lambda one: (one.type, one.name))
        paragraphs += [list(_resource(group, plan, paint, width, parameters)) for _, group in by_resource]
    paragraphs += _left_out(plan.left_out, paint)
    paragraphs.append(list(totals_lines(plan, paint)))
    return "\n\n".join("\n".join(lines) for lines in paragraphs)


def planned_changes(actions: Iterable[Action], plan: Plan) -> tuple[Change, ...]:
    """The fields that actions of one resource change; of one that is made or deleted whole, all that it has."""
    held = list(actions)
    changes = [change for one in held for change in one.changes]
    if not changes:
        changes = [change for one in held[:1] for change in _whole(one, plan)]
    return tuple(member for change in changes for member in _members(change))


def change_lines(change: Change, width: int) -> list[str]:
    """A change as `~ MemorySize: 256 -> 512` or `+ Tags/team: "shop"`, no wider than that.

    A path that takes more than its part of the width has a line of its own.
    """
    most = width * 2 // 5
    path = shortened_path(place(change.path), most).removeprefix("/") or "/"
    start = f"{_sign(change)} {path}: "
    if len(path) > most:
        return [start.rstrip(), f"    {_told(change, width - 4)}"]
    return [start + _told(change, width - len(start))]


def warning_lines(action: Action) -> list[str]:
    """What somebody should know before an action is carried out, a line each."""
    warned = [f"{one.danger}: {one.text}" for one in action.warnings]
    one_way = [f"cannot be undone: {action.cannot_undo}"] if action.cannot_undo else []
    return [f"! {visible(version_words(text))}" for text in (*warned, *one_way)]


def _heading(plan: Plan) -> str:
    if plan.undoes:
        return f"Plan that takes run {visible(plan.undoes)} back"
    return f"Plan that makes {_sites(plan)} like {visible(plan.golden)}, read {visible(plan.taken)}"


def _sites(plan: Plan) -> str:
    return listed(list(map(visible, plan_sites(plan)))) if plan_sites(plan) else "nothing"


def _resource(actions: list[Action], plan: Plan, paint: Paint, width: int, parameters: bool) -> Iterator[str]:
    warnings = list(dict.fromkeys(line for one in actions for line in warning_lines(one)))
    verbs = {one.verb for one in actions}
    signs = [_SIGNS[verb] for verb in VERBS if verb in verbs and (verb != "update" or len(verbs) == 1)]
    danger = paint("!", "!") if warnings else " "
    yield f"{danger} {'/'.join(paint(sign, sign) for sign in signs)} {visible(f'{actions[0].type}/{actions[0].name}')}"
    if parameters and actions[0].native != actions[0].name:
        yield paint(f"      called {visible(actions[0].native)} there", "dim")
    for change in planned_changes(actions, plan):
        yield from _change(change, paint, width)
    for call in (call for one in actions for call in one.calls):
        yield paint(f"      {_called(call)}", "dim")
        told = call.params.items() if parameters else ()
        yield from (paint(f"        {visible(name)}: {_value(value)}", "dim") for name, value in told)
    yield from (paint(f"    {line}", "!") for line in warnings)


def _change(change: Change, paint: Paint, width: int) -> Iterator[str]:
    first, *others = change_lines(change, width - 4)
    yield f"    {paint(first[0], first[0])}{first[1:]}"
    yield from (f"    {line}" for line in others)
    yield from (paint(f"      {visible(note)}", "dim") for note in change.notes)


def _called(call: PlannedCall) -> str:
    return visible(f"{call.service} {call.operation}")


def _whole(action: Action, plan: Plan) -> Iterator[Change]:
    """What a resource that is made is to have, or one that is deleted has."""
    of = (action.site, action.type, action.name)
    planned_on = next((one for one in plan.resources if (one.site, one.type, one.name) == of), None)
    if planned_on and planned_on.wanted and action.verb == "create":
        yield Change("", golden=planned_on.wanted)
    elif planned_on and planned_on.fields and action.verb == "delete":
        yield Change("", actual=planned_on.fields)


def _members(change: Change) -> Iterator[Change]:
    """A change of all of a resource as one of each field; another as it is."""
    both = [side for side in (change.golden, change.actual) if side is not ABSENT]
    if change.path or len(both) != 1 or not isinstance(both[0], Mapping) or not both[0]:
        yield change
        return
    for name, member in sorted((name, one) for name, one in both[0].items() if _says_something(one)):
        path = pointer([name])
        sides = {"golden": member} if change.actual is ABSENT else {"actual": member}
        yield Change(path, **sides)


def _says_something(value: Value) -> bool:
    # Of a whole resource, what is not set is not told field by field.
    if isinstance(value, Mapping):
        return any(_says_something(one) for one in value.values())
    return value not in (None, "", False, [])


def _sign(change: Change) -> str:
    if change.unreadable:
        return "?"
    return "+" if change.actual is ABSENT else "-" if change.golden is ABSENT else "~"


def _told(change: Change, room: int) -> str:
    if change.unreadable:
        return shortened(visible(f"unreadable: {change.unreadable}"), room)
    if _sign(change) != "~":
        return shortened(_value(change.golden if change.actual is ABSENT else change.actual), room)
    return pair(_value(change.actual), _value(change.golden), room, ARROW)


def _value(value: Value) -> str:
    if value is ABSENT:
        return NOT_SET
    if _is_secret(value):
        return SECRET
    if tags := tags_text(value):
        return visible(tags)
    return visible(version_words(json.dumps(_hidden(value), ensure_ascii=False, sort_keys=True)))


def _hidden(value: Value) -> Value:
    if _is_secret(value):
        return SECRET
    if isinstance(value, Mapping):
        return {name: _hidden(member) for name, member in value.items()}
    return [_hidden(one) for one in value] if isinstance(value, list) else value


def _is_secret(value: Value) -> bool:
    if isinstance(value, Mapping):
        return value.keys() == {"secret"} and isinstance(value["secret"], str)
    return isinstance(value, str) and _FINGERPRINT.fullmatch(value) is not None


def _left_out(left_out: Iterable[LeftOut], paint: Paint) -> Iterator[list[str]]:
    reasons = grouped(left_out, lambda one: one.why)
    if reasons:
        yield [paint("Left out", "bold")]
    for why, group in reasons:
        places = (f"{one.site}  {one.type}/{one.name}  {one.path.removeprefix('/')}".rstrip() for one in group)
        yield [f"  {visible(why)}", *(f"    {visible(one)}" for one in places)]


def totals_lines(plan: Plan, paint: Paint = PLAIN) -> Iterator[str]:
    """What a plan comes to, and what to be careful of."""
    counts, left_out = plan_summary(plan), f"{len(plan.left_out):,} left out"
    if not plan.actions:
        yield _nothing(plan) + (f" {left_out}." if plan.left_out else "")
        return
    made = ", ".join(f"{counts[verb]:,} to {verb}" for verb in VERBS)
    sites = ", ".join(dict.fromkeys(visible(one.site) for one in plan.actions))
    calls = counted(sum(len(one.calls) for one in plan.actions), "call")
    yield paint(f"Plan: {made} in {sites}{f'; {left_out}' if plan.left_out else ''}. {calls}.", "bold")
    yield from (paint(line, "!") for line in _careful(plan))


def _nothing(plan: Plan) -> str:
    if plan.undoes:
        return f"Nothing to do: there is nothing that could be taken back of run {visible(plan.undoes)}."
    if plan.left_out:
        return f"Nothing to do: all that differs from {visible(plan.golden)} is left out."
    if not plan_sites(plan):
        return f"Nothing to do: no site has a difference from {visible(plan.golden)}."
    verb = "has" if len(plan_sites(plan)) == 1 else "have"
    return f"Nothing to do: {_sites(plan)} {verb} no difference from {visible(plan.golden)} that a plan was made for."


def _careful(plan: Plan) -> Iterator[str]:
    dangers = Counter(warned.danger for one in plan.actions for warned in one.warnings)
    told = [f"{dangers[danger]:,} {danger}" for danger in DANGERS if dangers[danger]]
    one_way = sum(bool(one.cannot_undo) for one in plan.actions)
    told += [f"{counted(one_way, 'action')} that cannot be undone"] if one_way else []
    if told:
        yield f"Careful: {', '.join(told)}"

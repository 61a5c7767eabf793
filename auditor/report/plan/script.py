"""A plan as a bash script, for who has AWS CLI version 2 and not this program. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from auditor.canonical.pairing import parent_and_own
from auditor.model.plan import Action, Plan, PlannedCall
from auditor.model.values import Value
from auditor.plan.document import plan_sites
from auditor.plan.symbols import symbols_in
from auditor.report.display import visible
from auditor.report.plan.reading import CODE, Where, reading
from auditor.report.plan.shell import (
    COMMANDS,
    FUNCTIONS,
    Meanings,
    Variable,
    command_name,
    json_argument,
    json_word,
    word,
)
from auditor.report.plan.text import change_lines, planned_changes, warning_lines
from auditor.report.wording import counted, listed
from auditor.specs.regions import SHORT_CODES
from auditor.specs.site_choices import decided

_WIDTH: Final = 110
_HOLDERS: Final = {"Code": "--code", "Content": "--content"}
"""The parameters that hold a zip among other members, and the AWS CLI's options for those others."""
_PARTITIONS: Final = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("", "aws", "amazonaws.com"),
)
"""How its regions' names begin, a partition, and its DNS suffix, as botocore's endpoint data has them."""
_WAITS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "function_active_v2": ("", ("wait", "function-active-v2", "--function-name", "${name}")),
    "function_updated_v2": ("", ("wait", "function-updated-v2", "--function-name", "${name}")),
    "published_version_active": (
        "",
        ("wait", "published-version-active", "--function-name", "${name}", "--qualifier", "${Version}"),
    ),
    "event_source_mapping_settled": (
        "Enabled Disabled",
        ("get-event-source-mapping", "--uuid", "${UUID}", "--query", "State"),
    ),
    "capacity_provider_active": (
        "Active",
        ("get-capacity-provider", "--capacity-provider-name", "${name}", "--query", "CapacityProvider.State"),
    ),
    "alias_settled": (
        "settled",
        ("get-alias", "--function-name", "${parent}", "--name", "${name}", "--query",
         "RoutingConfig.AdditionalVersionWeights && 'moving' || 'settled'"),
    ),
    "provisioned_concurrency_ready": (
        "READY",
        ("get-provisioned-concurrency-config", "--function-name", "${parent}", "--qualifier", "${name}", "--query",
         "Status"),
    ),
}  # fmt: skip
"""What `aws lambda` is asked after a write, and the states that it then waits for ("" where it waits by itself).

`${Version}` and `${UUID}` are members of what the write answered.
"""
_STOP: Final = "stop "


def aws_cli(plan: Plan, children: frozenset[str]) -> str:
    """The script that carries a plan out, action by action; it stops at the first call that fails.

    `children` are the types whose resources are inside others. Where it cannot be said how a call is made without
    this program, the script says so and stops before the first call.
    """
    body = list(_body(plan, children))
    # Nothing is to be half done because of what is known beforehand.
    stops = [line.removeprefix(_STOP) for line in body if line.startswith(_STOP)]
    first = [_STOP + " ".join(dict.fromkeys(stops))] if stops else []
    return "\n".join(["#!/usr/bin/env bash", *_about(plan), FUNCTIONS, *_accounts(plan), *first, *body, ""])


def _about(plan: Plan) -> Iterator[str]:
    sites = listed([visible(one) for one in plan_sites(plan)]) if plan_sites(plan) else "nothing"
    aim = f"Takes run {plan.undoes} back" if plan.undoes else f"Makes {sites} like {plan.golden}, read {plan.taken}"
    yield visible(f"# {aim}: {counted(len(plan.actions), 'action')}, {len(plan.left_out):,} left out.")
    yield "# Takes AWS CLI version 2, and curl where code is copied; profiles are called like the accounts in the plan."
    yield "# Unlike 'auditor apply', it does not see whether anything changed since the plan was made, nor verify what"
    yield "# it wrote; it copies secrets as they are, and takes nothing back. It is not to be run a second time."


def _accounts(plan: Plan) -> Iterator[str]:
    for site in dict.fromkeys(one.site for one in plan.actions):
        if site in plan.accounts:
            yield shlex.join(["in_account", plan.accounts[site], *_options(site)])


def _body(plan: Plan, children: frozenset[str]) -> Iterator[str]:
    told: dict[str, dict[str, Variable]] = {}
    for number, action in enumerate(plan.actions, 1):
        where = _where(action.site, action.type, action.native, children)
        known = told.setdefault(action.site, {})
        yield from _comments(number, action, plan)
        for count, call in enumerate(action.calls, 1):
            held = {symbol: Variable(f"held_{number}_{count}_{n}") for n, symbol in enumerate(_held(call), 1)}
            for symbol, variable in held.items():
                yield from _fetched(symbol, variable, action, plan, children)
            tells = _tells(call)
            answers = {symbol: Variable(f"told_{number}_{count}_{n}") for n, symbol in enumerate(tells, 1)}
            yield from _call(call, where, {**_meanings(plan, action.site, where), **known, **held}, tells, answers)
            known.update(answers)


def _comments(number: int, action: Action, plan: Plan) -> Iterator[str]:
    facet = f" ({action.facet})" if action.facet else ""
    yield ""
    yield visible(f"# {number}. {action.site}: {action.verb} {action.type}/{action.name}{facet}")
    for change in planned_changes([action], plan) if action.changes or not action.facet else ():
        yield from (f"#    {line}" for line in change_lines(change, _WIDTH))
    yield from (f"#    {line}" for line in warning_lines(action))


def _where(site: str, type_: str, native: str, children: frozenset[str]) -> Where:
    return Where(type_, _options(site), *parent_and_own(native, type_ in children))


def _options(site: str) -> tuple[str, ...]:
    account, _, region = site.rpartition("/")
    return ("--region", region, *(("--profile", account) if account else ()))


def _meanings(plan: Plan, site: str, where: Where) -> dict[str, str | Variable]:
    region = site.rpartition("/")[2]
    partition, dns_suffix = next(names for start, *names in _PARTITIONS if region.startswith(start))
    own = {
        "region": region,
        "region_short": SHORT_CODES.get(region, ""),
        "account": plan.accounts.get(site, ""),
        "partition": partition,
        "dns_suffix": dns_suffix,
    }
    known = {name: meaning for name, meaning in own.items() if meaning}
    named = {"name": where.name, "parent": where.parent}
    return {**known, **plan.names.get(site, {}), **plan.symbols.get(site, {}), **named}


def _held(call: PlannedCall) -> list[str]:
    """The symbols of a call that stand for what golden, or the resource itself, holds at the time."""
    return [one for one in dict.fromkeys(symbols_in(call.params)) if one.startswith(("golden:", "own:"))]


def _tells(call: PlannedCall) -> dict[str, str]:
    """The symbols that a call's answer gives a meaning, each with the JMESPath to it; what its wait takes too."""
    return {**call.tells, **{member: member for member in ("UUID", "Version") if f"${{{member}}}" in _wait(call)[1]}}


def _wait(call: PlannedCall) -> tuple[str, tuple[str, ...]]:
    # What is deleted is gone when it is over, which the AWS CLI takes for a failure.
    return ("", ()) if call.operation.startswith("Delete") else _WAITS.get(call.wait, ("", ()))


def _call(
    call: PlannedCall, where: Where, meanings: Meanings, tells: Mapping[str, str], answers: Mapping[str, Variable]
) -> Iterator[str]:
    params, others, shipped = _without_code(call.params)
    with suppress(KeyError):
        # A choice that cannot be made stays a symbol without a meaning.
        params = decided(params, meanings)
    unknown = sorted(set(symbols_in([params, others])) - meanings.keys())
    if unknown:
        yield _stop(f"{call.operation} cannot be called in {where.options[1]}: nothing there is known as {unknown[0]}.")
        return
    before, argument = json_argument(params, meanings)
    yield from filter(None, [before])
    line = f"{_command(call, where)} \\\n  --cli-input-json {argument}{_zip(shipped, others, meanings)}"
    if tells:
        query = shlex.quote(f"[{', '.join(tells.values())}]")
        yield f"answer=$({line} --query {query} --output json)"
        yield from (f'{answers[one].name}=$(member {n} "$answer")' for n, one in enumerate(tells, 1))
    else:
        # The answer can hold a function's environment.
        yield f"{line} >/dev/null"
    yield from _waiting(call, where, {**meanings, **answers})


def _command(call: PlannedCall, where: Where) -> str:
    words = ["aws", COMMANDS.get(call.service, call.service), command_name(call.operation), *where.options]
    # Sent again by itself, it could make a second thing.
    return ("AWS_MAX_ATTEMPTS=1 " if call.once else "") + shlex.join(words)


def _zip(shipped: str, others: Mapping[str, Value], meanings: Meanings) -> str:
    archive = meanings.get(shipped)
    beside = "".join(f" {_HOLDERS[name]} {json_word(one, meanings)}" for name, one in others.items())
    return f'{beside} --zip-file "fileb://$work/{archive.name}.zip"' if isinstance(archive, Variable) else ""


def _waiting(call: PlannedCall, where: Where, meanings: Meanings) -> Iterator[str]:
    states, words = _wait(call)
    # What hangs on a version may be called by a number that an answer has told.
    meanings = {**meanings, "name": meanings.get(where.name[2:-1], where.name)}
    if words:
        asked = " ".join(["aws lambda", *(word(one, meanings) for one in words), shlex.join(where.options)])
        yield f"until_is {shlex.quote(states)} {asked}" if states else asked
    elif call.wait:
        yield visible(f"# The AWS CLI cannot wait for {call.wait}.")


def _without_code(params: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value], str]:
    """Parameters without the zip, the other members of what held it, and the zip's symbol ("" for none)."""
    kept: dict[str, Value] = {}
    others: dict[str, Value] = {}
    shipped = ""
    for name, value in params.items():
        zip_ = value.get("ZipFile") if isinstance(value, Mapping) else value if name == "ZipFile" else None
        if zip_ not in ("${golden:/Code}", "${own:/Code}"):
            kept[name] = value
            continue
        shipped = zip_[2:-1]
        beside = {member: one for member, one in value.items() if member != "ZipFile"} if value != zip_ else {}
        others |= {name: beside} if beside else {}
    return kept, others, shipped


def _fetched(symbol: str, variable: Variable, action: Action, plan: Plan, children: frozenset[str]) -> Iterator[str]:
    """What puts into a shell variable (or, of code, into a file) what golden, or the resource itself, holds."""
    kind, place = symbol.split(":", 1)
    site, native = (plan.golden, _golden_native(action, plan)) if kind == "golden" else (action.site, action.native)
    where = _where(site, action.type, native, children)
    commands = reading(where, place) if native and ":" not in site else []
    if not commands:
        yield _stop(f"{action.type}/{action.name} takes {place} from {site}, and a script cannot: use 'auditor apply'.")
    for command in commands:
        asked = " ".join(shlex.quote(one) if one != "$" else f'"${variable.name}"' for one in command)
        yield f"{variable.name}=$(held aws lambda {asked} {shlex.join(where.options)})"
    if commands and place == CODE:
        yield f'download "${variable.name}" "$work/{variable.name}.zip"'


def _golden_native(action: Action, plan: Plan) -> str:
    of = (action.site, action.type, action.name)
    return next((one.golden for one in plan.resources if (one.site, one.type, one.name) == of), "")


def _stop(why: str) -> str:
    return _STOP + shlex.quote(visible(why))

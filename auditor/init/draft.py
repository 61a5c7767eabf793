"""A first auditor.yaml, with what each line was guessed from and how to check it; and the same in a few lines. Pure."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from auditor.init.guesses import DeployGuess, Guess, RegionHolds, Survey
from auditor.init.names import Alike, NameGuess

MOST = 20
"""So many look-alikes of a type are told."""


def settings_text(survey: Survey, guess: Guess, store: str = "") -> str:
    """The file: YAML that holds what was guessed, comments that say why."""
    blocks = (
        _head(survey, guess),
        _golden(guess),
        _regions(survey, guess),
        _unused(survey, guess),
        _stacks(survey, guess),
        _names(guess.names),
        _pairs(guess.names),
        _exceptions(),
        [f"store: {quoted(store)}"] if store else [],
        _deploy(guess),
    )
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def draft_lines(survey: Survey, guess: Guess) -> tuple[str, ...]:
    """What was guessed, and what to check, for people: a line each."""
    golden = f"guessed: {guess.why}" if guess.why else "named"
    other = "; --golden REGION --force names another one" if guess.tied else ""
    patterns = [(type_, one) for type_, own in guess.names.items() for one in own.patterns]
    alike = sum(len(own.alike) for own in guess.names.values())
    told = [
        f"golden: {guess.golden} ({golden}). Check that it is the one that the others must equal{other}.",
        f"regions: {', '.join(guess.regions)} (of {_number(len(survey.regions), 'region')} looked at).",
        *(f"names: {type_} {printable(one)} (guessed from names that pair so)." for type_, one in patterns),
        *([f"pairs: a comment, for names that look alike ({alike})."] if alike else []),
        *([f"deploy: a comment, for the application {quoted(guess.deploy.application)}."] if guess.deploy else []),
        *(f"not known: {line}" for line in unread_lines(survey)),
    ]
    only = [f"There is nothing to compare yet: {guess.golden} is the only region in use."]
    return (*told, *(only if len(guess.regions) == 1 else []))


def unread_lines(survey: Survey) -> tuple[str, ...]:
    """What could not be listed, a line for each reason and the types and regions that it concerns."""
    where: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, holds in survey.regions.items():
        for why in sorted(set(holds.unread.values())):
            types = tuple(sorted(type_ for type_, one in holds.unread.items() if one == why))
            where.setdefault((_alike_reason(why, name), types), []).append(name)
    return tuple(
        f"{', '.join(types)} in {', '.join(regions)}: {printable(why)}" for (why, types), regions in where.items()
    )


def quoted(text: str) -> str:
    """A text as a YAML value in double quotes, on one line whatever it holds."""
    return printable(json.dumps(text, ensure_ascii=False))


def printable(text: str) -> str:
    """A text on one line: what cannot be printed is escaped as YAML and Python do."""
    return "".join(one if one.isprintable() else _escape(ord(one)) for one in text)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _alike_reason(why: str, region: str) -> str:
    # AWS's message names the region in ARNs: the same reason elsewhere is not another one.
    return why.replace(region, "REGION")


def _comment(text: str, first: str = "# ", then: str = "# ") -> list[str]:
    return textwrap.wrap(
        printable(text), 116, initial_indent=first, subsequent_indent=then, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


# -- the blocks of the file


def _head(survey: Survey, guess: Guess) -> list[str]:
    account = survey.regions[guess.golden].locale.account
    return [
        f"# Settings of auditor, written by 'auditor init' from what it found in account {account}.",
        "# Each line is a guess until somebody has read it. Check them here, then run 'auditor diff', which changes",
        "# nothing. What else can be set is in the README, under Settings; 'auditor init --schema' has all of it.",
    ]


def _golden(guess: Guess) -> list[str]:
    why = f"A guess: {guess.why}." if guess.why else "It was named."
    advice = "Is it the one that is set up as all should be? If not, name another one of the regions below."
    return [*_comment(f"The region that all others must equal. {why} {advice}"), f"golden: {guess.golden}"]


def _regions(survey: Survey, guess: Guess) -> Iterator[str]:
    which = "The regions that were named." if survey.named else "The regions in use, golden among them."
    yield from _comment(f"{which} Is one of them not meant to be like golden? Then take it out.")
    yield "regions:"
    for name in guess.regions:
        yield f"  - {name}"
        yield from _comment(_held(survey.regions[name]), "    # ", "    # ")


def _held(holds: RegionHolds) -> str:
    counts = sorted(holds.counts.items(), key=lambda one: (-one[1], one[0]))
    told = ", ".join(f"{count} {type_.removeprefix('AWS::')}" for type_, count in counts)
    found = f"{_number(holds.total, 'resource')}: {told}" if told else "Nothing was found there"
    return found + (", and what could not be listed (see below)." if holds.unread else ".")


def _unused(survey: Survey, guess: Guess) -> list[str]:
    left_out = [name for name in survey.regions if name not in guess.regions]
    empty = [name for name in left_out if not survey.regions[name].unread]
    unknown = [name for name in left_out if survey.regions[name].unread]
    lines = []
    if empty:
        lines += _comment(f"Left out, since nothing was found there: {', '.join(empty)}.")
    if unknown:
        lines += _comment(f"Left out, though they may be in use, since they could not be read: {', '.join(unknown)}.")
    if survey.disabled:
        lines += _comment(f"Not enabled for the account: {', '.join(survey.disabled)}.")
    for line in unread_lines(survey):
        lines += _comment(f"Not known: {line}", then="#   ")
    return lines


def _stacks(survey: Survey, guess: Guess) -> Iterator[str]:
    told = {name: survey.regions[name].stacked for name in guess.regions}
    counts = {name: count for name, count in told.items() if isinstance(count, int) and count}
    reasons = {name: why for name, why in told.items() if isinstance(why, str)}
    if counts:
        each = ", ".join(f"{name} {count}" for name, count in counts.items())
        yield from _comment(
            f"Resources that CloudFormation owns: {each}. They are compared like all others, but 'auditor plan' leaves "
            "them out unless told --stacks: their stack's template is where to change them."
        )
    if reasons:
        why = _alike_reason(*next((why, name) for name, why in reasons.items()))
        yield from _comment(f"Not known is what CloudFormation owns in {', '.join(reasons)}: {why}")


def _names(names: Mapping[str, NameGuess]) -> Iterator[str]:
    for type_, guess in names.items():
        for shape, (count, example) in guess.shapes.items():
            things = _number(count, type_.removeprefix("AWS::"))
            yield from _comment(f"{things} named like {quoted(shape)} ({quoted(example)}): paired.")
    patterns = {type_: guess.patterns for type_, guess in names.items() if guess.patterns}
    if patterns:
        yield from _comment(
            "What these names look like, where the region is not between dashes or other signs. A guess: so they are "
            "the same in several regions. Where it is wrong, 'auditor diff' tells of what is missing and extra."
        )
        yield "names:"
        yield from (f"  {quoted(type_)}: [{', '.join(map(quoted, own))}]" for type_, own in patterns.items())


def _pairs(names: Mapping[str, NameGuess]) -> Iterator[str]:
    alike = {type_: guess.alike for type_, guess in names.items() if guess.alike}
    if not alike:
        return
    yield from _comment(
        "These names look alike, but nothing in them tells where each region is. Where they are one thing, take the # "
        "away; otherwise they are compared each for itself."
    )
    yield "# pairs:"
    for type_, several in alike.items():
        yield f"#   {quoted(type_)}:"
        yield from (_pair(one) for one in several[:MOST])
        if len(several) > MOST:
            yield f"#     # and {len(several) - MOST} more"


def _pair(alike: Alike) -> str:
    natives = ", ".join(f"{region}: {quoted(native)}" for region, native in alike.natives.items())
    return f"#     {quoted(alike.name)}: {{{natives}}}"


def _exceptions() -> list[str]:
    return [
        "# Differences that are meant to be, each with a reason. 'auditor accept' writes those decided on in a report.",
        "# exceptions:",
        '#   - {resource: "AWS::Lambda::Function/*-canary", path: "/MemorySize", region: "eu-*", reason: "half-size"}',
    ]


def _deploy(guess: Guess) -> Iterator[str]:
    if not guess.deploy:
        return
    told = guess.deploy
    others = f" Others that are: {', '.join(map(quoted, told.others))}." if told.others else ""
    bucket = "" if told.bucket else " The bucket's name is made up."
    yield from _comment(
        f"For 'auditor deploy': the CodeDeploy application {quoted(told.application)} is in every region.{others} "
        f"Golden goes first, then the others: where you name another golden above, do so in the waves, too.{bucket} "
        "Take the # away once it is right."
    )
    yield f"# deploy: {_deploy_value(told, guess.regions)}"


def _deploy_value(told: DeployGuess, regions: tuple[str, ...]) -> str:
    waves = [one for one in (regions[:1], regions[1:]) if one]
    parts = (
        f"application: {quoted(told.application)}",
        f"groups: {_list(told.groups)}",
        f"bucket: {quoted(told.bucket or told.application.lower() + '-artifacts-{region}')}",
        f"waves: [{', '.join(map(_list, waves))}]",
    )
    return "{" + ", ".join(parts) + "}"


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"

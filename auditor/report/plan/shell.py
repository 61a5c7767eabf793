"""What a script for bash and AWS CLI version 2 is made of. Pure.

What is known only when the script runs is held in shell variables as JSON: so it can be put into other JSON whatever
it holds, quotes and newlines among it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from auditor.canonical.wording import SYMBOL
from auditor.model.values import Value

FUNCTIONS: Final = r"""
set -euo pipefail
export AWS_PAGER=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "Stopped at line $LINENO. What comes after it was not done." >&2' ERR

stop() { printf '%s\n' "$@" >&2; exit 1; }

# in_account ID OPTIONS: whether these are the credentials of that account
in_account() {
  local id=$1 found
  shift
  found=$(aws sts get-caller-identity "$@" --query Account --output text)
  [[ $found == "$id" ]] || stop "These are credentials of account $found, and the plan is for $id. Nothing was done."
}

# held COMMAND: its answer as JSON, where there is one
held() {
  local answer
  answer=$("$@" --output json) || exit 1
  [[ -n $answer && $answer != null ]] || stop "There is no answer any more to: $*"
  printf '%s' "$answer"
}

# member N ANSWER: the Nth of a JSON list of texts and numbers, as JSON
member() {
  local line
  line=$(sed -n "$(($1 + 1))s/^ *//p" <<<"$2")
  [[ -n $line && ${line%,} != null ]] || stop "AWS's answer lacks a member: what was to follow was not done."
  printf '%s' "${line%,}"
}

# inside JSON: a JSON text without its quotes, to stand inside another
inside() { local text=${1#\"}; printf '%s' "${text%\"}"; }

# download JSON FILE: what is at a URL; the URL grants access, so it is in no argument
download() { curl -fsS -o "$2" -K <(printf 'url = %s\n' "$1"); }

# until_is STATES COMMAND: waits up to 15 minutes until it answers one of those
until_is() {
  local states=$1 found tries
  shift
  for ((tries = 0; tries < 180; tries++)); do
    found=$("$@" --output text)
    [[ " $states " != *" $found "* ]] || return 0
    sleep 5
  done
  stop "Waited for 15 minutes, and it is still $found: $*"
}
"""
"""Begins a script, after its comments."""
COMMANDS: Final = {"s3": "s3api", "codedeploy": "deploy"}
"""Services by botocore's name that the AWS CLI calls otherwise."""
_LONGEST_ARGUMENT: Final = 100_000
"""Characters. Linux takes 131,072 bytes in one argument."""
_INPUT: Final = '"$work/input.json"'
_Part = tuple[bool, str]
"""JSON as it stands (True), or what bash puts in its place (False)."""


@dataclass(frozen=True)
class Variable:
    """A shell variable, which holds JSON."""

    name: str


Meanings = Mapping[str, str | Variable]
"""What symbols stand for: a text, or what is known only when the script runs."""


def command_name(operation: str) -> str:
    """An operation as the AWS CLI spells it: `PutBucketCors` is `put-bucket-cors`, as botocore's `xform_name` says."""
    name = re.sub(r"[A-Z]{2,}s$", lambda match: f"-{match[0].lower()}", operation)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


def json_argument(value: Value, meanings: Meanings) -> tuple[str, str]:
    """Canonical parameters, their symbols filled in, as JSON: the command that comes first ("" for none), and the word.

    What is known only when the script runs may be a secret, and is in no argument, where other users of the machine
    would see it: it is in a file of the script's own folder. Not in a pipe, because the AWS CLI reads it twice.
    Raises KeyError for a symbol without a meaning.
    """
    parts = list(_json(value, meanings))
    bare = _bash(parts)
    if all(literal for literal, _ in parts) and len(bare) < _LONGEST_ARGUMENT:
        return "", bare
    return f"printf '%s' {bare} >{_INPUT}", f"file://{_INPUT}"


def json_word(value: Value, meanings: Meanings) -> str:
    """As `json_argument`, but for a small value without a secret: always the JSON itself."""
    return _bash(_json(value, meanings))


def word(text: str, meanings: Meanings) -> str:
    """Text that may be one symbol, as one word of bash. Raises KeyError for a symbol without a meaning."""
    name = _alone(text)
    meaning = text if name is None else meanings[name]
    return f'"$(inside "${meaning.name}")"' if isinstance(meaning, Variable) else shlex.quote(meaning)


def _json(value: Value, meanings: Meanings) -> Iterator[_Part]:
    if isinstance(value, Mapping):
        members = ([*_text(name, meanings), (True, ": "), *_json(one, meanings)] for name, one in value.items())
        yield from _joined("{}", members)
    elif isinstance(value, list):
        yield from _joined("[]", (list(_json(one, meanings)) for one in value))
    elif isinstance(value, str):
        meaning = meanings[name] if (name := _alone(value)) is not None else ""
        yield from [(False, f'"${meaning.name}"')] if isinstance(meaning, Variable) else _text(value, meanings)
    else:
        yield True, json.dumps(value)


def _joined(brackets: str, members: Iterable[Iterable[_Part]]) -> Iterator[_Part]:
    yield True, brackets[0]
    for number, member in enumerate(members):
        yield True, ", " if number else ""
        yield from member
    yield True, brackets[1]


def _text(text: str, meanings: Meanings) -> Iterator[_Part]:
    yield True, '"'
    for number, piece in enumerate(SYMBOL.split(text)):
        # Every other piece is a symbol's name, None for an escape.
        meaning = piece if number % 2 == 0 else "${" if piece is None else meanings[piece]
        if isinstance(meaning, Variable):
            yield False, f'"$(inside "${meaning.name}")"'
        else:
            yield True, json.dumps(meaning)[1:-1]
    yield True, '"'


def _alone(text: str) -> str | None:
    match = SYMBOL.fullmatch(text)
    return match[1] if match else None


def _bash(parts: Iterable[_Part]) -> str:
    """The parts as one word: what is literal in quotes, so that bash takes nothing of it for its own."""
    groups = ((literal, "".join(text for _, text in group)) for literal, group in groupby(parts, lambda part: part[0]))
    return "".join(shlex.quote(text) if literal else text for literal, text in groups)

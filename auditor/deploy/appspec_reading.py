"""The values of an AppSpec file, with the line of each, as those read them who act on it."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from auditor.deploy.appspec_checks import Place

MOST_NODES: Final = 100_000
_YAML_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_YAML_TAG}merge"
_BYTE_ORDER_MARK: Final = "\ufeff"
# What Ruby takes for something else without quotation marks, and YAML 1.1 for text: psych's scalar_scanner.rb.
_DATE: Final = re.compile(r"-?\d{4}-\d{1,2}-\d{1,2}([Tt\s].*)?")
_OTHERWISE: Final = re.compile(
    r"(?i:true|yes|on|false|no|off|null)|[-+]?(?=[,_.]*\d)(\d[\d,_]*)?(\.[\d,_]*)?(e[-+]?\d+)?", re.ASCII
)
_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029\ufeff]")
_VERSION: Final = re.compile(r"^%YAML[ \t]+1\.2\b", re.M)


class Reading:
    """A file being read: where its values are, and what is wrong with them."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.problems: list[tuple[int, str]] = []
        self.of_ruby: list[tuple[int, str]] = []
        """What the agent on servers, which is written in Ruby, would refuse or read as something else."""
        self._nodes = 0

    def wrong(self, line: int, what: str) -> None:
        """Note what is wrong."""
        self.problems.append((line, what))

    def value(self, node: Node, place: Place) -> Any:
        """A node as plain values. Raises ValueError where aliases make too many of them."""
        self._count()
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if not str(node.tag).startswith(_YAML_TAG):
            self.wrong(line, f"expected a value without a tag, found {str(node.tag)[:60]!r}")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.value(one, (*place, number)) for number, one in enumerate(node.value)]
        return self._scalar(node, str(node.value), line)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag != _MERGE:
                self._member(made, key_node, value_node, place)
        for key_node, value_node in self._merged(node):
            if isinstance(key_node, ScalarNode) and key_node.value not in made:
                self._member(made, key_node, value_node, place)
        return made

    def _member(self, made: dict[str, Any], key_node: Node, value_node: Node, place: Place) -> None:
        line, key = key_node.start_mark.line + 1, key_node.value
        if not isinstance(key_node, ScalarNode):
            hint = ", and {{…}} in quotation marks" if isinstance(key_node, MappingNode) else ""
            self.wrong(line, f"expected text as a key{hint}")
        elif key in made:
            self.wrong(line, f"the key '{printable(key)}' is written twice")
        else:
            self._is_date(key_node)
            here = (*place, key.lower())
            self.lines[here] = line
            made[key] = self.value(value_node, here)

    def _merged(self, node: MappingNode) -> Iterator[tuple[Node, Node]]:
        """The members that '<<' brings."""
        for key, value in node.value:
            if key.tag == _MERGE:
                for one in value.value if isinstance(value, SequenceNode) else [value]:
                    self._count()
                    if isinstance(one, MappingNode):
                        yield from ((name, inner) for name, inner in one.value if name.tag != _MERGE)
                        yield from self._merged(one)

    def _scalar(self, node: Any, text: str, line: int) -> Any:
        kind = str(node.tag).removeprefix(_YAML_TAG)
        if node.style is None and re.match(r":\S", text):
            self.of_ruby.append((line, f"the agent takes {text[:60]!r} for a symbol: put it in quotation marks"))
        if not self._is_date(node) and kind == "str" and node.style is None and _OTHERWISE.fullmatch(text):
            self.of_ruby.append((line, f"the agent takes {text[:60]!r} for no text: put it in quotation marks"))
        if kind in {"str", "timestamp"}:
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in {"y", "yes", "on", "true"}
        if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9]\d{0,17})", text):
            return int(text)
        if kind == "float" and re.fullmatch(r"[-+]?(\d{1,17}\.\d{0,17}|\.\d{1,17})", text):
            return float(text)
        # 0644 is 420 in YAML 1.1, which CodeDeploy's agent reads, and 644 in YAML 1.2.
        self.wrong(line, f"{text[:60]!r} means different things in different YAML: put it in quotation marks")
        return text

    def _is_date(self, node: Any) -> bool:
        """Whether the agent's Ruby takes a value, or a key, for a date, which the agent refuses."""
        text = str(node.value)
        found = node.style is None and (node.tag == f"{_YAML_TAG}timestamp" or _DATE.fullmatch(text) is not None)
        if found:
            what = f"the agent takes no date ({text[:60]!r}): put it in quotation marks"
            self.of_ruby.append((node.start_mark.line + 1, what))
        return found

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ValueError


def yaml_values(text: str, reading: Reading) -> Any:
    """The first document of a YAML text as plain values. Raises YAMLError, ValueError, RecursionError."""
    yaml = YAML(typ="safe", pure=True)
    # As the agent's Ruby and CodeDeploy's Java read it.
    yaml.version = (1, 1)
    yaml.composer.warn_double_anchors = False
    if text.startswith(_BYTE_ORDER_MARK):
        reading.of_ruby.append((1, "it begins with a byte order mark, behind which the agent reads no key but one"))
    text = text.removeprefix(_BYTE_ORDER_MARK)
    if found := _LINE_ENDS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        reading.of_ruby.append((line, f"the agent takes {found[0]!r} for the end of a line, or a mark: leave it out"))
    # Whatever version a file says that it is of, they read it as this one.
    text = _VERSION.sub("%YAML 1.1", text)
    node = yaml.compose(text)
    for event in yaml.parse(text):
        if isinstance(event, AliasEvent):
            line = event.start_mark.line + 1
            reading.of_ruby.append((line, f"the agent takes no alias ('*{event.anchor}'): write the value out"))
    return None if node is None else reading.value(node, ())


def json_values(text: str, reading: Reading) -> Any:
    """A JSON text as plain values. Raises JSONDecodeError, RecursionError."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, times in Counter(key for key, _ in pairs).items():
            if times > 1:
                reading.wrong(0, f"the key '{printable(key)}' is written twice")
        return dict(pairs)

    def number(digits: str) -> float:
        if not math.isfinite(float(digits)):
            reading.wrong(0, f"{digits[:60]} is no number of JSON")
        return float(digits)

    text = text.removeprefix(_BYTE_ORDER_MARK)
    values = json.loads(text, object_pairs_hook=members, parse_float=number, parse_constant=number)
    reading.lines.update(_lines_of(text))
    return values


def _lines_of(text: str) -> dict[Place, int]:
    """The line of each value of a JSON text, where it is YAML too: all but a few of them are."""
    yaml, found = YAML(typ="safe", pure=True), Reading()
    try:
        found.value(yaml.compose(text), ())
    except (YAMLError, ValueError, RecursionError):
        return {}
    return found.lines


def not_yaml(error: Exception) -> tuple[int, str]:
    """The line and the reason of a text that is no YAML."""
    if isinstance(error, MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        # YAML keeps these two for itself: https://yaml.org/spec/1.1/#c-indicator
        hint = "; a placeholder of another tool?" if re.search("'[%@]'", str(error.problem)) else ""
        return line, f"it is not YAML ({error.problem}{hint})"
    if isinstance(error, YAMLError | AssertionError):
        return 0, f"it is not YAML ({error})" if isinstance(error, AssertionError) else "it is not YAML"
    return 0, f"it holds more than {MOST_NODES} values, or a number that is too long"


def printable(key: str) -> str:
    """A key for a message, without control characters."""
    return repr(key[:60])[1:-1]

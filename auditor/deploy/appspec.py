"""AppSpec files: what CodeDeploy is told to do with an artifact, checked before anything is uploaded.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from auditor.deploy.appspec_rules import TYPES, Place, problems
from auditor.errors import ArtifactError

_LARGEST: Final = 256 * 1024
_MOST_NODES: Final = 100_000
_YAML_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_YAML_TAG}merge"
_DOCUMENTATION: Final = "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html"
# The documentation writes these in capitals on some pages, and without on others.
_SPELLED: Final = {
    name.lower(): name
    for name in (
        "version", "Resources", "Hooks", "Type", "Properties", "Name", "Alias", "CurrentVersion", "TargetVersion",
        "TaskDefinition", "LoadBalancerInfo", "ContainerName", "ContainerPort", "PlatformVersion",
        "NetworkConfiguration", "AwsvpcConfiguration", "Subnets", "SecurityGroups", "AssignPublicIp",
        "CapacityProviderStrategy", "CapacityProvider", "Base", "Weight",
    )
}  # fmt: skip
_OF_SERVERS: Final = {"os", "files", "file_exists_behavior", "permissions"}
_ARN: Final = re.compile(r"\barn:[^:\s]+:[^:\s]+:([^:\s]+):")


@dataclass(frozen=True)
class AppSpec:
    """An AppSpec, parsed. `platform` is the one that its content is for: Server, Lambda or ECS."""

    name: str
    """What its file is called."""
    platform: str
    content: Mapping[str, Any]
    """Plain values; keys of a Lambda's or an ECS service's with AWS's capitals."""
    text: str
    lines: Mapping[Place, int] = field(default_factory=dict, repr=False, compare=False)
    """The line, from 1, that a value begins at, keys in small letters; of a YAML file only."""


def parse_appspec(name: str, content: bytes) -> AppSpec:
    """The AppSpec of a file: JSON if its name ends so, or else YAML.

    Raises ArtifactError, with the line where that is known, for what is neither, a key written twice, a value that
    is not the same text in every version of YAML, and content that is for no platform.
    """
    if len(content) > _LARGEST:
        raise _refusal(name, [(0, f"expected {_LARGEST} bytes at most, found {len(content)}")])
    reading = _Reading()
    try:
        text = content.decode("utf-8-sig")
        values = _json(text, reading) if name.endswith(".json") else _yaml(text, reading)
    except UnicodeDecodeError:
        raise _refusal(name, [(0, "expected UTF-8 text")]) from None
    except RecursionError:
        raise _refusal(name, [(0, "it is nested too deeply, or refers to itself")]) from None
    except json.JSONDecodeError as error:
        raise _refusal(name, [(error.lineno, f"it is not JSON ({error.msg})")]) from None
    except (YAMLError, ValueError) as error:
        raise _refusal(name, [_not_yaml(error)]) from None
    if not reading.problems and isinstance(values, dict):
        values = _spelled(values, reading) if "resources" in map(str.lower, values) else values
    if reading.problems:
        raise _refusal(name, reading.problems)
    return AppSpec(name, _platform(name, values), values, text, reading.lines)


def check_appspec(spec: AppSpec, platform: str, names: Collection[str]) -> None:
    """Raise ArtifactError for all that CodeDeploy would refuse, one a line; `names` are the artifact's files."""
    if spec.platform != platform:
        what = f"the application's compute platform is {platform}, and {spec.name} is for {spec.platform}"
        raise _refusal(spec.name, [(0, what)])
    found = problems(platform, spec.name, spec.content, names)
    told = [(_line(spec, place), _told(place, what)) for place, what in found]
    if told:
        raise _refusal(spec.name, told)


def localised(spec: AppSpec, region: str, fill: Callable[[str], str]) -> dict[str, Any]:
    """The content with every text of a value replaced by what `fill` makes of it.

    Raises ArtifactError where an ARN then names another region.
    """
    made: dict[str, Any] = _filled(spec.content, fill)
    elsewhere = [
        (_line(spec, place), _told(place, f"expected an ARN in {region}, found one in {match[1]}"))
        for place, text in _texts(made, ())
        for match in _ARN.finditer(text)
        if match[1] != region
    ]
    if elsewhere:
        raise _refusal(spec.name, elsewhere, "Write ${region} in its place.")
    return made


def with_versions(content: Mapping[str, Any], current: str, target: str) -> dict[str, Any]:
    """A copy of a Lambda function's AppSpec that shifts its alias from one version to another."""
    made: dict[str, Any] = _filled(content, str)
    for entry in made["Resources"]:
        for resource in entry.values():
            resource["Properties"] |= {"CurrentVersion": current, "TargetVersion": target}
    return made


def appspec_content(content: Mapping[str, Any]) -> str:
    """The AppSpec as JSON text, the same for the same content."""
    return json.dumps(content, sort_keys=True)


class _Reading:
    """A file being read: where its values are, and what is wrong with them."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.problems: list[tuple[int, str]] = []
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
        return self._scalar(str(node.tag), str(node.value), line)

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
            self.wrong(line, "expected text as a key")
        elif key in made:
            self.wrong(line, f"the key '{_printable(key)}' is written twice")
        else:
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

    def _scalar(self, tag: str, text: str, line: int) -> Any:
        kind = tag.removeprefix(_YAML_TAG)
        if kind in {"str", "timestamp"}:
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in {"y", "yes", "on", "true"}
        if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9]\d{0,17})", text):
            return int(text)
        if kind == "float" and re.fullmatch(r"[-+]?\d{1,17}\.\d{0,17}", text):
            return float(text)
        # 0644 is 420 in YAML 1.1, which CodeDeploy's agent reads, and 644 in YAML 1.2.
        self.wrong(line, f"{text[:60]!r} means different things in different YAML: put it in quotation marks")
        return text

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise ValueError


def _yaml(text: str, reading: _Reading) -> Any:
    yaml = YAML(typ="safe", pure=True)
    # As the agent's Ruby and CodeDeploy's Java read it.
    yaml.version = (1, 1)
    yaml.composer.warn_double_anchors = False
    node = yaml.compose(text)
    return None if node is None else reading.value(node, ())


def _json(text: str, reading: _Reading) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, times in Counter(key for key, _ in pairs).items():
            if times > 1:
                reading.wrong(0, f"the key '{_printable(key)}' is written twice")
        return dict(pairs)

    def number(digits: str) -> float:
        if not math.isfinite(float(digits)):
            reading.wrong(0, f"{digits[:60]} is no number of JSON")
        return float(digits)

    return json.loads(text, object_pairs_hook=members, parse_float=number, parse_constant=number)


def _not_yaml(error: Exception) -> tuple[int, str]:
    if isinstance(error, MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return line, f"it is not YAML ({error.problem})"
    if isinstance(error, YAMLError):
        return 0, "it is not YAML"
    return 0, f"it holds more than {_MOST_NODES} values, or a number that is too long"


def _spelled(value: Any, reading: _Reading, depth: int = 0) -> Any:
    if isinstance(value, list):
        return [_spelled(one, reading, depth) for one in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for key, one in value.items():
        # On the second level are names that the author chose, and events.
        name = key if depth == 1 else _SPELLED.get(str(key).lower(), str(key))
        if name in made:
            reading.wrong(0, f"the key '{name}' is written twice, in capitals and without")
        made[name] = _spelled(one, reading, depth + 1)
    return made


def _platform(name: str, values: Any) -> str:
    if not isinstance(values, dict) or not values:
        raise _refusal(name, [(1, "expected keys with values ('version: 0.0')")])
    if "Resources" not in values:
        if values.keys() & _OF_SERVERS or isinstance(values.get("hooks"), dict):
            return "Server"
        raise _refusal(name, [(0, "expected 'os' (for servers) or 'Resources' (for Lambda and ECS)")])
    listed = values["Resources"] if isinstance(values["Resources"], list) else []
    resources = [one for entry in listed if isinstance(entry, dict) for one in entry.values()]
    types = {str(one.get("Type")) for one in resources if isinstance(one, dict)}
    platforms = {TYPES[one] for one in types if one in TYPES}
    if len(platforms) != 1:
        raise _refusal(name, [(0, f"Resources: expected a list with one resource of Type {' or '.join(TYPES)}")])
    return platforms.pop()


def _refusal(name: str, found: Iterable[tuple[int, str]], remedy: str = "") -> ArtifactError:
    told = dict.fromkeys(f"{name}:{line}: {what}." if line else f"{name}: {what}." for line, what in found)
    return ArtifactError("\n".join([*told, f"Nothing was uploaded. {remedy or f'Correct {name}: {_DOCUMENTATION}'}"]))


def _told(place: Place, what: str) -> str:
    return f"{'/'.join(_printable(str(one)) for one in place)}: {what}" if place else what


def _printable(key: str) -> str:
    return repr(key[:60])[1:-1]


def _line(spec: AppSpec, place: Place) -> int:
    """The line of the innermost part of a place that the file has; 0 where that is not known."""
    known = tuple(one.lower() if isinstance(one, str) else one for one in place)
    return next((spec.lines[known[:end]] for end in range(len(known), -1, -1) if known[:end] in spec.lines), 0)


def _filled(value: Any, fill: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(one, fill) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, fill) for one in value]
    return fill(value) if isinstance(value, str) else value


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    members = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, one in members:
        yield from _texts(one, (*place, name))

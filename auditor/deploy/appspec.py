"""AppSpec files: what CodeDeploy is told to do with an artifact, checked before anything is uploaded.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ruamel.yaml.error import YAMLError

from auditor.deploy.appspec_checks import Place, Problem
from auditor.deploy.appspec_placeholders import texts, with_placeholders
from auditor.deploy.appspec_reading import Reading, json_values, not_yaml, printable, yaml_values
from auditor.deploy.appspec_rules import TYPES, problems
from auditor.deploy.artifact_tree import Tree
from auditor.errors import ArtifactError

_LARGEST: Final = 256 * 1024
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
    """The line, from 1, that a value begins at, keys in small letters; of JSON, where it is YAML too."""


def parse_appspec(name: str, content: bytes) -> AppSpec:
    """The AppSpec of a file: JSON if its name ends so, or else YAML.

    Raises ArtifactError, with the line where that is known, for what is neither, a key written twice, a value that
    is not the same text in every version of YAML, and content that is for no platform.
    """
    if len(content) > _LARGEST:
        raise _refusal(name, [(0, f"expected {_LARGEST} bytes at most, found {len(content)}")])
    reading = Reading()
    text, values = _read(name, content, reading)
    if not reading.problems and isinstance(values, dict):
        values = _spelled(values, reading) if "resources" in map(str.lower, values) else values
    if reading.problems:
        raise _refusal(name, reading.problems)
    platform = _platform(name, values)
    if platform == "Server" and reading.of_ruby:
        raise _refusal(name, reading.of_ruby)
    return AppSpec(name, platform, values, text, reading.lines)


def _read(name: str, content: bytes, reading: Reading) -> tuple[str, Any]:
    try:
        text = content.decode()
        return text, (json_values if name.endswith(".json") else yaml_values)(text, reading)
    except UnicodeDecodeError:
        raise _refusal(name, [(0, "expected UTF-8 text")]) from None
    except RecursionError:
        raise _refusal(name, [(0, "it is nested too deeply, or refers to itself")]) from None
    except json.JSONDecodeError as error:
        raise _refusal(name, [(error.lineno, f"it is not JSON ({error.msg})")]) from None
    except (YAMLError, ValueError, AssertionError) as error:  # the last for a version that the parser has not
        raise _refusal(name, [not_yaml(error)]) from None


def check_appspec(spec: AppSpec, platform: str, tree: Tree) -> tuple[str, ...]:
    """What of an AppSpec nobody would act on, one line each; `tree` is the artifact that it is in.

    Raises ArtifactError for all that CodeDeploy or its agent would refuse, one a line.
    """
    if spec.platform != platform:
        what = f"the application's compute platform is {platform}, and {spec.name} is for {spec.platform}"
        raise _refusal(spec.name, [(0, what)])
    windows = spec.content.get("os") == "windows"
    if tree.windows != windows:  # a copy would have to find out anew what the tree has found
        tree = replace(tree, windows=windows)
    found = list(with_placeholders(platform, spec.content, problems(platform, spec.name, spec.content, tree)))
    if any(not one.warning for one in found):
        raise _refusal(spec.name, [_lined(spec, one) for one in found if not one.warning])
    return tuple(_sentence(spec.name, *_lined(spec, one)) for one in found)


def _lined(spec: AppSpec, problem: Problem) -> tuple[int, str]:
    return _line(spec, problem.place), _told(problem.place, problem.what)


def _sentence(name: str, line: int, what: str) -> str:
    return f"{name}:{line}: {what}." if line else f"{name}: {what}."


def localised(spec: AppSpec, region: str, fill: Callable[[str], str]) -> dict[str, Any]:
    """The content with every text of a value replaced by what `fill` makes of it.

    Raises ArtifactError where an ARN then names another region.
    """
    made: dict[str, Any] = _filled(spec.content, fill)
    elsewhere = [
        (_line(spec, place), _told(place, f"expected an ARN in {region}, found one in {match[1]}"))
        for place, text in texts(made)
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


def _spelled(value: Any, reading: Reading, depth: int = 0) -> Any:
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
    told = dict.fromkeys(_sentence(name, line, what) for line, what in found)
    return ArtifactError("\n".join([*told, f"Nothing was uploaded. {remedy or f'Correct {name}: {_DOCUMENTATION}'}"]))


def _told(place: Place, what: str) -> str:
    return f"{'/'.join(printable(str(one)) for one in place)}: {what}" if place else what


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

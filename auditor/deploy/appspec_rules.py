"""What CodeDeploy, and its agent on servers, take in an AppSpec, by compute platform.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html and the pages below it;
what the agent does with a server's file, https://github.com/aws/aws-codedeploy-agent.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

Place = tuple[str | int, ...]
"""Keys and positions from the top down to a value."""
Problem = tuple[Place, str]
"""Where something is wrong, and what was expected."""
_Check = Callable[[Any, Place], Iterator[Problem]]

TYPES: Final = {"AWS::Lambda::Function": "Lambda", "AWS::ECS::Service": "ECS"}
"""The compute platform by the type of the resource that an AppSpec deploys."""
_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Server": (
        "ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService",
        "BeforeBlockTraffic", "AfterBlockTraffic", "BeforeAllowTraffic", "AfterAllowTraffic",
    ),
    "Lambda": ("BeforeAllowTraffic", "AfterAllowTraffic"),
    "ECS": ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"),
}  # fmt: skip
_RESERVED: Final = {"Start", "DownloadBundle", "Install", "BlockTraffic", "TestTraffic", "AllowTraffic", "End"}
_LONGEST: Final = 3600
"""Seconds that the scripts of one event may take, together."""


def problems(platform: str, name: str, content: Mapping[str, Any], names: Collection[str]) -> Iterator[Problem]:
    """All that is wrong with an AppSpec for this platform. `name` is its own, `names` are the artifact's files'."""
    if platform != "Server":
        yield from _RESOURCE[platform](content, ())
        return
    if name.endswith(".json"):
        yield (), "the agent on servers reads YAML only; name the file appspec.yml"
    windows = content.get("os") == "windows"
    files = {_folded(one, windows) for one in names}
    folders = {folder for one in files for folder in _parents(one)}
    yield from _server(files, folders, windows)(content, ())


def _server(files: Collection[str], folders: Collection[str], windows: bool) -> _Check:
    source = _path("file or folder", files, folders, windows)
    fields = {
        "version": _value(lambda one: one == 0 and not isinstance(one, bool | str), "expected 0.0, not in quotes"),
        "os": _one_of("linux", "windows"),
        "files": _listed(_mapping({"source": source, "destination": _destination(windows)}, {"source", "destination"})),
        "file_exists_behavior": _one_of("DISALLOW", "OVERWRITE", "RETAIN"),
        "permissions": _value(_is_empty, "expected nothing: it is for linux only") if windows else _PERMISSIONS,
        "hooks": _scripts(files, windows),
    }
    return _mapping(fields, {"version", "os"}, optional={"files", "permissions", "hooks"})


def _path(what: str, files: Collection[str], folders: Collection[str], windows: bool) -> _Check:
    return _value(
        lambda text: _is_text(text) and _is_there(_folded(text, windows), files, folders),
        f"expected the path of a {what} of the artifact",
    )


def _destination(windows: bool) -> _Check:
    start, example = (r"[A-Za-z]:|[\\/]", r"c:\folder") if windows else ("/", "/folder")
    return _value(lambda text: _is_text(text) and re.match(start, text), f"expected a full path ({example})")


def _scripts(files: Collection[str], windows: bool) -> _Check:
    fields = {
        "location": _path("file", files, (), windows),
        "timeout": _value(_is_timeout, f"expected whole seconds, 1 to {_LONGEST}"),
        "runas": _value(_is_empty, "expected nothing: it is for linux only") if windows else _TEXT,
        "sudo": _value(lambda one: isinstance(one, bool), "expected true or false"),  # the agent's own, undocumented
    }
    scripts = _listed(_mapping(fields, {"location"}))

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield place, f"expected events with lists of scripts, found {_shown(value)}"
            return
        for event, listed in value.items():
            yield from _event(event, "Server", (*place, event))
            # The agent leaves out an event without scripts.
            if event in _EVENTS["Server"] and listed is not None:
                yield from scripts(listed, (*place, event))
                yield from _together(listed, (*place, event))

    return check


def _event(event: str, platform: str, place: Place) -> Iterator[Problem]:
    known = _EVENTS[platform]
    if event in known:
        return
    if event in _RESERVED:
        yield place, "nothing can be run at this event: CodeDeploy keeps it for itself"
    else:
        yield place, f"no such event on {platform}{_near(event, known)}; expected {', '.join(known)}"


def _together(scripts: Any, place: Place) -> Iterator[Problem]:
    given = [one for one in scripts if isinstance(one, Mapping)] if isinstance(scripts, list) else []
    seconds = sum(int(one["timeout"]) for one in given if _is_timeout(one.get("timeout")))
    if seconds > _LONGEST:
        yield place, f"expected timeouts of {_LONGEST} seconds together at most, found {seconds}"


def _functions(platform: str) -> _Check:
    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping) or len(value) != 1:
            yield place, f"expected one event with the name of a Lambda function, found {_shown(value)}"
            return
        for event, function in value.items():
            yield from _event(event, platform, (*place, event))
            yield from _FUNCTION(function, (*place, event))

    return _listed(check)


def _resource(platform: str, properties: _Check) -> _Check:
    type_ = next(name for name, of in TYPES.items() if of == platform)
    entry = _mapping({"Type": _one_of(type_), "Properties": properties}, {"Type", "Properties"})

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, list) or [len(one) if isinstance(one, Mapping) else 0 for one in value] != [1]:
            yield place, f"expected a list of exactly one {type_}"
            return
        for name, one in value[0].items():
            if platform == "ECS" and name != "TargetService":
                yield (*place, 0, name), "expected the name TargetService"
            yield from entry(one, (*place, 0, name))

    fields = {
        "version": _value(lambda one: one in (0, "0.0") and not isinstance(one, bool), "expected 0.0"),
        "Resources": check,
        "Hooks": _functions(platform),
    }
    return _mapping(fields, {"version", "Resources"}, optional={"Hooks"})


def _mapping(fields: Mapping[str, _Check], needed: Collection[str], optional: Collection[str] = ()) -> _Check:
    """Keys with values; `optional` ones may be there and empty."""

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield place, f"expected keys with values ({', '.join(fields)}), found {_shown(value)}"
            return
        for name in (one for one in fields if one in needed and one not in value):
            yield place, f"expected the key '{name}', which is missing"
        for name, one in value.items():
            if name not in fields:
                yield (*place, name), f"unknown key{_near(name, fields)}; expected one of {', '.join(fields)}"
            elif one is not None or name not in optional:
                yield from fields[name](one, (*place, name))

    return check


def _listed(check: _Check) -> _Check:
    def checked(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield place, f"expected a list, found {_shown(value)}"
            return
        for number, one in enumerate(value):
            yield from check(one, (*place, number))

    return checked


def _value(test: Callable[[Any], Any], expected: str) -> _Check:
    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not test(value):
            yield place, f"{expected}, found {_shown(value)}"

    return check


def _one_of(*known: str) -> _Check:
    return _value(lambda value: value in known, f"expected {' or '.join(known)}")


def _is_empty(value: Any) -> bool:
    return value is None or value == []


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_timeout(value: Any) -> bool:
    # The agent reads the digits of a text.
    digits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value)
    return _is_whole(int(value) if digits else value, 1, _LONGEST)


def _is_context(value: Any) -> bool:
    parts: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    return "type" in parts and not parts.keys() - {"user", "type", "range"} and all(map(_is_text, parts.values()))


def _is_there(path: str, files: Collection[str], folders: Collection[str]) -> bool:
    # What is beneath a file is beneath a symbolic link to a folder: where to, its name does not tell.
    return path in files or path in folders or any(parent in files for parent in _parents(path))


def _folded(path: str, windows: bool) -> str:
    """A path as it is written in an artifact; "" is the whole tree."""
    slashed = path.replace("\\", "/").casefold() if windows else path
    clean = posixpath.normpath(slashed.lstrip("/") or ".")
    return "" if clean == "." else clean


def _parents(path: str) -> Iterator[str]:
    if path:
        yield ""
    for at, letter in enumerate(path):
        if letter == "/":
            yield path[:at]


def _near(name: str, known: Collection[str]) -> str:
    spelled = {one.casefold(): one for one in known}
    near = get_close_matches(str(name).casefold(), spelled, n=1)
    return f" (did you mean {spelled[near[0]]}?)" if near else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


_TEXT: Final = _value(_is_text, "expected text")
_NAME: Final = _value(lambda one: _is_text(one) or _is_whole(one, 0, 2**32), "expected a name or a number")
_FUNCTION: Final = _value(_is_text, "expected the name or ARN of a Lambda function")
_VERSION: Final = _value(lambda one: re.fullmatch("[1-9][0-9]*", str(one)), "expected the number of a version")
_PERMISSIONS: Final = _listed(
    _mapping(
        {
            "object": _TEXT,
            "pattern": _TEXT,
            "except": _listed(_TEXT),
            "owner": _NAME,
            "group": _NAME,
            "mode": _value(lambda one: re.fullmatch("[0-7]{1,4}", str(one)), "expected one to four octal digits"),
            "acls": _listed(_TEXT),
            "context": _value(_is_context, "expected a type, and no other keys but user and range"),
            "type": _listed(_one_of("file", "directory")),
        },
        {"object"},
    )
)
_LAMBDA: Final = _mapping(
    {"Name": _TEXT, "Alias": _TEXT, "CurrentVersion": _VERSION, "TargetVersion": _VERSION}, {"Name", "Alias"}
)
_VPC_SETTINGS: Final = {
    "Subnets": _listed(_TEXT),
    "SecurityGroups": _listed(_TEXT),
    "AssignPublicIp": _one_of("ENABLED", "DISABLED"),
}
# All of them or none, says the page on the section 'resources'.
_VPC: Final = _mapping(_VPC_SETTINGS, _VPC_SETTINGS)
_ECS: Final = _mapping(
    {
        "TaskDefinition": _value(
            lambda one: isinstance(one, str) and one.startswith(("arn:", "${")), "expected a task definition's ARN"
        ),
        "LoadBalancerInfo": _mapping(
            {
                "ContainerName": _TEXT,
                "ContainerPort": _value(lambda one: _is_whole(one, 1, 65_535), "expected a port, not in quotes"),
            },
            {"ContainerName", "ContainerPort"},
        ),
        "PlatformVersion": _TEXT,
        "NetworkConfiguration": _mapping({"AwsvpcConfiguration": _VPC}, {"AwsvpcConfiguration"}),
        "CapacityProviderStrategy": _listed(
            _mapping(
                {
                    "CapacityProvider": _TEXT,
                    "Base": _value(lambda one: _is_whole(one, 0, 100_000), "expected a number of tasks"),
                    "Weight": _value(lambda one: _is_whole(one, 0, 1000), "expected 0 to 1000"),
                },
                {"CapacityProvider"},
            )
        ),
    },
    {"TaskDefinition", "LoadBalancerInfo"},
)
_RESOURCE: Final = {"Lambda": _resource("Lambda", _LAMBDA), "ECS": _resource("ECS", _ECS)}

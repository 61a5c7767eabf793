"""The commands of `aws lambda` that tell what a place of a resource holds, for scripts that need it. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from auditor.model.pointer import segments

CODE: Final = "/Code"
"""The place of a function's or a layer's code."""


@dataclass(frozen=True)
class Where:
    """One resource in one site: the site's options, and what it is called there."""

    type: str
    options: tuple[str, ...]
    parent: str
    name: str


def reading(where: Where, place: str) -> list[list[str]]:
    """The words of the commands of `aws lambda` that tell a place, each using the one before by `$`; [] for none."""
    kind, path = where.type.removeprefix("AWS::Lambda::"), _jmespath(place)
    if kind == "Function" and place == CODE:
        return [["get-function", "--function-name", where.name, "--query", "Code.Location"]]
    if kind == "Function":
        return [["get-function-configuration", "--function-name", where.name, "--query", path]]
    if kind == "LayerVersion":
        number = "Version" if place == CODE else path
        of = ["--layer-name", where.name]
        newest = ["list-layer-versions", *of, "--no-paginate", "--query", f"LayerVersions[0].{number}"]
        content = ["get-layer-version", *of, "--version-number", "$", "--query", "Content.Location"]
        return [newest, content] if place == CODE else [newest]
    if kind == "CodeSigningConfig":
        chosen = f"CodeSigningConfigs[?Description=={_literal(where.name)}] | [0].{path}"
        return [["list-code-signing-configs", "--query", chosen]]
    if kind == "EventSourceMapping":
        return [_mapping(where, path)]
    return []


def _mapping(where: Where, path: str) -> list[str]:
    qualifier, arn, rest = where.name.partition("arn:")
    function = f"{where.parent}:{qualifier}".rstrip(":")
    of = f"ends_with(FunctionArn, {_literal(f':function:{function}')})"
    chosen = f"EventSourceMappings[?EventSourceArn=={_literal(arn + rest)} && {of}] | [0].{path}"
    return ["list-event-source-mappings", "--function-name", function, "--query", chosen]


def _jmespath(place: str) -> str:
    """A JSON Pointer as JMESPath: `/Environment/Variables/LOG-LEVEL` is `Environment.Variables."LOG-LEVEL"`."""
    words = (one if re.fullmatch(r"[A-Za-z_]\w*", one, re.ASCII) else json.dumps(one) for one in segments(place))
    return ".".join(words)


def _literal(text: str) -> str:
    return "`" + json.dumps(text).replace("`", "\\`") + "`"

"""What CodeDeploy's agent would say of a bundle's scripts. Knows nothing of the auditor, nor of moto.

No script is run: one that has a line `exit 3` that is not indented, so that no condition is around it, is taken to end
so, after what it echoes before. That is enough to see how a failure is told of.
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Diagnostics.html
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from auditor.sandbox.codedeploy_defaults import Fields
from auditor.sandbox.codedeploy_outcomes import Clients, object_of

_EXIT: Final = re.compile(r"exit\s+([1-9]\d*)\s*")
_ECHO: Final = re.compile(r"\s*echo\s+(['\"]?)(.*)\1\s*")
_LARGEST: Final = 5_000_000
_LOG: Final = 4096
"""Characters of a log's end that AWS hands on."""


def broken_hook(revision: Mapping[str, Any], clients: Clients, events: tuple[str, ...]) -> Fields | None:
    """The first script of a bundle that would fail: its lifecycle event and diagnostics; None of a good one."""
    location = revision.get("s3Location") or {}
    if location.get("bundleType") != "zip":
        return None
    try:
        found = clients("s3").get_object(**object_of(location))
        with zipfile.ZipFile(io.BytesIO(found["Body"].read(_LARGEST))) as bundle:
            return next(_failing(bundle, events), None)
    except (ClientError, zipfile.BadZipFile, YAMLError, KeyError, AttributeError, TypeError):
        # What is wrong with the bundle as a whole is told by others.
        return None


def _failing(bundle: zipfile.ZipFile, events: tuple[str, ...]) -> Iterator[Fields]:
    hooks = YAML(typ="safe", pure=True).load(bundle.read("appspec.yml")).get("hooks") or {}
    for event in events:
        for script in hooks.get(event) or ():
            lines = bundle.read(script["location"]).decode(errors="replace").splitlines()
            ends = ((number, match[1]) for number, match in enumerate(map(_EXIT.fullmatch, lines)) if match)
            until, code = next(ends, (0, ""))
            if code:
                yield {"event": event, "diagnostics": _diagnostics(event, script["location"], code, lines[:until])}


def _diagnostics(event: str, script: str, code: str, before: list[str]) -> Fields:
    said = [match[2] for match in map(_ECHO.fullmatch, before) if match]
    log = [f"LifecycleEvent - {event}", f"Script - {script}", *(f"[stdout]{line}" for line in said)]
    return {
        "errorCode": "ScriptFailed",
        "scriptName": script,
        "message": f"Script at specified location: {script} failed with exit code {code}",
        "logTail": "\n".join(log)[-_LOG:] + "\n",
    }

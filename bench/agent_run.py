"""CodeDeploy's agent itself, deploying bundles on this machine: its local runner, one process a bundle.

What a bundle would put anywhere it puts below a temporary folder. The agent's own code is not here: a checkout of
https://github.com/aws/aws-codedeploy-agent is needed, and ruby with the gems aws-sdk-core, aws-sdk-s3,
concurrent-ruby, logging, minitar and rubyzip, and `unzip` and `setfacl`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bench.agent_cases import AgentCase, build

DRIVER: Final = Path(__file__).with_name("agent_driver.rb")
SECONDS: Final = 10
"""How long the agent may take for a bundle; one that it never ends with is a verdict too."""
_PATH: Final = re.compile(rb"""((?:destination|object)["']?\s*:\s*["']?)(?=/)""")
# What a server has and this machine may lack: SELinux is not asked to do anything, and root needs no sudo.
_TOOLS: Final = {"sudo": 'exec "$@"', "semanage": "exit 0", "restorecon": "exit 0"}
_CONFIGURATION: Final = """---
:log_dir: {root}/log
:pid_dir: {root}/pid
:program_name: codedeploy-agent
:root_dir: {root}/deployments
:on_premises_config_file: {root}/none
:verbose: false
:wait_between_runs: 1
:max_revisions: 5
"""


@dataclass(frozen=True)
class Said:
    """What the agent said: taken, refused or hang, and its words."""

    verdict: str
    why: str


class Agent:
    """The agent, waiting for bundles."""

    def __init__(self, process: subprocess.Popen[str], root: Path) -> None:
        self._process = process
        self._root = root

    def deploys(self, case: AgentCase) -> Said:
        """What becomes of a bundle. Raises ValueError for one that would write elsewhere, ArtifactError for none."""
        root = Path(tempfile.mkdtemp(dir=self._root))
        artifact = build(replace(case, appspec=_confined(case.appspec, root)), root)
        (root / "deployments" / "group").mkdir(parents=True)
        (root / "here").mkdir()
        (root / "conf.yml").write_text(_CONFIGURATION.format(root=root))
        return self._asked({"root": str(root), "bundle": str(artifact.path), "seconds": SECONDS})

    def _asked(self, what: dict[str, Any]) -> Said:
        streams = self._process.stdin, self._process.stdout
        assert streams[0] is not None
        assert streams[1] is not None
        print(json.dumps(what), file=streams[0], flush=True)
        line = streams[1].readline()
        if not line:
            raise RuntimeError(f"the agent ended with {self._process.wait()}")
        came = json.loads(line)
        return Said(came["verdict"], " ".join(came["why"].replace(what["root"], "").split()))


@contextmanager
def agent(checkout: Path) -> Iterator[Agent]:
    """The agent of a checkout. What it deploys is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "tools"
        tools.mkdir()
        for name, text in _TOOLS.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        command = ["ruby", "-W0", str(DRIVER), str(checkout)]
        with subprocess.Popen(  # noqa: S603 the command is our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        ) as process:
            yield Agent(process, Path(folder))
            assert process.stdin is not None
            process.stdin.close()


def _confined(appspec: bytes, root: Path) -> bytes:
    """The AppSpec with its full paths below a folder. Raises ValueError where one would still lead out of it."""
    confined = _PATH.sub(rb"\g<1>" + str(root).encode(), appspec)
    try:
        content = YAML(typ="safe", pure=True).load(confined.removeprefix(b"\xef\xbb\xbf"))
    except (YAMLError, ValueError, RecursionError):
        return confined
    for place in _places(content):
        leads = os.path.normpath(root / "here" / place)
        if place.startswith("~") or not Path(leads).is_relative_to(root):
            raise ValueError(f"it would write to {place}")
    return confined


def _places(content: Any) -> Iterator[str]:
    sections = (content.get("files"), content.get("permissions")) if isinstance(content, dict) else ()
    for section in sections:
        for entry in section if isinstance(section, list) else ():
            if isinstance(entry, dict):
                yield from (str(entry[one]) for one in ("destination", "object") if entry.get(one))

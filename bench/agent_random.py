"""`python -m bench.agent_random --agent CHECKOUT`: AppSpecs made at random, for CodeDeploy's agent and our checks.

Each begins as one that is right, and has one to three of its values replaced, sections doubled, or keys renamed. Prints
what the two differ in, with the AppSpec; ends with 1 where our verdict is laxer.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench.agent_cases import AgentCase
from bench.agent_run import agent
from bench.agent_verdicts import ours, relation

FILES: Final = {
    "site/index.html": "<p>",
    "site/css/a.css": "",
    "site/css/b b.css": "",
    "site/css/deep/c.js": "",
    "a/conf.yml": "",
    "b/conf.yml": "",
    "index.html": "",
    "scripts/start.sh": "#!/bin/sh\ntrue\n",
    "scripts/two words.sh": "#!/bin/sh\ntrue\n",
    "scripts/run.sh": "true\n",
}
LINKS: Final = {"current": "site", "dangling": "nothing", "site/main.html": "index.html", "scripts/alias.sh": "run.sh"}
_SOURCES: Final = (
    "/",
    "site",
    "site/css",
    "index.html",
    "a",
    "b/conf.yml",
    "current",
    "current/css",
    "scripts",
    "nothing",
    "dangling",
    ".",
    "a/../b",
    "site/main.html",
)
_DESTINATIONS: Final = (
    "/srv",
    "/srv/",
    "/srv/site",
    "/srv/index.html",
    "/srv/css",
    "/srv/a b",
    "/srv/./x",
    "/srv/site/css",
    "/srv/a/conf.yml",
    "srv",
)
_OBJECTS: Final = (
    "/srv",
    "/srv/css",
    "/srv/index.html",
    "/srv/site",
    "/srv/site/",
    "/srv/css/deep",
    "/srv/./css",
    "/srv/nothing",
    "/srv/main.html",
)
_ODD: Final[tuple[Any, ...]] = (
    None,
    "",
    " ",
    0,
    7,
    -1,
    1.5,
    True,
    False,
    [],
    {},
    ["x"],
    {"a": "b"},
    "x",
    "root",
    "*",
    "**",
    "~",
    "0644",
    644,
    "a:b",
    ":a",
    "yes",
    "0.0",
    "linux",
    "2024-01-01",
    "a\tb",
    "#",
    "&",
    "'",
)
_PATTERNS: Final = ("**", "*", "*.css", "a*", "*.*", "css", "css/*", "?", "b b.css", "*b*b*", "***", "a**s", "deep")
_ACLS: Final = (
    "u:root:rw",
    "g:root:r",
    "root:rwx",
    "m::rwx",
    "m:7",
    "d:u:root:rwx",
    "d::rwx",
    "d:g::rx",
    "d:m::rwx",
    "o::r",
    "u::rw",
    "d:o:r",
    "u:root:9",
    "d:root:0",
    "x",
    "u:root:rw:",
    "mask:root:r",
    "d:d:u:root:r",
    "user:daemon:--x",
)
_RANGES: Final = (
    "s0",
    "s0-s3",
    "s1-s0",
    "s0:c1",
    "s0:c1.c3,c7",
    "s0:c3.c1",
    "s0:",
    "s",
    "",
    "s0-s1:c0.c1023",
    "s0:c1,c1",
    "s0:c1024",
    "S0",
)


def _permission(chance: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {"object": chance.choice(_OBJECTS)}
    fields: dict[str, Callable[[], Any]] = {
        "pattern": lambda: chance.choice(_PATTERNS),
        "except": lambda: chance.sample(_PATTERNS, chance.randint(0, 2)),
        "owner": lambda: chance.choice(("root", "daemon", "root ", "0", 0, "r:r")),
        "group": lambda: chance.choice(("root", "daemon", "", "1000")),
        "mode": lambda: chance.choice((644, "755", "0600", 7, "8", "", "4755", "12345", "rw")),
        "acls": lambda: chance.sample(_ACLS, chance.randint(1, 2)),
        "context": lambda: {"type": "t", "range": chance.choice(_RANGES)},
        "type": lambda: chance.choice((["file"], ["directory"], ["file", "directory"], [], ["link"])),
    }
    for name in chance.sample(sorted(fields), chance.randint(1, 3)):
        made[name] = fields[name]()
    return made


def _script(chance: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {
        "location": chance.choice(
            (
                "scripts/start.sh",
                "/scripts/start.sh",
                "scripts/two words.sh",
                "scripts/alias.sh",
                "scripts/run.sh",
                "./scripts/../scripts/run.sh",
                "scripts",
                "current/../scripts/start.sh",
            )
        )
    }
    if chance.random() < 0.4:
        made["timeout"] = chance.choice((1, 60, "60", "60s", 3600, 0, "0", -5, "", None, "5 m"))
    if chance.random() < 0.3:
        made["runas"] = chance.choice(("root", "root ", None, "", "root x"))
    return made


def _appspec(chance: random.Random) -> dict[str, Any]:
    events = (
        "BeforeInstall",
        "AfterInstall",
        "ApplicationStart",
        "ValidateService",
        "ApplicationStop",
        "Smoke",
        "Install",
    )
    return {
        "version": 0.0,
        "os": "linux",
        "files": [
            {"source": chance.choice(_SOURCES), "destination": chance.choice(_DESTINATIONS)}
            for _ in range(chance.choice((0, 1, 1, 2, 3)))
        ],
        "permissions": [_permission(chance) for _ in range(chance.choice((0, 0, 1, 2)))],
        "hooks": {
            chance.choice(events): [_script(chance) for _ in range(chance.choice((0, 1, 2)))]
            for _ in range(chance.choice((0, 1)))
        },
    }


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, part in inner for one in [(*place, key), *_places(part, (*place, key))]]


def _spoiled(spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """With one value that is another kind of thing, or that is not there, or under another key."""
    place = chance.choice(_places(spec))
    at: Any = spec
    for key in place[:-1]:
        at = at[key]
    kind = chance.random()
    if kind < 0.6 and place[-1] not in {"destination", "object"}:
        at[place[-1]] = chance.choice(_ODD)
    elif kind < 0.8:
        del at[place[-1]]
    elif isinstance(at, dict):
        at[f"{place[-1]}{chance.choice(('s', 'X', '_'))}"] = at.pop(place[-1])
    return spec


def case_of(seed: int) -> AgentCase:
    """A bundle, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 no secret
    spec = _appspec(chance)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        spec = _spoiled(spec, chance)
    text = json.dumps(spec, ensure_ascii=False, indent=1)
    return AgentCase(f"seed {seed}", text.encode(), "appspec.yml", FILES, LINKS, (), "taken")


def main() -> int:
    """As many as are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--number", type=int, default=300)
    options = parser.parse_args()
    counts = Counter[str]()
    with agent(options.agent) as deploying:
        for seed in range(options.first, options.first + options.number):
            case = case_of(seed)
            try:
                said = deploying.deploys(case)
            except ValueError:
                continue
            found = ours(case)
            kind = relation(found, said)
            counts[kind] += 1
            if kind != "the same":
                print(
                    f"{kind}: {case.title}: ours {found.verdict} {found.lines}; agent {said.verdict} {said.why[:200]}"
                )
                print(f"    {json.dumps(json.loads(case.appspec))}", flush=True)
    print(
        f"{sum(counts.values())} AppSpecs: " + ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    )
    return 1 if counts["laxer"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""Placeholders in an AppSpec that another tool fills in, and nobody here does. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from auditor.deploy.appspec_checks import Place, Problem, shown

SYMBOLS: Final = ("region", "region_short", "account", "partition")
"""What `${…}` may hold in an AppSpec for Lambda or ECS: each site has its own."""
# Of CodePipeline and CodeDeploy's actions, of Jinja, Mustache and GitHub, of shells, Terraform and CloudFormation, of
# Azure, of Octopus, of ERB, of Windows and Maven, and of templates of one's own:
# https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
_PLACEHOLDER: Final = re.compile(
    r"<%.*?%>|<[A-Za-z_][\w.-]*>|\$?\{\{.*?\}\}|(?<!\$)\$\{[^{}]*\}|\$\([^()]*\)|#\{[^{}]*\}|\[\[[^\[\]]+\]\]"
    r"|%[A-Za-z_]\w*%|@[A-Za-z_]\w*@|__[A-Z][A-Z0-9_]*__"
)
_WHOSE: Final = "a placeholder that CodePipeline, a GitHub action or another tool fills in, and nobody here does"
# The artifact has a file of that name, or there is a problem already; a pattern is for any name.
_OF_FILES: Final = frozenset({"source", "location", "pattern", "except"})


def with_placeholders(platform: str, content: Mapping[str, Any], found: Iterable[Problem]) -> Iterator[Problem]:
    """The problems that were found, those of a placeholder said to be so, and one for each further placeholder.

    On servers that is a warning, as the agent takes any text for a name.
    """
    known = set[Place]()
    for problem in found:
        known.add(problem.place)
        placeholder = _placeholder(_at(content, problem.place), platform)
        yield replace(problem, what=f"{problem.what}: it is {_WHOSE}") if placeholder else problem
    for place, text in texts(content):
        placeholder = _placeholder(text, platform)
        if placeholder and place not in known and not _is_meant(placeholder, place, platform):
            own = "" if platform == "Server" else f"; of the kind ${{…}} there are only {_own()}"
            yield Problem(place, f"{shown(placeholder)} is {_WHOSE}{own}", warning=platform == "Server")


def _is_meant(placeholder: str, place: Place, platform: str) -> bool:
    # A function may be called so.
    return not _OF_FILES.isdisjoint(place) or (placeholder.startswith("__") and platform != "Server")


def _own() -> str:
    return ", ".join(f"${{{name}}}" for name in SYMBOLS)


def _placeholder(value: Any, platform: str) -> str:
    """The first placeholder in a text that is not ours to fill in; "" where there is none."""
    own = set[str]() if platform == "Server" else {f"${{{name}}}" for name in SYMBOLS}
    text = value if isinstance(value, str) else ""
    return next((match[0] for match in _PLACEHOLDER.finditer(text) if match[0] not in own), "")


def _at(content: Any, place: Place) -> Any:
    for step in place:
        fits = isinstance(content, Mapping) or (isinstance(content, list) and isinstance(step, int))
        try:
            content = content[step] if fits else None
        except (KeyError, IndexError):
            return None
    return content


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text in plain values, with where it is."""
    if isinstance(value, str):
        yield place, value
    members = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, one in members:
        yield from texts(one, (*place, name))

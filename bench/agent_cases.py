"""Bundles and what CodeDeploy's agent does with them, from files: what the test of the checks and the agent share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ruamel.yaml import YAML

from auditor.deploy.appspec_artifact import checked_appspec
from auditor.deploy.archive import Artifact, packed
from auditor.errors import ArtifactError

FOLDER: Final = Path("tests/deploy/agent")
"""Where the files are, in the repository."""
Verdict = Literal["taken", "warned", "refused"]
AgentVerdict = Literal["taken", "refused", "hang"]
_TOP: Final = "version: 0.0\nos: linux\n"
_KEYS: Final = {
    "says",
    "appspec",
    "body",
    "name",
    "encoding",
    "files",
    "links",
    "programs",
    "folders",
    "ours",
    "why",
    "agent",
    "because",
    "server",
}


@dataclass(frozen=True)
class AgentCase:
    """A bundle, and what is right to say of it."""

    title: str
    """Its file, and what it shows."""
    appspec: bytes
    name: str
    """What the AppSpec's file is called."""
    files: Mapping[str, str]
    links: Mapping[str, str]
    programs: Sequence[str]
    """Which of the files may be run."""
    ours: Verdict
    why: str = ""
    """Part of what is said, where it is not just taken."""
    agent: AgentVerdict = "taken"
    because: str = ""
    """Why a stricter verdict than the agent's is right."""
    server: str = ""
    folders: Sequence[str] = ()
    """Folders with nothing in them."""
    """What the agent's verdict comes of, where the bundle cannot tell: the server's users, or what a script does."""


@dataclass(frozen=True)
class Answer:
    """What the checks say of a bundle, a line each."""

    verdict: Verdict
    lines: tuple[str, ...] = field(default=())


def cases(folder: Path = FOLDER) -> Iterator[AgentCase]:
    """Every case of the files. Raises ValueError, with the file's name, for one that says too little or too much."""
    yaml = YAML(typ="safe", pure=True)
    for path in sorted(folder.glob("*.yaml")):
        content = yaml.load(path)
        for number, row in enumerate(content["cases"]):
            try:
                yield _case(path.stem, row, content)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}, case {number + 1}: {error}") from error


def _case(section: str, row: Mapping[str, Any], content: Mapping[str, Any]) -> AgentCase:
    if unknown := row.keys() - _KEYS:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    ours, agent = row["ours"], row.get("agent", "refused" if row["ours"] == "refused" else "taken")
    if (ours == "taken") != ("why" not in row):
        raise ValueError("what is said of a bundle ('why') goes with what is refused or warned of")
    if ((ours == "refused") != (agent != "taken")) != (("because" in row) or ("server" in row)):
        raise ValueError("a verdict that is not the agent's has a reason ('because', 'server'), and no other has")
    return AgentCase(
        f"{section}: {row['says']}",
        _text(row).encode(row.get("encoding", "utf-8")),
        row.get("name", "appspec.yml"),
        _merged(content.get("files", {}), row.get("files", {})),
        _merged(content.get("links", {}), row.get("links", {})),
        row.get("programs", ()),
        ours,
        agent=agent,
        folders=row.get("folders", ()),
        **{name: row.get(name, "") for name in ("why", "because", "server")},
    )


def _text(row: Mapping[str, Any]) -> str:
    """The AppSpec, which a row has whole or from its third line on."""
    return str(row["appspec"]) if "appspec" in row else _TOP + str(row.get("body", ""))


def _merged(shared: Mapping[str, str], own: Mapping[str, str | None]) -> dict[str, str]:
    return {name: one for name, one in {**shared, **own}.items() if one is not None}


def build(case: AgentCase, folder: Path) -> Artifact:
    """The case's bundle, packed as it is shipped; `folder` is empty before. Raises ArtifactError."""
    source = folder / "source"
    for name, content in {**{one: text.encode() for one, text in case.files.items()}, case.name: case.appspec}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    for name in case.folders:
        (source / name).mkdir(parents=True)
    for name in case.programs:
        (source / name).chmod(0o755)
    for name, link in case.links.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).symlink_to(link)
    return packed(source, folder / "bundle.zip")


def answer(artifact: Artifact) -> Answer:
    """What the checks say of a bundle."""
    try:
        warnings = checked_appspec(artifact)[1]
    except ArtifactError as error:
        return Answer("refused", tuple(str(error).splitlines()[:-1]))
    return Answer("warned" if warnings else "taken", warnings)

"""A rollout: one artifact, deployed to the groups of an application in every site, in waves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from auditor.model.stages import FailedTarget
from auditor.model.values import Value

OnFailure = Literal["stop", "rollback", "continue"]
ON_FAILURE: Final[tuple[OnFailure, ...]] = ("stop", "rollback", "continue")
RUNNING: Final = ("fail", "wait")
ALIAS: Final = ""
"""In the place of a deployment group: the alias is moved without CodeDeploy."""
SUCCEEDED: Final = "Succeeded"
ENDED: Final = frozenset({SUCCEEDED, "Failed", "Stopped"})
"""The states that a deployment does not leave (https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html)."""
Target = tuple[str, str]
"""A site and a deployment group."""


@dataclass(frozen=True)
class Rollout:
    """What is deployed, where, and in which order; it is written down before anything is done."""

    application: str
    platform: str
    """The application's compute platform: Server, Lambda or ECS."""
    groups: tuple[str, ...]
    waves: tuple[tuple[str, ...], ...]
    accounts: Mapping[str, str]
    """The account id of each site."""
    buckets: Mapping[str, str]
    source: str
    """A folder, an archive, or `github:OWNER/REPO@COMMIT//FOLDER`: what a resumed run packs again."""
    key: str
    sha256: str
    commit: str = ""
    ref: str = ""
    folder: str = ""
    """The part of the commit that is shipped; "" for all of it."""
    appspec: Mapping[str, Value] | None = None
    """What CodeDeploy is sent in place of the object: for Lambda and ECS."""
    on_failure: str = "stop"
    running: str = "fail"

    @property
    def sites(self) -> tuple[str, ...]:
        """Every site, in the order of the waves."""
        return tuple(site for wave in self.waves for site in wave)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every group of every site, in the order of the waves."""
        return tuple((site, group) for site in self.sites for group in self.site_groups)

    @property
    def site_groups(self) -> tuple[str, ...]:
        """What is deployed to in each site."""
        return self.groups or (ALIAS,)

    @property
    def metadata(self) -> dict[str, str]:
        """What the object says of itself. `shipped-by` keeps the CodeDeploy trigger from deploying it too."""
        told = {"commit": self.commit, "ref": self.ref, "sha256": self.sha256, "shipped-by": "auditor-deploy"}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Deployed:
    """What became of one group in one site. `error` is "" where its deployment succeeded."""

    site: str
    group: str
    deployment: str = ""
    error: str = ""
    back: bool = False
    """Whether this is the way back, to what was deployed before."""
    failed: tuple[FailedTarget, ...] = ()
    """Where its deployment failed, as far as CodeDeploy tells."""


@dataclass(frozen=True)
class Progress:
    """How far a rollout came, told from its journal's entries."""

    previous: Mapping[Target, Value] = field(default_factory=dict)
    """What was deployed before: a revision, or an alias' version; None where nothing was."""
    created: Mapping[Target, str] = field(default_factory=dict)
    """The last deployment begun."""
    open: Mapping[Target, str] = field(default_factory=dict)
    """The description of a deployment of which it is unknown whether it was made."""
    ended: Mapping[Target, str] = field(default_factory=dict)
    """How the last one ended."""
    back: frozenset[Target] = frozenset()
    """Where the way back was begun."""
    versions: Mapping[Target, str] = field(default_factory=dict)
    """What an alias was moved to without CodeDeploy."""

    def done(self, target: Target) -> bool:
        """Whether the artifact is deployed there."""
        return self.ended.get(target) == SUCCEEDED and target not in self.back

    def is_back(self, target: Target) -> bool:
        """Whether what was there before is deployed there again."""
        return self.ended.get(target) == SUCCEEDED and target in self.back


def properties_of(appspec: Mapping[str, Value]) -> Mapping[str, Value]:
    """The properties of the one resource that the AppSpec of a function, or of a service, names."""
    (properties,) = (one["Properties"] for entry in appspec["Resources"] for one in entry.values())
    found: Mapping[str, Value] = properties
    return found


def rollout_document(rollout: Rollout) -> dict[str, Value]:
    """A rollout as JSON can hold it."""
    return asdict(rollout)


def parse_rollout(document: Mapping[str, Value]) -> Rollout:
    """The rollout of a document."""
    waves = tuple(tuple(wave) for wave in document["waves"])
    return Rollout(**{**document, "groups": tuple(document["groups"]), "waves": waves})


def progress_of(entries: Iterable[Mapping[str, Value]]) -> Progress:
    """What a journal's entries come to; of each group the last word counts. Other events are passed over."""
    previous: dict[Target, Value] = {}
    created: dict[Target, str] = {}
    open_: dict[Target, str] = {}
    ended: dict[Target, str] = {}
    back: set[Target] = set()
    versions: dict[Target, str] = {}
    for entry in entries:
        target = (entry.get("site", ""), entry.get("group", ""))
        if entry["event"] == "deploying":
            if not entry["back"]:
                previous.setdefault(target, entry["previous"])
            (back.add if entry["back"] else back.discard)(target)
            open_[target] = entry["description"]
            ended.pop(target, None)
            if "version" in entry and not entry["back"]:
                versions[target] = entry["version"]
        elif entry["event"] == "deployment":
            created[target] = entry["deployment"]
            open_.pop(target, None)
        elif entry["event"] == "deployment ended":
            ended[target] = entry["status"]
            open_.pop(target, None)
    return Progress(previous, created, open_, ended, frozenset(back), versions)

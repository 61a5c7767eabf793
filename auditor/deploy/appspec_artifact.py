"""An artifact's own AppSpec, read and checked against the files beside it: the same for whoever ships it."""

from __future__ import annotations

from typing import Final

from auditor.deploy.appspec import AppSpec, check_appspec, parse_appspec
from auditor.deploy.archive import Artifact, appspec_name, beginning, member
from auditor.deploy.artifact_tree import Tree

_FIRST_LINE: Final = 512


def checked_appspec(artifact: Artifact) -> tuple[AppSpec, tuple[str, ...]]:
    """The AppSpec, and what of it nobody would act on, one line each.

    Raises ArtifactError for an artifact without one, and for all that CodeDeploy or its agent would refuse.
    """
    name = appspec_name(artifact)
    spec = parse_appspec(name, member(artifact, name))
    tree = Tree(artifact.names, artifact.links, lambda path: beginning(artifact, path, _FIRST_LINE))
    return spec, check_appspec(spec, spec.platform, tree)

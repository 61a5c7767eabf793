"""An artifact's own AppSpec, read and checked against the files beside it: the same for whoever ships it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditor.deploy.appspec import AppSpec, check_appspec, parse_appspec
from auditor.deploy.archive import Artifact, appspec_name, beginning, member
from auditor.deploy.artifact_tree import Tree
from auditor.deploy.completeness import (
    content_warnings,
    deployed_pointers,
    link_warnings,
    missing_words,
    pointer_words,
    unpacking_hint,
)
from auditor.errors import ArtifactError

_FIRST_LINE: Final = 512


def checked_appspec(artifact: Artifact) -> tuple[AppSpec, tuple[str, ...]]:
    """The AppSpec, and what of it nobody would act on and of the artifact nobody may have meant, one line each.

    Raises ArtifactError for an artifact without one, for all that CodeDeploy or its agent would refuse, and for
    pointers that would be deployed in place of what they stand for.
    """
    name = appspec_name(artifact)
    spec = parse_appspec(name, member(artifact, name))
    tree = _tree(artifact, spec)
    try:
        warnings = check_appspec(spec, spec.platform, tree)
    except ArtifactError as error:
        # What is not there may be a submodule's.
        raise ArtifactError("\n".join([str(error), *map(missing_words, filter(None, [artifact.missing]))])) from None
    return spec, (*_content_warnings(artifact, spec, tree), *warnings)


def hint_of(artifact: Artifact, spec: AppSpec) -> str:
    """What whoever ships an artifact may want to know, in one line; "" for nothing."""
    if spec.platform != "Server":
        return ""
    return unpacking_hint(artifact.links, artifact.programs, spec.content, _tree(artifact, spec))


def _tree(artifact: Artifact, spec: AppSpec) -> Tree:
    return Tree(
        artifact.names,
        artifact.links,
        lambda path: beginning(artifact, path, _FIRST_LINE),
        windows=spec.content.get("os") == "windows",
        programs=artifact.programs,
        empty=artifact.empty,
    )


def _content_warnings(artifact: Artifact, spec: AppSpec, tree: Tree) -> Iterator[str]:
    if deployed := deployed_pointers(artifact.pointers, spec.platform, spec.content, tree):
        raise ArtifactError(f"{pointer_words(deployed)}. It would be deployed like that, so nothing was uploaded.")
    yield from content_warnings(artifact.names, artifact.missing, artifact.pointers)
    if spec.platform == "Server":
        yield from link_warnings(artifact.links, spec.content, tree)

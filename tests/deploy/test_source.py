"""A folder of a repository: named behind two slashes, packed alone, and found again by a run that goes on."""

from __future__ import annotations

import pytest
from deploy.github_server import SHA, github_server, tarball

from auditor.deploy.source import packed_source
from auditor.errors import ArtifactError, GitHubError
from shipping import APPSPEC, REGIONS, shop

__all__ = ["shop"]


@pytest.fixture
def github():
    with github_server() as running:
        yield running


MONOREPO = {f"services/{name}/appspec.yml": name.encode() for name in ("api", "web")}


def test_a_folder_of_a_commit_is_packed_and_told_again(github, tmp_path):
    github.archive = tarball(MONOREPO)
    made = packed_source("github:acme/shop@main//services/web", {"GITHUB_API_URL": github.url}, tmp_path)

    assert (made.text, made.folder, made.artifact.names) == (
        f"github:acme/shop@{SHA}//services/web", "services/web", {"appspec.yml"},
    )  # fmt: skip


def test_a_folder_of_the_default_branch_is_packed_again_as_of_its_commit(github, tmp_path):
    github.archive = tarball(MONOREPO)
    made = packed_source("github:acme/shop//services/web", {"GITHUB_API_URL": github.url}, tmp_path)

    assert made.text == f"github:acme/shop@{SHA}//services/web"


def test_a_run_that_goes_on_packs_the_same_folder_of_the_same_commit(github, tmp_path):
    github.archive = tarball(MONOREPO)
    made = packed_source("github:acme/shop@main//services/web", {"GITHUB_API_URL": github.url}, tmp_path)
    github.refs["main"] = "b" * 40
    again = packed_source(made.text, {"GITHUB_API_URL": github.url}, tmp_path)

    assert (again.commit, again.folder, again.artifact.sha256) == (SHA, made.folder, made.artifact.sha256)


def test_a_folder_that_is_not_there_is_told_by_the_source_that_somebody_wrote(github, tmp_path):
    github.archive = tarball(MONOREPO)

    with pytest.raises(ArtifactError, match=r"^github:acme/shop@main//web: there is no folder 'web' in it\. "):
        packed_source("github:acme/shop@main//web", {"GITHUB_API_URL": github.url}, tmp_path)


def test_a_folder_behind_one_slash_is_a_ref_that_is_not_there(github, tmp_path):
    with pytest.raises(
        GitHubError, match=r"If a part of it is a folder, write two slashes before that: @REF//FOLDER\."
    ):
        packed_source("github:acme/shop@main/services/web", {"GITHUB_API_URL": github.url}, tmp_path)


def test_two_folders_of_one_commit_are_two_artifacts_and_two_deployments(shop, github, run, monkeypatch):
    monkeypatch.setenv("GITHUB_API_URL", github.url)
    files = {"appspec.yml": APPSPEC.encode(), "index.html": b"<h1>"}
    github.archive = tarball({f"services/{name}/{file}": files[file] for name in ("api", "web") for file in files})
    finished = [run("deploy", f"github:acme/shop@main//services/{name}", "--yes") for name in ("api", "web")]

    keys = [f"shop/{SHA}/services/api.zip", f"shop/{SHA}/services/web.zip"]
    assert [one.code for one in finished] == [0, 0], finished[0].err
    assert f"Ships services/web of commit {SHA[:12]} (main) to shop (Server): web" in finished[1].err
    assert [sorted(shop.buckets(region)) for region in REGIONS] == [keys] * 3
    assert [shop.revision(region) for region in REGIONS] == keys[1:] * 3

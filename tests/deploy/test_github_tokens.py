"""A token of the environment goes to the host that it is for, and to no other that a source names."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from deploy.github_server import SHA, github_server

from auditor.deploy.github import GitHubSource, parse_source
from auditor.deploy.github_tokens import is_app_host, token_of, withheld
from auditor.deploy.source import download_source, packed_source
from auditor.errors import GitHubError

PUBLIC, TENANT, SERVER = "acme/shop", "acme.ghe.com/acme/shop", "git.acme.com/acme/shop"
OTHER = "evil.example/acme/shop"
OWN = {"GITHUB_API_URL": "https://git.acme.com/api/v3"}
ACTIONS = {"GITHUB_API_URL": "https://api.github.com"}


@pytest.mark.parametrize(
    ("source", "environ", "token"),
    [
        (PUBLIC, {}, ""),
        (PUBLIC, {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, "a"),
        (PUBLIC, {"GITHUB_TOKEN": " ", "GH_TOKEN": "b\n"}, "b"),
        (PUBLIC, {"GH_ENTERPRISE_TOKEN": "e", "GITHUB_ENTERPRISE_TOKEN": "e"}, ""),
        (PUBLIC, {"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "github.com"}, ""),
        (PUBLIC, {"GITHUB_TOKEN": "a", **ACTIONS}, "a"),
        (PUBLIC, {"GITHUB_TOKEN": "a", **OWN}, "a"),  # which is then on the server
        ("github.com/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, "a"),
        ("github.com/acme/shop", {"GITHUB_TOKEN": "a", **OWN}, ""),
        ("github.com/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b", **OWN}, "b"),
        ("github.com:8443/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, ""),
        ("api.github.com/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, "a"),
        ("github.com.evil.example/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, ""),
        (TENANT, {"GITHUB_TOKEN": "a"}, "a"),
        (TENANT, {"GH_TOKEN": "b", **ACTIONS}, "b"),
        (TENANT, {"GITHUB_TOKEN": "a", **ACTIONS}, ""),
        (TENANT, {"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "acme.ghe.com"}, ""),
        ("acme.ghe.com:8443/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, ""),
        ("evilghe.com/acme/shop", {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, ""),
        (SERVER, {"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}, ""),
        (SERVER, {"GH_ENTERPRISE_TOKEN": "e"}, ""),
        (SERVER, {"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.acme.com"}, "e"),
        (SERVER, {"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "Git.Acme.com"}, "e"),
        (SERVER, {"GITHUB_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.acme.com"}, "e"),
        (SERVER, {"GH_ENTERPRISE_TOKEN": "e", "GITHUB_ENTERPRISE_TOKEN": "f", "GH_HOST": "git.acme.com"}, "e"),
        (SERVER, {"GITHUB_TOKEN": "a", "GH_TOKEN": "b", "GH_HOST": "git.acme.com"}, ""),
        (SERVER, {"GITHUB_TOKEN": "a", **OWN}, "a"),
        (SERVER, {"GH_TOKEN": "b", **OWN}, ""),
        (SERVER, {"GH_ENTERPRISE_TOKEN": "e", **OWN}, "e"),
        ("git.acme.com:8443/acme/shop", {"GITHUB_TOKEN": "a", **OWN}, ""),
        ("git.acme.com:8443/acme/shop", {"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.acme.com"}, ""),
        ("git.acme.com:8443/acme/shop", {"GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.acme.com:8443"}, "e"),
        (OTHER, {"GITHUB_TOKEN": "a", "GH_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.acme.com"}, ""),
        (OTHER, {"GITHUB_TOKEN": "a", "GH_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "e", **OWN}, ""),
        (OTHER, {"GITHUB_TOKEN": "a", "GH_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "e", **ACTIONS}, ""),
    ],
)
def test_a_token_goes_only_to_the_host_that_it_is_for(source, environ, token):
    assert token_of(parse_source(f"github:{source}", environ), environ) == token


@pytest.mark.parametrize(
    ("source", "environ", "is_its_host"),
    [(PUBLIC, {}, True), (OTHER, {}, False), (TENANT, {}, False), (SERVER, OWN, True), ("github.com/a/b", OWN, False)],
)
def test_an_app_signs_in_only_at_the_host_that_it_is_of(source, environ, is_its_host):
    assert is_app_host(parse_source(f"github:{source}", environ), environ) == is_its_host


@pytest.fixture
def github():
    with github_server() as running:
        yield running


@pytest.fixture
def key():
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_another_host_is_sent_no_token_and_no_signature(github, key, tmp_path):
    environ = {"GITHUB_TOKEN": "a", "GH_TOKEN": "b", "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": key}
    download_source(GitHubSource(github.url, "acme", "shop", "main"), environ, tmp_path / "shop.tar.gz")

    assert {one.authorization for one in github.asked} == {""}


def test_who_is_refused_is_told_that_the_token_was_not_sent(github, tmp_path):
    github.token = "private"
    host = github.url.removeprefix("http://")
    with pytest.raises(GitHubError) as refused:
        download_source(GitHubSource(github.url, "acme", "shop", "main"), {"GITHUB_TOKEN": "x"}, tmp_path / "a.tar.gz")

    assert str(refused.value).endswith(
        f"Not sent to {host}, as not meant for it: GITHUB_TOKEN. If it is trusted, set GH_HOST={host} and "
        "GH_ENTERPRISE_TOKEN."
    )


@pytest.mark.parametrize("environ", [{}, {"GITHUB_TOKEN": "a"}, {"GITHUB_APP_ID": "1"}])
def test_nothing_is_told_where_nothing_was_held_back(environ):
    assert withheld(parse_source("github:acme/shop", environ), environ) == ""


def test_a_source_goes_on_as_its_commit_whatever_its_ref(github, tmp_path):
    github.refs["a@b"] = SHA
    made = packed_source("github:acme/shop@a@b", {"GITHUB_API_URL": github.url}, tmp_path)

    assert (made.text, made.ref) == (f"github:acme/shop@{SHA}", "a@b")

"""A GitHub App's key becomes a token for one repository; GitHub's side checks the signature here too."""

from __future__ import annotations

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from deploy.github_server import github_server

from auditor.deploy.github import GitHubSource
from auditor.deploy.github_app import installation_token
from auditor.errors import GitHubError

TOKEN = "ghs_0123456789"


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def github(key):
    with github_server() as running:
        running.app_key, running.token = key.public_key(), TOKEN
        yield running


@pytest.fixture
def source(github):
    return GitHubSource(github.url, "acme", "shop", "main")


def message(*arguments):
    with pytest.raises(GitHubError) as refused:
        installation_token(*arguments)
    return str(refused.value)


def test_an_app_is_given_a_token(pem, source):
    assert installation_token("4711", pem, source) == TOKEN


def test_the_key_may_be_in_a_file(pem, source, tmp_path):
    (tmp_path / "app.pem").write_text(pem)

    assert installation_token("4711", str(tmp_path / "app.pem"), source) == TOKEN


def test_the_token_is_asked_for_this_repository_and_for_reading_alone(pem, github, source):
    installation_token("4711", pem, source)

    assert github.asked[-1].body == {"repositories": ["shop"], "permissions": {"contents": "read"}}


def test_the_app_names_itself_for_less_than_githubs_ten_minutes(pem, github, source):
    installation_token("4711", pem, source)

    claims = jwt.decode(github.asked[0].authorization.removeprefix("Bearer "), options={"verify_signature": False})
    assert (claims["iss"], claims["exp"] - claims["iat"], claims["iat"] < time.time()) == ("4711", 600, True)


def test_a_key_that_is_none_is_refused_and_not_shown(source):
    assert message("4711", "-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END RSA PRIVATE KEY-----", source) == (
        "GITHUB_APP_PRIVATE_KEY is no RSA key in PEM. Nothing was read. Give the App's."
    )


def test_a_file_of_the_key_that_is_not_there_is_told(source):
    assert message("4711", "/none/secret.pem", source) == (
        "GITHUB_APP_PRIVATE_KEY is neither a key in PEM nor the path of a file that can be read. Nothing was read."
    )


def test_an_app_that_is_not_installed_is_told(pem, github, source):
    github.app_key = None

    assert "/repos/acme/shop/installation is not there, or may not be seen (404)" in message("4711", pem, source)


def test_an_answer_without_a_token_is_refused(pem, github, source):
    github.token = ""

    assert message("4711", pem, source) == (
        "GitHub told no token of the App's installation. Nothing was read. Check GITHUB_API_URL."
    )


def test_an_app_without_its_key_is_told(source):
    assert message("12", "", source) == (
        "GITHUB_APP_ID is set, and GITHUB_APP_PRIVATE_KEY is not. Nothing was read. Set both, or neither."
    )

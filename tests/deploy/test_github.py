"""GitHub is asked for a commit and its archive, over real connections, and is told of nothing that it need not know."""

from __future__ import annotations

import pytest
from deploy.github_server import SHA, github_server, tarball
from hypothesis import given, strategies as st

from auditor.deploy.github import GitHubSource, commit_of, download, parse_source, set_status
from auditor.errors import GitHubError

TOKEN = "ghp_0123456789"
MIB = 1024**2


@pytest.fixture
def github():
    with github_server() as running:
        yield running


@pytest.fixture
def source(github):
    return GitHubSource(github.url, "acme", "shop", "main")


@pytest.fixture
def sleeps():
    return []


def message(call, *arguments):
    with pytest.raises(GitHubError) as refused:
        call(*arguments)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("github:acme/shop", ("https://api.github.com", "acme", "shop", "HEAD")),
        ("github:acme/shop@main", ("https://api.github.com", "acme", "shop", "main")),
        ("github:acme/shop.js@feature/a@b", ("https://api.github.com", "acme", "shop.js", "feature/a@b")),
        ("github:acme_co/shop@v1", ("https://api.github.com", "acme_co", "shop", "v1")),
        ("github:github.com/acme/shop@v1", ("https://api.github.com", "acme", "shop", "v1")),
        ("github:git.acme.com/it/shop@v1", ("https://git.acme.com/api/v3", "it", "shop", "v1")),
        ("github:git.acme.com:8443/it/shop", ("https://git.acme.com:8443/api/v3", "it", "shop", "HEAD")),
        ("github:acme.ghe.com/it/shop", ("https://api.acme.ghe.com", "it", "shop", "HEAD")),
    ],
)
def test_a_source_names_a_host_a_repository_and_a_ref(text, source):
    assert parse_source(text, {}) == GitHubSource(*source)


def test_the_environment_says_where_the_api_is():
    found = parse_source("github:acme/shop", {"GITHUB_API_URL": "https://git.acme.com/api/v3/"})

    assert found.path == "https://git.acme.com/api/v3/repos/acme/shop"


@pytest.mark.parametrize(
    "text",
    [
        "github:shop", "github:acme/..", "github:acme/.", "github:acme/shop@", "github:acme/shop@a..b",
        "acme/shop@main", "github:acme/shop@a b", "github:acme/shop@a\nb", "github:acme/shop@a\0b",
        "github:acme/shop@a\x1bb", "github:acme/shop?x@main", "github:https://git.acme.com/acme/shop",
    ],
)  # fmt: skip
def test_what_names_nothing_on_github_is_refused(text):
    assert message(parse_source, text, {}) == (
        f"{text!r} names nothing on GitHub. Nothing was read. Write github:OWNER/REPO@REF."
    )


@pytest.mark.parametrize(
    ("text", "ref", "folder"),
    [
        ("github:acme/shop@main//services/web", "main", "services/web"),
        ("github:acme/shop@feature/a//web/", "feature/a", "web"),
        ("github:acme/shop//services/web", "HEAD", "services/web"),
        ("github:git.acme.com/acme/shop@v1//web", "v1", "web"),
        ("github:acme/shop@v1//a@b/größe", "v1", "a@b/größe"),
    ],
)
def test_a_folder_is_behind_two_slashes(text, ref, folder):
    source = parse_source(text, {})

    assert (source.ref, source.folder) == (ref, folder)


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("", "is empty"), ("/", "is empty"), ("/etc", "is absolute"), ("c:/web", "is absolute"),
        ("../web", "leads upwards"), ("a/../b", "leads upwards"), ("a//b", "has a part that is empty or '.'"),
        ("./a", "has a part that is empty or '.'"), ("a\\b", "holds a backslash: write '/'"), (".git", "is git's own"),
        ("a\x1bb", "holds what cannot be printed"),
    ],
)  # fmt: skip
def test_a_folder_that_may_lead_elsewhere_is_refused(folder, why):
    text = f"github:acme/shop@main//{folder}"

    assert message(parse_source, text, {}) == (
        f"{text!r}: the folder {why}. Nothing was read. Write github:OWNER/REPO@REF//FOLDER."
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("github:acme/shop@main:services/web", "github:acme/shop@main//services/web"),
        ("github:acme/shop/services/web", "github:acme/shop//services/web"),
        ("github:acme/shop/services/web@main", "github:acme/shop@main//services/web"),
        ("github:acme/shop//services/web@main", "github:acme/shop@main//services/web"),
    ],
)
def test_a_folder_written_as_others_do_is_refused_with_what_was_meant(text, meant):
    assert message(parse_source, text, {}).endswith(f" Did you mean '{meant}'?")


@given(st.text())
def test_whatever_is_written_the_api_is_asked_below_the_repository_or_not_at_all(text):
    try:
        source = parse_source(f"github:acme/{text}", {})
    except GitHubError:
        return

    assert source.path.count("/") == 5 + 2 * source.path.endswith("/api/v3")
    assert ".." not in source.path.split("/")


@pytest.mark.parametrize("url", ["http://git.acme.com", "ftp://localhost", "file://localhost/etc"])
def test_an_api_without_https_is_refused(url):
    assert "is not reached by https" in message(parse_source, "github:acme/shop", {"GITHUB_API_URL": url})


@pytest.mark.parametrize("url", ["https://", "https://me:secret@git.acme.com", "https://[", "https://git.acme.com:x"])
def test_an_api_that_is_no_plain_url_is_refused_without_being_shown(url):
    assert message(parse_source, "github:acme/shop", {"GITHUB_API_URL": url}) == (
        "GITHUB_API_URL, or a redirect, is no plain URL. Nothing was read. Write https://HOST/PATH."
    )


def test_a_ref_is_a_commit(source):
    assert commit_of(source, "") == SHA


def test_a_ref_with_slashes_is_one_ref(github):
    github.refs["feature/a"] = "a" * 40

    assert commit_of(GitHubSource(github.url, "acme", "shop", "feature/a"), "") == "a" * 40
    assert github.paths() == ["/repos/acme/shop/commits/feature%2Fa"]


def test_a_private_repository_is_read_with_the_token(github, source):
    github.token = TOKEN

    assert commit_of(source, TOKEN) == SHA


def test_without_a_token_none_is_sent(github, source):
    commit_of(source, "")

    assert github.asked[0].authorization == ""


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN}\r\nX-More: 1", f"{TOKEN}é", f"{TOKEN}€"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(source, token):
    assert message(commit_of, source, token) == (
        "The token holds what cannot be sent. Nothing was read. Write it without line breaks."
    )


def test_a_repository_that_may_not_be_seen_is_told_of_as_github_does(github, source):
    github.token = TOKEN

    assert message(commit_of, source, "another") == (
        f"{github.url}/repos/acme/shop/commits/main is not there, or may not be seen (404). "
        "Nothing was read. Check the name; what is private needs a token that may see it (GITHUB_TOKEN, or an App's)."
    )


def test_a_ref_that_is_not_there_is_told(github):
    assert "commits/none is not there, or may not be seen (422)" in message(
        commit_of, GitHubSource(github.url, "acme", "shop", "none"), ""
    )


@pytest.mark.parametrize("code", [401, 403])
def test_a_token_that_is_not_valid_is_told(github, source, code):
    github.errors = [code]

    assert message(commit_of, source, TOKEN) == (
        f"{github.url}/repos/acme/shop/commits/main was refused ({code}). Nothing was read. "
        "Check that the token (GITHUB_TOKEN, or the App's) is valid and may read the repository."
    )


def test_a_rate_limit_is_told(github, source):
    github.limited = True

    assert message(commit_of, source, "") == (
        f"{github.url}/repos/acme/shop/commits/main: GitHub's rate limit is used up. Nothing was read. "
        "Give a token (GITHUB_TOKEN), or wait an hour."
    )


@pytest.mark.parametrize("code", [401, 403, 404, 422, 429])
def test_what_github_refuses_is_asked_for_once(github, source, sleeps, code):
    github.errors = [code]
    message(commit_of, source, TOKEN, sleeps.append)

    assert len(github.asked) == 1


def test_what_fails_is_asked_for_three_times_with_growing_waits(github, source, sleeps):
    github.errors = [500, 502, 503]
    message(commit_of, source, "", sleeps.append)

    assert (len(github.asked), sleeps) == (3, [0, 1, 3])


def test_an_error_of_githubs_own_passes(github, source, sleeps):
    github.errors = [500, 502]

    assert commit_of(source, "", sleeps.append) == SHA


def test_an_answer_that_is_no_commit_is_refused(github, source):
    github.refs["main"] = "<html>"

    assert "told no commit. Nothing was read. Check GITHUB_API_URL." in message(commit_of, source, "")


def test_a_host_that_does_not_answer_is_told(free_port, sleeps):
    source = GitHubSource(f"http://127.0.0.1:{free_port}", "acme", "shop", "main")

    assert message(commit_of, source, "", sleeps.append) == (
        f"http://127.0.0.1:{free_port}/repos/acme/shop/commits/main did not answer whole "
        "(URLError: Connection refused). "
        "Nothing was read. Try again later."
    )


@pytest.mark.parametrize("chunked", [True, False])
def test_an_archive_is_downloaded_from_where_the_api_redirects(github, source, tmp_path, chunked):
    github.chunked = chunked
    download(source, SHA, "", tmp_path / "shop.tar.gz", MIB)

    assert (tmp_path / "shop.tar.gz").read_bytes() == tarball()


def test_the_token_is_not_sent_to_where_the_archive_is(github, source, tmp_path):
    github.token = TOKEN
    download(source, SHA, TOKEN, tmp_path / "shop.tar.gz", MIB)

    assert [(one.where, one.authorization) for one in github.asked] == [("api", f"Bearer {TOKEN}"), ("codeload", "")]


def test_the_token_is_sent_to_where_a_renamed_repository_is(github, source, tmp_path):
    github.token, github.refs["new"] = TOKEN, SHA
    github.redirect = f"{github.url}/repos/acme/shop/commits/new"
    download(source, SHA, TOKEN, tmp_path / "shop.tar.gz", MIB)

    assert [one.authorization for one in github.asked] == [f"Bearer {TOKEN}"] * 2


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("http://git.acme.com/x", "http://git.acme.com is not reached by https."),
        ("ftp://127.0.0.1/x", "ftp://127.0.0.1 is not reached by https."),
        ("https://me:secret@git.acme.com/x", "GITHUB_API_URL, or a redirect, is no plain URL."),
        ("file:///etc/passwd", "failed (302)."),
    ],
)
def test_a_redirect_without_https_is_not_followed(github, source, tmp_path, place, why):
    github.redirect = place

    assert f"{why} Nothing was read." in message(download, source, SHA, "", tmp_path / "shop.tar.gz", MIB)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_archive_that_ends_half_way_is_fetched_again(github, source, tmp_path, sleeps, chunked):
    github.halves, github.chunked = 2, chunked
    download(source, SHA, "", tmp_path / "shop.tar.gz", MIB, sleeps.append)

    assert (tmp_path / "shop.tar.gz").read_bytes() == tarball()


@pytest.mark.parametrize("chunked", [True, False])
def test_an_archive_that_never_comes_whole_is_an_error(github, source, tmp_path, sleeps, chunked):
    github.halves, github.chunked = 3, chunked

    assert "did not answer whole (IncompleteRead). Nothing was read." in message(
        download, source, SHA, "", tmp_path / "shop.tar.gz", MIB, sleeps.append
    )


def test_nothing_is_left_of_an_archive_that_did_not_come_whole(github, source, tmp_path, sleeps):
    github.halves = 3
    message(download, source, SHA, "", tmp_path / "shop.tar.gz", MIB, sleeps.append)

    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_too_large_is_refused_and_not_kept(github, source, tmp_path):
    assert message(download, source, SHA, "", tmp_path / "shop.tar.gz", 100) == (
        f"{github.url}/repos/acme/shop/tarball/{SHA} has more than 100 bytes. Nothing of it was kept. Ship less, or "
        "allow more."
    )
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_just_the_size_is_taken(source, tmp_path):
    download(source, SHA, "", tmp_path / "shop.tar.gz", len(tarball()))

    assert (tmp_path / "shop.tar.gz").exists()


def test_a_place_that_cannot_be_written_is_told(source, tmp_path):
    assert "(No such file or directory). Nothing of it was kept." in message(
        download, source, SHA, "", tmp_path / "none" / "shop.tar.gz", MIB
    )


@pytest.mark.parametrize("code", [401, 404, 429, 500])
def test_no_token_and_no_right_of_an_archive_is_in_a_message(github, source, tmp_path, sleeps, code):
    github.errors = [code] * 3
    github.halves = 3
    told = message(download, source, SHA, TOKEN, tmp_path / "shop.tar.gz", MIB, sleeps.append)

    assert [secret for secret in (TOKEN, "right-of-its-own", "Bearer") if secret in told] == []


def test_a_commit_is_given_a_status(github, source):
    set_status(source, SHA, TOKEN, "success", "auditor/us-east-1", "uploaded")

    assert github.statuses == [
        {"sha": SHA, "state": "success", "context": "auditor/us-east-1", "description": "uploaded"}
    ]


def test_a_description_is_as_long_as_github_takes(github, source):
    set_status(source, SHA, TOKEN, "failure", "auditor/us-east-1", "x" * 141)

    assert github.statuses[0]["description"] == "x" * 140

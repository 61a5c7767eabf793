"""One region's bucket lets nobody in: what becomes of the others."""

from __future__ import annotations

import json

import pytest
from deploy.denying import denying
from deploy.github_server import github_server, tarball
from deploy.test_push_to_deploy import FILES, KEY, PAYLOADS, REPOSITORY, SHA, deployed, listener, posted, trigger, until

from shipping import REGIONS, shop

__all__ = ["shop"]


@pytest.fixture
def denied(shop, monkeypatch):
    """The shop, whose bucket in eu-west-1 is denied to all that is begun from now on."""
    with denying(shop.aws.environment["AWS_ENDPOINT_URL"], shop.bucket("eu-west-1")) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        shop.aws.environment["AWS_ENDPOINT_URL_S3"] = url
        yield shop


def failures(shop):
    """What the listener logged of each try that failed."""
    events = shop.aws.client("logs").filter_log_events(logGroupName="/aws/lambda/listener")["events"]
    lines = [line for one in events for line in one["message"].splitlines()]
    return [json.loads(line)["reason"] for line in lines if '"outcome": "failed"' in line and line.startswith("{")]


def test_a_push_reaches_the_other_regions_and_the_log_names_the_denied_one(denied, tmp_path):
    with github_server() as github:
        github.repository, github.refs = REPOSITORY, {SHA: SHA}
        github.archive = tarball(FILES, top="Codertocat-Hello-World-6113728")
        for region in REGIONS:
            trigger(denied, region)
        url = listener(denied, github, tmp_path)

        posted(url, (PAYLOADS / "push.json").read_bytes(), "push")

        reached = until(lambda: deployed(denied), [KEY, "", KEY])
        until(lambda: len(failures(denied)), 3)
    said = f"{REPOSITORY}@{SHA} was not uploaded to 1 of 3 regions (eu-west-1: AccessDenied: "
    assert (reached, [one.startswith(said) for one in failures(denied)]) == ([KEY, "", KEY], [True] * 3)


def test_the_command_deploys_nowhere_while_one_region_has_no_artifact(denied, run):
    finished = run("deploy", "app", "--yes")

    assert (finished.code, [len(denied.deployments(region)) for region in REGIONS]) == (3, [0, 0, 0]), finished.out


def test_the_command_says_which_region_is_denied_and_of_the_others_why_nothing_was_begun(denied, run):
    finished = run("deploy", "app", "--yes")

    (own,) = [line for line in finished.out.splitlines() if "AccessDenied" in line]
    others = [line for line in finished.out.splitlines() if "because another region has no artifact" in line]
    assert (own.startswith("  not deployed: eu-west-1: not uploaded: AccessDenied: "), len(others)) == (True, 2)

"""Files below a prefix of a bucket, where AWS answers as it does on a bad day."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.errors import SettingsError, StoreError
from auditor.store.bucket import bucket_storage
from scripted import scripted_aws

CONFLICT = "<Error><Code>ConditionalRequestConflict</Code><Message>try again</Message></Error>"
THERE = "<Error><Code>PreconditionFailed</Code><Message>it is there</Message></Error>"


@pytest.fixture
def storage_of(clean_environment, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    def made(script):
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        return bucket_storage("kept", "a")

    return made


def in_turn(*answers):
    """Each answer in turn, the last again and again."""
    left = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda _: next(left)


def test_a_claim_that_met_another_is_made_again(storage_of):
    with scripted_aws(in_turn((409, CONFLICT), (200, ""))) as script:
        assert storage_of(script).create("claim", b"mine")


def test_a_claim_that_meets_another_each_time_is_refused(storage_of):
    with (
        scripted_aws(in_turn((409, CONFLICT))) as script,
        pytest.raises(StoreError, match="RequestConflict"),
    ):
        storage_of(script).create("claim", b"mine")


def test_a_claim_that_was_made_by_a_request_whose_answer_was_lost_is_ours(storage_of):
    with scripted_aws(in_turn((412, THERE), (200, "mine"))) as script:
        assert storage_of(script).create("claim", b"mine")


def test_a_claim_of_somebody_else_is_not_ours(storage_of):
    with scripted_aws(in_turn((412, THERE), (200, "another's"))) as script:
        assert not storage_of(script).create("claim", b"mine")


def test_a_file_that_may_not_be_looked_at_is_not_taken_for_absent(storage_of):
    with scripted_aws(in_turn((403, ""))) as script, pytest.raises(StoreError, match="json could not be looked for"):
        storage_of(script).holds("manifest.json")


def test_files_of_more_than_one_page_are_all_listed(aws):
    aws.client("s3").create_bucket(Bucket="kept-pages")
    place = bucket_storage("kept-pages", "a")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: place.write(f"history/{number:04}.json", b"{}"), range(1002)))

    assert len(place.listed("history/")) == 1002


def test_a_profile_that_is_not_there_is_refused(clean_environment, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(SettingsError, match="Check AWS_PROFILE"):
        bucket_storage("kept", "a")

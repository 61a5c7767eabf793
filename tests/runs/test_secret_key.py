"""The key of the fingerprints: one for all runs, and for its owner alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.errors import SettingsError
from auditor.runs.secret_key import secret_key

LONG = "k" * 32


def refusal(environ):
    with pytest.raises(SettingsError) as caught:
        secret_key(environ)
    return str(caught.value)


def test_the_environments_key_is_taken():
    assert secret_key({"AUDITOR_FINGERPRINT_KEY": LONG}) == b"k" * 32


def test_the_environments_key_may_be_any_bytes():
    assert secret_key({"AUDITOR_FINGERPRINT_KEY": LONG + "\udcff"}) == b"k" * 32 + b"\xff"


def test_a_key_has_no_white_space_around_it():
    assert secret_key({"AUDITOR_FINGERPRINT_KEY": f" {LONG}\n"}) == b"k" * 32


@pytest.mark.parametrize("key", ["", "short", "k" * 31, f"{'k' * 31} "])
def test_a_short_key_is_refused(key):
    assert refusal({"AUDITOR_FINGERPRINT_KEY": key}) == (
        "AUDITOR_FINGERPRINT_KEY: a key of at least 32 characters is needed. Nothing was read."
    )


def test_a_short_key_is_not_shown():
    assert "hunter2" not in refusal({"AUDITOR_FINGERPRINT_KEY": "hunter2"})


def test_a_key_is_made_at_first_and_kept(tmp_path):
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}

    assert secret_key(environ) == secret_key(environ)


def test_two_users_have_two_keys(tmp_path):
    one, other = {"HOME": str(tmp_path / "a")}, {"HOME": str(tmp_path / "b")}

    assert secret_key(one) != secret_key(other)


def test_the_key_is_kept_in_the_users_configuration(tmp_path):
    secret_key({"HOME": str(tmp_path)})

    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == [
        ".config/auditor/fingerprint.key"
    ]


def test_nobody_but_its_owner_can_read_it(tmp_path):
    secret_key({"XDG_CONFIG_HOME": str(tmp_path)})

    assert (tmp_path / "auditor" / "fingerprint.key").stat().st_mode & 0o077 == 0


def test_runs_that_make_it_at_the_same_time_agree_on_one(tmp_path):
    homes = [{"XDG_CONFIG_HOME": str(tmp_path / str(number))} for number in range(40)]

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(secret_key, [home for home in homes for _ in range(8)]))

    assert len(keys) == 40


def test_a_kept_key_that_was_cut_short_is_refused_by_name(tmp_path):
    path = tmp_path / "auditor" / "fingerprint.key"
    path.parent.mkdir()
    path.write_text("cut")

    assert refusal({"XDG_CONFIG_HOME": str(tmp_path)}) == (
        f"{path}: a key of at least 32 characters is needed. Nothing was read."
    )


def test_where_it_cannot_be_kept_the_way_out_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    assert refusal({"XDG_CONFIG_HOME": str(tmp_path / "file")}) == (
        f"{tmp_path / 'file' / 'auditor' / 'fingerprint.key'}: the key for secrets' fingerprints could not be kept "
        "there (Not a directory). Nothing was read. Set AUDITOR_FINGERPRINT_KEY to 32 or more random characters, the "
        "same on every run."
    )

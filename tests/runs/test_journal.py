"""A journal holds what its run promised, whatever ended the run, and nothing that anybody made of it later."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from auditor import __version__
from auditor.errors import StoreError
from auditor.runs import journal

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
RUN = "20261124T120000Z"
KEY = b"k" * 32
PLAN = '{"golden": "us-east-1"}\r\n'


def begun(store, now=NOON, plan=PLAN, **header):
    return journal.begin(store, now, plan, header, KEY, clock=lambda: NOON)


def written(store, *events):
    with begun(store) as one:
        for event in events:
            one.write(event)
    return one.run


def lines_of(store):
    return store / "runs" / RUN / "journal.jsonl"


def events(store):
    return [entry["event"] for entry in journal.read(store, RUN, KEY).entries]


def refusal(call, *arguments, **fields):
    with pytest.raises(StoreError) as caught:
        call(*arguments, **fields)
    return str(caught.value)


def test_a_run_is_named_by_its_time(tmp_path):
    assert written(tmp_path) == RUN


def test_a_run_is_named_after_the_newest_where_the_clock_is_behind_it(tmp_path):
    written(tmp_path)
    with begun(tmp_path, now=NOON - timedelta(days=3)) as later:
        pass

    assert (later.run, journal.runs(tmp_path)) == ("20261124T120001Z", (RUN, "20261124T120001Z"))


def test_a_run_is_named_by_its_time_in_utc(tmp_path):
    with begun(tmp_path, NOON.astimezone(timezone(timedelta(hours=2)))) as one:
        assert one.run == RUN


def test_two_runs_of_one_second_have_two_names(tmp_path):
    assert [written(tmp_path), written(tmp_path)] == [RUN, f"{RUN}-2"]


def test_the_plan_is_kept_as_it_was_given(tmp_path):
    assert journal.read(tmp_path, written(tmp_path), KEY).plan == PLAN


def test_the_first_entry_says_what_the_run_is(tmp_path):
    begun(tmp_path, golden="us-east-1", sites=["eu-west-1"]).close()

    assert journal.read(tmp_path, RUN, KEY).entries == (
        {
            "n": 0,
            "at": "2026-11-24T12:00:00Z",
            "event": "run",
            "schema": "auditor/journal/3",
            "plan_sha256": hashlib.sha256(PLAN.encode()).hexdigest(),
            "golden": "us-east-1",
            "sites": ["eu-west-1"],
        },
    )


def test_an_entry_is_one_line_with_sorted_keys(tmp_path):
    with begun(tmp_path) as one:
        one.write("called", site="eu-west-1", action="a1", tells={"b": "two\nlines", "a": 1})

    line = lines_of(tmp_path).read_bytes().splitlines(keepends=True)[1]
    assert (line[:76], re.sub(rb"[0-9a-f]{32}", b"", line[76:])) == (
        b'{"action": "a1", "at": "2026-11-24T12:00:00Z", "event": "called", "n": 1, "s',
        b'eal": "", "sha256": "ad3dd53b23852afe", "site": "eu-west-1", "tells": {"a": 1, "b": "two\\nlines"}}\n',
    )


def test_an_entry_that_was_put_otherwise_with_a_checksum_that_fits_is_refused(tmp_path):
    with begun(tmp_path) as one:
        one.write("called", site="eu-west-1", action="a1", call=0, tells={"version:f@1": "7"})
    first, second = lines_of(tmp_path).read_bytes().splitlines()
    forged = {**json.loads(second), "tells": {"version:f@1": "8"}}
    own = {name: entry for name, entry in forged.items() if name not in ("sha256", "seal")}
    forged["sha256"] = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]
    lines_of(tmp_path).write_bytes(first + b"\n" + json.dumps(forged, sort_keys=True).encode() + b"\n")

    assert refusal(journal.read, tmp_path, RUN, KEY) == (
        f"{lines_of(tmp_path)}, line 2: the entry was not sealed with the key that is here, so that nobody can tell "
        "who wrote it. Nothing was called. Set AUDITOR_FINGERPRINT_KEY to the key that the run was begun with."
    )


def test_an_entry_of_another_run_is_refused(tmp_path):
    for _ in range(2):
        with begun(tmp_path) as one:
            one.write("called", action="a1")
    other = tmp_path / "runs" / f"{RUN}-2" / "journal.jsonl"
    first, _ = other.read_bytes().splitlines(keepends=True)
    other.write_bytes(first + lines_of(tmp_path).read_bytes().splitlines(keepends=True)[1])

    assert "line 2: the entry was not sealed with the key" in refusal(journal.read, tmp_path, f"{RUN}-2", KEY)


def test_another_key_reads_no_run(tmp_path):
    written(tmp_path)

    assert "not sealed with the key that is here" in refusal(journal.read, tmp_path, RUN, b"x" * 32)


def test_an_entry_is_in_the_file_when_the_writing_of_it_returns(tmp_path):
    with begun(tmp_path) as one:
        one.write("calling", action="a1")

        assert events(tmp_path) == ["run", "calling"]


def test_the_time_of_an_entry_is_told_in_utc(tmp_path):
    elsewhere = NOON.astimezone(timezone(timedelta(hours=2)))
    with journal.begin(tmp_path, NOON, PLAN, {}, KEY, clock=lambda: elsewhere):
        assert journal.read(tmp_path, RUN, KEY).entries[0]["at"] == "2026-11-24T12:00:00Z"


def test_half_a_pair_of_characters_is_read_as_it_was_written(tmp_path):
    with begun(tmp_path) as one:
        one.write("failed", error="\ud800")

    assert journal.read(tmp_path, RUN, KEY).entries[1]["error"] == "\ud800"


def test_nobody_else_may_look_at_a_run(tmp_path):
    folder = tmp_path / "runs" / written(tmp_path)

    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (folder, *folder.iterdir())} == {
        RUN: "0o700",
        "plan.json": "0o600",
        "journal.jsonl": "0o600",
    }


def test_entries_of_several_threads_are_each_whole_and_counted(tmp_path):
    with begun(tmp_path) as one:
        threads = [
            threading.Thread(target=lambda: [one.write("calling", operation="x" * 500) for _ in range(20)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [entry["n"] for entry in journal.read(tmp_path, RUN, KEY).entries] == list(range(161))


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, float("nan"), {b"key": 1}])
def test_what_json_cannot_hold_is_refused(tmp_path, value):
    with begun(tmp_path) as one, pytest.raises((TypeError, ValueError)):
        one.write("called", tells=value)


def test_nothing_is_left_of_an_entry_that_was_refused(tmp_path):
    with begun(tmp_path) as one:
        with pytest.raises(TypeError):
            one.write("called", tells=b"bytes")
        one.write("done")

    assert events(tmp_path) == ["run", "done"]


@pytest.mark.parametrize("name", ["n", "at", "event"])
def test_no_field_takes_the_place_of_what_every_entry_has(tmp_path, name):
    with begun(tmp_path) as one, pytest.raises(TypeError):
        one.write("called", **{name: "mine"})


def test_a_header_that_claims_another_plan_is_refused(tmp_path):
    with pytest.raises(TypeError):
        begun(tmp_path, plan_sha256="0")


@settings(deadline=None)
@given(st.data())
def test_a_journal_that_was_cut_at_any_byte_holds_the_first_of_its_entries(data):
    with tempfile.TemporaryDirectory() as name:
        written(Path(name), "action", "calling", "called", "done")
        before = journal.read(Path(name), RUN, KEY).entries
        content = lines_of(Path(name)).read_bytes()
        cut = data.draw(st.integers(0, len(content)))
        lines_of(Path(name)).write_bytes(content[:cut])

        assert journal.read(Path(name), RUN, KEY).entries == before[: content[:cut].count(b"\n")]


@settings(deadline=None)
@given(st.data())
def test_a_journal_that_was_cut_at_any_byte_of_a_later_entry_can_be_gone_on_with(data):
    with tempfile.TemporaryDirectory() as name:
        written(Path(name), "action", "calling", "called", "done")
        content = lines_of(Path(name)).read_bytes()
        cut = data.draw(st.integers(content.index(b"\n") + 1, len(content)))
        lines_of(Path(name)).write_bytes(content[:cut])
        with journal.reopen(Path(name), RUN, KEY) as one:
            one.write("end")

        whole = content[:cut].count(b"\n")
        assert events(Path(name)) == [*("run", "action", "calling", "called", "done")[:whole], "end"]


def test_a_line_that_was_cut_off_counts_as_never_written(tmp_path):
    written(tmp_path, "calling")
    lines_of(tmp_path).write_bytes(lines_of(tmp_path).read_bytes()[:-1])

    assert events(tmp_path) == ["run"]


def test_the_plan_of_a_run_without_a_whole_entry_is_not_vouched_for(tmp_path):
    written(tmp_path)
    lines_of(tmp_path).write_bytes(b"")

    assert journal.read(tmp_path, RUN, KEY) == journal.Record(RUN, "", ())


def test_the_count_goes_on_where_a_run_is_gone_on_with(tmp_path):
    written(tmp_path, "calling")
    with journal.reopen(tmp_path, RUN, KEY, clock=lambda: NOON) as one:
        one.write("called")

    assert [entry["n"] for entry in journal.read(tmp_path, RUN, KEY).entries] == [0, 1, 2]


def test_a_run_that_is_gone_on_with_keeps_its_name(tmp_path):
    written(tmp_path)
    with journal.reopen(tmp_path, RUN, KEY) as one:
        assert one.run == RUN


def test_a_run_without_a_whole_entry_is_not_gone_on_with(tmp_path):
    written(tmp_path)
    lines_of(tmp_path).write_bytes(b'{"n": 0')

    assert refusal(journal.reopen, tmp_path, RUN, KEY) == (
        f"{lines_of(tmp_path)}: the run ended before its first entry. Nothing was called. Apply its plan again."
    )


def test_what_was_promised_is_there_after_a_kill(tmp_path):
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from auditor.runs import journal\n"
        "one = journal.begin(Path(sys.argv[1]), datetime.now(UTC), '{}', {}, b'k' * 32)\n"
        "print(one.run, flush=True)\n"
        "while True:\n"
        "    one.write('calling', operation='x' * 5000)\n"
        "    print('promised', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        run = process.stdout.readline().strip()
        for _ in range(20):
            process.stdout.readline()
        process.kill()
        promised = 20 + process.stdout.read().count("promised\n")

    assert len(journal.read(tmp_path, run, KEY).entries) - 1 in (promised, promised + 1)


@pytest.fixture
def little_space():
    """Lets files of this process grow to so many bytes, until it is called with None."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft if size is None else size, hard))

    yield limited
    limited(None)


def test_an_entry_that_finds_no_space_is_refused(tmp_path, little_space):
    with begun(tmp_path) as one:
        little_space(lines_of(tmp_path).stat().st_size + 20)
        told = refusal(one.write, "calling", operation="x" * 100)
        little_space(None)

    assert told == (
        f"{lines_of(tmp_path)} could not be written (File too large). Nothing is called without its entry, so the run "
        f"stops here. Check the space left, then go on with 'auditor resume {RUN}'."
    )


def test_the_entry_after_one_that_found_no_space_is_whole(tmp_path, little_space):
    with begun(tmp_path) as one:
        little_space(lines_of(tmp_path).stat().st_size + 20)
        refusal(one.write, "calling", operation="x" * 100)
        little_space(None)
        one.write("end")

    assert events(tmp_path) == ["run", "end"]


def test_nothing_is_left_of_a_run_that_finds_no_space(tmp_path, little_space):
    little_space(5)
    refusal(begun, tmp_path)
    little_space(None)

    assert list((tmp_path / "runs").iterdir()) == []


def test_a_store_that_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    assert refusal(begun, tmp_path / "file") == (
        f"{tmp_path / 'file' / 'runs'} could not be written (Not a directory). No run was begun, nothing was called. "
        "Choose another place with --store."
    )


def test_a_process_whose_run_was_taken_over_writes_no_more(tmp_path):
    with begun(tmp_path) as left, journal.reopen(tmp_path, RUN, KEY) as taken:
        taken.write("calling")

        assert refusal(left.write, "calling") == (
            f"{lines_of(tmp_path)} was written by another process meanwhile: somebody took run {RUN} over. This "
            "process calls nothing more. Leave the run to that one."
        )


def test_nothing_is_written_to_a_closed_journal(tmp_path):
    one = begun(tmp_path)
    one.close()

    with pytest.raises(ValueError, match="closed file"):
        one.write("calling")


@pytest.mark.parametrize("line", [b"{", b"", b"[]", b"\xff", b'{"n": 2, "event": "done"}', b'{"event": "done"}'])
def test_a_line_in_the_middle_that_is_not_the_entry_of_its_number_is_refused(tmp_path, line):
    written(tmp_path, "calling", "called")
    first, _, last, _ = lines_of(tmp_path).read_bytes().split(b"\n")
    lines_of(tmp_path).write_bytes(b"\n".join((first, line, last, b"")))

    assert refusal(journal.read, tmp_path, RUN, KEY) == (
        f"{lines_of(tmp_path)}, line 2: entry 1 should stand there, and does not. What the run did cannot be told "
        "from it, and nothing was called. Restore the file from a backup, or make a new plan."
    )


def test_a_line_that_is_missing_is_noticed(tmp_path):
    written(tmp_path, "calling", "called")
    first, _, last, _ = lines_of(tmp_path).read_bytes().split(b"\n")
    lines_of(tmp_path).write_bytes(b"\n".join((first, last, b"")))

    assert "line 2: entry 1 should stand there" in refusal(journal.read, tmp_path, RUN, KEY)


def test_a_plan_that_changed_is_refused(tmp_path):
    path = tmp_path / "runs" / written(tmp_path) / "plan.json"
    path.write_text("{}")

    assert refusal(journal.read, tmp_path, RUN, KEY) == (
        f"{path} is not the plan that the run began with: its sha256 differs from the journal's. Nothing was called. "
        "Restore the file from a backup, or make a new plan."
    )


def test_a_plan_that_is_gone_is_refused(tmp_path):
    path = tmp_path / "runs" / written(tmp_path) / "plan.json"
    path.unlink()

    assert refusal(journal.read, tmp_path, RUN, KEY) == (
        f"{path} could not be read (No such file or directory). Nothing was called. Check its permissions."
    )


def test_a_journal_of_another_version_is_refused(tmp_path):
    written(tmp_path)
    path = lines_of(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": "auditor/journal/9"}) + "\n")

    assert refusal(journal.read, tmp_path, RUN, KEY) == (
        f"{path} is of schema 'auditor/journal/9', and this program (auditor {__version__}) reads "
        "'auditor/journal/3'. Nothing was called. Go on with the version that began the run."
    )


@pytest.mark.parametrize("nested", ["[" * 100_000, "[" * 200 + "]" * 200])
def test_an_entry_that_is_nested_without_end_is_refused(tmp_path, nested):
    written(tmp_path)
    lines_of(tmp_path).write_text(f'{{"n": 0, "event": {nested}}}\n')

    assert "line 1: entry 0 should stand there, and does not" in refusal(journal.read, tmp_path, RUN, KEY)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data())
def test_an_entry_in_which_a_byte_changed_is_refused(tmp_path, data):
    path = lines_of(tmp_path)
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
    with begun(tmp_path, sites=["eu-west-1"]) as one:
        one.write("calling", action="a1", call=0)
        one.write("called", action="a1", call=0, tells={"x": "1"})
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1).filter(lambda at: content[at] != 10))
    content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte not in (10, content[place])))
    path.write_bytes(content)

    assert re.search("should stand there|is of schema|was not sealed", refusal(journal.read, tmp_path, RUN, KEY))


def test_a_run_that_is_not_there_is_refused_with_the_newest_three_that_are(tmp_path):
    for day in range(1, 5):
        begun(tmp_path, datetime(2026, 11, day, tzinfo=UTC)).close()

    assert refusal(journal.read, tmp_path, "20250101T000000Z", KEY) == (
        f"{tmp_path} has no run '20250101T000000Z'. It holds 20261102T000000Z, 20261103T000000Z, 20261104T000000Z. "
        "Nothing was called. Name a run that is there."
    )


def test_a_store_without_runs_says_so(tmp_path):
    assert refusal(journal.reopen, tmp_path, RUN, KEY) == (
        f"{tmp_path} has no run '{RUN}'. It holds none. Nothing was called. Name a run that is there."
    )


def test_a_run_is_looked_for_in_its_store_only(tmp_path):
    written(tmp_path / "other")

    assert "has no run" in refusal(journal.read, tmp_path / "store", f"../../other/runs/{RUN}", KEY)


def test_nothing_is_left_of_a_run_that_was_abandoned(tmp_path):
    with begun(tmp_path) as one:
        journal.abandon(tmp_path, one.run, KEY)

    assert list((tmp_path / "runs").iterdir()) == []


def test_runs_are_told_oldest_first(tmp_path):
    begun(tmp_path, datetime(2026, 11, 23, tzinfo=UTC)).close()
    made = [written(tmp_path) for _ in range(10)]

    assert journal.runs(tmp_path) == ("20261123T000000Z", *made)


def test_a_store_that_is_not_there_has_no_runs(tmp_path):
    assert journal.runs(tmp_path / "none") == ()


def test_a_folder_without_a_journal_is_no_run(tmp_path):
    (tmp_path / "runs" / RUN).mkdir(parents=True)

    assert journal.runs(tmp_path) == ()


def test_a_folder_of_another_name_is_no_run(tmp_path):
    (tmp_path / "runs" / written(tmp_path)).rename(tmp_path / "runs" / "backup")

    assert journal.runs(tmp_path) == ()


def test_a_program_that_this_one_starts_does_not_get_the_journal(tmp_path):
    with begun(tmp_path) as one:
        assert not os.get_inheritable(one._file.fileno())

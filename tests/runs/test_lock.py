"""Two runs never write to the same site of one store at the same time, and a dead one can be followed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from auditor.errors import LockedError, StoreError
from auditor.runs.lock import Owner, held, owner_now

RUN = "20261124T010203Z"
HERE = socket.gethostname()
MINE = Owner(RUN, "anna", HERE, os.getpid(), "2026-11-24T04:02:03Z")
ELSEWHERE = Owner("20261124T000000Z", "ben", "ci-7", 4711, "2026-11-24T01:02:03Z")
HOLDING = """
import sys
from pathlib import Path
from auditor.runs.lock import held, owner_now
with held(Path(sys.argv[1]), ["eu-west-1"], owner_now(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holding(tmp_path):
    """Starts a process that holds the lock of eu-west-1 for a run."""
    started = []

    def begun(run):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDING, tmp_path, run], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield begun
    for process in started:
        process.kill()
        process.communicate()


def killed(process):
    process.kill()
    process.wait()
    return process.pid


def written(store, owner, site="eu-west-1"):
    """The file of a lock that somebody holds."""
    with held(store, [site], owner):
        path = store / "locks" / f"{site}.json"
        content = path.read_text()
    path.write_text(content)
    return path


def locks(store):
    return sorted(path.name for path in (store / "locks").glob("[!.]*"))


def refusal(store, sites=("eu-west-1",), owner=MINE, take_over=False):
    with pytest.raises(LockedError) as caught, held(store, sites, owner, take_over):
        pass
    return str(caught.value)


def test_each_site_has_a_lock_of_its_own_while_they_are_held(tmp_path):
    with held(tmp_path, ["eu-west-1", "prod/eu-west-1", "eu-west-1"], MINE):
        assert locks(tmp_path) == ["eu-west-1.json", "prod__eu-west-1.json"]


def test_a_lock_says_who_holds_it(tmp_path):
    with held(tmp_path, ["eu-west-1"], MINE):
        assert json.loads((tmp_path / "locks" / "eu-west-1.json").read_text()) == {
            "schema": "auditor/lock/1",
            "run": RUN,
            "owner": f"anna@{HERE}",
            "pid": os.getpid(),
            "since": "2026-11-24T04:02:03Z",
        }


def test_a_lock_has_sorted_keys_and_ends_with_a_newline(tmp_path):
    text = written(tmp_path, ELSEWHERE).read_text()

    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1) + "\n"


def test_the_owner_is_this_process():
    owner = owner_now(RUN)

    assert (owner.run, owner.host, owner.pid) == (RUN, HERE, os.getpid())


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become a user that has no name")
def test_a_user_without_a_name_is_told_by_number(monkeypatch):
    program = "import os; from auditor.runs.lock import owner_now; os.setuid(54321); print(owner_now('').who)"
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout == "54321\n"


@pytest.mark.parametrize("ending", [ValueError, KeyboardInterrupt, SystemExit])
def test_no_lock_is_left_however_it_ends(tmp_path, ending):
    with pytest.raises(ending), held(tmp_path, ["eu-west-1", "us-east-1"], MINE):
        raise ending

    assert locks(tmp_path) == []


def test_no_lock_is_left_when_all_went_well(tmp_path):
    with held(tmp_path, ["eu-west-1", "us-east-1"], MINE):
        pass

    assert locks(tmp_path) == []


def test_a_lock_that_somebody_took_over_meanwhile_stays(tmp_path):
    with held(tmp_path, ["eu-west-1"], MINE):
        content = written(tmp_path / "other", ELSEWHERE).read_text()
        (tmp_path / "locks" / "eu-west-1.json").write_text(content)

    assert (tmp_path / "locks" / "eu-west-1.json").read_text() == content


def test_a_lock_that_somebody_deleted_meanwhile_is_not_missed(tmp_path):
    with held(tmp_path, ["eu-west-1"], MINE):
        (tmp_path / "locks" / "eu-west-1.json").unlink()

    assert locks(tmp_path) == []


def test_a_site_that_another_run_holds_is_refused(tmp_path):
    written(tmp_path, ELSEWHERE)

    assert refusal(tmp_path) == (
        "eu-west-1 is locked by ben@ci-7 (pid 4711) for run 20261124T000000Z, since 2026-11-24T01:02:03Z, 3 hours "
        "ago. Nothing was called. If that run is dead, take the lock over with --take-over; 'auditor resume "
        "20261124T000000Z' goes on with what it left."
    )


@pytest.mark.parametrize(
    ("now", "age"),
    [
        ("2026-11-24T01:02:02Z", "less than a minute"),
        ("2026-11-24T01:03:02Z", "less than a minute"),
        ("2026-11-24T01:03:03Z", "1 minute"),
        ("2026-11-24T02:02:02Z", "59 minutes"),
        ("2026-11-24T02:02:03Z", "1 hour"),
        ("2026-11-25T01:02:02Z", "23 hours"),
        ("2026-11-25T01:02:03Z", "1 day"),
        ("2026-12-01T01:02:03Z", "7 days"),
    ],
)
def test_the_age_of_a_lock_is_told_in_words(tmp_path, now, age):
    written(tmp_path, ELSEWHERE)

    assert f", {age} ago. " in refusal(tmp_path, owner=replace(MINE, since=now))


def test_where_one_site_is_refused_none_is_held(tmp_path):
    written(tmp_path, ELSEWHERE, "eu-west-1")
    refusal(tmp_path, ["ap-southeast-2", "eu-west-1", "us-east-1"])

    assert locks(tmp_path) == ["eu-west-1.json"]


def test_of_several_refused_sites_the_first_by_name_is_told(tmp_path):
    written(tmp_path, ELSEWHERE, "us-east-1")
    written(tmp_path, ELSEWHERE, "eu-west-1")

    assert refusal(tmp_path, ["us-east-1", "eu-west-1"]).startswith("eu-west-1 is locked by")


def test_the_lock_of_another_run_that_died_here_is_refused(tmp_path, holding):
    killed(holding("20261124T000000Z"))

    assert "If that run is dead, take the lock over with --take-over" in refusal(tmp_path)


def test_the_lock_of_the_same_run_that_died_here_is_free(tmp_path, holding):
    killed(holding(RUN))

    with held(tmp_path, ["eu-west-1"], MINE):
        assert json.loads((tmp_path / "locks" / "eu-west-1.json").read_text())["pid"] == os.getpid()


def test_the_lock_of_the_same_run_on_another_host_is_refused(tmp_path):
    written(tmp_path, replace(ELSEWHERE, run=RUN))

    assert "take the lock over with --take-over" in refusal(tmp_path)


def test_the_lock_of_the_same_run_is_refused_while_its_process_is_alive(tmp_path, holding):
    process = holding(RUN)

    assert f"It is still running (pid {process.pid})." in refusal(tmp_path)


def test_what_to_do_about_a_process_that_is_alive_is_told(tmp_path):
    path = written(tmp_path, replace(MINE, run="20261124T000000Z", since="2026-11-24T04:01:03Z"))

    assert refusal(tmp_path) == (
        f"eu-west-1 is locked by anna@{HERE} (pid {os.getpid()}) for run 20261124T000000Z, since "
        f"2026-11-24T04:01:03Z, 1 minute ago. It is still running (pid {os.getpid()}). Nothing was called. Wait for "
        f"its end or stop it; if process {os.getpid()} is another program by now, delete {path}."
    )


def test_a_process_of_another_user_is_alive(tmp_path):
    # Process 1 is there, whoever it belongs to.
    written(tmp_path, replace(MINE, pid=1))

    assert "It is still running (pid 1)." in refusal(tmp_path)


def test_a_lock_that_is_held_twice_by_one_process_stays_with_the_first(tmp_path):
    with held(tmp_path, ["eu-west-1"], MINE):
        refusal(tmp_path)

        assert locks(tmp_path) == ["eu-west-1.json"]


def test_taking_over_takes_the_lock_of_another_host(tmp_path):
    path = written(tmp_path, ELSEWHERE)

    with held(tmp_path, ["eu-west-1"], MINE, take_over=True):
        assert json.loads(path.read_text())["run"] == RUN


def test_a_process_of_another_host_is_not_looked_for_here(tmp_path):
    path = written(tmp_path, replace(ELSEWHERE, pid=os.getpid()))

    with held(tmp_path, ["eu-west-1"], MINE, take_over=True):
        assert json.loads(path.read_text())["run"] == RUN


def test_taking_over_takes_the_lock_of_another_run_that_died_here(tmp_path, holding):
    killed(holding("20261124T000000Z"))

    with held(tmp_path, ["eu-west-1"], MINE, take_over=True):
        assert json.loads((tmp_path / "locks" / "eu-west-1.json").read_text())["run"] == RUN


def test_taking_over_leaves_the_lock_of_a_process_that_is_alive_here(tmp_path, holding):
    process = holding("20261124T000000Z")

    assert f"It is still running (pid {process.pid})." in refusal(tmp_path, take_over=True)


WHOLE = {"owner": "ben@ci-7", "pid": 4711, "run": RUN, "schema": "auditor/lock/1", "since": "2026-11-24T01:02:03Z"}
NOT_WHOLE = [
    "",
    '{\n "owner": "ben@ci-7",',
    "[]",
    "{}",
    *(
        json.dumps({**WHOLE, **changed}, sort_keys=True, indent=1) + "\n"
        for changed in (
            {"pid": 0},
            {"pid": -1},
            {"pid": "4711"},
            {"pid": 2**31},
            {"since": "yesterday"},
            {"owner": 7},
            {"schema": "auditor/lock/2"},
        )
    ),
]


@pytest.mark.parametrize("content", NOT_WHOLE)
def test_a_lock_that_is_not_whole_is_refused(tmp_path, content):
    path = written(tmp_path, ELSEWHERE)
    path.write_text(content)

    assert refusal(tmp_path) == (
        f"eu-west-1 is locked, and by whom cannot be told: {path} is not a whole lock. Nothing was called. If no run "
        "is going on there, take the lock over with --take-over."
    )


@pytest.mark.parametrize("content", NOT_WHOLE)
def test_taking_over_takes_a_lock_that_is_not_whole(tmp_path, content):
    path = written(tmp_path, ELSEWHERE)
    path.write_text(content)

    with held(tmp_path, ["eu-west-1"], MINE, take_over=True):
        assert json.loads(path.read_text())["run"] == RUN


def test_of_many_that_want_a_site_at_once_each_gets_it_or_is_told_who_has_it(tmp_path):
    told = []

    def wanting():
        for _ in range(50):
            try:
                with held(tmp_path, ["eu-west-1"], MINE):
                    told.append("held")
            except LockedError:
                told.append("refused")

    threads = [threading.Thread(target=wanting) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # What else a thread had met would have ended it early.
    assert len(told) == 400


def test_of_many_processes_that_take_a_dead_lock_over_at_once_one_gets_it(tmp_path):
    written(tmp_path, ELSEWHERE)
    taking = HOLDING.replace("owner_now(sys.argv[2])", "owner_now(sys.argv[2]), take_over=True")
    taking = taking.replace("with held", "print(flush=True); sys.stdin.readline()\nwith held")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", taking, tmp_path, str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.stdout.readline() for process in processes]
    for process in processes:
        process.communicate()

    assert sorted(told) == ["", "", "", "held\n"]


def test_a_store_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError) as caught, held(tmp_path / "file", ["eu-west-1"], MINE):
        pass

    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'locks'} could not be written (Not a directory). No site was locked, and nothing was "
        "called. Check the path, its permissions and the space left, or choose another with --store."
    )


def test_an_error_of_what_is_done_under_the_lock_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), held(tmp_path, ["eu-west-1"], MINE):
        raise FileNotFoundError


def test_locks_that_cannot_be_given_back_are_told_of(tmp_path):
    holding_one = held(tmp_path, ["eu-west-1"], MINE)
    holding_one.__enter__()
    (tmp_path / "locks").rename(tmp_path / "away")
    (tmp_path / "locks").write_text("")

    with pytest.raises(StoreError) as caught:
        holding_one.__exit__(None, None, None)

    assert str(caught.value) == (
        f"{tmp_path / 'locks'} could not be written (File exists). The run is over, and its locks are still there: "
        "delete them yourself."
    )

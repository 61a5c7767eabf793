"""The program on a store in a folder, and on one in a bucket: the same comes of both."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from commands.test_audit import SITES, Nights, change
from webhook import webhook

from auditor.aws.site import read_site
from auditor.errors import LockedError, LostLeaseError, StoreError
from auditor.report.page.render import render_html
from auditor.store import audit_lock
from auditor.store.audit_lock import LEASE, NAME, alone
from auditor.store.store import snapshots, storage_at

FUNCTION = {"Role": "arn:aws:iam::123456789012:role/shop", "Runtime": "python3.12", "Handler": "app.handler",
            "MemorySize": 512, "Code": {"app.py": "def handler(event, context): return 1\n"}}  # fmt: skip
NIGHTS = ("20261101T010000Z", "20261102T010000Z", "20261103T010000Z")


@pytest.fixture(params=["kept", "s3://kept/of/auditor"])
def kept_in(request, aws, monkeypatch, tmp_path):
    """A store, named by the settings; api differs in eu-west-1."""
    if request.param.startswith("s3"):
        aws.client("s3").create_bucket(Bucket="kept")
    aws.seed(
        us_east_1={"AWS::Lambda::Function": {"api": FUNCTION}},
        eu_west_1={"AWS::Lambda::Function": {"api": {**FUNCTION, "MemorySize": 256}}},
    )
    monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", "a" * 44)
    monkeypatch.setattr("auditor.store.snapshot.datetime", Nights())
    (tmp_path / "auditor.yaml").write_text(f"store: {request.param}\ntypes: ['AWS::Lambda::Function']\n")
    return storage_at(request.param)


@pytest.fixture
def keeping(kept_in, tmp_path):
    """The same, with one day kept."""
    (tmp_path / "auditor.yaml").write_text(f"store: {kept_in.address}\ntypes: ['AWS::Lambda::*']\nkeep: {{daily: 1}}\n")
    return kept_in


def test_a_snapshot_is_taken_and_compared_with_golden(kept_in, run):
    kept = run("snapshot", *SITES).out.strip()

    found = json.loads(run("diff", kept, "--format", "json").out)["findings"]

    assert [(one["site"], one["name"], one["changes"]) for one in found] == [
        ("eu-west-1", "api", [{"path": "/MemorySize", "golden": 512, "actual": 256}])
    ]


def test_two_snapshots_are_compared_and_reported(kept_in, run, aws, tmp_path):
    first = run("snapshot", *SITES).out.strip()
    change(aws, "api", MemorySize=512)
    second = run("snapshot", *SITES).out.strip()

    codes = run("diff", first, second).code, run("report", first, "latest", "-o", "r.html").code

    assert (codes, (tmp_path / "r.html").exists()) == ((0, 0), True)


@pytest.mark.parametrize("golden", ["snapshot:{id}", "file:{address}/{id}/us-east-1.json.zst"])
def test_golden_is_a_snapshot_of_the_store(kept_in, run, golden):
    kept = run("snapshot", *SITES).out.strip()

    told = run("diff", *SITES[2:], "--golden", golden.format(id=kept, address=kept_in.address), "--format", "json")

    assert [one["site"] for one in json.loads(told.out)["findings"]] == ["eu-west-1"]


def test_an_audit_keeps_snapshot_reports_and_history_together(kept_in, run):
    told = run("audit", *SITES, "-o", "r.html")

    assert (told.code, [one.name for one in kept_in.listed("") if not one.name.startswith(NAME)]) == (
        2,
        [
            "20261101T010000Z/eu-west-1.json.zst",
            "20261101T010000Z/manifest.json",
            "20261101T010000Z/us-east-1.json.zst",
            "history/20261101T010000Z.json",
            "reports/20261101T010000Z.html",
            "reports/20261101T010000Z.json",
            "reports/latest.html",
            "reports/latest.json",
        ],
    )


def test_two_audits_into_one_store_do_not_run_at_once(kept_in, run):
    with alone(kept_in):
        told = run("audit", *SITES)

    assert (told.code, told.err.startswith(f"auditor: An audit is going on in {kept_in.address} (")) == (1, True)


def test_an_audit_that_came_to_its_end_lets_the_next_begin(kept_in, run):
    with alone(kept_in):
        pass

    assert run("audit", *SITES).code == 2


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
@pytest.mark.parametrize(("age", "code"), [(LEASE - timedelta(minutes=1), 1), (LEASE + timedelta(minutes=1), 2)])
def test_a_lease_that_a_killed_audit_left_runs_out(kept_in, run, age, code):
    until = (datetime.now(UTC) - age + LEASE).isoformat()
    kept_in.write(f"{NAME}/000000007", json.dumps({"until": until}).encode())

    assert run("audit", *SITES).code == code


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_of_two_that_want_the_next_lease_one_gets_it(kept_in):
    def tried(_):
        try:
            with alone(kept_in):
                time.sleep(2)
                return True
        except LockedError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tried, range(4))) == [False, False, False, True]


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_one_lease_is_kept_however_many_audits_there_were(kept_in):
    for _ in range(3):
        with alone(kept_in):
            pass

    assert [one.name for one in kept_in.listed("")] == [f"{NAME}/000000003"]


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_an_audit_whose_lease_ran_out_writes_over_nothing_of_the_one_that_took_it(kept_in):
    with alone(kept_in) as hold:
        kept_in.write(f"{NAME}/000000002", b"another's")
        kept_in.remove(f"{NAME}/000000001")
        with pytest.raises(LostLeaseError) as lost:
            hold.refuse_lost()

    assert str(lost.value).startswith("Another audit has begun in s3://kept/of/auditor meanwhile: this one was stopped")
    assert [(one.name, one.size) for one in kept_in.listed("")] == [(f"{NAME}/000000002", len(b"another's"))]


def lost_while(where, monkeypatch, kept_in):
    """Another audit takes the next lease at a moment of this one, by which it has run out."""

    def while_read(reader, site, progress):
        kept_in.write(f"{NAME}/000000002", b"another's")
        return read_site(reader, site, progress)

    def rendered(report):
        kept_in.write(f"{NAME}/000000002", b"another's")
        return render_html(report)

    if where == "read":
        monkeypatch.setattr("auditor.store.audit_lock._RENEWED", timedelta())
    names = {"read": ("store.snapshot.read_site", while_read), "rendered": ("commands.audit.render_html", rendered)}
    monkeypatch.setattr(f"auditor.{names[where][0]}", names[where][1])


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
@pytest.mark.parametrize("where", ["read", "rendered"])
def test_an_audit_that_lost_its_lease_leaves_all_that_is_written_and_told_to_the_other(
    kept_in, run, monkeypatch, where, tmp_path
):
    lost_while(where, monkeypatch, kept_in)
    with webhook() as hook:
        settings = tmp_path / "auditor.yaml"
        own = f"notify: [{{url: 'json://{hook.address}/', when: [always]}}]\nmetrics: {{prometheus: own.prom}}\n"
        settings.write_text(f"{settings.read_text()}{own}")
        told = run("audit", *SITES)

    assert (told.code, told.err.startswith("auditor: Another audit has begun in"), hook.got) == (1, True, [])
    assert (kept_in.listed("reports/"), kept_in.listed("history/"), (tmp_path / "own.prom").exists()) == ((), (), False)


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_an_audit_that_reads_for_longer_than_a_lease_lasts_keeps_it(kept_in, monkeypatch):
    monkeypatch.setattr("auditor.store.audit_lock.LEASE", timedelta(seconds=3))
    monkeypatch.setattr("auditor.store.audit_lock._RENEWED", timedelta(seconds=1))
    with alone(kept_in) as hold:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            hold.keep()
            time.sleep(0.1)
        with pytest.raises(LockedError), alone(kept_in):
            pass
        hold.refuse_lost()

    with alone(kept_in):
        assert len(kept_in.listed(NAME)) == 1


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
@pytest.mark.parametrize("step", [timedelta(days=3), timedelta(days=-3)])
def test_a_clock_that_is_set_takes_no_lease_from_who_holds_it(kept_in, monkeypatch, step):
    class Set(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + step

    with alone(kept_in) as hold:
        monkeypatch.setattr("auditor.store.audit_lock.datetime", Set)
        hold.keep()
        hold.refuse_lost()
        with pytest.raises(LockedError), alone(kept_in):
            pass


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_of_one_that_renews_late_and_one_that_takes_the_lease_only_one_has_it(kept_in, monkeypatch):
    begun, still = Barrier(2), audit_lock._going_on

    def took():
        begun.wait()
        try:
            with alone(kept_in):
                time.sleep(1)
                return True
        except LockedError:
            return False

    with ThreadPoolExecutor(1) as pool, alone(kept_in) as hold:
        # As if the first one had run out, and none that follows it.
        monkeypatch.setattr(
            audit_lock, "_going_on", lambda store, name, now: "" if name.endswith("1") else still(store, name, now)
        )
        other = pool.submit(took)
        begun.wait()
        try:
            hold.refuse_lost()
            renewed = True
        except LockedError:
            renewed = False
        assert sorted([renewed, other.result()]) == [False, True]


class Unsure:
    """A store whose next write is done, and answered by an error."""

    def __init__(self, place):
        self.place, self.fails = place, False

    def __getattr__(self, name):
        return getattr(self.place, name)

    def create(self, name, content):
        made = self.place.create(name, content)
        if self.fails:
            self.fails = False
            raise StoreError("the answer was lost")
        return made


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_a_renewal_of_which_the_answer_was_lost_loses_no_lease_and_keeps_nobody_out(kept_in, monkeypatch):
    monkeypatch.setattr("auditor.store.audit_lock._RENEWED", timedelta())
    store = Unsure(kept_in)
    with alone(store) as hold:
        store.fails = True
        hold.keep()
        time.sleep(1.1)
        hold.refuse_lost()

    with alone(store) as hold:
        store.fails = True
        hold.keep()

    with alone(kept_in):
        pass


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_what_is_no_lease_is_left_alone_and_in_nobodys_way(kept_in):
    own = [f"{NAME}/{name}" for name in ("x", "7", "00000000x", "٠٠٠٠٠٠٠٠٩", "000000009/x", "")]
    for name in own:
        kept_in.write(name, b"somebody's own")
    with alone(kept_in) as hold:
        hold.refuse_lost()

    assert {one.name: one.size for one in kept_in.listed("")} == {
        **dict.fromkeys(own, len(b"somebody's own")), f"{NAME}/000000002": 0,
    }  # fmt: skip


class Unlistable:
    """A store that can be listed only so often, as where permission is taken away meanwhile."""

    def __init__(self, place, times):
        self.place, self.times = place, times

    def __getattr__(self, name):
        return getattr(self.place, name)

    def listed(self, beginning):
        self.times -= 1
        if self.times < 0:
            raise StoreError("may not be listed")
        return self.place.listed(beginning)


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_a_lease_that_was_got_and_could_not_be_looked_at_keeps_nobody_out(kept_in):
    with pytest.raises(StoreError), alone(Unlistable(kept_in, 1)):
        pass

    with alone(kept_in):
        assert [one.name for one in kept_in.listed("")] == [f"{NAME}/000000002"]


def test_the_history_is_told_of_what_the_store_holds(kept_in, run, aws):
    run("audit", *SITES)
    change(aws, "api", MemorySize=512)
    run("audit", *SITES)

    assert run("history").out.split("\n")[0] == (
        "Run of 2026-11-02T01:00:00Z against us-east-1: 0 new, 0 still there, 1 fixed."
    )


def test_a_report_is_written_where_the_history_cannot_be_looked_at(aws, run, tmp_path):
    aws.seed(us_east_1={"AWS::Lambda::Function": {"api": FUNCTION}}, eu_west_1={})

    told = run("report", *SITES, "--store", "s3://nobodys-bucket/x", "-o", "r.html")

    assert ((tmp_path / "r.html").exists(), "s3://nobodys-bucket/x/history/ could not be listed" in told.err) == (
        True,
        True,
    )


def test_an_audit_removes_what_keep_leaves_no_place_for_with_its_reports(keeping, run):
    run("audit", *SITES)

    told = run("audit", *SITES)

    assert (told.err, [one.name for one in keeping.listed("") if NIGHTS[0] in one.name]) == (
        "Removed 1 older snapshot, with page and JSON: 20261101T010000Z.\n",
        ["history/20261101T010000Z.json"],
    )


def test_settings_with_another_golden_keep_their_own_snapshots(keeping, run):
    run("audit", *SITES)

    run("audit", *SITES, "--golden", "eu-west-1")

    assert snapshots(keeping) == NIGHTS[:2]


def test_without_keep_nothing_is_removed(kept_in, run):
    run("audit", *SITES)
    run("audit", *SITES)

    assert snapshots(kept_in) == NIGHTS[:2]


def test_the_snapshot_that_golden_names_is_not_removed(keeping, run):
    run("audit", *SITES)

    for _ in range(2):
        run("audit", *SITES[2:], "--golden", f"snapshot:{NIGHTS[0]}")

    assert snapshots(keeping) == (NIGHTS[0], NIGHTS[2])


def test_nothing_is_removed_where_something_could_not_be_read(keeping, run, aws, monkeypatch):
    run("audit", *SITES)
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    told = run("audit", *SITES)

    assert (told.code, "so no snapshot was removed" in told.err, snapshots(keeping)) == (3, True, NIGHTS[:2])


def test_the_list_tells_each_snapshot_in_a_line(kept_in, run):
    run("snapshot", *SITES)

    heading, line = run("snapshot", "list").out.rstrip("\n").split("\n")

    assert (heading.split(), [*line.split()[:5], line.split()[-1]]) == (
        ["ID", "TAKEN", "GOLDEN", "SITES", "RESOURCES", "SIZE", "COMPLETE"],
        ["20261101T010000Z", "2026-11-01T01:00:00Z", "us-east-1", "2", "2", "yes"],
    )


def test_a_snapshot_whose_manifest_changed_is_listed_as_damaged(kept_in, run):
    kept = run("snapshot", *SITES).out.strip()
    kept_in.write(f"{kept}/manifest.json", b"{}")

    told = run("snapshot", "list")

    assert (told.code, told.out.split()[-1]) == (1, "damaged")


def test_a_snapshot_is_shown_by_site_and_type(kept_in, run):
    run("snapshot", *SITES)

    assert "eu-west-1  1 resource\n       1  AWS::Lambda::Function\n" in run("snapshot", "show").out


def test_what_could_not_be_read_is_shown(kept_in, run, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    run("snapshot", *SITES)

    assert (
        "eu-west-1: AWS::Lambda::Function could not be listed: EndpointConnectionError" in run("snapshot", "show").out
    )


def test_one_resource_is_shown_as_it_is_stored(kept_in, run):
    run("snapshot", *SITES)

    told = json.loads(run("snapshot", "show", "--site", "eu-west-1", "--name", "api").out)

    assert (told["site"], told["type"], told["facets"]["configuration"]["value"]["MemorySize"]) == (
        "eu-west-1",
        "AWS::Lambda::Function",
        256,
    )


def test_one_resource_is_found_by_globs(kept_in, run):
    run("snapshot", *SITES)

    told = run("snapshot", "show", "--site", "eu-west-1", "--name", "a*", "--type", "*::Function")

    assert json.loads(told.out)["name"] == "api"


def test_a_site_that_a_snapshot_does_not_hold_is_not_printed(kept_in, run):
    run("snapshot", *SITES)

    assert run("snapshot", "show", "latest", "--site", "mars").err.rstrip().endswith("Nothing was printed.")


def test_where_several_resources_are_meant_they_are_named_and_none_is_shown(kept_in, run):
    run("snapshot", *SITES)

    told = run("snapshot", "show", "--name", "api")

    assert told.err == (
        "auditor: Snapshot 20261101T010000Z holds 2 such resources; one is needed. Nothing was printed. Single one out "
        "with --site, --type and --name.\n"
        "  eu-west-1: AWS::Lambda::Function/api\n"
        "  us-east-1: AWS::Lambda::Function/api\n"
    )


def test_snapshots_that_are_as_written_are_verified(kept_in, run):
    run("snapshot", *SITES)
    run("snapshot", *SITES)

    told = run("snapshot", "verify")

    assert (told.code, told.out) == (0, "20261101T010000Z: as written\n20261102T010000Z: as written\n")


@pytest.mark.parametrize("name", ["manifest.json", "us-east-1.json.zst", "another.json.zst"])
@pytest.mark.parametrize("which", [(), ("latest",)])
def test_a_file_that_is_not_as_written_is_told_by_verify(kept_in, run, name, which):
    kept = run("snapshot", *SITES).out.strip()
    kept_in.write(f"{kept}/{name}", b"x")

    told = run("snapshot", "verify", *which)

    assert (told.code, f"{kept_in.address}/{kept}/{name}" in told.err) == (1, True)


def test_a_store_without_a_snapshot_is_not_verified(kept_in, run):
    told = run("snapshot", "verify")

    assert (told.code, "has no snapshot 'latest'. It holds none." in told.err) == (1, True)


def test_the_store_may_be_named_before_the_command(kept_in, run):
    run("snapshot", *SITES)

    told = run("snapshot", "--store", "elsewhere", "list")

    assert (told.code, told.out, told.err) == (
        0,
        "",
        "There is no snapshot at elsewhere. Take one with 'auditor snapshot'.\n",
    )


def test_an_empty_store_is_refused(kept_in, run):
    told = run("snapshot", "list", "--store", "")

    assert (told.code, "--store: a folder, or s3://BUCKET/PREFIX, is needed" in told.err) == (1, True)


def test_a_run_that_is_killed_while_it_writes_leaves_no_snapshot(kept_in, run, aws):
    kept = run("snapshot", *SITES).out.strip()
    going = subprocess.Popen([sys.executable, "-m", "auditor", "snapshot", *SITES], env=dict(os.environ))
    while len(kept_in.listed("")) < 4 and going.poll() is None:
        time.sleep(0.01)
    going.send_signal(signal.SIGKILL)
    going.wait(20)

    assert (going.returncode, run("snapshot", "verify").out) == (-9, f"{kept}: as written\n")


@pytest.mark.parametrize("kept_in", ["s3://kept/of/auditor"], indirect=True)
def test_a_run_that_writes_keeps_its_journal_here_and_says_so(kept_in, run, tmp_path):
    told = run("reconcile", *SITES, "--yes")

    here = len(list((tmp_path / ".auditor" / "runs").iterdir()))
    assert (told.code, here, "The store is in S3, so the run's journal and the locks are kept here" in told.err) == (
        0,
        1,
        True,
    )

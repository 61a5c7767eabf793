"""A share of `make torture`, and that a trial can fail."""

from __future__ import annotations

import base64
import json

import pytest

from bench import (
    torture,
    torture_canaries,
    torture_forgeries,
    torture_nights,
    torture_pushes,
    torture_reads,
    torture_shipping,
    torture_writes,
)
from bench.faults import FAILING
from bench.forged import forgeries
from bench.torture_canaries import CANARY
from bench.torture_drifts import drifts
from bench.torture_oracle import Blind, Difference, Memory, night
from bench.torture_reads import found_in, judged, undisturbed
from bench.torture_trial import Ended, Trial, run, workplace
from bench.torture_world import World
from bench.torture_writes import undisturbed as undisturbed_write
from bench.wire import on_wire

DIFF = "AWS::CodeDeploy::*"


@pytest.fixture(autouse=True)
def alone(clean_environment):
    """Nothing of whoever runs the tests."""


def reports(**changes):
    with workplace(types=[DIFF]), on_wire(World().wire):
        ended = run("diff", "--format", "json")
    return Ended(changes.pop("code", ended.code), json.dumps({**json.loads(ended.out), **changes}), "")


@pytest.mark.parametrize("fault", FAILING)
def test_what_aws_does_not_answer_is_unread_and_all_else_is_as_it_was(fault):
    trials = [
        one for one in torture_reads.trials() if one.name.startswith("diff codedeploy.") and f" {fault} " in one.name
    ]

    assert [torture.came_of(one).wrong for one in trials[::5]] == [()] * len(trials[::5])


@pytest.mark.parametrize("fault", [*FAILING, "done, failed", "done, too slow"])
@pytest.mark.parametrize("path", ["MemorySize", "Tags", "Policy the other way"])
def test_what_is_written_and_not_answered_is_done_once_or_said_not_to_be(fault, path):
    (one,) = (one for one in drifts() if one.name == f"AWS::Lambda::Function/{path}")
    known = undisturbed_write(one)

    assert [list(torture_writes.tried(known, called, fault, back=False)) for called in known.there[:1]] == [[]]


def test_what_is_called_done_and_is_not_is_a_violation():
    known = undisturbed_write(next(drifts()))

    with workplace() as folder:
        estate = torture_writes.Estate(known.drifted, folder)
        assert list(torture_writes._judged(estate, Ended(0, "", ""), estate.shown())) == ["said to be done, and is not"]


def test_a_finding_that_is_not_so_is_a_violation():
    (one,) = found_in(reports()).known
    model = undisturbed(DIFF)
    silent = torture_reads.Undisturbed(model.called, torture_reads.Found(frozenset(), frozenset(), True), model.planned)

    assert list(judged(silent, reports())) == [f"found, and not so: {' '.join(one)}"]


def test_a_finding_that_is_lost_without_a_word_is_a_violation():
    (one,) = undisturbed(DIFF).found.known

    assert list(judged(undisturbed(DIFF), reports(findings=[], code=2))) == [f"complete, and lost: {' '.join(one)}"]


def test_a_traceback_is_a_violation():
    assert list(Ended(0, "", "", "Traceback\nKeyError: 'x'").wrong(0)) == ["a traceback: KeyError: 'x'"]


def test_a_fault_that_never_happens_is_a_violation():
    assert list(torture_reads.tried("diff", DIFF, "lambda.GetPolicy", "denied", "site")) == ["it never happened"]


def test_what_breaks_a_trial_is_a_violation():
    def broken():
        raise KeyError("trial")

    assert torture.came_of(Trial("reads", "broken", broken)).wrong[0].endswith("KeyError: 'trial'\n")


def test_cases_and_violations_are_counted_last(capsys):
    came = [torture.Came("reads", "one", 2, ()), torture.Came("reads", "other", 1, ("so",))]

    rows = torture.print_results(came, 0.0, 1)

    assert (rows, capsys.readouterr().out.splitlines()[-1]) == (
        (torture.Row("reads", 3, 1),),
        "cases 3, violations 1",
    )


def test_the_table_of_a_document_is_written_anew_and_all_else_stays():
    text = torture.with_table(
        "a\n<!-- make torture -->old<!-- made by make torture -->\nb\n", [torture.Row("reads", 2000, 1)]
    )

    assert (text.startswith("a\n"), text.endswith("\nb\n"), "old" in text, "| 2,000 | 1 |" in text) == (
        True,
        True,
        False,
        True,
    )


def test_a_sample_has_so_many_cases_and_nothing_longer_than_it():
    trials = torture.chosen(["nights"], sample=20)

    assert [one.cases for one in trials] == [20]


@pytest.mark.parametrize(
    ("content", "found"),
    [(CANARY, True), (base64.b64encode(f"ab{CANARY}!".encode()).decode(), True), ("nothing", False)],
)
def test_a_canary_is_found_in_whatever_form_it_is(tmp_path, content, found):
    (tmp_path / "file").write_text(content)

    assert bool(list(torture_canaries.found_in(Ended(0, "", ""), tmp_path))) == found


@pytest.mark.parametrize("part", ["canaries", "fuzz", "kills", "shipping"])
def test_a_share_of_each_part_has_no_violation(part):
    came = [torture.came_of(one) for one in torture.chosen([part], sample=5)]

    assert [(one.name, one.wrong) for one in came if one.wrong] == []


@pytest.mark.parametrize(
    "name",
    [
        "Server: deploy s3.HeadObject moved for good",
        "Server: deploy codedeploy.CreateDeployment foreign object",
        "Lambda: deploy codedeploy.GetDeployment no members",
        "alias: deploy lambda.GetAlias foreign object",
        "alias: deploy lambda.UpdateAlias no content",
        "alias: deploy lambda.PublishVersion done, no members",
        "alias: rollback lambda.UpdateAlias failed",
        "Server: rollback ends Failed",
        "Server, in parts: deploy s3.UploadPart no content",
        "Server, in parts: deploy s3.CreateMultipartUpload foreign element",
        "Server, in parts: deploy s3.CompleteMultipartUpload done, no members",
        "Server: deploy s3.PutObject done, no content",
        "Server: release codedeploy.CreateDeployment lost",
    ],
)
def test_what_is_shipped_is_deployed_once_or_said_not_to_be(name):
    kind, _, rest = name.partition(": ")
    command, called, fault = rest.split(" ", 2)
    if called == "ends":
        assert list(torture_shipping.ended_so(kind, command, fault)) == []
    else:
        assert list(torture_shipping.tried(kind, command, called, fault)) == []


@pytest.mark.parametrize("seal", torture_forgeries.SEALS)
def test_a_plan_that_somebody_changed_is_refused_whole_and_one_that_is_carried_out_is_a_violation(seal):
    name = "AWS::Lambda::Function/Tags"
    document = torture_forgeries.document_of(name)
    some = list(forgeries(document))[::5]

    assert [(one.what, wrong) for one in some for wrong in torture_forgeries.tried(name, one.document, seal)] == []
    assert bool(list(torture_forgeries.tried(name, document, seal))) is (seal == "true seal")


@pytest.mark.parametrize("kind", [torture_pushes.batch_damaged, torture_pushes.push_damaged])
def test_what_is_damaged_on_the_way_to_the_functions_fails_alone_and_deploys_nothing_foreign(kind):
    assert [wrong for number in range(40) for wrong in kind(number)] == []


def test_with_v_each_half_of_a_release_its_resumption_and_the_way_back_tell_what_they_called():
    with torture_shipping.yard_of("Server") as yard:
        released = run("release", "app", "--yes", "-v")
        name = torture_shipping.journal_in(yard.estate.folder)[0]
        said = [released, run("resume", name, "-v"), run("rollback", name, "--yes", "-v")]

    assert [one.err.count("API calls in all") for one in said] == [2, 1, 2]
    wanted = ["lambda.TagResource", "s3.PutObject", "codedeploy.CreateDeployment"]
    assert [one for one in wanted if f" {one}\n" not in released.err] == []
    assert " codedeploy.CreateDeployment\n" in said[2].err


def test_what_is_called_deployed_and_is_not_is_a_violation():
    said = '{"event": "deployment", "site": "eu-west-1", "group": "web", "state": "deployed"}'

    with torture_shipping.yard_of("Server") as yard:
        wrong = torture_shipping.judged(yard, "deploy", Ended(0, "", said), yard.shown(), "sha")
        assert "eu-west-1: deployed, it says, and it is not so" in list(wrong)


def test_every_night_is_as_plain_values_say_it_must_be():
    assert list(torture_nights.story(10, 5)) == []


SITE = ("eu-west-1", "T", "a")


def seen_of(golden, here, *blind):
    return night("us-east-1", {"us-east-1": {("T", "a"): golden}, "eu-west-1": {("T", "a"): here}}, blind)


def test_what_differs_is_open_and_what_is_hidden_is_not():
    seen = seen_of({"/Tags/x": 1, "/Size": 1}, {"/Tags/x": 2, "/Size": 2}, Blind("us-east-1", "T", "/Tags"))

    assert (seen.open, seen.unread) == ({SITE: Difference("changed", frozenset({("/Size", 1, 2)}))}, {SITE})


def test_of_a_type_that_is_hidden_nothing_is_open():
    assert seen_of({"/Size": 1}, {"/Size": 2}, Blind("eu-west-1", "T")).open == {}


def test_what_differed_before_it_was_hidden_is_neither_new_nor_fixed():
    memory, differing = Memory(), seen_of({"/Size": 1}, {"/Size": 2})
    memory.remember(seen_of({"/Size": 1}, {"/Size": 1}), [SITE])
    new = memory.new(differing)
    memory.remember(differing, [SITE])
    dark = seen_of({"/Size": 1}, {"/Size": 2}, Blind("eu-west-1", "T"))

    assert (new, memory.fixed(dark), memory.new(differing)) == ({SITE}, frozenset(), frozenset())
    assert memory.fixed(seen_of({"/Size": 1}, {"/Size": 1})) == {(*SITE, "changed")}

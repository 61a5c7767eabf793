"""Every case of `tests/cases/`: what the sites have, and what must come of it. CONTRIBUTING.md says how to add one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.case_file import CaseError, read_case
from bench.case_judge import judged
from bench.case_run import outcome_of, titles, wrong_in
from bench.case_sandbox import Ended, wrong_on_sandbox
from bench.case_show import lines

CASES = titles()
ON_SANDBOX = {name for name, path in CASES.items() if read_case(path).on_sandbox}
WHOLE = """
kind: updates
says: the memory differs
source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
everywhere:
  AWS::Lambda::Function: {f: {MemorySize: 512}}
site:
  AWS::Lambda::Function: {f: {MemorySize: 256}}
findings:
  - {resource: AWS::Lambda::Function/f, kind: changed, path: /MemorySize, golden: 512, actual: 256}
plan:
  calls: [{call: lambda.UpdateFunctionConfiguration, with: {MemorySize: 512}}]
  left_out: []
"""


def case_in(folder, *changes):
    """The file of a case in which these texts are replaced."""
    text = WHOLE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    return folder / "case.yaml"


def wrong_after(folder, *changes):
    """What is told of such a case."""
    return "\n".join(wrong_in(case_in(folder, *changes)))


def refused(folder, *changes):
    """Why such a file is no case."""
    with pytest.raises(CaseError) as refusal:
        read_case(case_in(folder, *changes))
    return str(refusal.value)


@pytest.mark.parametrize("name", sorted(CASES.keys() - ON_SANDBOX))
def test_a_case_comes_out_as_it_says(name, clean_environment):
    assert "\n".join(wrong_in(CASES[name])) == ""


@pytest.mark.parametrize("name", sorted(ON_SANDBOX))
def test_a_case_on_the_sandbox_comes_out_as_it_says(name, aws, run):
    def program(*arguments):
        told = run(*arguments)
        return Ended(told.code, told.out + told.err)

    assert "\n".join(wrong_on_sandbox(CASES[name], aws.account, program)) == ""


def test_a_case_of_which_all_is_said_to_be_known_though_ids_were_refused_is_wrong(clean_environment):
    path = CASES["unknown/layer-of-one-number-refused"]
    came = outcome_of(read_case(path), path)
    spoilt = replace(came, drift=replace(came.drift, complete=True))

    assert [told.partition(":")[0] for told in judged(read_case(path), spoilt)] == ["complete", "complete"]


def test_a_case_that_says_what_comes_is_right(tmp_path, clean_environment):
    assert wrong_after(tmp_path) == ""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("path: /MemorySize", "path: /Timeout", "findings: came, not expected:     site: 'eu-west-1', resource:"),
        ("path: /MemorySize", "path: /MemorySize, classes: [stale artifact]", "findings: expected, did not come"),
        ("golden: 512", "golden: 513", "findings: expected, did not come"),
        ("{MemorySize: 256}", "{MemorySize: 512}", "exit: 2 was expected, and it was 0"),
        ("{MemorySize: 256}", "{MemorySize: 256, Timeout: 9}", "path: '/Timeout'"),
        ("with: {MemorySize: 512}", "with: {MemorySize: 256}", "calls: expected, in this order:"),
        ("calls: [{call: lambda.UpdateFunctionConfiguration, with: {MemorySize: 512}}]", "calls: []", "calls: came:"),
        ("left_out: []", "left_out: [{resource: AWS::Lambda::Function/f, why: x}]", "left out: expected, did not"),
        ("left_out: []", "warnings: [outage]", "warnings: expected, did not come: outage"),
    ],
)
def test_what_comes_and_was_not_said_is_told(tmp_path, clean_environment, before, after, told):
    assert told in wrong_after(tmp_path, (before, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("kind: updates", "kind: weather", "case.yaml:2: kind: "),
        ("says:", "tells: x\nsays:", "case.yaml:3: 'tells' is not known"),
        ("path: /MemorySize", "place: /MemorySize", "case.yaml:10: 'findings.0.place' is not known"),
        ("kind: changed", "kind: different", "case.yaml:10: findings.0.kind: "),
        ("left_out: []", "left_out: []\nrollback: {}", "'rollback' needs 'apply'"),
        ("{MemorySize: 256}}", "{MemorySize: 256}", "case.yaml:9: expected"),
        ("site:\n", "regions: [us-east-1, eu-west-9]\nsite:\n", "'eu-west-9' is no region of this case"),
        ("everywhere:", "answers: [{call: kms.ListAliases}]\neverywhere:", "either 'gives' or 'refuses' is needed"),
    ],
)
def test_a_file_that_is_no_case_is_refused_with_its_line(tmp_path, before, after, told):
    assert told in refused(tmp_path, (before, after))


def test_a_case_that_expects_nothing_is_refused(tmp_path):
    text = WHOLE.partition("findings:")[0]
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(CaseError, match="nothing is expected"):
        read_case(tmp_path / "case.yaml")


def test_a_property_that_aws_does_not_know_is_refused(tmp_path, clean_environment):
    with pytest.raises(CaseError, match="ListFunctions tells nothing called 'Functions"):
        wrong_in(case_in(tmp_path, ("f: {MemorySize: 512}", "f: {MemorySze: 512}")))


def test_what_a_case_comes_to_is_shown(tmp_path, clean_environment):
    path = case_in(tmp_path)

    assert list(lines("case", outcome_of(read_case(path), path))) == [
        "case: exit 2",
        (
            "  finding   site: 'eu-west-1', resource: 'AWS::Lambda::Function/f', kind: 'changed', path: '/MemorySize', "
            "classes: (), golden: 512, actual: 256"
        ),
        (
            "  call      site: 'eu-west-1', call: 'lambda.UpdateFunctionConfiguration', "
            "with: {'FunctionName': '${name}', 'MemorySize': 512}"
        ),
    ]

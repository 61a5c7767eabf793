"""Nothing that a run tells holds a secret that its calls were filled with, wherever that has come to stand."""

from __future__ import annotations

import pytest
from reconciling import FUNCTION, entries, function, region, settings

from auditor.apply.filled import Filled
from auditor.model.values import ABSENT, Change, Finding

SECRET = 'ghp_CANARYGHP"1'


def filled(*secrets):
    made = Filled()
    for one in secrets:
        made.add(one)
    return made


@pytest.mark.parametrize(
    ("secrets", "value", "masked"),
    [
        ((SECRET,), SECRET, "***"),
        ((SECRET,), f"is {SECRET}.", "is ***."),
        ((SECRET,), 'is "ghp_CANARYGHP\\"1"', 'is "***"'),
        ((SECRET,), {"a": [SECRET, 7, None, {SECRET: True}]}, {"a": ["***", 7, None, {"***": True}]}),
        ((SECRET, f"{SECRET}2"), f"{SECRET}2", "***"),
        (("on",), "on", "***"),
        (("on",), "one of its region", "one of its region"),
        ((b"code", None, ""), "code", "code"),
    ],
)
def test_a_secret_is_masked_and_nothing_else(secrets, value, masked):
    assert filled(*secrets).masked(value) == masked


def test_a_finding_tells_no_secret_on_either_side():
    changes = (Change("/Tags/x", ABSENT, SECRET), Change("/Policy/Statement/a", 1, 2, statement=({"a": SECRET}, None)))
    found = filled(SECRET).finding(Finding("1", "eu-west-1", FUNCTION, "f", "changed", "low", changes))

    assert [(one.actual, one.statement) for one in found.changes] == [("***", None), (2, ({"a": "***"}, None))]


def test_a_secret_that_is_a_tag_too_is_not_told_when_it_remains(aws, run, tmp_path):
    variables = {"Environment": {"Variables": {"TOKEN": "ghp_CANARYGHP"}}}
    here = {"Environment": {"Variables": {"TOKEN": "old"}}, "Tags": {"x": "ghp_CANARYGHP"}}
    aws.seed(
        us_east_1=region(api=function(aws.account, **variables)),
        eu_west_1=region(api=function(aws.account, **here)),
    )
    exceptions = [{"resource": f"{FUNCTION}/api", "path": "/Tags", "reason": "its own"}]
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION], exceptions=exceptions)
    run("plan", "-o", "plan.json")
    told = run("apply", "plan.json", "--yes")

    assert "ghp_CANARYGHP" not in told.out + told.err + str(entries(tmp_path))

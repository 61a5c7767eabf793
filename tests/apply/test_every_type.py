"""A rich resource of every type that can be written is made where it lacks, and a run is taken back, by the program.

What is called on the way is what tests/grants.py holds against the policies.
"""

from __future__ import annotations

from typing import Any

import pytest
from reconciling import BUCKET, runs, settings

from auditor.resources import load_specs
from auditor.sandbox.scenario import Scenario, merge
from auditor.sandbox.seed import seed
from bench.reconcile_estate import GOLDEN, TARGET, estates, label, worded

# What the program ends with where not all can be done: made, compared, taken back.
NOT_ALL = {
    # Its version is older than golden's code, and can be deployed, not copied.
    "alias": (2, 2, 0),
    # Versions of layers are never deleted.
    "layer": (0, 0, 2),
}
# What these refer to is said to be unknown in the other region, so nothing of them is made.
NOT_MADE = {"provider", "signing"}
ESTATES = {one.name: one for one in estates()}


def of_one(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", label(1))
    if isinstance(value, dict):
        return {of_one(name): of_one(member) for name, member in value.items()}
    return [of_one(element) for element in value] if isinstance(value, list) else value


def placed(aws, estate, there):
    """Golden has the estate's resource and what it takes; the other region has what it takes, and `there`."""
    rich = merge(estate.beside, of_one(estate.each))
    made = {GOLDEN: rich, TARGET: merge(estate.beside, there)}
    seed(
        Scenario({region: worded(whole, region, aws.account) for region, whole in made.items()}),
        aws.environment,
        load_specs(),
    )


def audited(folder, estate):
    types = [one for one in {estate.type, *estate.each, *estate.beside} if one in load_specs()]
    settings(folder, GOLDEN, TARGET, types=sorted(types))


@pytest.mark.parametrize("name", sorted(ESTATES.keys() - NOT_MADE))
def test_what_lacks_is_made_and_taken_back(aws, run, tmp_path, name):
    estate = ESTATES[name]
    placed(aws, estate, {})
    audited(tmp_path, estate)

    made = run("reconcile", "--yes")
    same = run("diff", "-q")
    back = run("rollback", runs(tmp_path)[0], "--yes")

    assert (made.code, same.code, back.code) == NOT_ALL.get(name, (0, 0, 0)), made.err + back.err


@pytest.mark.parametrize("name", [name for name in sorted(ESTATES) if ESTATES[name].type == BUCKET])
def test_a_plain_bucket_becomes_as_rich_as_golden_and_plain_again(aws, run, tmp_path, name):
    estate = ESTATES[name]
    placed(aws, estate, {BUCKET: {bucket: {} for bucket in of_one(estate.each)[BUCKET]}})
    audited(tmp_path, estate)

    made = run("reconcile", "--yes")
    back = run("rollback", runs(tmp_path)[0], "--yes")

    # Object lock, and the versions that it needs, stay for good.
    assert (made.code, back.code) == (0, 2 if name == "bucket-reports" else 0), made.err + back.err

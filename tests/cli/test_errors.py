"""The tree of errors that are raised on purpose."""

from __future__ import annotations

from auditor import errors
from auditor.errors import AuditorError

RAISED = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, AuditorError)]


def test_every_error_is_in_the_tree_that_the_module_opens_with():
    assert [one.__name__ for one in RAISED if one.__name__ not in (errors.__doc__ or "")] == []


def test_every_error_ends_the_command_as_a_failure():
    # Somebody who ends a run knows that it did not succeed: Ctrl-C has a code of its own; so has drift.
    assert {one.__name__: one.exit_code for one in RAISED if one.exit_code != 1} == {
        "GateError": 2,
        "InterruptedRunError": 130,
    }

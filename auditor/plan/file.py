"""A plan as the file that is reviewed and then applied as it stands, sealed with the fingerprints' key. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from auditor import __version__
from auditor.canonical.redact import key_id
from auditor.errors import PlanError
from auditor.model.form import is_formed
from auditor.model.json_text import parse_json, rendered
from auditor.model.plan import Plan
from auditor.plan.document import SCHEMA, plan_document, plan_from
from auditor.runs.seals import SEAL, is_sealed, seal

DIGEST: Final = "sha256"
"""The document's own digest, without it and the seal: who has no key can tell by it whether the file is whole."""
_WHAT_NEXT: Final = "Nothing was called. Make a new plan with 'auditor plan', or restore the file as it was written."


def plan_text(plan: Plan, key: bytes) -> str:
    """The whole file: keys sorted, a newline at the end, and UTF-8 once encoded, whatever AWS's texts hold.

    `key` is the fingerprints'. Raises PlanError where those of the plan are of another one: nobody could apply it.
    """
    if plan.key_id != key_id(key):
        raise PlanError(
            "The secrets' fingerprints in this plan were made with another key than the one here, so that no plan can "
            "be sealed that could be applied. Nothing was written. Set AUDITOR_FINGERPRINT_KEY to the key that the "
            "snapshots were taken with, or read the sites anew."
        )
    return sealed_text(plan_document(plan), key)


def sealed_text(document: Mapping[str, Any], key: bytes) -> str:
    """The file of a plan's document, whatever that says, with the seals that fit it."""
    unsealed = _unsealed(document)
    whole = {**unsealed, DIGEST: _digest(unsealed)}
    return rendered({**whole, SEAL: seal(SCHEMA, rendered(whole), key)}).decode()


def parse_plan(text: str, where: str, key: bytes | None) -> Plan:
    """The plan that a file's text holds; `where` names the file in messages.

    `key` is the fingerprints'; None where the seal is not to be looked at, as by who shows a plan and has no key.
    Raises PlanError for a text that is not, to the letter, what `plan_text` wrote, and for the seal of another key.
    """
    document = _parsed(text, where)
    if document.get(DIGEST) != _digest(_unsealed(document)):
        raise PlanError(
            f"{where} was edited after it was made, or is cut off: its {DIGEST} does not fit what it holds. "
            f"{_WHAT_NEXT}"
        )
    if key is not None:
        _refuse_unsealed(document, where, key)
    plan, written = _made(document, where)
    if written != text:
        raise PlanError(
            f"{where} is not written as auditor {__version__} writes a plan: it was formatted after it was made, or "
            f"another version made it. {_WHAT_NEXT}"
        )
    return plan


def _refuse_unsealed(document: Mapping[str, Any], where: str, key: bytes) -> None:
    whole = {name: member for name, member in document.items() if name != SEAL}
    # What lacks a seal is refused for that, by its form.
    if SEAL not in document or is_sealed(document[SEAL], SCHEMA, rendered(whole), key):
        return
    if document.get("key_id") == key_id(key):
        raise PlanError(
            f"{where} was not sealed by auditor: it was edited after it was made, and its {DIGEST} was made to fit. "
            f"{_WHAT_NEXT}"
        )
    raise PlanError(
        f"{where} was sealed with another key than the one here, so that nobody can tell who made it. Nothing was "
        "called. Set AUDITOR_FINGERPRINT_KEY to the key that it was made with, which is to be the same wherever plans "
        "are made, reviewed and applied, or make a new plan with 'auditor plan'."
    )


def _unsealed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in document.items() if name not in (DIGEST, SEAL)}


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        document = parse_json(text)
    except ValueError:
        raise PlanError(
            f"{where} is not JSON, so it is another file than a plan, or a plan that was cut off. Nothing was called. "
            "Make a plan with 'auditor plan -o FILE'."
        ) from None
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or found != SCHEMA:
        raise PlanError(
            f"{where} is of schema {found!r}, and this program (auditor {__version__}) reads {SCHEMA!r}. "
            "Nothing was called. Use the version that wrote it, or make a new plan with 'auditor plan'."
        )
    return document


def _made(document: Mapping[str, Any], where: str) -> tuple[Plan, str]:
    """The plan, and its file's text."""
    try:
        plan = plan_from(document)
        if not is_formed(plan, Plan):
            raise TypeError
        made = plan_document(plan)
        return plan, rendered({**made, DIGEST: _digest(made), SEAL: document[SEAL]}).decode()
    except KeyError as error:
        why = f"it lacks {error}"
    except (TypeError, ValueError, AttributeError):
        why = "a member of it has another form"
    raise PlanError(f"{where} is not a plan that auditor {__version__} can carry out: {why}. {_WHAT_NEXT}")


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(rendered(document)).hexdigest()

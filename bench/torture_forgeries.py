"""A plan that somebody changed, sealed with the true key and with another: it is refused, and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from auditor.plan.file import sealed_text
from auditor.runs.secret_key import secret_key
from bench.forged import forgeries
from bench.torture_drifts import Drifted, drifts
from bench.torture_trial import KEY, Trial, run, workplace
from bench.torture_writes import Estate
from bench.wire import on_wire

PART: Final = "forgeries"
SEALS: Final = {"true seal": secret_key({"AUDITOR_FINGERPRINT_KEY": KEY}), "foreign seal": b"x" * 32}


@cache
def worlds() -> dict[str, Drifted]:
    """The small worlds, by their names."""
    return {one.name: one for one in drifts()}


@cache
def document_of(name: str) -> dict[str, Any] | None:
    """The plan of a small world; None where nothing is to be done in it."""
    one = worlds()[name]
    with workplace(types=list(one.types)) as folder, on_wire(Estate(one, folder).wire):
        if run("plan", "--allow-delete", "-q", "-o", "plan.json").code != 2:
            return None
        document: dict[str, Any] = json.loads(Path("plan.json").read_text(encoding="utf-8"))
        return document


def trials() -> Iterator[Trial]:
    """Every forgery of every plan, with each seal."""
    for name in worlds():
        document = document_of(name)
        for forgery in forgeries(document) if document else ():
            for seal in SEALS:
                yield Trial(PART, f"{name}: {forgery.what}, {seal}", partial(tried, name, forgery.document, seal))


def tried(name: str, forged: dict[str, Any], seal: str) -> Iterator[str]:
    """What is wrong with how `apply` takes a forged plan."""
    one = worlds()[name]
    with workplace(types=list(one.types)) as folder:
        estate = Estate(one, folder)
        Path("plan.json").write_text(sealed_text(forged, SEALS[seal]), encoding="utf-8")
        with on_wire(estate.wire):
            yield from run("apply", "plan.json", "--yes").wrong(1)
        yield from estate.strange
        yield from (f"sent, of a forged plan: {sent}" for sent in estate.accepted)

"""Kills a run that ships an artifact before and after each of its writes, in turn, and takes it up again.

    python -m bench.killed_shipping        (make killed)

To servers, to a function through CodeDeploy, and to a function's alias alone: two regions, one after the other. Every
point has an account of its own, and is held against a run that nothing disturbed: the same is deployed in the end, and
nothing was uploaded, published or deployed twice. Exit code 0 if all is so.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from auditor.sandbox.server import Sandbox
from bench.between import Between, Write
from bench.killed import Point, Result, complain, in_turn, repeated, seen_of, struck, told_by_kind, unlike, unwell
from bench.shop import PLATFORMS, REGIONS, ShopWorld
from bench.world_killed import Accounts

DEPLOY: Final = ("deploy", "app", "--yes")
DEPLOYED: Final = f"was deployed to {len(REGIONS)} of {len(REGIONS)}"


@dataclass(frozen=True)
class Model:
    """A run that nothing disturbed."""

    writes: tuple[Write, ...]
    state: dict[str, Any]


def undisturbed(world: ShopWorld) -> Model:
    """A run that nothing disturbs. Raises RuntimeError where it does not come to its end."""
    world.seed()
    with Between(world.environment).running() as between:
        wrong = list(unwell(world, world.run(*DEPLOY, through=between.environment), DEPLOYED))
        if wrong:
            raise RuntimeError(wrong[0])
        return Model(tuple(between.log), world.state())


def disturbed(world: ShopWorld, point: Point, model: Model) -> Result:
    """A run that is struck at a point and taken up until it is over, held against the model."""
    world.seed()
    with Between(world.environment).running() as between:
        told = list(struck(world, DEPLOY, point, between, DEPLOYED))
        # To publish a version again makes no other one; how many there are is a part of the state.
        number, writes = between.struck, tuple(one for one in between.log if "/versions" not in one.what)
    told += [] if told else unlike(world.state(), model.state)
    return Result(number, tuple(f"{world.platform}: {point}: {one}" for one in told), tuple(repeated(writes)))


def points(model: Model) -> list[tuple[str, Point]]:
    """Where a run is disturbed, with what happens there in words."""
    seen = seen_of(model.writes)
    makes = [one for one, write in zip(seen, model.writes, strict=True) if write.makes]
    return [
        *(("killed before the call", Point("before", (one,))) for one in seen),
        *(("killed after the call, before its answer", Point("after", (one,))) for one in seen),
        *(("killed after the answer", Point("answered", (one,))) for one in makes),
        *(("answer lost, the process lives", Point("lost", (one,))) for one in seen),
    ]


def main() -> int:
    """All of it, and what it came to."""
    import bench.warm  # noqa: F401, PLC0415 for this process alone, and not for one that only imports this module

    begun, results = time.monotonic(), []
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="auditor-killed-") as folder:
        for number, platform in enumerate(PLATFORMS):
            kind = partial(ShopWorld, platform=platform)
            accounts = Accounts(sandbox.environment(), Path(folder), 1 + 1000 * number, kind)
            model = undisturbed(accounts.world(0))
            print(f"shipping to {platform}: {len(model.writes)} writes", flush=True)
            chosen = points(model)
            came = in_turn(accounts, (point for _, point in chosen), partial(disturbed, model=model), complain)
            results += [(kind, one) for (kind, _), one in zip(chosen, came, strict=True)]
    failures = told_by_kind(results)
    print(f"{failures} failures in all, {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

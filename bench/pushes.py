"""Very many stories of pushes, by the real functions of push-to-deploy: each must end with the newest, everywhere.

    python -m bench.pushes [STORIES] [--seed N]

People push, go back and publish; webhooks come in any order, twice, or late; functions are refused, lose answers, end
in their midst, and run while others do; groups are busy, and deployments fail. Prints what happened, and ends with
exit code 1 where an older push was deployed over a newer one, or a region did not end with the newest.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from bench.push_stage import stage
from bench.push_world import World

FAULTS: Final = ("refuse", "lose", "die")
STEPS: Final = 90


def story(town: World, chance: Random) -> list[str]:
    """What goes wrong in a world, which begins with this."""
    town.github.exported = chance.random() < 0.3
    for _ in range(chance.randint(5, STEPS)):
        step(town, chance)
    town.settle()
    return town.verdict()


def step(town: World, chance: Random, depth: int = 0) -> None:
    """One thing that happens."""
    doing = (_push, *[_deliver] * 2, *[_work] * 2, *[_receive] * 4, *[_end] * 2, _other)
    chance.choice(doing)(town, chance, depth)


def _push(town: World, chance: Random, _: int) -> None:
    old = [one.after for one in town.github.pushes]
    new = f"{len(old) + 1:040x}"
    town.github.broken |= {new} if chance.random() < 0.1 else set()
    what = chance.random()
    if old and what < 0.15:
        town.release(chance.choice(old))
        return
    last = town.github.pushes[-1] if old else None
    quick = last and last.event == "push" and last.at == int(town.now) and _alone(town)
    commit = chance.choice(old) if old and what < 0.45 else new
    town.push(commit, wait=0.0 if quick and chance.random() < 0.6 else 1.0)


def _alone(town: World) -> bool:
    # Of three pushes within a second, nothing that GitHub says tells the order of the first and the last.
    return [one.at for one in town.github.pushes].count(int(town.now)) < 2


def _deliver(town: World, chance: Random, depth: int) -> None:
    if town.deliveries and chance.random() < 0.8:
        push = town.deliveries.pop(chance.randrange(len(town.deliveries)))
    elif town.github.pushes:
        push = chance.choice(town.github.pushes)
        town.counts["redeliveries"] += 1
    else:
        return
    town.deliver(push, _plan(town, chance, depth, 3))


def _work(town: World, chance: Random, depth: int) -> None:
    if town.works:
        town.work(town.works.pop(chance.randrange(len(town.works))), _plan(town, chance, depth, 14))


def _receive(town: World, chance: Random, depth: int) -> None:
    place = chance.choice(list(town.places.values()))
    if place.messages:
        some = chance.sample(place.messages, chance.randint(1, min(3, len(place.messages))))
        kept = [one for one in some if chance.random() < 0.1]
        town.receive(place, some, _plan(town, chance, depth, 8))
        # SQS gives a message twice now and then.
        place.messages += [one for one in kept if not any(one is other for other in place.messages)]


def _end(town: World, chance: Random, _: int) -> None:
    town.end(chance.choice(list(town.places.values())), chance.choice(("Succeeded", "Succeeded", "Failed")))


def _other(town: World, chance: Random, _: int) -> None:
    if chance.random() < 0.5:
        town.occupy(chance.choice(list(town.places.values())))
    else:
        town.github.down = chance.random() < 0.3


def _plan(town: World, chance: Random, depth: int, calls: int) -> Mapping[int, str | Callable[[], object]]:
    """What happens at the calls of a function."""
    what = chance.random()
    if what < 0.5 or depth > 1:
        return {}
    number = chance.randint(1, calls)
    if what < 0.75:
        return {number: chance.choice(FAULTS)}
    steps = chance.randint(1, 4)

    def meanwhile() -> None:
        for _ in range(steps):
            step(town, chance, depth + 1)

    return {number: meanwhile}


def main() -> int:
    """Tell stories, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stories", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    violations = 0
    with stage() as on:
        for seed in range(given.seed, given.seed + given.stories):
            wrong = story(on.begin(), Random(seed))  # noqa: S311 guards nothing
            counts += on.world.counts
            violations += bool(wrong)
            for one in wrong:
                sys.stdout.write(f"story {seed}: {one}\n")
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"{count:>8,} {name}\n")
    sys.stdout.write(f"stories {given.stories}, violations {violations}\n")
    return min(1, violations)


if __name__ == "__main__":
    sys.exit(main())

"""What is something else for a while, and then again what it was: names of modules, and this process's environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def instead(*ours: tuple[dict[str, Any], str, Any]) -> Iterator[None]:
    """Meanwhile, each name of a namespace is our own."""
    before = [space[name] for space, name, _ in ours]
    for space, name, own in ours:
        space[name] = own
    try:
        yield
    finally:
        for (space, name, _), real in zip(ours, before, strict=True):
            space[name] = real


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Meanwhile, the environment has these values too; whatever is changed in it is put back at the end."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

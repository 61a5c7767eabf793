"""One trial of `make torture`, and the program run in this process for it."""

from __future__ import annotations

import io
import json
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from auditor.cli.main import main
from bench.instead import environment
from bench.torture_world import GOLDEN, REGIONS

KEY: Final = "the key of the fingerprints of what is tortured"


@dataclass(frozen=True)
class Trial:
    """Something done to the program; `run` tells what of it went wrong, in lines."""

    part: str
    name: str
    run: Callable[[], Iterable[str]]
    cases: int = 1
    """How many it counts for."""


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str
    crash: str = ""
    """The traceback of what is no error raised on purpose."""

    def wrong(self, *codes: int) -> Iterator[str]:
        """What is wrong with how it ended, where only these exit codes are right."""
        if self.crash:
            yield f"a traceback: {self.crash.strip().splitlines()[-1]}"
        elif self.code not in codes:
            yield f"exit code {self.code}: {self.err.strip()[-300:]}"


def run(*arguments: object) -> Ended:
    """Run `auditor` with these arguments in this process."""
    out, err, code, crash = io.StringIO(), io.StringIO(), 0, ""
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(one) for one in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception:  # noqa: BLE001 whatever it is, it is to be reported
            crash = traceback.format_exc()
    return Ended(code, out.getvalue(), err.getvalue(), crash)


@contextmanager
def workplace(**settings: Any) -> Iterator[Path]:
    """A folder of one's own to be in, with an auditor.yaml of the tortured world, and nothing of whoever is there."""
    with TemporaryDirectory(prefix="torture-") as folder, environment({}):
        values: Mapping[str, Any] = {
            "golden": GOLDEN, "regions": list(REGIONS), "store": "store", "pace": "off", **settings,
        }  # fmt: skip
        (Path(folder) / "auditor.yaml").write_text(json.dumps(values), encoding="utf-8")
        for name in [name for name in os.environ if name.startswith(("AWS_", "AUDITOR_"))]:
            del os.environ[name]
        os.environ |= {"AUDITOR_FINGERPRINT_KEY": KEY, "HOME": folder, "AWS_EC2_METADATA_DISABLED": "true"}
        with chdir(folder):
            yield Path(folder)

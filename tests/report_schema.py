"""The schema of SARIF, for the tests of what is written in it."""

from __future__ import annotations

import json
from pathlib import Path

SARIF = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))

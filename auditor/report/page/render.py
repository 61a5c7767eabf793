"""The report's page: one file without any request to a network. The only user of jinja2."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from auditor.model.values import KINDS
from auditor.report.content import Report
from auditor.report.page.matrix import SIGNS
from auditor.report.page.view import PAGE, report_view

_ROOTS: Final = (
    Path(__file__).parents[2] / "templates",  # in a wheel
    Path(__file__).parents[3] / "templates",  # in a checkout
)


def render_html(report: Report) -> str:
    """The report as a page. The same report gives the same text, and every value in it is escaped."""
    environment = _environment()
    style, script = _source("report.css"), _source("report.js")
    return environment.get_template("report.html.j2").render(
        view=report_view(report),
        signs=SIGNS,
        kinds=KINDS,
        page=PAGE,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(root) for root in _ROOTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _source(name: str) -> str:
    # Not rendered: style sheets and scripts are full of braces, and their hash must be that of the file.
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

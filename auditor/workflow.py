"""One function a command, one line a stage: the only file that sees pure and outside rooms together."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from auditor import catalogue, store
from auditor.aws.pacing import QUOTAS, UNPACED, Pacer
from auditor.aws.resolve import lookup_calls
from auditor.aws.sessions import Account, Sessions, known_regions
from auditor.aws.shapes import members
from auditor.aws.site import Reader
from auditor.compare import Judgement
from auditor.drift import Scope, drift
from auditor.errors import SettingsError
from auditor.files import write_whole
from auditor.golden import golden_kept, refuse_other_key
from auditor.iam import audit_policy
from auditor.model import Drift
from auditor.pairing import Pairing
from auditor.redact import Redaction
from auditor.report.render import render_html
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, Scenario, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.secret_key import secret_key
from auditor.selection import types_matching, with_parents
from auditor.settings import ANY, Settings, load_settings, parse_site
from auditor.snapshot import Progress, Taken, take
from auditor.spec import ResourceSpec
from auditor.story import Verdict, verdict

Say = Callable[[str], object]
"""Told of a line for people."""


@dataclass(frozen=True)
class Told:
    """What the demo came to."""

    drift: Drift
    taken: Taken
    verdict: Verdict


def settings(path: Path | None, options: Mapping[str, Any], environ: Mapping[str, str], offline: bool) -> Settings:
    """The settings that file, options and environment come to."""
    return load_settings(path, options, environ, known_regions, offline)


def snapshot(settings_: Settings, environ: Mapping[str, str], progress: Progress) -> Taken:
    """Read every site into the store. Raises EmptyAccountError, before anything is kept, if there is nothing."""
    return _taken(settings_, Path(settings_.store), environ, progress)


def live_drift(settings_: Settings, environ: Mapping[str, str], progress: Progress) -> tuple[Drift, Taken]:
    """Read every site now, compare, and keep nothing."""
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        taken = _taken(settings_, Path(folder), environ, progress)
        live = store.open_snapshot(Path(folder), taken.id)
        return _drift(settings_, golden_kept(settings_.golden, live, Path(settings_.store)), live), taken


def stored_drift(settings_: Settings, a: str, b: str | None) -> Drift:
    """Compare the golden site of snapshot `a` with its other sites, or with all the sites of snapshot `b`.

    A golden site and regions that the settings name are those of the snapshots that count.
    """
    first = store.open_snapshot(Path(settings_.store), a)
    named = first.header.golden if settings_.golden == ANY else settings_.golden
    golden = golden_kept(named, first, Path(settings_.store))
    return _drift(settings_, golden, store.open_snapshot(Path(settings_.store), b) if b is not None else first)


def write_report(found: Drift, path: Path) -> None:
    """Write the HTML report, whole or not at all."""
    write_whole(path, render_html(found))


def write_text(path: Path, text: str) -> None:
    """Write a result to a file, whole or not at all."""
    write_whole(path, text)


def iam_policy() -> dict[str, Any]:
    """The policy that an audit needs."""
    return audit_policy(load_specs(), lookup_calls())


def types(name: str | None) -> str:
    """The resource types, or every field of one. Raises SettingsError for a type that is not described."""
    specs = load_specs()
    if name is None:
        return catalogue.types_text(specs)
    if name not in specs:
        raise SettingsError(f"'{name}' is no resource type here. Did you mean {catalogue.nearest(name, specs)}?")
    return catalogue.fields_text(specs[name], members)


def docs(root: Path) -> dict[Path, str]:
    """The documents that are made from the specs, by where they stand below the project's folder."""
    specs, readme = load_specs(), root / "README.md"
    text = catalogue.with_table(readme.read_text(encoding="utf-8"), specs)
    return {
        root / "docs" / "resource-types.md": catalogue.document(specs, members),
        readme: catalogue.with_policy(text, iam_policy()),
    }


def write_docs(root: Path) -> None:
    """Write them, each whole or not at all."""
    for path, text in docs(root).items():
        write_whole(path, text)


def serve_sandbox(port: int | None, empty: bool, scenario: Path | None, say: Say, note: Say) -> None:
    """Serve the embedded AWS, seeded, until this process is interrupted."""
    story = Scenario({}) if empty else load_scenario(scenario or SHOP, ACCOUNT)
    with Sandbox(port) as sandbox:
        seed(story, sandbox.environment(), load_specs())
        for name, value in sandbox.environment().items():
            say(f"export {name}={value}")
        # What a shell may have that would win over these.
        say("unset AWS_PROFILE AWS_SESSION_TOKEN")
        note(_seeded(story) + " Stop it with Ctrl-C.")
        sandbox.wait()


def demo(output: Path, progress: Progress, note: Say) -> Told:
    """Audit the shop in the embedded AWS and hold what was found against what was planted there."""
    story = load_scenario(SHOP, ACCOUNT)
    with Sandbox() as sandbox, sandbox.entered():
        seed(story, sandbox.environment(), load_specs())
        note(_seeded(story))
        found, taken = live_drift(_demo_settings(story), os.environ, progress)
    write_report(found, output)
    return Told(found, taken, verdict(story.planted, found))


def _demo_settings(story: Scenario) -> Settings:
    regions = tuple(story.regions)
    return Settings(golden=regions[0], regions=regions, pace="off")


def _seeded(story: Scenario) -> str:
    if not story.regions:
        return "The embedded AWS is empty."
    return f"The embedded AWS holds a scenario in {', '.join(story.regions)}."


def _drift(settings_: Settings, golden: tuple[store.Stored, str], actual: store.Stored) -> Drift:
    kept, site = golden
    refuse_other_key(kept, actual)
    wanted = actual.files if settings_.regions == (ANY,) else settings_.regions
    others = [parse_site(name) for name in wanted if kept != actual or name != site]
    specs = _specs(settings_)
    held = {name: spec for name, spec in specs.items() if name in {*kept.header.types, *actual.header.types}}
    found = drift(
        parse_site(site),
        site if kept == actual else f"snapshot:{kept.id}",
        kept.taken,
        store.read_site(kept, site, held),
        [(other, partial(store.read_site, actual, str(other), held)) for other in others],
        _scope(settings_, held),
    )
    nowhere = tuple(f"No snapshot holds {name}; it was not compared." for name in specs if name not in held)
    return replace(found, warnings=(*found.warnings, *nowhere))


def _scope(settings_: Settings, specs: Mapping[str, ResourceSpec]) -> Scope:
    exceptions = tuple(one.accepted() for one in settings_.exceptions)
    today = datetime.now(UTC).date().isoformat()
    return Scope(
        specs,
        tuple(one.selector() for one in settings_.select.include),
        tuple(one.selector() for one in settings_.select.exclude),
        _pairing(settings_),
        Judgement(exceptions, today, settings_.severity, settings_.comparators),
        load_specs(),
    )


def _pairing(settings_: Settings) -> Pairing:
    return Pairing(settings_.names, settings_.pairs, settings_.pair_by_tag)


def _specs(settings_: Settings) -> dict[str, ResourceSpec]:
    return types_matching(settings_.types, load_specs())


def _taken(settings_: Settings, folder: Path, environ: Mapping[str, str], progress: Progress) -> Taken:
    first = settings_.golden_site or settings_.sites[0]
    return take(_reader(settings_, environ), settings_.golden, first, settings_.sites, folder, progress)


def _reader(settings_: Settings, environ: Mapping[str, str]) -> Reader:
    accounts = {
        name: Account(one.role_arn, one.external_id.get_secret_value(), one.session_name, one.profile)
        for name, one in settings_.accounts.items()
    }
    return Reader(
        with_parents(_specs(settings_), load_specs()),
        Sessions(accounts),
        Pacer(QUOTAS if settings_.pace == "aws" else UNPACED),
        Redaction(secret_key(environ), settings_.plain),
        load_specs(),
        settings_.symbols,
        _pairing(settings_),
    )

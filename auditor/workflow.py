"""One function a command, one line a stage: the only file that sees pure and outside rooms together."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from auditor import store
from auditor.aws.pacing import QUOTAS, UNPACED, Pacer
from auditor.aws.sessions import Account, Sessions, known_regions
from auditor.aws.site import Reader, read_site
from auditor.compare import Judgement
from auditor.drift import Scope, drift
from auditor.errors import EmptyAccountError
from auditor.files import write_whole
from auditor.iam import audit_policy
from auditor.model import Drift, Site, SiteSnapshot, State, Unread
from auditor.redact import Redaction, key_id
from auditor.report.render import render_html
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, Scenario, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.secret_key import secret_key
from auditor.selection import types_matching, with_parents
from auditor.settings import Settings, load_settings, parse_site
from auditor.spec import ResourceSpec
from auditor.story import Verdict, verdict

SITES_AT_ONCE: Final = 8
Progress = Callable[[Site, int, int], None]
"""Told of each resource read: the site, how many are read there, of how many found so far."""
Say = Callable[[str], object]
"""Told of a line for people."""


@dataclass(frozen=True)
class SiteSummary:
    """What reading one site came to: small, so that it can travel from where the site was read."""

    site: str
    resources: Mapping[str, int]
    """Resources read, by type."""
    unreadable: int
    """Facets that could not be read."""
    unread: tuple[Unread, ...]
    calls: Mapping[str, int]


@dataclass(frozen=True)
class Taken:
    """What taking a snapshot came to."""

    id: str
    summaries: tuple[SiteSummary, ...]

    @property
    def complete(self) -> bool:
        """Whether everything that was found could be read, and everything could be looked for."""
        return not any(one.unread or one.unreadable for one in self.summaries)

    @property
    def unread(self) -> tuple[tuple[str, Unread], ...]:
        """The listings that failed, each with its site."""
        return tuple((one.site, unread) for one in self.summaries for unread in one.unread)

    @property
    def calls(self) -> Mapping[str, int]:
        """API calls by operation, over all sites."""
        return sum((Counter(one.calls) for one in self.summaries), Counter())


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
    return _snapshot(settings_, Path(settings_.store), environ, progress)


def live_drift(settings_: Settings, environ: Mapping[str, str], progress: Progress) -> tuple[Drift, Taken]:
    """Read every site now, compare, and keep nothing."""
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        taken = _snapshot(settings_, Path(folder), environ, progress)
        return _stored_drift(settings_, store.open_snapshot(Path(folder), taken.id), None), taken


def stored_drift(settings_: Settings, a: str, b: str | None) -> Drift:
    """Compare the golden site of snapshot `a` with its other sites, or with all the sites of snapshot `b`."""
    golden = store.open_snapshot(Path(settings_.store), a)
    actual = store.open_snapshot(Path(settings_.store), b) if b is not None else None
    return _stored_drift(settings_, golden, actual)


def write_report(found: Drift, path: Path) -> None:
    """Write the HTML report, whole or not at all."""
    write_whole(path, render_html(found))


def write_text(path: Path, text: str) -> None:
    """Write a result to a file, whole or not at all."""
    write_whole(path, text)


def iam_policy() -> dict[str, Any]:
    """The policy that an audit needs."""
    return audit_policy(load_specs())


def serve_sandbox(port: int | None, empty: bool, scenario: Path | None, say: Say, note: Say) -> None:
    """Serve the embedded AWS, seeded, until this process is interrupted."""
    story = Scenario({}) if empty else load_scenario(scenario or SHOP, ACCOUNT)
    with Sandbox(port) as sandbox:
        seed(story, sandbox.environment())
        for name, value in sandbox.environment().items():
            say(f"export {name}={value}")
        note(_seeded(story) + " Stop it with Ctrl-C.")
        sandbox.wait()


def demo(output: Path, progress: Progress, note: Say) -> Told:
    """Audit the shop in the embedded AWS and hold what was found against what was planted there."""
    story = load_scenario(SHOP, ACCOUNT)
    with Sandbox() as sandbox, sandbox.entered():
        seed(story, sandbox.environment())
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


def _stored_drift(settings_: Settings, golden: store.Stored, actual: store.Stored | None) -> Drift:
    store.refuse_other_key(golden, actual)
    site = parse_site(golden.header.golden)
    others = [parse_site(name) for name in (actual or golden).files if actual or name != str(site)]
    return drift(
        site,
        f"snapshot:{golden.id}" if actual else str(site),
        golden.taken,
        store.read_site(golden, str(site)),
        [(other, partial(store.read_site, actual or golden, str(other))) for other in others],
        _scope(settings_),
    )


def _scope(settings_: Settings) -> Scope:
    exceptions = tuple(one.accepted() for one in settings_.exceptions)
    today = datetime.now(UTC).date().isoformat()
    return Scope(
        _specs(settings_),
        tuple(one.selector() for one in settings_.select.include),
        tuple(one.selector() for one in settings_.select.exclude),
        settings_.names,
        Judgement(exceptions, today, settings_.severity),
    )


def _specs(settings_: Settings) -> dict[str, ResourceSpec]:
    return types_matching(settings_.types, load_specs())


def _snapshot(settings_: Settings, folder: Path, environ: Mapping[str, str], progress: Progress) -> Taken:
    reader = _reader(settings_, environ)
    # Who is asking is told by golden's account first: wrong credentials end the run before anything is read.
    reader.sessions.locale(settings_.golden_site)
    pending = store.begin(folder, datetime.now(UTC))
    try:
        with ThreadPoolExecutor(SITES_AT_ONCE) as pool:
            summaries = tuple(pool.map(partial(_read, reader, pending, progress), settings_.sites))
        _refuse_empty(settings_, summaries)
        header = store.Header(settings_.golden, tuple(reader.specs), key_id(reader.redaction.key))
        return Taken(store.commit(pending, header, {one.site: _told(one) for one in summaries}), summaries)
    except BaseException:
        store.discard(pending)
        raise


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
    )


def _read(reader: Reader, pending: store.Pending, progress: Progress, site: Site) -> SiteSummary:
    taken = read_site(reader, site, partial(progress, site))
    store.write_site(pending, taken)
    return _summary(taken)


def _summary(taken: SiteSnapshot) -> SiteSummary:
    readings = [reading for resource in taken.resources for reading in resource.facets.values()]
    return SiteSummary(
        taken.site,
        dict(Counter(resource.type for resource in taken.resources)),
        sum(reading.state is State.UNREADABLE for reading in readings),
        taken.unread,
        taken.calls,
    )


def _told(summary: SiteSummary) -> dict[str, Any]:
    return {
        "resources": dict(summary.resources),
        "unreadable": summary.unreadable,
        "unread": [{"type": one.type, "parent": one.parent, "error": one.error} for one in summary.unread],
        "calls": dict(summary.calls),
    }


def _refuse_empty(settings_: Settings, summaries: tuple[SiteSummary, ...]) -> None:
    if any(one.resources or one.unread for one in summaries):
        return
    raise EmptyAccountError(
        f"There is not one resource of {', '.join(settings_.types)} in {', '.join(settings_.regions)}. "
        "Nothing was stored. Is this the right account (AWS_PROFILE), and are these the right regions?"
    )

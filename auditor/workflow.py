"""One function a command, one line a stage: the only file that sees pure and outside rooms together."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from auditor import catalogue, store, workflow_iam
from auditor.aws import organization, trail
from auditor.aws.account import Account
from auditor.aws.calls import Caller
from auditor.aws.pacing import QUOTAS, UNPACED, Pacer
from auditor.aws.sessions import Sessions, enabled_site, known_regions
from auditor.aws.shapes import members
from auditor.aws.site import Reader
from auditor.compare import Judgement
from auditor.drift import Scope, drift
from auditor.errors import SettingsError
from auditor.files import write_whole
from auditor.golden import golden_kept, refuse_other_key
from auditor.idle import refuse_uncompared
from auditor.impossible import Named, Problem, impossible
from auditor.model import Drift, Site, parse_site
from auditor.pairing import Pairing
from auditor.redact import Redaction
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, Scenario, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.secret_key import secret_key
from auditor.selection import types_matching, with_parents
from auditor.settings import ANY, Settings, load_settings
from auditor.settings_accounts import AccountSettings, of_organization, sites_named
from auditor.snapshot import Progress, Taken, take
from auditor.spec import ResourceSpec
from auditor.storage import Storage

Sides = tuple[tuple[store.Stored, str], store.Stored]
"""The snapshot that golden is in and its site there, and the snapshot that is compared with it."""
Say = Callable[[str], object]
"""Told of a line for people."""


def settings(
    path: Path | None,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    offline: bool,
    golden_needed: bool = True,
    note: Say = lambda _: None,
    reaches: bool = False,
) -> Settings:
    """The settings that file, options and environment come to, with the accounts of the organization that they name.

    AWS is asked for these once, here; not for offline settings, but for those that reach sites all the same: a plan's.
    """
    members = partial(_members, note)
    told = load_settings(path, options, environ, known_regions, offline, golden_needed, members, _impossible)
    if not (offline and reaches and told.organization):
        return told
    return told.model_copy(update={"accounts": {**members(told), **told.accounts}})


def _impossible(settings_: Settings) -> Iterator[Problem]:
    named = Named(
        tuple(one.accepted() for one in settings_.exceptions),
        {"names": settings_.names, "pairs": settings_.pairs, "pair_by_tag": settings_.pair_by_tag},
        {"compare": settings_.compare, "severity": settings_.severity},
        {("pairs", type_, name): sites for type_, own in settings_.pairs.items() for name, sites in own.items()}
        | {("symbols", name): sites for name, sites in settings_.symbols.items()},
    )
    return impossible(named, load_specs(), known_regions())


def _members(note: Say, settings_: Settings) -> dict[str, AccountSettings]:
    """The organization's accounts by what their sites are called; `note` is told of those that are called by id."""
    asked = settings_.organization
    assert asked
    named = [one for one in (settings_.golden_site, *settings_.sites) if one and one.region != ANY]
    there = enabled_site(named[0].region) if named else Site("us-east-1")
    sessions = Sessions({"": Account(profile=asked.profile)})
    caller = Caller(sessions, there, sessions.locale(there), Pacer(UNPACED))
    members = organization.active_members(caller, asked.units)
    made = of_organization(asked, members, settings_.accounts)
    for one in members:
        if one.id in made:
            note(
                f"The account {one.id} of the organization is called by its id: its name {one.name!r} is another's "
                "too, or cannot stand in a site's name."
            )
    return made


def snapshot(settings_: Settings, environ: Mapping[str, str], progress: Progress) -> Taken:
    """Read every site into the store. Raises EmptyAccountError, before anything is kept, if there is nothing."""
    return taken_in(settings_, store.storage_at(settings_.store), reader_of(settings_, environ), progress)


def live_drift(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool = False
) -> tuple[Drift, Taken]:
    """Read every site now, compare, and keep nothing; if asked to, look up who changed what differs."""
    reader = reader_of(settings_, environ)
    with live_sides(settings_, reader, progress) as (sides, taken):
        found = drift_of(settings_, *sides)
        return attributed(found, settings_, reader) if attribute else found, taken


@contextmanager
def live_sides(settings_: Settings, reader: Reader, progress: Progress) -> Iterator[tuple[Sides, Taken]]:
    """Read every site now; what was read is there within, and nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        here = store.storage_at(folder)
        taken = taken_in(settings_, here, reader, progress)
        yield fresh_sides(settings_, here, taken.id), taken


def fresh_sides(settings_: Settings, into: Storage, id_: str) -> Sides:
    """Where golden is kept, for a snapshot in the store `into`, and that snapshot."""
    fresh = store.open_snapshot(into, id_)
    return golden_kept(settings_.golden, fresh, store.storage_at(settings_.store)), fresh


def attributed(found: Drift, settings_: Settings, reader: Reader) -> Drift:
    """A live drift with who last wrote what differs, as far as CloudTrail tells; what it does not is warned of."""
    return trail.attributed(found, settings_.golden_site, reader.vocabulary, trail.Trail(reader.sessions, reader.pacer))


def stored_drift(settings_: Settings, a: str, b: str | None) -> Drift:
    """Compare the golden site of snapshot `a` with its other sites, or with all the sites of snapshot `b`.

    A golden site and regions that the settings name are those of the snapshots that count.
    """
    return drift_of(settings_, *stored_sides(settings_, a, b))


def stored_sides(settings_: Settings, a: str, b: str | None) -> Sides:
    """Where golden is kept, for comparing snapshot `a`, and the snapshot whose sites are compared with it."""
    kept_in = store.storage_at(settings_.store)
    first = store.open_snapshot(kept_in, a)
    golden = golden_kept(first.header.golden if settings_.golden == ANY else settings_.golden, first, kept_in)
    return golden, store.open_snapshot(kept_in, b) if b is not None else first


def write_text(path: Path, text: str, private: bool = False) -> None:
    """Write a result to a file, whole or not at all; a `private` one is its owner's alone."""
    write_whole(path, text, private)


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
    specs, readme, permissions = load_specs(), root / "README.md", root / "docs" / "permissions.md"
    text = catalogue.with_table(readme.read_text(encoding="utf-8"), specs)
    return {
        root / "docs" / "resource-types.md": catalogue.document(specs, members),
        permissions: catalogue.with_grants(permissions.read_text(encoding="utf-8"), workflow_iam.tables()),
        readme: catalogue.with_policy(text, workflow_iam.policies("audit")[0]),
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
        note(seeded(story) + " Stop it with Ctrl-C.")
        sandbox.wait()


def seeded(story: Scenario) -> str:
    """What the embedded AWS holds, in a sentence."""
    if not story.regions:
        return "The embedded AWS is empty."
    return f"The embedded AWS holds a scenario in {', '.join(story.regions)}."


def drift_of(settings_: Settings, golden: tuple[store.Stored, str], actual: store.Stored) -> Drift:
    """The drift of a snapshot's sites against golden, which is a site of a snapshot.

    Raises NothingComparedError where nothing was compared: that would read as if all were well.
    """
    kept, site = golden
    refuse_other_key(kept, actual)
    wanted = actual.files if settings_.regions == (ANY,) else _sites_of(settings_, actual)
    others = [parse_site(name) for name in wanted if kept != actual or name != site]
    specs = specs_of(settings_)
    held = {name: spec for name, spec in specs.items() if name in {*kept.header.types, *actual.header.types}}
    scope = scope_of(settings_, held)
    found = drift(
        parse_site(site),
        site if kept == actual else f"snapshot:{kept.id}",
        kept.taken,
        store.read_site(kept, site, held),
        [(other, partial(store.read_site, actual, str(other), held)) for other in others],
        scope,
    )
    refuse_uncompared(found, scope.include)
    nowhere = tuple(f"No snapshot holds {name}; it was not compared." for name in specs if name not in held)
    return replace(found, warnings=(*found.warnings, *nowhere), read=actual.taken)


def _sites_of(settings_: Settings, actual: store.Stored) -> tuple[str, ...]:
    """The sites to compare. Globs that nobody expanded, because nothing is read, stand for those of the snapshot."""
    held = dict.fromkeys(parse_site(name).account for name in actual.files)
    return tuple(one for one in sites_named(settings_.regions, held) if one in actual.files or one in settings_.regions)


def scope_of(settings_: Settings, specs: Mapping[str, ResourceSpec]) -> Scope:
    """What of these types is compared, and how it is judged, as the settings say."""
    exceptions = tuple(one.accepted() for one in settings_.exceptions)
    today = datetime.now(UTC).date().isoformat()
    return Scope(
        specs,
        tuple(one.selector() for one in settings_.select.include),
        tuple(one.selector() for one in settings_.select.exclude),
        pairing_of(settings_),
        Judgement(exceptions, today, settings_.severity, settings_.comparators),
        load_specs(),
    )


def pairing_of(settings_: Settings) -> Pairing:
    """Which resources are the same one, as the settings say."""
    return Pairing(settings_.names, settings_.pairs, settings_.pair_by_tag)


def specs_of(settings_: Settings) -> dict[str, ResourceSpec]:
    """The types that the settings name."""
    return types_matching(settings_.types, load_specs())


def taken_in(settings_: Settings, into: Storage, reader: Reader, progress: Progress) -> Taken:
    """A snapshot of every site that the settings name, in a store."""
    return take(reader, settings_.golden, settings_.golden_site, settings_.sites, into, progress)


def reader_of(settings_: Settings, environ: Mapping[str, str]) -> Reader:
    """What reading the settings' sites takes."""
    accounts = {
        name: Account(
            one.role_arn, one.external_id.get_secret_value(), one.session_name, one.profile, one.duration, one.id
        )
        for name, one in settings_.accounts.items()
    }
    return Reader(
        with_parents(specs_of(settings_), load_specs()),
        Sessions(accounts),
        Pacer(QUOTAS if settings_.pace == "aws" else UNPACED),
        Redaction(secret_key(environ), settings_.plain),
        load_specs(),
        settings_.symbols,
        pairing_of(settings_),
    )

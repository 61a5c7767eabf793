"""The workflow of shipping: an artifact packed, checked, uploaded to every region and deployed, in waves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.site import Reader
from auditor.commands.context import reader_of
from auditor.deploy import codedeploy
from auditor.deploy.appspec import AppSpec
from auditor.deploy.appspec_artifact import checked_appspec, hint_of
from auditor.deploy.buckets import bucket_name
from auditor.deploy.fanout import Placed, fan_out
from auditor.deploy.ready import Ready, appspec_in, calls_of, checked
from auditor.deploy.run import Run, rolled_out, taken_back, written
from auditor.deploy.source import Packed, packed_source
from auditor.deploy.source_folder import key_of
from auditor.deploy.watch import Tell
from auditor.errors import (
    ArtifactError,
    InterruptedRunError,
    LockedError,
    PlanError,
    SettingsError,
)
from auditor.model.rollout import Deployed, Progress, Rollout, parse_rollout, progress_of, rollout_document
from auditor.model.stages import Step
from auditor.model.values import parse_site
from auditor.model.waves import Waves, waves_of
from auditor.runs import journal
from auditor.runs.journal import Journal
from auditor.runs.lock import held, owner_now
from auditor.runs.secret_key import secret_key
from auditor.settings.load import Settings
from auditor.settings.parts import DeploySettings

_STOPPING: Final = 120.0
"""Seconds that a deployment may take to stop once it was told to."""
AskToStop = Callable[[tuple[str, ...]], bool]
"""Asked, after Ctrl-C, whether the deployments that are under way are to be stopped."""


@dataclass(frozen=True)
class Shipped:
    """What shipping came to."""

    run: str
    rollout: Rollout
    outcomes: tuple[Deployed, ...]
    calls: Mapping[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the artifact is deployed everywhere."""
        return not any(one.error or one.back for one in self.outcomes)


@dataclass(frozen=True)
class Begun:
    """A run that ships, as its journal has it."""

    rollout: Rollout
    progress: Progress
    gate: str
    """What it does about drift before its first deployment; "" where nothing."""
    has_plan: bool
    """Whether it also carries a plan out."""


def begun(settings_: Settings, run: str, environ: Mapping[str, str]) -> Begun | None:
    """A run, if it ships an artifact."""
    found = journal.read(settings_.state, run, secret_key(environ))
    first = found.entries[0] if found.entries else {}
    if "deployment" not in first:
        return None
    progress = progress_of(found.entries)
    return Begun(parse_rollout(first["deployment"]), progress, str(first.get("gate", "")), bool(found.plan))


@contextmanager
def made_ready(
    settings_: Settings, source: str, environ: Mapping[str, str], on_failure: str, running: str
) -> Iterator[Ready]:
    """Pack the source, and check all that can be checked before anything is written."""
    asked = deploy_settings(settings_)
    reader = reader_of(settings_, environ)
    with tempfile.TemporaryDirectory(prefix="auditor-deploy-") as folder:
        made = packed_source(source, environ, Path(folder))
        callers = callers_of(reader, settings_.regions)
        spec, warnings = checked_appspec(made.artifact)
        if spec.platform == "Server" and not asked.groups:
            raise SettingsError("'deploy.groups' names no group. Nothing was uploaded. Name one there, or say --group.")
        rollout = _rollout(settings_, asked, made, spec, callers, {"on_failure": on_failure, "running": running})
        buckets, hint = checked(rollout, callers), hint_of(made.artifact, spec)
        yield Ready(rollout, made, buckets, callers, reader.redaction.key, warnings, hint)


def deploy_settings(settings_: Settings) -> DeploySettings:
    """What the settings say of shipping. Raises SettingsError where that is not enough."""
    if settings_.deploy is None or not settings_.deploy.bucket:
        missing = "application" if settings_.deploy is None else "bucket"
        raise SettingsError(
            f"Nothing says what the {missing} to deploy to is. Nothing was uploaded. Write 'deploy: {{application: "
            'shop, groups: [web], bucket: "shop-artifacts-{region}"}\' into auditor.yaml, or say --application, '
            "--group and --bucket."
        )
    return settings_.deploy


def callers_of(reader: Reader, sites: tuple[str, ...]) -> dict[str, Caller]:
    """The way of each site's calls."""
    parsed = {name: parse_site(name) for name in sites}
    return {
        name: Caller(reader.sessions, site, reader.sessions.locale(site), reader.pacer) for name, site in parsed.items()
    }


def _rollout(
    settings_: Settings,
    asked: DeploySettings,
    made: Packed,
    spec: AppSpec,
    callers: Mapping[str, Caller],
    orders: Mapping[str, str],
) -> Rollout:
    locales = {site: caller.locale for site, caller in callers.items()}
    return Rollout(
        asked.application,
        spec.platform,
        asked.groups,
        waves_of(settings_.regions, asked.waves),
        {site: locale.account for site, locale in locales.items()},
        {site: bucket_name(asked.bucket, locale) for site, locale in locales.items()},
        source=made.text,
        key=key_of(asked.application, made.name, made.folder),
        sha256=made.artifact.sha256,
        commit=made.commit,
        ref=made.ref,
        folder=made.folder,
        appspec=None if spec.platform == "Server" else dict(spec.content),
        **orders,
    )


def deploy(
    settings_: Settings, ready: Ready, tell: Tell, ask_to_stop: AskToStop, take_over: bool = False, gate: str = ""
) -> Shipped:
    """Upload to every site, then deploy in waves, each step written down before and after it."""
    folder = settings_.state
    with journal.begin(folder, datetime.now(UTC), "", header_of(ready.rollout, gate), ready.key) as book:
        try:
            with held(folder, set(ready.rollout.sites), owner_now(book.run), take_over):
                return shipped(ready, book, tell, ask_to_stop)
        except LockedError:
            journal.abandon(folder, book.run, ready.key)
            raise


def header_of(rollout: Rollout, gate: str) -> dict[str, Any]:
    """The first entry of a run that ships. `gate` is what a release does about drift; "" where nobody looked."""
    told = {"owner": owner_now("").who, "sites": sorted(rollout.sites), "deployment": rollout_document(rollout)}
    return {**told, "gate": gate} if gate else told


def shipped(ready: Ready, book: Journal, tell: Tell, ask_to_stop: AskToStop) -> Shipped:
    """Upload and deploy, under the locks of the sites, in a journal that was begun."""
    rollout = ready.rollout
    try:
        placed, failed = fan_out(ready.packed.artifact, rollout.key, rollout.metadata, ready.buckets, replace=True)
        for site, one in placed.items():
            book.write("placed", **vars(one))
            words = f"{'uploaded' if one.uploaded else 'already there:'} s3://{one.bucket}/{one.key}"
            tell(Step(site, "", words))
        if failed:
            return _not_uploaded(ready, book, failed)
        return carried_out(rollout, ready.callers, placed, book, tell)
    except KeyboardInterrupt:
        raise _interrupted(ready.callers, book, ask_to_stop) from None


def carried_out(
    rollout: Rollout,
    callers: Mapping[str, Caller],
    placed: Mapping[str, Placed],
    book: Journal,
    tell: Tell,
    again: bool = False,
) -> Shipped:
    """Deploy what is in the buckets, from where the journal says that the run has come to."""
    appspecs = {site: appspec_in(rollout, caller) for site, caller in callers.items()}
    run = Run(rollout, callers, placed, appspecs, book, progress_of(book.entries()), tell, again)
    made = Shipped(book.run, rollout, rolled_out(run), calls_of(callers))
    book.write("deployments ended", complete=made.complete)
    return made


def _not_uploaded(ready: Ready, book: Journal, failed: Mapping[str, str]) -> Shipped:
    why = {site: f"{site}: not uploaded: {error}" for site, error in failed.items()}
    outcomes = tuple(
        Deployed(site, group, error=why.get(site, f"{site}: not begun, because another region has no artifact"))
        for site, group in ready.rollout.targets
    )
    book.write("deployments ended", complete=False)
    return Shipped(book.run, ready.rollout, outcomes, calls_of(ready.callers))


def _interrupted(callers: Mapping[str, Caller], book: Journal, ask_to_stop: AskToStop) -> InterruptedRunError:
    """What to raise after Ctrl-C, once somebody has said what becomes of the deployments under way."""
    progress = progress_of(book.entries())
    going = {target: id_ for target, id_ in progress.created.items() if target not in progress.ended}
    for caller in callers.values():
        caller.stopping.clear()
    stopped = bool(going) and ask_to_stop(tuple(f"{site} {id_}" for (site, _), id_ in going.items()))
    for (site, group), id_ in going.items() if stopped else ():
        codedeploy.stop(callers[site], id_)
        written(book, (site, group), codedeploy.followed(callers[site], id_, lambda _: None, longest=_STOPPING))
    left = "They were stopped." if stopped else "They were left running." if going else "No deployment was running."
    return InterruptedRunError(
        f"Run {book.run} was interrupted. {left} Nothing further was begun. Go on with 'auditor resume {book.run}'."
    )


def resume(
    settings_: Settings,
    run: str,
    rollout: Rollout,
    environ: Mapping[str, str],
    tell: Tell,
    ask_to_stop: AskToStop,
    take_over: bool = False,
) -> Shipped:
    """Go on with a run that ships: what is uploaded or deployed already is not again."""
    folder, key = settings_.state, secret_key(environ)
    callers = _callers_again(settings_, rollout, environ)
    with held(folder, set(rollout.sites), owner_now(run), take_over), journal.reopen(folder, run, key) as book:
        placed = {one["site"]: _placed(one) for one in book.entries() if one["event"] == "placed"}
        if placed.keys() >= set(rollout.sites):
            try:
                return carried_out(rollout, callers, placed, book, tell, again=True)
            except KeyboardInterrupt:
                raise _interrupted(callers, book, ask_to_stop) from None
        with tempfile.TemporaryDirectory(prefix="auditor-deploy-") as own:
            made = packed_source(rollout.source, environ, Path(own))
            _refuse_other(rollout, made)
            return shipped(Ready(rollout, made, checked(rollout, callers), callers, key), book, tell, ask_to_stop)


def rollback(
    settings_: Settings,
    run: str,
    rollout: Rollout,
    environ: Mapping[str, str],
    tell: Tell,
    take_over: bool = False,
    waves: Waves = (),
) -> Shipped:
    """Deploy to every group what was there before the run; all at once where no wave is named."""
    waves_of(rollout.sites, waves)
    folder, key = settings_.state, secret_key(environ)
    callers = _callers_again(settings_, rollout, environ)
    with held(folder, set(rollout.sites), owner_now(run), take_over), journal.reopen(folder, run, key) as book:
        progress = progress_of(book.entries())
        begun = tuple(site for site in rollout.sites if any(site == one for one, _ in progress.previous))
        appspecs = {site: appspec_in(rollout, caller) for site, caller in callers.items()}
        run_ = Run(rollout, callers, {}, appspecs, book, progress, tell, again=True)
        back = waves_of(begun, waves, rollout.sites)
        outcomes = tuple(one for wave in back for one in taken_back(run_, wave))
        return Shipped(run, rollout, outcomes, calls_of(callers))


def _callers_again(settings_: Settings, rollout: Rollout, environ: Mapping[str, str]) -> dict[str, Caller]:
    callers = callers_of(reader_of(settings_, environ), rollout.sites)
    for site, caller in callers.items():
        if caller.locale.account != rollout.accounts[site]:
            raise PlanError(
                f"{site}: the run was begun in the account {rollout.accounts[site]}, and these credentials are of "
                f"{caller.locale.account}. Nothing was called. Use the credentials of that account."
            )
    return callers


def _refuse_other(rollout: Rollout, made: Packed) -> None:
    if made.artifact.sha256 != rollout.sha256:
        raise ArtifactError(
            f"{rollout.source} is no longer what the run began with: its SHA-256 was {rollout.sha256} and is "
            f"{made.artifact.sha256}. Nothing was uploaded. Ship it anew with 'auditor deploy'."
        )


def _placed(entry: Mapping[str, Any]) -> Placed:
    return Placed(**{name: entry[name] for name in Placed.__dataclass_fields__})

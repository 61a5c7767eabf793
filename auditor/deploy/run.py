"""Carries a rollout out: the sites in waves, those of one wave at the same time; and the way back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.deploy import codedeploy
from auditor.deploy.appspec import appspec_content, with_versions
from auditor.deploy.fanout import Placed
from auditor.deploy.function import Alias, alias_of, moved, version_of
from auditor.deploy.newer import newer, refuse_newer
from auditor.deploy.watch import FailedDeploymentError, Tell, Watch
from auditor.errors import AuditorError, DeployError, StoppedError, WriteRefusedError
from auditor.model.rollout import ALIAS, SUCCEEDED, Deployed, Progress, Rollout, Target, progress_of, properties_of
from auditor.model.stages import Step, stage_of, stage_words
from auditor.model.values import Value
from auditor.runs.journal import Journal

BUSY: Final = "DeploymentLimitExceededException"
_PAUSE: Final = 10.0


@dataclass(frozen=True)
class Run:
    """What carrying a rollout out takes."""

    rollout: Rollout
    callers: Mapping[str, Caller]
    placed: Mapping[str, Placed]
    appspecs: Mapping[str, Mapping[str, Any]]
    """What CodeDeploy is sent, by site, in its own words; of Server platforms nothing."""
    journal: Journal
    progress: Progress
    tell: Tell
    again: bool = False
    """Whether the run was begun earlier: somebody may have deployed since."""


def rolled_out(run: Run) -> tuple[Deployed, ...]:
    """Deploy in waves. After a failure: nothing more, or the way back for all that was begun, or on, as told."""
    outcomes: list[Deployed] = []
    for wave in run.rollout.waves:
        outcomes += _together(run, wave, _site)
        if _failed(outcomes) and run.rollout.on_failure != "continue":
            break
    begun = dict.fromkeys((one.site, one.group) for one in outcomes)
    outcomes += [
        Deployed(site, group, error=f"{site}: not begun, because an earlier wave failed")
        for site, group in run.rollout.targets
        if (site, group) not in begun
    ]
    if _failed(outcomes) and run.rollout.on_failure == "rollback":
        outcomes += taken_back(run, tuple(dict.fromkeys(site for site, _ in begun)))
    return tuple(outcomes)


def taken_back(run: Run, sites: Iterable[str]) -> list[Deployed]:
    """Deploy to every group what was there before, where this run began anything."""
    return _together(run, tuple(sites), _site_back)


def _failed(outcomes: Iterable[Deployed]) -> bool:
    return any(one.error for one in outcomes)


def _together(run: Run, sites: tuple[str, ...], deploy: Callable[[Run, str], list[Deployed]]) -> list[Deployed]:
    pool = ThreadPoolExecutor(max(1, len(sites)))
    try:
        return [one for made in pool.map(lambda site: deploy(run, site), sites) for one in made]
    except BaseException:
        for caller in run.callers.values():
            caller.stopping.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _site(run: Run, site: str) -> list[Deployed]:
    outcomes: list[Deployed] = []
    for group in run.rollout.site_groups:
        if _failed(outcomes):
            outcomes.append(Deployed(site, group, error=f"{site}: not begun, because a group before it failed"))
        else:
            outcomes.append(_told(run, _tried(run, (site, group), _forth, back=False)))
    return outcomes


def _site_back(run: Run, site: str) -> list[Deployed]:
    # A run that was resumed knows by its journal what came before; this one's own entries are in it too.
    return [_told(run, _tried(run, (site, group), _back, back=True)) for group in run.rollout.site_groups]


def _told(run: Run, outcome: Deployed) -> Deployed:
    words = outcome.error or ("rolled back" if outcome.back else "deployed")
    run.tell(Step(outcome.site, outcome.group, words))
    return outcome


def _tried(run: Run, target: Target, deploy: Callable[[Run, Target], str], back: bool) -> Deployed:
    try:
        return Deployed(*target, deployment=deploy(run, target), back=back)
    except StoppedError:
        raise
    except FailedDeploymentError as error:
        return Deployed(*target, error=str(error), back=back, failed=error.failed)
    except AuditorError as error:
        return Deployed(*target, error=str(error), back=back)


def _forth(run: Run, target: Target) -> str:
    site, group = target
    caller, description = run.callers[site], f"auditor {run.journal.run}"
    _refuse_newer(run, target)
    if run.progress.done(target):
        return run.progress.created.get(target, "")
    begun = _begun_before(run, target, run.progress, back=False)
    if begun:
        return _followed(run, target, begun)
    if group == ALIAS:
        return _alias_moved(run, site)
    _free(run, target)
    if run.rollout.platform == "Lambda":
        alias = _alias(run, site)
        version = version_of(caller, alias.function, run.placed[site], run.rollout.sha256, description)
        revision = _content(with_versions(run.appspecs[site], alias.version, version))
        previous: Value = alias.version
    elif run.rollout.platform == "ECS":
        revision, previous = _content(run.appspecs[site]), _previous(run, target)
    else:
        revision, previous = _object(run.placed[site]), _previous(run, target)
    return _deployed(run, target, revision, previous, back=False)


def _back(run: Run, target: Target) -> str:
    site, group = target
    _refuse_newer(run, target)
    progress = _now(run)
    previous = progress.previous.get(target)
    if previous is None:
        raise DeployError(f"{site}: {group or 'the alias'} had nothing deployed before, so there is no way back to it.")
    if group == ALIAS:
        return _pointed(run, site, _alias(run, site), previous, previous, back=True)
    if progress.is_back(target):
        return progress.created.get(target, "")
    begun = _begun_before(run, target, progress, back=True)
    own = _followed(run, target, begun) if begun else _own_rollback(run, target)
    if own:
        return own
    if run.rollout.platform == "Lambda":
        alias = _alias(run, site)
        if alias.version == previous:
            return ""
        previous = _content(with_versions(run.appspecs[site], alias.version, previous))
    _free(run, target)
    return _deployed(run, target, previous, None, back=True)


def _refuse_newer(run: Run, target: Target) -> None:
    site, group = target
    if not run.again:
        return
    if group != ALIAS:
        refuse_newer(run.callers[site], run.rollout.application, group, run.journal.run)
    elif target in run.progress.versions:
        alias = _alias(run, site)
        if alias.version not in (run.progress.versions[target], run.progress.previous[target]):
            what = f"version {alias.version}, to which {alias.function}:{alias.name} points,"
            raise newer(run.callers[site], what)


def _now(run: Run) -> Progress:
    """How far the run came by now, this process's own entries among it."""
    return progress_of(run.journal.entries())


def _own_rollback(run: Run, target: Target) -> str:
    """The deployment by which CodeDeploy itself went back to what was there, at its end; "" where it did not."""
    id_ = _now(run).created.get(target)
    if not id_:
        return ""
    caller = run.callers[target[0]]
    own = (codedeploy.deployment_of(caller, id_).get("rollbackInfo") or {}).get("rollbackDeploymentId")
    return _followed(run, target, own) if own else ""


def _begun_before(run: Run, target: Target, progress: Progress, back: bool) -> str:
    """The deployment that an earlier part of this run began, and whose end is not known; "" where there is none."""
    site, group = target
    if (target in progress.back) is not back or target in progress.ended:
        return ""
    if target in progress.open and group != ALIAS:
        found = codedeploy.found_again(run.callers[site], run.rollout.application, group, progress.open[target])
        if found:
            run.journal.write("deployment", site=site, group=group, deployment=found)
        return found
    return progress.created.get(target, "")


def _alias(run: Run, site: str) -> Alias:
    properties = properties_of(run.appspecs[site])
    return alias_of(run.callers[site], properties["Name"], properties["Alias"])


def _alias_moved(run: Run, site: str) -> str:
    alias = _alias(run, site)
    if alias.weighted:
        raise DeployError(
            f"{site}: the alias {alias.function}:{alias.name} sends a part of its traffic to a second version, so "
            "somebody is shifting it. It was left alone. Wait for the end of that, and ship again."
        )
    version = version_of(
        run.callers[site], alias.function, run.placed[site], run.rollout.sha256, f"auditor {run.journal.run}"
    )
    return _pointed(run, site, alias, version, alias.version, back=False)


def _pointed(run: Run, site: str, alias: Alias, version: str, previous: Value, back: bool) -> str:
    told = {"previous": previous, "version": version, "description": "", "back": back}
    run.journal.write("deploying", site=site, group=ALIAS, **told)
    if alias.version != version:
        moved(run.callers[site], alias, version)
    run.journal.write("deployment ended", site=site, group=ALIAS, status=SUCCEEDED, message="")
    return ""


def _previous(run: Run, target: Target) -> Value:
    recorded = run.progress.previous.get(target)
    return recorded or codedeploy.previous_of(run.callers[target[0]], run.rollout.application, target[1])


def _object(placed: Placed) -> dict[str, Value]:
    location = {"bucket": placed.bucket, "key": placed.key, "bundleType": "zip", "eTag": placed.etag}
    return {"revisionType": "S3", "s3Location": {**location, **({"version": placed.version} if placed.version else {})}}


def _content(appspec: Mapping[str, Any]) -> dict[str, Value]:
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec_content(appspec)}}


def _free(run: Run, target: Target) -> None:
    """Return when no deployment runs in the group; raise DeployError where one does, and waiting was not asked for."""
    site, group = target
    caller, end = run.callers[site], time.monotonic() + codedeploy.LONGEST
    while going := codedeploy.running(caller, run.rollout.application, group):
        if run.rollout.running != "wait" or time.monotonic() > end:
            raise DeployError(
                f"{site}: the deployment {going[0]} is running in {run.rollout.application}/{group}. Nothing was begun "
                "there. Wait for its end, or say --running wait."
            )
        words = stage_words(stage_of(codedeploy.deployment_of(caller, going[0])))
        run.tell(Step(site, group, f"waits for the deployment {going[0]} ({words})"))
        caller.stopping.wait(_PAUSE)


def _deployed(run: Run, target: Target, revision: Value, previous: Value, back: bool) -> str:
    site, group = target
    description = f"auditor {run.journal.run} {'back' if back else 'forth'}"
    run.journal.write("deploying", site=site, group=group, previous=previous, description=description, back=back)
    try:
        id_ = codedeploy.create(run.callers[site], run.rollout.application, group, revision, description, back)
    except WriteRefusedError as error:
        run.journal.write("deployment ended", site=site, group=group, status="refused", message=error.code)
        if error.code == BUSY and run.rollout.running == "wait":
            _free(run, target)
            return _deployed(run, target, revision, previous, back)
        raise
    run.journal.write("deployment", site=site, group=group, deployment=id_)
    return _followed(run, target, id_)


def _followed(run: Run, target: Target, id_: str) -> str:
    caller = run.callers[target[0]]
    watch = Watch(caller, target, run.rollout.platform, run.tell)
    failure = written(run.journal, target, codedeploy.followed(caller, id_, watch))
    if failure:
        raise FailedDeploymentError(f"{target[0]}: {failure}", tuple(watch.failed.values()))
    return id_


def written(book: Journal, target: Target, info: Mapping[str, Any]) -> str:
    """Write down how a deployment ended; what CodeDeploy says of its failure, "" for one that succeeded."""
    failure = codedeploy.failure_words(info)
    book.write("deployment ended", site=target[0], group=target[1], status=info["status"], message=failure)
    return failure

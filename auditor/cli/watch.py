"""What is told of deployments while they go on: live lines on a terminal, events with --json-log, a few lines else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from auditor.cli.options import action_teller, note
from auditor.cli.progress import Live, event, live_lines
from auditor.commands.deploy import AskToStop
from auditor.commands.release import Tellers
from auditor.deploy.watch import Tell
from auditor.model.stages import FailedTarget, Step, at_words, stage_words
from auditor.report.display import visible
from auditor.report.ship_text import deployed_line


@dataclass(frozen=True)
class Watching:
    """Who is told of deployments, and asked after Ctrl-C whether they are to be stopped."""

    tell: Tell
    ask_to_stop: AskToStop


@contextmanager
def watching(given: dict[str, Any]) -> Iterator[Watching]:
    """Deployments are told of while this lasts: with --json-log as JSON, with -q not at all."""
    if given["json_log"]:
        yield Watching(_logged, _ask_to_stop)
    elif given["quiet"]:
        yield Watching(_ignored, _ask_to_stop)
    else:
        with live_lines() as live:
            yield _on_terminal(live) if live else Watching(step_lines(), _ask_to_stop)


def tellers(given: dict[str, Any], watch: Watching) -> Tellers:
    """Who is told of a release's steps, and asked after Ctrl-C."""
    return Tellers(_ignored, action_teller(given), watch.tell, watch.ask_to_stop)


def _ignored(*_: object) -> None:
    """Nobody watches, or nobody watches the second audit."""


def _logged(step: Step) -> None:
    """One step, as one JSON object; a target that failed with all that is told of why."""
    where = {"site": step.site, "group": step.group}
    if step.failed:
        event(event="target failed", **where, **_why(step.failed))
    elif step.stage:
        stage = step.stage
        at = {"at": dict(stage.at)} if stage.at else {}
        told = {"deployment": stage.deployment, "status": stage.status, "targets": dict(stage.counts), **at}
        event(event="deployment", **where, state=step.words, **told)
    else:
        event(event="deployment", **where, state=step.words)


def _why(failed: FailedTarget) -> dict[str, Any]:
    """What is told of a target that failed, under the names that CodeDeploy has for it."""
    named = {"lifecycleEventName": failed.event, "errorCode": failed.code, "scriptName": failed.script}
    return {"target": failed.target, **named, "message": failed.message, "logTail": list(failed.log)}


def step_lines() -> Tell:
    """A line for each step, and for each state of a deployment, without the numbers that change all the time."""
    last: dict[tuple[str, str], tuple[str, str]] = {}

    def told(step: Step) -> None:
        words = step.words
        if step.stage:
            state = step.stage.deployment, step.stage.status
            if last.get((step.site, step.group)) == state:
                return
            last[step.site, step.group] = state
            words = " ".join(state)
        note(deployed_line(step.site, step.group, words))

    return told


def _on_terminal(live: Live) -> Watching:
    """What stays is a line for each step; what changes is the site's own line, as long as it lasts."""

    def told(step: Step) -> None:
        if not step.stage:
            note(deployed_line(step.site, step.group, step.words))
            return
        at = at_words(step.stage)
        words = f"{step.group} {stage_words(step.stage)}{f' · {at}' if at else ''}"
        live.show(step.site, visible(words), step.stage.done, step.stage.total)

    def ask_to_stop(running: tuple[str, ...]) -> bool:
        live.stop()
        return _ask_to_stop(running)

    return Watching(told, ask_to_stop)


def _ask_to_stop(running: tuple[str, ...]) -> bool:
    """Whether, after Ctrl-C, the deployments under way are to be stopped; without a terminal they are left."""
    if not (sys.stdin is not None and sys.stdin.isatty()):
        return False
    note(f"\nRunning: {', '.join(running)}")
    return click.confirm("Stop them?", default=False, err=True)

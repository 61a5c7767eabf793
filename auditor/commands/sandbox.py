"""The embedded AWS, seeded and served."""

from __future__ import annotations

from pathlib import Path

from auditor.commands.context import Say
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, Scenario, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox


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

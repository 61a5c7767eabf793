"""The first settings, from what an account holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from auditor.aws.pacing import QUOTAS, Pacer
from auditor.aws.sessions import Sessions, default_region
from auditor.aws.survey import Progress, Surveyor, groups_of, surveyed
from auditor.errors import SettingsError
from auditor.init.draft import settings_text
from auditor.init.guesses import Guess, Survey, guessed
from auditor.model.values import parse_site
from auditor.resources import load_specs
from auditor.runs.files import is_file, write_whole
from auditor.settings.load import DEFAULT_FILE, VARIABLE, refuse_wrong
from auditor.settings.yaml_file import parse_settings_text

FIRST: Final = "us-east-1"
"""Asked which regions there are, where nobody set a region."""
GROUP: Final = "AWS::CodeDeploy::DeploymentGroup"


@dataclass(frozen=True)
class Looked:
    """What was found and guessed, before anybody was asked, and the way to AWS."""

    surveyor: Surveyor
    survey: Survey
    guess: Guess

    def with_golden(self, region: str) -> Looked:
        """The same with the region that the person named as golden."""
        return replace(self, guess=self.guess.with_golden(region))


@dataclass(frozen=True)
class Drafted:
    """What was found, and the file's text that came of it."""

    survey: Survey
    guess: Guess
    text: str
    calls: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether everything could be looked for."""
        return not any(holds.unread for holds in self.survey.regions.values())


def file_to_make(path: Path | None, environ: Mapping[str, str], force: bool) -> Path:
    """Where the settings go. Raises SettingsError for a file that is there already, unless it may be replaced."""
    file = path or Path(environ.get(VARIABLE) or DEFAULT_FILE)
    if not force and is_file(file):
        raise SettingsError(
            f"{file} is there already. It was left as it is, and nothing was read. Say --force to replace it, or "
            "-o FILE to write another one."
        )
    return file


def look(golden: str, regions: tuple[str, ...], progress: Progress) -> Looked:
    """Look at the regions (all that are enabled, where none is named), and guess the settings. Nothing is written.

    Raises EmptyAccountError where nothing is found, CredentialsError where AWS does not say who is asking, and
    SettingsError for regions and a golden one that cannot be.
    """
    home = _home((golden, *regions))
    surveyor = Surveyor(load_specs(), Sessions(), Pacer(QUOTAS), Counter())
    survey = surveyed(surveyor, home, tuple(dict.fromkeys(regions)), progress)
    return Looked(surveyor, survey, guessed(survey, golden, default_region()))


def draft(looked: Looked, file: Path, store: str) -> Drafted:
    """The settings as text, as the file will hold it. Nothing is written."""
    surveyor, guess = looked.surveyor, looked.guess
    if guess.deploy:
        groups = groups_of(surveyor, surveyor.specs[GROUP], guess.deploy.application, guess.golden)
        guess = replace(guess, deploy=replace(guess.deploy, groups=groups))
    text = settings_text(looked.survey, guess, store)
    refuse_wrong(parse_settings_text(file, text))
    return Drafted(looked.survey, guess, text, dict(surveyor.calls))


def write_settings(file: Path, drafted: Drafted) -> None:
    """Write the settings, whole or not at all."""
    write_whole(file, drafted.text)


def _home(named: tuple[str, ...]) -> str:
    """The region that is asked who we are: the person's own, if it is among those that are named."""
    regions = [name for name in named if name]
    elsewhere = [name for name in regions if parse_site(name).account]
    if elsewhere:
        raise SettingsError(
            f"{elsewhere[0]} is in another account, and auditor init looks at the caller's own. Nothing was read. Use "
            "that account's credentials (AWS_PROFILE), and name the region alone."
        )
    own = default_region()
    return own if own and (not regions or own in regions) else next(iter(regions), FIRST)

"""`auditor.yaml`, options and environment as one frozen object; every check of what a person wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from auditor.errors import SettingsError
from auditor.model import DriftException, Severity, Site, parse_site
from auditor.selection import Selector
from auditor.settings_audit import PRESIGNED, MetricsSettings, Notify, NotifySettings, Strict, web_address
from auditor.settings_checks import a_comparator, a_day, a_pattern, a_store, is_in_s3, keep_of, unambiguous
from auditor.settings_file import SettingsFile, parse_settings_file

DEFAULT_FILE: Final = Path("auditor.yaml")
VARIABLE: Final = "AUDITOR_CONFIG"
STATE: Final = Path(".auditor")
"""Holds the journals and locks where the store is a bucket."""
ANY: Final = "any"
"""Golden, or the regions, where nobody named them: those of the snapshot that is compared."""
STORED_GOLDEN: Final = ("snapshot:", "file:")
"""How `golden` begins where it is a saved snapshot, not a site to read."""


class AccountSettings(Strict):
    """How an account is reached."""

    role_arn: str = ""
    external_id: SecretStr = SecretStr("")
    session_name: str = "auditor"
    profile: str = ""


class Pick(Strict):
    """Globs that a resource must match, all of them."""

    type: str = "*"
    name: str = "*"
    tags: dict[str, str] = Field(default_factory=dict)

    def selector(self) -> Selector:
        """The same, as the comparison takes it."""
        return Selector(self.type, self.name, self.tags)


class Select(Strict):
    """Which resources take part: those that match an include (if there is one) and no exclude."""

    include: tuple[Pick, ...] = ()
    exclude: tuple[Pick, ...] = ()


class ExceptionSettings(Strict):
    """A difference that somebody accepts."""

    resource: str
    reason: str = Field(min_length=1)
    path: str = "*"
    region: str = "*"
    site: str = "*"
    until: Annotated[str, AfterValidator(a_day)] = Field(default="", json_schema_extra={"format": "date"})

    def accepted(self) -> DriftException:
        """The same, as the comparison takes it."""
        return DriftException(self.resource, self.reason, self.path, self.region, self.site, self.until)


class KeepSettings(Strict):
    """Of how many days, and of how many months, an audit leaves the newest snapshot in the store."""

    daily: int = Field(ge=0, default=0)
    monthly: int = Field(ge=0, default=0)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.daily and not self.monthly:
            raise ValueError("daily or monthly is needed: how many days or months to keep")
        return self


Keep = Annotated[KeepSettings, BeforeValidator(keep_of, json_schema_input_type=str | KeepSettings)]
"""Numbers by their names, or in words: `30 daily, 12 monthly`."""


class DeploySettings(Strict):
    """Where and in which order an artifact is shipped."""

    application: str
    groups: tuple[str, ...] = ()
    bucket: str = ""
    waves: tuple[tuple[str, ...], ...] = ()


class Settings(Strict):
    """Everything that a run is told."""

    golden: str
    regions: tuple[str, ...] = Field(min_length=1)
    accounts: dict[str, AccountSettings] = Field(default_factory=dict)
    types: tuple[str, ...] = Field(min_length=1, default=("AWS::*",))
    select: Select = Select()
    names: dict[str, tuple[Annotated[str, AfterValidator(a_pattern)], ...]] = Field(default_factory=dict)
    exceptions: tuple[ExceptionSettings, ...] = ()
    severity: dict[str, Severity] = Field(default_factory=dict)
    compare: dict[str, Annotated[str, AfterValidator(a_comparator)]] = Field(default_factory=dict)
    pairs: Annotated[dict[str, dict[str, dict[str, str]]], AfterValidator(unambiguous)] = Field(default_factory=dict)
    symbols: dict[str, dict[str, str]] = Field(default_factory=dict)
    pair_by_tag: dict[str, str] = Field(default_factory=dict)
    plain: tuple[str, ...] = ()
    store: Annotated[str, AfterValidator(a_store)] = "snapshots/"
    keep: Keep | None = None
    pace: Literal["aws", "off"] = "aws"
    notify: tuple[Notify, ...] = ()
    report_url: Annotated[str, AfterValidator(web_address)] = ""
    metrics: MetricsSettings = MetricsSettings()
    deploy: DeploySettings | None = None

    @field_validator("report_url")
    @classmethod
    def _presigns_what_is_in_s3(cls, value: str, info: ValidationInfo) -> str:
        if value == PRESIGNED and not is_in_s3(info.data.get("store", "")):
            raise ValueError("a presigned link needs a store in S3 (store: s3://bucket/prefix)")
        return value

    @property
    def comparators(self) -> dict[tuple[str, tuple[str, ...]], str]:
        """How fields are compared, by type glob and place: `TYPE/FIELD/FIELD` in the file."""
        places = ((*name.split("/"),) for name in self.compare)
        return {(place[0], place[1:]): how for place, how in zip(places, self.compare.values(), strict=True)}

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site to read, in the order given."""
        return tuple(parse_site(name) for name in self.regions)

    @property
    def is_in_s3(self) -> bool:
        """Whether the store is a bucket, not a folder."""
        return is_in_s3(self.store)

    @property
    def state(self) -> Path:
        """The folder of the journals and locks of runs that write: the store, or one here where that is a bucket."""
        return state_of(self.store)

    @property
    def golden_site(self) -> Site | None:
        """The site that all others must equal; None where golden is a snapshot that was kept."""
        return None if self.golden.startswith(STORED_GOLDEN) else parse_site(self.golden)


def state_of(store: str) -> Path:
    """The folder of the journals and locks of a store."""
    return STATE if is_in_s3(store) else Path(store)


def load_settings(
    path: Path | None,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    regions: Callable[[], tuple[str, ...]],
    offline: bool = False,
    golden_needed: bool = True,
) -> Settings:
    """The settings from the file, with options in place of what the file says.

    `options` are those of the command line that were given; `regions` tells AWS's. `offline` settings are for
    comparing stored snapshots, which know their sites; where golden is not needed, the first region is.
    Raises SettingsError, naming every problem at once.
    """
    named = file_in_use(path, environ)
    file = parse_settings_file(named) if named else None
    given = {name: value for name, value in options.items() if value and name in Settings.model_fields}
    values = {**_told_in(file), **given}
    if offline:
        values.setdefault("golden", ANY)
        values.setdefault("regions", [ANY])
    if not golden_needed and values.get("regions") and values.get("golden") not in values["regions"]:
        values["golden"] = values["regions"][0]
    settings = _checked(values, file, given)
    if not offline:
        _check_sites(settings, file, regions())
    return settings


def file_in_use(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file that a run takes: the one at `path`, the environment's or the default one; None for none."""
    named = path or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is None and not DEFAULT_FILE.exists():
        return None
    return named or DEFAULT_FILE


def refuse_wrong(file: SettingsFile) -> None:
    """Raise SettingsError for a file that no run would take, whatever its options say."""
    _checked({"golden": ANY, "regions": [ANY], **_told_in(file)}, file, {})


def _told_in(file: SettingsFile | None) -> dict[str, Any]:
    # A key with nothing behind it says nothing.
    return {name: value for name, value in (file.values if file else {}).items() if value is not None}


def _checked(values: Mapping[str, Any], file: SettingsFile | None, given: Mapping[str, Any]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [_problem(dict(one), file, given) for one in error.errors(include_url=False, include_input=False)]
    raise SettingsError("\n".join(text for _, text in sorted(problems)))


def _problem(error: Mapping[str, Any], file: SettingsFile | None, given: Mapping[str, Any]) -> tuple[int, str]:
    path = tuple(error["loc"])
    if error["type"] == "missing" and len(path) == 1:
        return 0, _missing(str(path[0]), file)
    if not file or path[0] in given:
        return 0, f"--{path[0]}: {_message(error)}."
    place = file.place(path)
    where = f"{file.path}:{place.line}: " if place.line else f"{file.path}: "
    return place.line, where + _told(error, path)


def _missing(name: str, file: SettingsFile | None) -> str:
    option = {"golden": "--golden REGION", "regions": "--region REGION (once for each)"}.get(name, f"--{name}")
    where = f"{file.path} does not say" if file else f"There is no {DEFAULT_FILE}, and nothing says"
    into = file.path if file else DEFAULT_FILE
    return f"{where} what '{name}' is. Nothing was read. Give {option}, or write it into {into}."


def _told(error: Mapping[str, Any], path: tuple[Any, ...]) -> str:
    name = ".".join(map(str, path))
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _known(path[:-1]), n=1)
        hint = f" Did you mean '{near[0]}'?" if near else f" Known here: {', '.join(_known(path[:-1]))}."
        return f"unknown key '{name}'.{hint}"
    if error["type"] == "missing":
        return f"'{name}' is missing."
    return f"'{name}': {_message(error)}."


def _message(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _known(path: tuple[Any, ...]) -> list[str]:
    models: Mapping[str, type[BaseModel]] = {
        "accounts": AccountSettings,
        "exceptions": ExceptionSettings,
        "deploy": DeploySettings,
        "keep": KeepSettings,
        "metrics": MetricsSettings,
        "notify": NotifySettings,
        "select": Pick if len(path) > 1 else Select,
    }
    return sorted((models.get(str(path[0]), Settings) if path else Settings).model_fields)


def _check_sites(settings: Settings, file: SettingsFile | None, regions: tuple[str, ...]) -> None:
    problems = [problem for site in settings.sites if (problem := _site_problem(site, settings, regions))]
    if settings.golden not in settings.regions and not settings.golden.startswith(STORED_GOLDEN):
        problems.append(
            f"golden is {settings.golden}, which is not among the regions ({', '.join(settings.regions)}). "
            "Golden is read like any other: add it to them."
        )
    twice = sorted({name for name in settings.regions if settings.regions.count(name) > 1})
    problems += [f"{name} is named twice among the regions." for name in twice]
    if problems:
        where = f"{file.path}: " if file else ""
        raise SettingsError("\n".join(f"{where}{problem}" for problem in problems) + "\nNothing was read.")


def _site_problem(site: Site, settings: Settings, regions: tuple[str, ...]) -> str:
    if site.account and site.account not in settings.accounts:
        return f"{site} is in the account '{site.account}', which 'accounts' does not name."
    if site.region not in regions:
        near = get_close_matches(site.region, regions, n=1)
        return f"'{site.region}' is not an AWS region." + (f" Did you mean {near[0]}?" if near else "")
    return ""


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of auditor.yaml."""
    return Settings.model_json_schema()

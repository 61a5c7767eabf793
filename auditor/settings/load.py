"""`auditor.yaml`, options and environment as one frozen object; every check of what a person wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from auditor.errors import SettingsError
from auditor.model.values import Severity, Site, parse_site
from auditor.settings.accounts import (
    AccountSettings,
    OrganizationSettings,
    idle_globs,
    site_problems,
    sites_named,
)
from auditor.settings.audit import PRESIGNED, MetricsSettings, Notify, NotifySettings, web_address
from auditor.settings.checks import a_comparator, a_pattern, a_store, is_in_s3, unambiguous
from auditor.settings.parts import DeploySettings, ExceptionSettings, Keep, KeepSettings, Pick, Select
from auditor.settings.strict import Strict
from auditor.settings.yaml_file import SettingsFile, parse_settings_file

DEFAULT_FILE: Final = Path("auditor.yaml")
VARIABLE: Final = "AUDITOR_CONFIG"
STATE: Final = Path(".auditor")
"""Holds the journals and locks where the store is a bucket."""
ANY: Final = "any"
"""Golden, or the regions, where nobody named them: those of the snapshot that is compared."""
STORED_GOLDEN: Final = ("snapshot:", "file:")
"""How `golden` begins where it is a saved snapshot, not a site to read."""
_SECRET: Final = frozenset({"accounts", "organization", "notify"})
"""Where a key may be a secret that stands in the wrong place."""
_WORD: Final = re.compile(r"[A-Za-z_-]+")
_NEEDED: Final[Mapping[tuple[Any, str], str]] = {
    ("when", "tuple_type"): "a list such as [new, fixed] is",
    ("", "tuple_type"): "a list is",
    ("when", "too_short"): "a list such as [new, fixed] is",
    ("", "too_short"): "a list of one or more is",
    ("", "dict_type"): "keys with values are",
    ("", "model_type"): "keys with values are",
    ("", "string_type"): "text is",
    ("account_id", "string_type"): "12 digits in quotes are",
}
"""What is needed instead, by the last key and the checker's kind of error; "" stands for any key."""


class Settings(Strict):
    """Everything that a run is told."""

    golden: str
    regions: tuple[str, ...] = Field(min_length=1)
    accounts: dict[str, AccountSettings] = Field(default_factory=dict)
    organization: OrganizationSettings | None = None
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
        # Whoever names another store for one command need not change what the file says of links.
        if value == PRESIGNED and not is_in_s3(info.data.get("store", "")) and not (info.context or {}).get("store"):
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


Members = Callable[[Settings], Mapping[str, AccountSettings]]
"""Tells the accounts of the organization that settings name, by the name that their sites carry."""


Check = Callable[[Settings], Iterable[tuple[tuple[str | int, ...], str]]]
"""Tells what settings name that there cannot be: where it stands, and what is wrong."""


def load_settings(
    path: Path | None,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    regions: Callable[[], tuple[str, ...]],
    offline: bool = False,
    golden_needed: bool = True,
    members: Members = lambda _: {},
    check: Check = lambda _: (),
) -> Settings:
    """The settings from the file, with options in place of what the file says.

    `options` are those of the command line that were given; `regions` tells AWS's. `offline` settings are for
    comparing stored snapshots, which know their sites; where golden is not needed, the first region is. Globs among
    the regions become the sites that they stand for, but for those of offline settings. `check` tells what is well
    formed and means nothing, with where it stands.
    Raises SettingsError, naming every problem at once.
    """
    named = file_in_use(path, environ)
    file = parse_settings_file(named) if named else None
    given = _given(options)
    values = {**({"golden": ANY, "regions": [ANY]} if offline else {}), **_told_in(file), **given}
    if not golden_needed and values.get("regions"):
        values.setdefault("golden", ANY)
    settings = _meaning_something(_checked(values, file, given), file, given, check)
    if offline:
        return settings
    settings = _with_sites(settings, file, members(settings) if settings.organization else {}, golden_needed)
    stored = settings.golden.startswith(STORED_GOLDEN)
    _refuse(site_problems("" if stored else settings.golden, settings.regions, settings.accounts, regions()), file)
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


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    # An empty store was given all the same: by a variable that is not set, for instance.
    known = {name: value for name, value in options.items() if name in Settings.model_fields}
    return {name: value for name, value in known.items() if value or (name == "store" and value is not None)}


def _told_in(file: SettingsFile | None) -> dict[str, Any]:
    # A key with nothing behind it says nothing.
    return {name: value for name, value in (file.values if file else {}).items() if value is not None}


def _checked(values: Mapping[str, Any], file: SettingsFile | None, given: Mapping[str, Any]) -> Settings:
    try:
        return Settings.model_validate(values, context={"store": "store" in given})
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        problems = [_problem(dict(one), file, given) for one in told if not _follows(one["loc"], one["type"], told)]
    raise SettingsError("\n".join(text for _, text in sorted(problems)))


def _meaning_something(
    settings: Settings, file: SettingsFile | None, given: Mapping[str, Any], check: Check
) -> Settings:
    told = []
    for path, why in check(settings):
        line = file.place(path).line if file and path[0] not in given else 0
        where = f"{file.path}:{line}: " if file and line else ""
        name = "--type" if path[0] in given else f"'{'.'.join(map(str, path))}'"
        told.append((line, f"{where}{name}: {why}"))
    if told:
        raise SettingsError("\n".join(text for _, text in sorted(told)) + "\nNothing was read.")
    return settings


def _follows(path: tuple[Any, ...], kind: str, problems: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is too short only because what stands in it is wrong, or a key missing that is misspelled."""
    if kind == "missing":
        unknown = [one["loc"] for one in problems if one["type"] == "extra_forbidden"]
        return any(one[:-1] == path[:-1] and _nearest(one) == path[-1:] for one in unknown)
    return kind == "too_short" and any(one["loc"][: len(path)] == path != one["loc"] for one in problems)


def _nearest(path: tuple[Any, ...]) -> tuple[str, ...]:
    """The known key that is most like an unknown one, if any is."""
    return tuple(get_close_matches(str(path[-1]), _known(path[:-1]), n=1))


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
        near = _nearest(path)
        hint = f" Did you mean '{near[0]}'?" if near else f" Known here: {', '.join(_known(path[:-1]))}."
        if str(path[0]) in _SECRET and not _WORD.fullmatch(str(path[-1])):
            url = " An address stands under 'url'." if path[0] == "notify" else ""
            return f"unknown key in '{'.'.join(map(str, path[:-1]))}'.{url}{hint}"
        return f"unknown key '{name}'.{hint}"
    if error["type"] == "missing":
        return f"'{name}' is missing."
    return f"'{name}': {_message(error)}."


def _message(error: Mapping[str, Any]) -> str:
    needed = _NEEDED.get((error["loc"][-1], error["type"])) or _NEEDED.get(("", error["type"]))
    if needed:
        return f"{needed} needed"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _known(path: tuple[Any, ...]) -> list[str]:
    models: Mapping[str, type[BaseModel]] = {
        "accounts": AccountSettings,
        "organization": OrganizationSettings,
        "exceptions": ExceptionSettings,
        "deploy": DeploySettings,
        "keep": KeepSettings,
        "metrics": MetricsSettings,
        "notify": NotifySettings,
        "select": Pick if len(path) > 1 else Select,
    }
    return sorted((models.get(str(path[0]), Settings) if path else Settings).model_fields)


def _with_sites(
    settings: Settings, file: SettingsFile | None, members: Mapping[str, AccountSettings], golden_needed: bool
) -> Settings:
    accounts = {**members, **settings.accounts}
    named = (*settings.accounts, *(one for one in members if one not in settings.accounts))
    _refuse(idle_globs(settings.regions, named), file)
    regions = sites_named(settings.regions, named)
    golden = settings.golden if golden_needed or settings.golden in regions else regions[0]
    return settings.model_copy(update={"accounts": accounts, "regions": regions, "golden": golden})


def _refuse(problems: Iterable[str], file: SettingsFile | None) -> None:
    told = list(problems)
    if told:
        where = f"{file.path}: " if file else ""
        raise SettingsError("\n".join(f"{where}{problem}" for problem in told) + "\nNothing was read.")


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of auditor.yaml."""
    return Settings.model_json_schema()

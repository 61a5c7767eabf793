"""A case of `tests/cases/`: what two or more sites have, and what must come of it. Reads its file strictly.

CONTRIBUTING.md has the form. A key that is not known, a kind that is not in the list, a place that is no region, and a
case that expects nothing are errors, with the file's name and the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from auditor.errors import AuditorError, SettingsError
from auditor.model.values import Kind, Site, parse_site
from auditor.sandbox.scenario import plain
from auditor.settings.yaml_file import SettingsFile, parse_settings_file
from auditor.specs.regions import SHORT_CODES

FOLDER: Final = Path(__file__).parent.parent / "tests" / "cases"
CaseKind = Literal[
    "generated references",
    "unknown",
    "content",
    "order",
    "defaults",
    "updates",
    "global names",
    "policies",
    "dangers",
    "false drift",
]
Patch = dict[str, dict[str, Any] | None]
"""A merge patch: properties by type and name."""
ACCOUNT: Final = "123456789012"


class CaseError(AuditorError):
    """A case's file says something that cannot be, or that nobody understands."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(_Strict):
    """What AWS answers to a call, instead of what the resources come to."""

    call: str = Field(pattern=r"^[a-z0-9-]+\.[A-Z]\w+$")
    in_: str = Field("", alias="in")
    """`golden`, `site`, or a site's name; "" for everywhere."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Globs that the parameters match, by name; other values than text are equal."""
    gives: dict[str, Any] | None = None
    refuses: str | dict[Literal["code", "message"], str] | None = None
    times: int = 0
    """How many calls, in each site, are answered so; 0 for all."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Answer:
        if (self.gives is None) == (self.refuses is None):
            raise ValueError("either 'gives' or 'refuses' is needed")
        return self


class FindingRow(_Strict):
    """One change of one finding; a finding without changes is one row without a path."""

    resource: str = Field(pattern=r"^AWS::\w+::\w+/.+$")
    kind: Kind
    path: str = ""
    classes: tuple[str, ...] = ()
    site: str = ""
    severity: str = ""
    golden: Any = None
    actual: Any = None
    notes: tuple[str, ...] = ()
    """Each is part of one of the change's notes, or of why it could not be read."""


class CallRow(_Strict):
    """One call that is planned, with those of its parameters that the case names."""

    call: str = Field(pattern=r"^[a-z0-9-]+\.[A-Z]\w+$")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    lacks: tuple[str, ...] = ()
    """Parameters that it must not have."""
    site: str = ""


class LeftOutRow(_Strict):
    """One difference that the plan leaves as it is, and part of why."""

    resource: str
    path: str = ""
    why: str
    site: str = ""


class PlanExpected(_Strict):
    """What is planned. Each of the lists that is there is exactly what comes."""

    calls: tuple[CallRow, ...] | None = None
    left_out: tuple[LeftOutRow, ...] | None = None
    warnings: tuple[str, ...] | None = None
    """Parts of `DANGER: TEXT`."""
    cannot_undo: tuple[str, ...] | None = None
    """Parts of the reasons why there is no way back."""
    allow_delete: bool = False
    suspects: bool = False
    stacks: bool = False
    without: tuple[Literal["exposure", "outage", "cost", "irreversible"], ...] = ()


class ApplyExpected(_Strict):
    """What carrying the plan out comes to."""

    exit: int = 0
    calls: tuple[str, ...] | None = None
    """The operations that were called, in the order in which they were."""
    then: Literal["in sync"] | tuple[FindingRow, ...] | None = None
    says: tuple[str, ...] = ()
    """Parts of what is printed."""


class RollbackExpected(_Strict):
    """What taking the run back comes to."""

    exit: int = 0
    calls: tuple[str, ...] | None = None
    then: Literal["as before"] | None = None
    says: tuple[str, ...] = ()


class CaseFile(_Strict):
    """A case as it is written."""

    kind: CaseKind
    says: str
    source: str
    on: Literal["memory", "sandbox"] = "memory"
    regions: tuple[str, ...] = Field(("us-east-1", "eu-west-1"), min_length=2)
    accounts: dict[str, str] = Field(default_factory=dict)
    """The id of each account that a site's name has (`prod/eu-west-1`); in memory only."""
    settings: dict[str, Any] = Field(default_factory=dict)
    everywhere: Patch = Field(default_factory=dict)
    golden: Patch = Field(default_factory=dict)
    site: Patch = Field(default_factory=dict)
    others: dict[str, Patch] = Field(default_factory=dict)
    """The merge patch of each further site, by its name."""
    answers: tuple[Answer, ...] = ()
    findings: tuple[FindingRow, ...] | None = None
    exit: Literal[0, 1, 2, 3] | None = None
    plan: PlanExpected | None = None
    apply: ApplyExpected | None = None
    rollback: RollbackExpected | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> CaseFile:
        if self.findings is None and self.exit is None and self.plan is None and self.apply is None:
            raise ValueError("nothing is expected: say 'findings', 'exit', 'plan' or 'apply'")
        if self.rollback and not self.apply:
            raise ValueError("'rollback' needs 'apply'")
        if self.on_sandbox and self.accounts:
            raise ValueError("'accounts' are for cases in memory")
        for name in (*self.regions, *self.others):
            if parse_site(name).region not in SHORT_CODES or name not in self.regions:
                raise ValueError(f"'{name}' is no region of this case")
        for one in self.answers:
            if one.in_ not in ("", "golden", "site", *self.regions):
                raise ValueError(f"'{one.in_}' is no site of this case")
        return self

    @property
    def on_sandbox(self) -> bool:
        """Whether it takes the embedded AWS."""
        return self.on == "sandbox" or self.apply is not None

    @property
    def sites(self) -> tuple[Site, ...]:
        """Golden, then the others."""
        return tuple(parse_site(name) for name in self.regions)

    def account_of(self, site: Site, own: str = ACCOUNT) -> str:
        """The id of a site's account."""
        return self.accounts.get(site.account, own)

    def patch_of(self, site: Site) -> Patch:
        """What a site has of its own."""
        place = self.regions.index(str(site))
        return self.golden if place == 0 else self.site if place == 1 else self.others.get(str(site), {})

    def is_for(self, answer: Answer, site: Site) -> bool:
        """Whether an answer is one of a site's."""
        named = {"": str(site), "golden": self.regions[0], "site": self.regions[1]}.get(answer.in_, answer.in_)
        return named == str(site)


def case_files(folder: Path = FOLDER) -> Iterator[Path]:
    """Every case's file, in order."""
    yield from sorted(folder.rglob("*.yaml"))


def read_case(path: Path) -> CaseFile:
    """The case of a file. Raises CaseError, with file and line, for what is none."""
    try:
        file = parse_settings_file(path)
    except SettingsError as error:
        raise CaseError(str(error).removesuffix(" Nothing was read from AWS.")) from None
    values = {name: value for name, value in plain(file.values).items() if not str(name).startswith("x-")}
    try:
        return CaseFile.model_validate(values)
    except ValidationError as error:
        raise CaseError("\n".join(_problem(dict(one), file) for one in error.errors(include_url=False))) from None


def _problem(error: dict[str, Any], file: SettingsFile) -> str:
    path = tuple(error["loc"])
    line = file.place(path).line or 1
    name = ".".join(map(str, path))
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        said = f"'{name}' is not known"
    elif name:
        said = f"{name}: {said[0].lower()}{said[1:]}"
    return f"{file.path}:{line}: {said}"

"""The parts of auditor.yaml that say which resources take part, what is accepted, kept and shipped."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from auditor.compare.selection import Selector
from auditor.model.values import DriftException
from auditor.settings.checks import a_day, keep_of
from auditor.settings.strict import Strict


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

    daily: int = Field(ge=0, default=0, strict=True)
    monthly: int = Field(ge=0, default=0, strict=True)

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

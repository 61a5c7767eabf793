"""What `auditor.yaml` says of `auditor audit` alone: who is told of what it found, and where its metrics go."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator

from auditor.settings.checks import a_path
from auditor.settings.strict import Strict

Occasion = Literal["new", "fixed", "unknown", "always"]
_SNS: Final = "sns:"
PRESIGNED: Final = "presigned"
"""Where reports are reached if they are served nowhere: by a link that S3 takes for a while."""
STDOUT: Final = "stdout"
"""Where CloudWatch's metrics go if they go to no file."""


class NotifySettings(Strict):
    """Who is told, and when. In the address, `${VARIABLE}` is the environment's."""

    url: SecretStr = Field(min_length=1)
    when: tuple[Occasion, ...] = Field(default=("new", "fixed", "unknown"), min_length=1)
    limit: float = Field(default=30, gt=0, le=300)
    """Seconds that all tries together may take."""

    @property
    def topic(self) -> str:
        """The ARN of the SNS topic that is told; "" for another service, and where a variable holds it."""
        told = self.url.get_secret_value()
        return told[len(_SNS) :] if told.lower().startswith(f"{_SNS}arn:") else ""


def _spelt_out(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


Notify = Annotated[NotifySettings, BeforeValidator(_spelt_out, json_schema_input_type=SecretStr | NotifySettings)]
"""An address alone, or a map of it and of what else is to be said."""


def _from_here(value: str) -> str:
    # Only a shell knows whose home it is.
    if value.startswith("~"):
        raise ValueError("a path without ~ is needed: the whole of it, or one from the folder of the run")
    return a_path(value)


def _prom(value: str) -> str:
    if value and not value.endswith(".prom"):
        raise ValueError("a name that ends in .prom is needed; node_exporter reads no other")
    return value


def web_address(value: str) -> str:
    """The address of a folder on the web, without the slash at its end; or PRESIGNED, or "". Raises ValueError else."""
    if value and value != PRESIGNED and not value.startswith(("https://", "http://")):
        raise ValueError(f"an address that begins with https:// or http:// is needed, or '{PRESIGNED}'")
    if "${" in value:
        raise ValueError("the address itself is needed; no variable is put in here")
    return value.rstrip("/")


class MetricsSettings(Strict):
    """Where the metrics of an audit are written."""

    prometheus: Annotated[str, AfterValidator(_prom), AfterValidator(_from_here)] = ""
    """A file for node_exporter's textfile collector."""
    emf: Annotated[str, AfterValidator(_from_here)] = ""
    """A file that gets a line an audit, in CloudWatch's embedded metric format, or `stdout`."""

    @field_validator("emf")
    @classmethod
    def _stdout_in_small_letters(cls, value: str) -> str:
        if value != STDOUT and value.lower() == STDOUT:
            raise ValueError(f"'{STDOUT}' is written in small letters; a file of that name is ./{value}")
        return value

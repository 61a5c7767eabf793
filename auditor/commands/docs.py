"""What the specs come to for people: the types, their fields, and the documents that are made of them."""

from __future__ import annotations

from pathlib import Path

from auditor.aws.shapes import members
from auditor.commands import iam_policy as iam_policy_command
from auditor.errors import SettingsError
from auditor.resources import load_specs
from auditor.runs.files import write_whole
from auditor.specs import catalogue


def types(name: str | None) -> str:
    """The resource types, or every field of one. Raises SettingsError for a type that is not described."""
    specs = load_specs()
    if name is None:
        return catalogue.types_text(specs)
    if name not in specs:
        near = catalogue.nearest(name, specs)
        hint = (
            f"Did you mean {near}?" if near else f"Only those of {catalogue.services(specs)} are: see 'auditor types'."
        )
        raise SettingsError(f"'{name}' is no resource type here. {hint}")
    return catalogue.fields_text(specs[name], members)


def docs(root: Path) -> dict[Path, str]:
    """The documents that are made from the specs, by where they stand below the project's folder."""
    specs, readme, permissions = load_specs(), root / "README.md", root / "docs" / "permissions.md"
    text = catalogue.with_table(readme.read_text(encoding="utf-8"), specs)
    return {
        root / "docs" / "resource-types.md": catalogue.document(specs, members),
        permissions: catalogue.with_grants(permissions.read_text(encoding="utf-8"), iam_policy_command.tables()),
        readme: catalogue.with_policy(text, iam_policy_command.policies("audit")[0]),
    }


def write_docs(root: Path) -> None:
    """Write them, each whole or not at all."""
    for path, text in docs(root).items():
        write_whole(path, text)

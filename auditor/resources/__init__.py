"""The resource types that can be audited: one file a type, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil

from auditor.specs.spec import ResourceSpec


def load_specs() -> dict[str, ResourceSpec]:
    """Every type that this folder describes, by its CloudFormation name, in order."""
    modules = [
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
        if found.name[0] != "_"
    ]
    specs: list[ResourceSpec] = [module.SPEC for module in modules]
    return {spec.type: spec for spec in sorted(specs, key=lambda one: one.type)}

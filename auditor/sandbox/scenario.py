"""What a sandbox is seeded with: resources per region, from YAML.

    regions:
      us-east-1: {}
      eu-west-1:                           # a merge patch of what is everywhere (RFC 7386):
        AWS::Lambda::Function:
          api: {MemorySize: 256}           # another value
          old: null                        # not in this region
    everywhere:                            # in each region, worded canonically
      AWS::Lambda::Function:
        api: {Runtime: python3.12, MemorySize: 512, Environment: {Variables: {STAGE: "${region}"}}}
        old: {Runtime: python3.12}
    planted:                               # for the demo: what an audit must find, and nothing else
      - says: somebody halved the memory
        findings: [{site: eu-west-1, type: "AWS::Lambda::Function", name: api, kind: changed, path: /MemorySize}]

Properties have the names that the AWS API uses; `auditor/sandbox/seed.py` lists them. Keys that begin with
`x-` are for anchors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from auditor.aws.sessions import partition_of
from auditor.canonical.wording import localise
from auditor.errors import SandboxError
from auditor.model.values import Locale
from auditor.sandbox.demo_check import Expected, Planted
from auditor.settings.yaml_file import parse_settings_file
from auditor.specs.regions import SHORT_CODES

Resources = Mapping[str, Mapping[str, Any]]
"""Properties by type and name, worded for one region."""
SHOP: Final = Path(__file__).with_name("shop.yaml")
_KEYS: Final = frozenset({"regions", "everywhere", "planted"})


@dataclass(frozen=True)
class Scenario:
    """Resources by region, the first of which is golden, and the differences planted among them."""

    regions: Mapping[str, Resources]
    planted: tuple[Planted, ...] = ()


def load_scenario(path: Path, account: str) -> Scenario:
    """The scenario of a file. Raises SandboxError for what is not one, SettingsError for what is not YAML."""
    values = plain(parse_settings_file(path).values)
    unknown = sorted(key for key in values if key not in _KEYS and not str(key).startswith("x-"))
    if unknown or not isinstance(values.get("regions"), dict) or not values["regions"]:
        wrong = f"does not know '{unknown[0]}'" if unknown else "needs 'regions', with one key for each region"
        known = ", ".join(sorted(_KEYS))
        raise SandboxError(f"{path}: a scenario {wrong}. Its keys are: {known}. Nothing was started.")
    everywhere = values.get("everywhere") or {}
    regions = {
        name: resources_in(name, everywhere, own or {}, account, path) for name, own in values["regions"].items()
    }
    return Scenario(regions, tuple(_planted(one) for one in values.get("planted") or ()))


def resources_in(region: str, everywhere: Any, own: Any, account: str, path: Path) -> Resources:
    """What is everywhere with a region's own merge patch, worded for it. Raises SandboxError for what is none."""
    if region not in SHORT_CODES:
        raise SandboxError(f"{path}: '{region}' is not an AWS region. Nothing was started.")
    locale = Locale(region, SHORT_CODES[region], account, partition_of(region))
    merged = merge(everywhere, own)
    if not isinstance(merged, dict) or not all(isinstance(named, dict) for named in merged.values()):
        raise SandboxError(f"{path}: {region} must hold types, and each type resources by name. Nothing was started.")
    return {type_: localised(named, locale) for type_, named in merged.items()}


def localised(value: Any, locale: Locale) -> Any:
    """A canonical value, keys and elements among it, as the site writes it."""
    if isinstance(value, str):
        return localise(value, locale)
    if isinstance(value, dict):
        return {localised(name, locale): localised(member, locale) for name, member in value.items()}
    if isinstance(value, list):
        return [localised(element, locale) for element in value]
    return value


def merge(target: Any, patch: Any) -> Any:
    """`target` with a JSON merge patch applied: maps merge, null removes, anything else replaces (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def plain(value: Any) -> Any:
    """What ruamel read, as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    return [plain(element) for element in value] if isinstance(value, list) else value


def _planted(entry: Mapping[str, Any]) -> Planted:
    return Planted(entry["says"], tuple(Expected(**finding) for finding in entry["findings"]))

"""Where the AWS console shows a resource. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from auditor.canonical.pairing import parent_and_own
from auditor.model.values import parse_site

_DOMAINS: Final[Mapping[str, str]] = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_DOMAIN: Final = "console.aws.amazon.com"


def console_url(site: str, native: str, template: str) -> str:
    """The address, from a spec's `console` and what the site calls the resource; "" where either is lacking.

    `{name}` in the template is the resource's own name, `{parent}` that of what it is inside, `{region}` the region.
    """
    region = parse_site(site).region
    # Golden may be a snapshot, which no console shows.
    if not (template and native) or ":" in region:
        return ""
    parent, own = parent_and_own(native, "{parent}" in template)
    names = {"region": region, "name": own, "parent": parent}
    path = template.format(**{name: quote(value, safe="", errors="replace") for name, value in names.items()})
    domain = next((one for prefix, one in _DOMAINS.items() if region.startswith(prefix)), _DOMAIN)
    return f"https://{region}.{domain}/{path}"

"""A site read from the sandbox twice, the second time with every listing backwards: the same bytes are stored."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.pacing import UNPACED, Pacer
from auditor.aws.read import read_resources
from auditor.aws.sessions import Sessions
from auditor.canonical.redact import Redaction, hiding, redact
from auditor.model.values import Site, SiteSnapshot, Value
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import Sandbox
from auditor.specs.spec import Call, Listing
from auditor.store import store
from auditor.store.site_file import file_name, unpacked
from bench.instead import environment
from bench.sites import BUCKETS, KEY, SPECS

SITE: Final = Site("us-east-1")
LISTINGS: Final = frozenset(spec.listing.call.operation for spec in SPECS.values() if isinstance(spec.listing, Listing))
# Of a presigned URL nothing is kept; what else changes from call to call is when and by whom it was asked.
_CALLS: Final = re.compile(rb'"calls": \{[^}]*\}')


class Backwards(Caller):
    """A caller to whom AWS lists everything in the other order."""

    def pages(self, service: str, call: Call, values: Mapping[str, Value]) -> Iterator[Mapping[str, Any]]:
        """The pages of a listing from the last to the first, each backwards; other answers as they are."""
        pages = super().pages(service, call, values)
        if call.operation not in LISTINGS:
            yield from pages
            return
        for page in reversed(list(pages)):
            yield {name: one[::-1] if isinstance(one, list) else one for name, one in page.items()}


def difference() -> str:
    """What is wrong with the two files; "" where they are the same."""
    with Sandbox() as sandbox, environment(sandbox.environment()):
        values = sandbox.environment()
        seed(load_scenario(SHOP, values["AWS_ACCESS_KEY_ID"]), values, SPECS)
        one, other = (stored(kind) for kind in (Caller, Backwards))
    if one == other:
        return ""
    at = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return f"they differ at byte {at}: {one[at - 60 : at + 60]!r} and {other[at - 60 : at + 60]!r}"


def stored(kind: type[Caller]) -> bytes:
    """The site's file in the store, as it is read by such a caller, without the count of its calls."""
    sessions = Sessions()
    _settle(sessions)
    locale = sessions.locale(SITE)
    caller = kind(sessions, SITE, locale, Pacer(UNPACED))
    with ThreadPoolExecutor(8) as pool, tempfile.TemporaryDirectory() as folder:
        read, unread = read_resources(SPECS, caller, pool, lambda _done, _of: None)
        kept = tuple(redact(one, SPECS[one.type], hiding(locale, Redaction(KEY, buckets=BUCKETS))) for one in read)
        pending = store.begin(store.storage_at(folder), datetime.now(UTC))
        store.write_site(pending, SiteSnapshot(str(SITE), locale, kept, unread))
        name = file_name(str(SITE))
        return _CALLS.sub(b"", unpacked(name, pending.store.read(f"{pending.id}/{name}")))


def _settle(sessions: Sessions) -> None:
    # What has just been seeded may still be on its way from InProgress to Successful.
    functions = sessions.client("lambda", SITE)
    waiter = functions.get_waiter("function_updated_v2")
    for one in functions.list_functions()["Functions"]:
        waiter.wait(FunctionName=one["FunctionName"], WaiterConfig={"Delay": 1, "MaxAttempts": 30})

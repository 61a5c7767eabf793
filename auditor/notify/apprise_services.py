"""The services that apprise knows: Slack, mail, Teams, webhooks and some hundred others. The only user of apprise.

What apprise logs and answers can quote an address, which is a secret: nothing of it is passed on but an HTTP status.
"""

from __future__ import annotations

import logging
import re
import warnings
from typing import Final

from apprise import Apprise, AppriseAsset, NotificationManager, NotifyBase, NotifyFormat, NotifyType, OverflowMode
from apprise.common import PersistentStoreMode

from auditor.errors import NotifyError
from auditor.nearest import nearest
from auditor.notify.notice import MOST, Words

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_MARGIN: Final = 16
"""Characters that apprise keeps for itself between title and body, and for counting parts."""
# Nothing is kept on disk, no picture is fetched by who reads, and what answers with a redirect did not take it.
_ASSET: Final = AppriseAsset(
    app_id="auditor", app_desc="auditor", app_url="", image_url_mask="", async_mode=False, http_redirects=False,
    service_timeout=0, storage_mode=PersistentStoreMode.MEMORY.value,
)  # fmt: skip
_LOGGER: Final = logging.getLogger("apprise")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False
# With ?verify=no, urllib3 warns of each call, and names the host.
warnings.filterwarnings("ignore", message="Unverified HTTPS request")


def is_scheme(name: str) -> bool:
    """Whether addresses can begin so."""
    known: NotificationManager = NotificationManager()  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        # Asked for the first time, it imports all its plugins, with what these use of old.
        warnings.simplefilter("ignore")
        return name in known


def _nearest_scheme(url: str) -> str:
    # What the address begins with may be the secret itself: of it, nothing is told.
    known: NotificationManager = NotificationManager()  # type: ignore[no-untyped-call]
    schemes: list[str] = known.schemas()  # type: ignore[no-untyped-call]
    near = nearest(url.partition("://")[0][:20], schemes)[:1]
    return f" Did you mean {near[0]}?" if near and "://" in url else ""


def deliver(url: str, words: Words) -> None:
    """Send a message once. Raises NotifyError, in which nothing of the address is told."""
    service = _service(url)
    # Where a service has no titles, or none that go with text, apprise puts the title before the body.
    titled = len(words(MOST).title) + _MARGIN
    notice = words(max(1, (service.body_maxlen or MOST) - titled))
    sent = Apprise(service, asset=_ASSET).notify(
        notice.body, notice.title, NotifyType(notice.level), body_format=NotifyFormat.TEXT
    )
    if not sent:
        told = " ".join(entry.message for result in sent for entry in result.logs())
        status = _STATUS.search(told)
        why = f"the answer was HTTP {status[1]}" if status else "there was no answer, or it was not taken"
        raise NotifyError(f"{why}.")


def _service(url: str) -> NotifyBase:
    service = Apprise.instantiate(url, asset=_ASSET)
    if service is None and not is_scheme(url.partition("://")[0].lower()):
        raise NotifyError(f"no service goes by what its address begins with.{_nearest_scheme(url)}")
    if service is None:
        raise NotifyError("the address is not as https://github.com/caronc/apprise/wiki has it for this service.")
    if service.overflow_mode == OverflowMode.UPSTREAM:
        service.overflow_mode = OverflowMode.TRUNCATE
    return service

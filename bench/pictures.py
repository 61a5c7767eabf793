"""The pictures of the report in docs/, taken in Chromium of the last of the nights of bench.nights.

python -m bench.nights nights && python -m bench.pictures nights        (make pictures)
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

DOCS: Final = Path(__file__).parent.parent / "docs"
DESKTOP: Final[ViewportSize] = {"width": 1240, "height": 1180}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}


def main() -> int:
    """Take them."""
    page = Path(sys.argv[1] if len(sys.argv) > 1 else "nights").resolve() / "reports" / "latest.html"
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        _taken(browser, page, "report", DESKTOP, "light", deciding=False)
        _taken(browser, page, "report-deciding", DESKTOP, "dark", deciding=True)
        _taken(browser, page, "report-phone", PHONE, "light", deciding=False)
        _taken(browser, page, "report-phone-dark", PHONE, "dark", deciding=True)
        browser.close()
    return 0


def _taken(
    browser: Browser, path: Path, name: str, size: ViewportSize, scheme: Literal["light", "dark"], deciding: bool
) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.goto(path.as_uri())
    if deciding:
        _decide(page)
    page.screenshot(path=DOCS / f"{name}.png")
    page.close()


def _decide(page: Page) -> None:
    page.select_option("select[name=service]", "Lambda")
    _cause(page, "orders-api").get_by_role("button", name="Fix", exact=True).click()
    _cause(page, "checkout").get_by_role("button", name="Accept", exact=True).click()
    page.keyboard.type("the new log level, OPS-131")
    page.keyboard.press("Tab")
    page.locator("#findings").evaluate("one => one.scrollIntoView()")


def _cause(page: Page, name: str) -> Locator:
    cause = page.locator("li.cause", has=page.locator(f"li.finding[data-name='{name}']")).first
    cause.locator("summary").click()
    return cause


if __name__ == "__main__":
    sys.exit(main())

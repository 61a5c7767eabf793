"""The report's page with many findings, opened and filtered in Chromium.

    python -m bench.page        (make page)

Prints the size of the page for 10, 1,000 and 10,000 findings over twenty sites, the time from opening it to the first
answer to a key, until the page has read all of itself in idle moments, and the time that one key of a search takes
until the page is drawn again; all beside an empty page of the same run, because machines differ.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from auditor.history.history import history, run_of
from auditor.model.values import ABSENT, Change, Drift, Finding
from auditor.report.content import Report
from auditor.report.page.render import render_html
from auditor.resources import load_specs
from auditor.runs.files import write_whole

NUMBERS: Final = (10, 1_000, 10_000)
SITES: Final = tuple(
    f"{area}-{number}" for area in ("eu-west", "us-west", "ap-south", "sa-east") for number in range(1, 6)
)
FUNCTION: Final = "AWS::Lambda::Function"
WORDS: Final = "job-77"
OPENINGS: Final = 5
HEAD: Final = " findings      page  rendered  first key  all read   a key: median, longest"
# From the key to the picture: the second frame after it shows what it did.
KEYED: Final = """key => new Promise(done => {
  const input = document.querySelector("input[name=q]"), start = performance.now();
  input.value += key;
  input.dispatchEvent(new Event("input", {bubbles: true}));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""
READY: Final = """() => new Promise(done => {
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true}));
  requestAnimationFrame(() => setTimeout(() => done(performance.now())));
})"""


def findings(number: int, alike: bool) -> Iterator[Finding]:
    """Findings of which none is like another, or all are: the one makes most rows, the other the longest."""
    for at in range(number):
        if alike:
            change = Change("/Tags/team", "shop", ABSENT)
            yield Finding(f"{at:016x}", SITES[at % len(SITES)], FUNCTION, f"job-{at // len(SITES)}", "changed", "low",
                          (change,))  # fmt: skip
            continue
        change = Change("/MemorySize", 512, 1_000 + at // len(SITES) % 9_000)
        more = Change(
            "/Environment/Variables/TABLE", f"arn:aws:dynamodb:${{region}}:${{account}}:table/{at}", f"t-{at}"
        )
        site, name = SITES[at % len(SITES)], f"job-{at // len(SITES)}"
        yield Finding(f"{at:016x}", site, FUNCTION, name, "changed", "medium", (change, more), None, (), name, name)


def page(number: int, alike: bool = False) -> str:
    """The report of so many findings."""
    found = tuple(findings(number, alike))
    means = {site: {"region": site, "account": "111122223333"} for site in ("us-east-1", *SITES)}
    drift = Drift("us-east-1", SITES, "2026-11-24T01:02:03Z", True, {FUNCTION: 200_000}, found, symbols=means)
    consoles = {name: spec.console for name, spec in load_specs().items()}
    return render_html(Report(drift, history(run_of(drift), ()), consoles=consoles))


def measured(browser: Browser, path: Path) -> tuple[float, float, list[float]]:
    """Milliseconds until the page answers a key, until it has read all of itself, and of each key of a search."""
    opened, read, keys = [], [], []
    for _ in range(OPENINGS):
        tab = browser.new_page()
        tab.goto(path.as_uri(), wait_until="commit")
        tab.wait_for_load_state("domcontentloaded")
        opened.append(tab.evaluate(READY))
        if tab.query_selector("input[name=q]"):
            tab.wait_for_selector("body[data-read]", state="attached")
            read.append(tab.evaluate("performance.now()"))
            keys += [tab.evaluate(KEYED, key) for key in WORDS]
        tab.close()
    return statistics.median(opened), statistics.median(read or opened), keys


def main() -> int:
    """Measure, and print."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        print(HEAD)
        for number, alike in ((0, False), *((one, False) for one in NUMBERS), (NUMBERS[-1], True)):
            print(_line(browser, Path(folder) / f"{number}.html", number, alike))
        browser.close()
    return 0


def _line(browser: Browser, path: Path, number: int, alike: bool) -> str:
    start = time.perf_counter()
    text = page(number, alike)
    rendered = time.perf_counter() - start
    write_whole(path, text)
    opened, read, keys = measured(browser, path)
    told = f"{statistics.median(keys):.0f} ms, {max(keys):.0f} ms" if keys else ""
    size = len(text.encode()) / 1000
    what = "  all alike" if alike else ""
    return f"{number:>9,} {size:>6,.0f} kB {rendered:>7.2f} s {opened:>7.0f} ms {read:>6.0f} ms {told:>24}{what}"


if __name__ == "__main__":
    sys.exit(main())

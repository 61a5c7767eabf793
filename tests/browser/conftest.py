"""A real Chromium, and reports to open in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import sync_playwright

from auditor.history.history import history, run_of
from auditor.model.plan import Action, LeftOut, Plan, PlannedCall, Warned
from auditor.model.values import ABSENT, Attribution, Change, Coverage, Drift, DriftException, Finding
from auditor.report.content import Report
from auditor.report.page.render import render_html
from auditor.resources import load_specs

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# It may call nobody: not for updates either, nor for the certificates that it would like to have.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
SITES = ("eu-west-1", "ap-southeast-2", "sa-east-1")
READ = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "*"}


# No longer than a file: what drives the browser keeps this thread's event loop, which other tests have one of.
@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        path = next(found for name in BROWSERS if (found := shutil.which(name)))
        running = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield running
        running.close()


@dataclass
class Opened:
    """A page, and what it said and asked for that it should not have."""

    page: object
    errors: list[str]
    requests: list[str]

    def findings(self):
        """The findings that can be seen or unfolded, by their place."""
        rows = self.page.locator("li.finding:not([hidden])")
        return rows.evaluate_all(
            "all => all.filter(one => !one.closest('[hidden]')).map(one => one.dataset.name + ' ' + one.dataset.site)"
        )

    def causes(self):
        """The headings of the causes on the page."""
        return self.page.locator("li.cause .names").all_inner_texts()

    def unfold(self, name):
        """Open the cause of the resource of this name, and say where it is."""
        cause = self.page.locator("li.cause", has=self.page.locator(f"li.finding[data-name='{name}']"))
        if not cause.locator("details").evaluate("one => one.open"):
            cause.locator("summary").click()
        return cause


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a report from its file, in a browser of its own; nothing may go wrong, and nothing leave the page."""
    contexts, seen = [], []

    def opened_(report, fragment="", **options):
        path = tmp_path / "report.html"
        path.write_text(report if isinstance(report, str) else render_html(report), encoding="utf-8")
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        )
        page = context.new_page()
        told = Opened(page, [], [])
        page.on("console", lambda message: told.errors.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: told.errors.append(str(error)))
        page.on("request", lambda request: told.requests.append(request.url))
        page.goto(path.as_uri() + fragment)
        if options.get("java_script_enabled", True) and page.locator("#filters").count():
            page.wait_for_selector("body[data-read]")
        contexts.append(context)
        seen.append((told, path.as_uri()))
        return told

    yield opened_
    for context in contexts:
        context.close()
    for told, address in seen:
        assert told.errors == []
        assert [one for one in told.requests if not one.startswith((address, "data:", "blob:"))] == []


def finding(id_, site, name, *changes, **fields):
    made = Finding(id_, site, FUNCTION, name, "changed", "medium", changes, native=name, golden_native=name)
    return replace(made, **fields)


MEMORY = Change("/MemorySize", 512, 256)
TOPIC = Change("/DeadLetterConfig/TargetArn", "arn:aws:sns:${region}:${account}:a", "arn:aws:sns:${region}:1:b")
WHO = Attribution("eu-west-1", "UpdateFunctionConfiguration20150331v2", "arn:aws:sts::1:assumed-role/admin/eve",
                  "2026-11-23T17:01:00Z", "e-1")  # fmt: skip
FINDINGS = (
    *(finding(f"m{number}", site, "api", MEMORY, attribution=WHO if not number else None)
      for number, site in enumerate(SITES)),
    finding("t1", "eu-west-1", "orders", TOPIC),
    finding("g1", "sa-east-1", "thumbnails", kind="missing", severity="high", native=""),
    finding("g2", "sa-east-1", "resize", kind="missing", severity="high", native=""),
    finding("x1", "eu-west-1", "debug", kind="extra", severity="low", golden_native=""),
    finding("u1", "eu-west-1", "web", Change("/Policy", unreadable="eu-west-1: AccessDenied: no"), kind="unreadable"),
    finding("p1", "ap-southeast-2", "assets-${region}", Change("/Policy/Statement/Read/Action", "s3:GetObject", "s3:*",
            statement=(READ, {**READ, "Action": "s3:*"})), type=BUCKET, severity="high", classes=("golden suspect",),
            native="assets-ap-southeast-2"),
    finding("k1", "eu-west-1", "pay", Change("/Environment/Variables/KEY", {"secret": "9f1c2a4be6"}, ABSENT),
            severity="high"),
    finding("a1", "eu-west-1", "canary", MEMORY, exception=DriftException("*", "OPS-112", until="2027-01-31")),
)  # fmt: skip
DRIFT = Drift(
    "us-east-1", SITES, "2026-11-24T01:02:03Z", False, {FUNCTION: 12, BUCKET: 3}, FINDINGS,
    warnings=("mind the gap",),
    coverage=(Coverage("us-east-1", FUNCTION, "code", {"read": 4}),
              Coverage("eu-west-1", FUNCTION, "policy", {"denied": 1, "read": 2, "absent": 1})),
    symbols={
        "us-east-1": {"region": "us-east-1", "account": "111122223333"},
        **{site: {"region": site, "account": "111122223333"} for site in SITES},
    },
)  # fmt: skip
PLAN = Plan(
    "us-east-1", "2026-11-24T01:02:03Z", {},
    tuple(
        Action(f"p{number}", site, FUNCTION, "api", "api", "update", "configuration",
               (PlannedCall("lambda", "UpdateFunctionConfiguration", {}),), (MEMORY,), reason=(f"m{number}",),
               warnings=(Warned("outage", "running instances are replaced"),))
        for number, site in enumerate(SITES)
    ),
    (LeftOut("eu-west-1", FUNCTION, "debug", "", "nothing is deleted without --allow-delete", "x1"),),
)  # fmt: skip


@pytest.fixture(scope="session")
def report():
    """A report with something of everything."""
    nights = [run_of(replace(DRIFT, read=f"2026-11-2{day}T01:02:03Z", findings=FINDINGS[:count]))
              for day, count in ((1, 3), (2, 6), (3, 4))]  # fmt: skip
    fixed = replace(nights[-1].findings[0], id="old", name="mended")
    nights[-1] = replace(nights[-1], findings=(*nights[-1].findings, fixed))
    consoles = {name: spec.console for name, spec in load_specs().items()}
    return Report(DRIFT, history(run_of(DRIFT), nights), PLAN, consoles=consoles)


@pytest.fixture(scope="session")
def large():
    """Twelve hundred causes in two sites."""
    sites = ("eu-west-1", "sa-east-1")
    found = tuple(
        finding(f"{site}-{number}", site, f"job-{number:04}", Change("/Timeout", number, number + 1))
        for number in range(1200)
        for site in sites
    )
    return Report(replace(DRIFT, sites=sites, findings=found, coverage=(), warnings=()))

"""The import rule of ARCHITECTURE.md, one door a library, purity, and the sizes of functions and files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "auditor"
# Rooms from the top down. A folder is one room. Rooms of one layer know nothing of each other, except the pure ones.
LAYERS = (
    ("auditor.__main__",),
    ("auditor.cli", "auditor.nightly"),
    (
        "auditor.cli_reconcile",
        "auditor.cli_audit",
        "auditor.cli_iam",
        "auditor.cli_init",
        "auditor.cli_snapshot",
        "auditor.cli_runs",
    ),
    ("auditor.cli_deploy",),
    ("auditor.cli_watch",),
    ("auditor.cli_options",),
    ("auditor.cli_sites",),
    ("auditor.cli_complete",),
    ("auditor.workflow_complete",),
    ("auditor.workflow_demo", "auditor.workflow_release", "auditor.workflow_setup", "auditor.workflow_init"),
    ("auditor.workflow_audit", "auditor.workflow_snapshots", "auditor.workflow_runs"),
    ("auditor.workflow_report",),
    (
        "auditor.workflow_accept",
        "auditor.workflow_apply",
        "auditor.workflow_plan",
        "auditor.workflow_deploy",
        "auditor.workflow_metrics",
        "auditor.workflow_notify",
    ),
    ("auditor.workflow_drift", "auditor.workflow_sandbox", "auditor.workflow_settings"),
    ("auditor.workflow_context", "auditor.workflow_docs"),
    ("auditor.workflow_iam",),
    # The sandbox seeds as the program writes.
    (
        "auditor.notify",
        "auditor.snapshot",
        "auditor.sandbox",
        "auditor.golden",
        "auditor.applying",
        "auditor.deploy",
        "auditor.decided",
    ),
    ("auditor.notify_apprise", "auditor.store"),
    (
        "auditor.aws",
        "auditor.history_store",
        "auditor.journal",
        "auditor.lock",
        "auditor.audit_lock",
        "auditor.report",
        "auditor.progress",
        "auditor.streams",
        "auditor.signals",
        "auditor.secret_key",
        "auditor.settings",
        "auditor.settings_edit",
        "auditor.decisions",
    ),
    ("auditor.site_file", "auditor.storage"),
    ("auditor.settings_accounts", "auditor.settings_audit", "auditor.settings_parts"),
    ("auditor.settings_model", "auditor.settings_file", "auditor.files"),
    (
        "auditor.attribution",
        "auditor.canonical",
        "auditor.canonical_values",
        "auditor.catalogue",
        "auditor.changes",
        "auditor.classes",
        "auditor.comparators",
        "auditor.coverage",
        "auditor.dangers",
        "auditor.document",
        "auditor.pairing",
        "auditor.reference_names",
        "auditor.references",
        "auditor.tree",
        "auditor.undecided",
        "auditor.unknown",
        "auditor.version_names",
        "auditor.writes",
        "auditor.name_guesses",
        "auditor.principals",
        "auditor.redact",
        "auditor.compare",
        "auditor.drift",
        "auditor.event_names",
        "auditor.exceptions",
        "auditor.gate",
        "auditor.guesses",
        "auditor.history",
        "auditor.idle",
        "auditor.impossible",
        "auditor.nearest",
        "auditor.settings_checks",
        "auditor.settings_draft",
        "auditor.severity",
        "auditor.selection",
        "auditor.story",
        "auditor.symbols",
        "auditor.key_references",
        "auditor.aws_hosts",
        "auditor.generated",
        "auditor.literals",
        "auditor.named_ids",
        "auditor.partition_wide",
        "auditor.stack_names",
        "auditor.strange",
        "auditor.iam",
        "auditor.iam_policy",
        "auditor.iam_scope",
        "auditor.iam_text",
        "auditor.iam_trust",
        "auditor.measures",
        "auditor.plan_document",
        "auditor.plan_form",
        "auditor.plan_file",
        "auditor.pointer",
        "auditor.planning",
        "auditor.retention",
        "auditor.seals",
        "auditor.rollout",
        "auditor.stages",
        "auditor.log_masking",
        "auditor.run_state",
        "auditor.run_summary",
        "auditor.wanted",
        "auditor.waves",
    ),
    ("auditor.resources",),
    (
        "auditor.spec",
        "auditor.site_choices",
        "auditor.regions",
        "auditor.delivery",
        "auditor.public_access",
    ),
    ("auditor.spec_calls",),
    # What resources' policies say decides which calls write them.
    ("auditor.policy",),
    ("auditor.policy_condition",),
    ("auditor.planned", "auditor.bonds", "auditor.json_text", "auditor.tag_words"),
    ("auditor.model",),
    ("auditor.errors",),
    ("auditor",),
)
PURE = LAYERS.index(next(layer for layer in LAYERS if "auditor.compare" in layer))
ROOMS = {room: number for number, layer in enumerate(LAYERS) for room in layer}
# Settings are checked, and nothing else is done with them there.
MAY_IMPORT_ONLY = {
    "auditor.settings": {
        "auditor.settings_accounts",
        "auditor.settings_audit",
        "auditor.settings_checks",
        "auditor.settings_file",
        "auditor.settings_model",
        "auditor.settings_parts",
        "auditor.model",
        "auditor.errors",
    },
    "auditor.settings_accounts": {"auditor.settings_model", "auditor.model"},
    "auditor.settings_edit": {"auditor.settings_file", "auditor.errors"},
    "auditor.settings_audit": {"auditor.settings_checks", "auditor.settings_model"},
    "auditor.settings_model": set(),
    "auditor.settings_parts": {
        "auditor.settings_checks",
        "auditor.settings_model",
        "auditor.selection",
        "auditor.model",
    },
    "auditor.settings_file": {"auditor.errors"},
}
# Pure rooms are given the specs. Who loads them says which types there are.
MAY_LOAD_SPECS = {
    "auditor.workflow_apply",
    "auditor.workflow_complete",
    "auditor.workflow_context",
    "auditor.workflow_demo",
    "auditor.workflow_docs",
    "auditor.workflow_drift",
    "auditor.workflow_iam",
    "auditor.workflow_init",
    "auditor.workflow_plan",
    "auditor.workflow_report",
    "auditor.workflow_sandbox",
    "auditor.workflow_settings",
    "auditor.cli",
    "auditor.resources",
}
# What runs in Lambda has boto3, and nothing else of ours that calls AWS.
LAMBDAS = tuple(f"auditor.deploy.functions.{name}" for name in ("codedeploy_trigger", "github_listener"))
DOORS = {
    "apprise": ("auditor.notify_apprise",),
    "boto3": ("auditor.aws", "auditor.sandbox", *LAMBDAS),
    "botocore": ("auditor.aws", "auditor.sandbox", *LAMBDAS),
    "click": (
        "auditor.cli",
        "auditor.cli_audit",
        "auditor.cli_complete",
        "auditor.cli_deploy",
        "auditor.cli_iam",
        "auditor.cli_init",
        "auditor.cli_options",
        "auditor.cli_reconcile",
        "auditor.cli_runs",
        "auditor.cli_sites",
        "auditor.cli_snapshot",
        "auditor.cli_watch",
    ),
    "deepdiff": ("auditor.changes",),
    "hypercorn": ("auditor.sandbox",),
    "jinja2": ("auditor.report.render",),
    "jwt": ("auditor.deploy.github_app",),
    "jmespath": ("auditor.applying.action", "auditor.aws"),
    "ministack": ("auditor.sandbox",),
    "moto": ("auditor.sandbox",),
    "pydantic": (
        "auditor.settings",
        "auditor.settings_accounts",
        "auditor.settings_audit",
        "auditor.settings_model",
        "auditor.settings_parts",
    ),
    "rich": ("auditor.progress",),
    "zstandard": ("auditor.site_file",),
    "ruamel": ("auditor.settings_file", "auditor.sandbox", "auditor.deploy"),
}
IMPURE_MODULES = {
    "asyncio", "concurrent", "getpass", "glob", "http", "io", "logging", "os", "pathlib", "random", "secrets",
    "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
IMPURE_NAMES = {"open", "print", "input", "now", "today", "utcnow", "environ", "getenv"}
PURE_TOO = {
    "auditor.settings_accounts",
    "auditor.report.cause_view",
    "auditor.report.causes",
    "auditor.report.change_view",
    "auditor.report.matrix",
    "auditor.report.plan_view",
    "auditor.report.statements",
    "auditor.report.symbol_table",
    "auditor.report.trend",
    "auditor.report.content",
    "auditor.report.csv_rows",
    "auditor.report.emf",
    "auditor.report.history_text",
    "auditor.report.junit",
    "auditor.report.markdown",
    "auditor.report.notice",
    "auditor.report.prometheus",
    "auditor.decided",
    "auditor.report.plan_reading",
    "auditor.report.plan_script",
    "auditor.report.plan_text",
    "auditor.report.run_text",
    "auditor.report.runs_text",
    "auditor.report.sarif",
    "auditor.report.snapshot_text",
    "auditor.report.shell",
    "auditor.report.ship_text",
    "auditor.report.view",
}
LONGEST_FUNCTION = 25
LONGEST_FILE = 300
# Module and function, or module alone: why it may be longer. Empty is how it should stay.
MAY_BE_LONGER: dict[str, str] = {}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in MODULES.items()}


def room_of(module: str) -> str:
    """The room that a module is in; "" for a module that no layer names."""
    parts = module.split(".")
    known = [".".join(parts[:length]) for length in range(len(parts), 1, -1)]
    return next((name for name in known if name in ROOMS), "auditor" if module == "auditor" else "")


def imported(module: str) -> Iterator[str]:
    """The modules that a module imports, anywhere in it."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: write imports from 'auditor' on"
            # `from auditor import store` imports a module, `from auditor import __version__` a name.
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else str(node.module) for name in within)


def our_imports(module: str) -> list[str]:
    return [name for name in imported(module) if name.split(".")[0] == "auditor"]


def may_import(module: str, other: str) -> bool:
    here, there = room_of(module), room_of(other)
    if here == there:
        return True
    if here in MAY_IMPORT_ONLY:
        return there in MAY_IMPORT_ONLY[here]
    beside = ROOMS[here] == ROOMS[there] == PURE
    return ROOMS[here] < ROOMS[there] or beside


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its length in lines, its docstring aside."""
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}.{node.name}", length(node)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) and len(node.body) > 1:
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines


def pure_modules() -> list[str]:
    return [
        module
        for module in MODULES
        if module in PURE_TOO or (room_of(module) in ROOMS and ROOMS[room_of(module)] >= PURE)
    ]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_layer(module):
    assert room_of(module), f"{module} is in no layer: name it in ARCHITECTURE.md and in LAYERS of this test"


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module)])
def test_imports_go_down_only(module):
    up = [other for other in our_imports(module) if not room_of(other) or not may_import(module, other)]

    assert up == [], f"{module} may not import {', '.join(up)}: ARCHITECTURE.md, 'Imports go down this table only'"


@pytest.mark.parametrize("module", MODULES)
def test_only_who_may_load_the_specs_loads_them(module):
    assert room_of(module) in MAY_LOAD_SPECS or "auditor.resources" not in our_imports(module)


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_imported_through_its_one_door(module):
    libraries = {name.split(".")[0] for name in imported(module)} - sys.stdlib_module_names - {"auditor"}
    elsewhere = [name for name in sorted(libraries) if not {module, room_of(module)} & set(DOORS.get(name, ()))]

    assert elsewhere == [], f"{module} imports {', '.join(elsewhere)}: DOORS of this test says who may"


@pytest.mark.parametrize("module", pure_modules())
def test_a_pure_module_imports_nothing_that_reaches_outside(module):
    assert sorted({name.split(".")[0] for name in imported(module)} & IMPURE_MODULES) == []


@pytest.mark.parametrize("module", pure_modules())
def test_a_pure_module_opens_no_file_and_asks_no_clock(module):
    called = [node.func for node in ast.walk(TREES[module]) if isinstance(node, ast.Call)]
    names = {
        one.id if isinstance(one, ast.Name) else one.attr
        for one in called
        if hasattr(one, "id") or hasattr(one, "attr")
    }

    assert sorted(names & IMPURE_NAMES) == []


def test_no_function_is_too_long_to_be_read_at_once():
    long = {name: lines for name, lines in functions() if lines > LONGEST_FUNCTION and name not in MAY_BE_LONGER}

    assert long == {}


def test_no_file_is_too_long():
    lines = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}

    assert {name: count for name, count in lines.items() if count > LONGEST_FILE and name not in MAY_BE_LONGER} == {}

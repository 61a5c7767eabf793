"""The import rule of ARCHITECTURE.md, one door a library, purity, and the sizes of functions and files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "auditor"
# Rooms from the top down: a folder is a room, and so is a file at the root. Rooms of one layer never import each other.
LAYERS = (
    ("auditor.__main__", "auditor.nightly"),
    ("auditor.cli",),
    ("auditor.commands",),
    ("auditor.report.page",),
    ("auditor.report.plan",),
    ("auditor.decisions", "auditor.notify", "auditor.report.formats"),
    ("auditor.metrics", "auditor.report"),
    ("auditor.history", "auditor.deploy.functions"),
    ("auditor.apply", "auditor.deploy", "auditor.sandbox", "auditor.store"),
    ("auditor.aws",),
    ("auditor.attribution",),
    ("auditor.plan", "auditor.settings"),
    ("auditor.compare", "auditor.dangers", "auditor.init", "auditor.resources"),
    ("auditor.canonical", "auditor.iam"),
    ("auditor.runs", "auditor.specs"),
    ("auditor.model",),
    ("auditor.errors", "auditor.nearest"),
    ("auditor",),
)
ROOMS = {room: number for number, layer in enumerate(LAYERS) for room in layer}
# Pure rooms are given the specs. Who loads them says which types there are.
MAY_LOAD_SPECS = {"auditor.commands", "auditor.cli", "auditor.resources"}
# What runs in Lambda has boto3, and nothing else of ours that calls AWS.
LAMBDAS = tuple(f"auditor.deploy.functions.{name}" for name in ("codedeploy_trigger", "github_listener"))
DOORS = {
    "apprise": ("auditor.notify.apprise_services",),
    "boto3": ("auditor.aws", "auditor.sandbox", *LAMBDAS),
    "botocore": ("auditor.aws", "auditor.sandbox", "auditor.store.bucket", *LAMBDAS),
    "click": ("auditor.cli",),
    "deepdiff": ("auditor.compare.changes",),
    "hypercorn": ("auditor.sandbox",),
    "jinja2": ("auditor.report.page.render",),
    "jwt": ("auditor.deploy.github_app",),
    "jmespath": ("auditor.apply.action", "auditor.aws"),
    "ministack": ("auditor.sandbox",),
    "moto": ("auditor.sandbox",),
    "pydantic": ("auditor.settings",),
    "rich": ("auditor.cli.progress",),
    "ruamel": ("auditor.settings.yaml_file", "auditor.sandbox", "auditor.deploy"),
    "zstandard": ("auditor.store.site_file",),
}
IMPURE_MODULES = {
    "asyncio", "concurrent", "getpass", "glob", "http", "io", "logging", "os", "pathlib", "random", "secrets",
    "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
IMPURE_NAMES = {"open", "print", "input", "now", "today", "utcnow", "environ", "getenv"}
# Rooms, and files of rooms, that reach outside. All others are pure.
IMPURE = {
    "auditor.__main__",
    "auditor.nightly",
    "auditor.cli",
    "auditor.commands",
    "auditor.notify",
    "auditor.store",
    "auditor.apply",
    "auditor.deploy",
    "auditor.deploy.functions",
    "auditor.sandbox",
    "auditor.aws",
    "auditor.decisions.file",
    "auditor.history.files",
    "auditor.report.page.render",
    "auditor.runs.files",
    "auditor.runs.journal",
    "auditor.runs.lock",
    "auditor.runs.secret_key",
    "auditor.settings.edit",
    "auditor.settings.load",
    "auditor.settings.yaml_file",
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
    return here == there or ROOMS[here] < ROOMS[there]


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
    return [module for module in MODULES if not {module, room_of(module)} & IMPURE]


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
    reached = {name.split(".")[0] for name in imported(module) if not name.startswith("urllib.parse")}

    assert sorted(reached & IMPURE_MODULES) == []


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

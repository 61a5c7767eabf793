"""How the code reads, in figures: sizes, names, folders. `python -m bench.house [FOLDER …]`, by default of `auditor/`.

Given the folders of other packages, it prints a row for each, so that they stand beside one another. Nothing is
imported: the figures are of syntax trees. A participle is a name whose last word ends in -ed, or is an irregular one.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final

_IRREGULAR_WORDS = """
begun born bound built chosen cut done drawn found given gone got held hidden kept known left lost made meant
met paid put read said seen sent set shown shut spoilt spoken spread taken taught thrown told understood won
worn written
"""
IRREGULAR: Final = frozenset(_IRREGULAR_WORDS.split())
_NO_PARTICIPLE_WORDS = """
bed cut embed exceed feed id need proceed put read red seed set speed spread
"""
_NO_PARTICIPLE: Final = frozenset(_NO_PARTICIPLE_WORDS.split())
_VERBS_WORDS = """
add apply ask await begin build call check choose claim clear close collect compare compute convert count create
delete deploy describe detect download draft emit ensure exclude expand export extract fail fetch fill filter
find fold format get group handle has hash import include init insert is iter join keep leave lift link list
load localise lock log look make mask match measure merge move name normalise notify open order pack pair parse
pick plan prepare print publish push put raise read record redact refuse register release reload remove rename
render renew reopen replace report require reset resolve resume retry return rollback run save say scan seal
seed select send serve set settle show sign skip sort split start stop store strip summarise take tell test try
unpack update upload validate verify wait walk watch write
"""
VERBS: Final = frozenset(_VERBS_WORDS.split())


@dataclass(frozen=True)
class Package:
    """The modules of a folder, as syntax trees with their lengths in lines."""

    root: Path
    modules: tuple[tuple[Path, ast.Module, int], ...]


def read_package(root: Path) -> Package:
    """A folder's modules. Raises SyntaxError for one that is no Python."""
    texts = [(path, path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))]
    return Package(root, tuple((path, ast.parse(text), len(text.splitlines())) for path, text in texts))


def functions(package: Package) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, those with two underscores aside."""
    for _, tree, _ in package.modules:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
                yield node


def words(name: str) -> list[str]:
    """`_read_site` is `read`, `site`."""
    return name.strip("_").lower().split("_")


def is_participle(name: str) -> bool:
    """Whether the last word of a name is a past participle."""
    last = words(name)[-1]
    return last not in _NO_PARTICIPLE and (last in IRREGULAR or (last.endswith("ed") and len(last) > 3))


def names_in_several(package: Package) -> int:
    """How many public names of the top level are defined in two modules or more."""
    counted: Counter[str] = Counter()
    for _, tree, _ in package.modules:
        defined = {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        counted.update(name for name in defined if not name.startswith("_"))
    return sum(number > 1 for number in counted.values())


def row(package: Package) -> Sequence[str]:
    """The figures of a package, as they are printed."""
    found = list(functions(package))
    lengths = [(node.end_lineno or node.lineno) - node.lineno + 1 for node in found]
    names = [node.name for node in found]
    files = [length for _, _, length in package.modules]
    at_root = sum(path.parent == package.root for path, _, _ in package.modules)
    return (
        package.root.name,
        str(len(files)),
        str(at_root),
        _spread(files),
        _spread(lengths),
        _share(sum(length > 25 for length in lengths), len(lengths)),
        _share(sum(map(is_participle, names)), len(names)),
        _share(sum(len(words(name)) == 1 for name in names), len(names)),
        _share(sum(words(name)[0] in VERBS for name in names), len(names)),
        str(names_in_several(package)),
    )


def _spread(values: Sequence[int]) -> str:
    return f"{median(values):.0f}/{quantiles(values, n=10)[-1]:.0f}/{max(values)}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"


HEAD: Final = (
    "package", "files", "at the root", "lines a file", "lines a function", "over 25", "participles", "of one word",
    "begin with a verb", "names in two modules",
)  # fmt: skip


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table."""
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print a row for each folder."""
    folders = [Path(one) for one in sys.argv[1:]] or [Path(__file__).parents[1] / "auditor"]
    sys.stdout.write(table(row(read_package(one)) for one in folders) + "\nsizes: median/90th percentile/longest\n")


if __name__ == "__main__":
    main()

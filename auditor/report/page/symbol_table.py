"""What the symbols on the page stand for, site by site: by it a canonical value is read as AWS says it there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.values import Drift
from auditor.report.display import version_words, visible


@dataclass(frozen=True)
class SymbolView:
    """One symbol; `meanings` are those of golden and of each site, "" where no finding there holds it."""

    number: int
    text: str
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class SymbolTable:
    """The symbols in the order of their names; `numbers` leads from a name to its row."""

    heads: tuple[str, ...]
    rows: tuple[SymbolView, ...]
    numbers: dict[str, int]


def symbol_table(drift: Drift) -> SymbolTable:
    """The symbols that occur in findings and mean something somewhere."""
    columns = (drift.golden, *drift.sites)
    names = sorted({name for site in columns for name in drift.symbols.get(site, {})})
    rows = tuple(
        SymbolView(
            number,
            visible(version_words("${" + name + "}")),
            tuple(visible(drift.symbols.get(site, {}).get(name, "")) for site in columns),
        )
        for number, name in enumerate(names)
    )
    return SymbolTable(tuple(map(visible, columns)), rows, {name: number for number, name in enumerate(names)})

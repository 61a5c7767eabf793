"""What symbols mean, site by site."""

from __future__ import annotations

from auditor.model.values import Drift
from auditor.report.page.symbol_table import SymbolView, symbol_table

DRIFT = Drift(
    "us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", True, {}, (),
    symbols={"us-east-1": {"region": "us-east-1"}, "eu-west-1": {"region": "eu-west-1", "key": "k\u202e"}},
)  # fmt: skip


def test_each_symbol_has_a_row_with_what_golden_and_each_site_call_it():
    table = symbol_table(DRIFT)

    assert (table.heads, table.rows) == (
        ("us-east-1", "eu-west-1"),
        (SymbolView(0, "${key}", ("", "k\\u202e")), SymbolView(1, "${region}", ("us-east-1", "eu-west-1"))),
    )


def test_a_name_leads_to_its_row():
    assert symbol_table(DRIFT).numbers == {"key": 0, "region": 1}

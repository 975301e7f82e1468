"""What the tests pretend is what the marts have, and all that the marts say can be said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from reports.texts import texts
from tests.reports.published import TABLES

MARTS = Path(__file__).resolve().parents[2] / "warehouse" / "sql" / "marts"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_pretended_marts_have_columns_of_the_real_ones(name: str) -> None:
    real = sqlglot.parse_one((MARTS / f"{name}.sql").read_text(), read="duckdb")
    assert isinstance(real, exp.Select)
    pretended = {re.split(r"\s", column.strip())[0] for column in re.split(r",(?!\d)", TABLES[name])}
    assert pretended <= set(real.named_selects)


def test_every_action_the_marts_name_can_be_said_in_spanish() -> None:
    sentences = [str(text) for key, text in texts("en").items() if ".action." in key]
    known = {re.sub(r"[^a-z]+", "", text.lower()) for text in sentences}
    said = set()
    for path in MARTS.glob("int_gap_*.sql"):
        for literal in re.findall(r"'([A-Z][a-z]+ [^']*)'", path.read_text()):
            said.add(literal)
    assert said
    for literal in said:
        start = re.sub(r"[^a-z]+", "", literal.lower())
        assert any(text.startswith(start) for text in known), literal

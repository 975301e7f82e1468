"""The words about the published tables: whole, and of the columns that are there."""

from __future__ import annotations

import yaml

from warehouse.describe import DESCRIBE


def test_a_meaning_with_a_comma_is_kept_whole() -> None:
    """Unquoted, YAML takes what follows a comma for another key, and the meaning ends there."""
    declared = yaml.safe_load(DESCRIBE.read_text(encoding="utf-8"))
    cut = [name for name, words in declared["columns"].items() if set(words) - {"says", "unit"}]
    assert not cut, f"quote what {', '.join(cut)} says"
    assert declared["columns"]["account_no"]["says"] == "CRM account, A-0012"

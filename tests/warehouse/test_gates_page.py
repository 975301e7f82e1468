"""The page about gates names gates that are, as they are, and each defect on it is planted by a test."""

from __future__ import annotations

import re
from pathlib import Path

from warehouse.gates import load_gates

ROOT = Path(__file__).parents[2]


def test_the_gates_page_names_gates_that_are() -> None:
    page = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
    table = page.partition("## What is caught")[2].partition("## What is kept")[0]
    severity = {one.name: (one.layer, one.severity) for one in load_gates()}
    rows = [line.split(" | ") for line in table.splitlines() if "| failed |" in line or "| could" in line]
    assert len(rows) == 16
    for _, gates, layer, _, held in rows:
        for name in re.findall(r"`([^`]+)`", gates):
            assert severity[name] == (layer, held.strip(" |")), name
    tests = ("test_planted_defects.py", "test_known_days.py", "test_receivables.py")
    planted = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in tests)
    assert all(name in planted for _, gates, *_ in rows for name in re.findall(r"`([^`]+)`", gates))

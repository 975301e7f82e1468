"""The rules of the design that can be checked, checked."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows import FLOWS
from flows.warehouse import WAREHOUSE

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "checks", "commands", "connectors", "dags", "flows", "hub", "models", "planning", "reports", "stores",
    "warehouse",
)  # fmt: skip


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def product_modules() -> list[Path]:
    return [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] in PACKAGES or p.parent == ROOT]


def test_modules_hold_one_idea() -> None:
    long = {p.relative_to(ROOT): n for p in product_modules() if (n := len(p.read_text().splitlines())) > 200}
    assert not long, f"modules over 200 lines: {long}"


def test_functions_hold_one_idea() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name} ({length})"
        for path in product_modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (length := len(ast.unparse(node).splitlines())) > 40
    ]
    assert not long, f"functions over 40 lines: {long}"


def test_sql_files_hold_one_question() -> None:
    long = {p.relative_to(ROOT): n for p in tracked("*.sql") if (n := len(p.read_text().splitlines())) > 80}
    assert not long, f"SQL files over 80 lines: {long}"


@pytest.mark.parametrize("path", product_modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path.relative_to(ROOT)} has no docstring"


def test_no_module_is_named_for_nothing() -> None:
    bad = [p for p in tracked("*.py") if re.search(r"utils|helpers|common|_v2|^base_", p.stem)]
    assert not bad, f"names that say nothing: {bad}"


def test_one_noun_has_one_name_everywhere() -> None:
    for name in [*(flow.name for flow in FLOWS), WAREHOUSE.name]:
        assert (ROOT / "dags" / f"{name}.py").exists(), f"flow {name} has no DAG file"
        assert (ROOT / "flows" / f"{name}.py").exists(), f"flow {name} has no flow file"
    for flow in FLOWS:
        assert (ROOT / "flows" / f"{flow.name}.yml").exists(), f"flow {flow.name} has no checks"


def test_layers_know_only_those_below() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_code_is_clean_to_ruff() -> None:
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([ruff, *command, "."], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_generated_pages_are_current() -> None:
    from commands.docs import PAGES

    for name, write in PAGES.items():
        assert (ROOT / "docs" / name).read_text() == write(), f"docs/{name} is old; run ./triada docs"


def test_every_dependency_is_justified() -> None:
    listed = (ROOT / "docs" / "dependencies.md").read_text()
    for line in (ROOT / "requirements.in").read_text().splitlines():
        if line and not line.startswith(("#", "-")):
            name = re.split(r"[=<>\[; ]", line)[0]
            assert f"`{name}`" in listed, f"docs/dependencies.md says nothing of {name}"

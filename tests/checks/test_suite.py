"""A rules file is read whole: either every rule in it is understood, or every fault is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from checks.suite import BadSuite, load_suites, parse_suites


def test_sections_become_suites_with_their_rules_in_order() -> None:
    suites = parse_suites(
        """
        book:
          - {rule: key, column: order_no, expect: not_null}
          - {rule: sum, column: total_amount, expect: sum_of_lines, of: line_amount, why: "the sum"}
        plan: []
        """,
        where="orders.yml",
    )
    assert [rule.name for rule in suites["book"].rules] == ["key", "sum"]
    assert suites["book"].name == "orders.book"
    assert suites["book"].rules[1].options == {"of": "line_amount"}
    assert suites["plan"].rules == ()


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadSuite) as caught:
        parse_suites(
            """
            book:
              - {rule: a, column: x, expect: not_nul}
              - {rule: b, expect: not_null}
              - {rule: b, column: x, expect: matches, regex: "("}
              - {rule: c, column: x, expect: at_least, value: 0.1}
              - {rule: d, column: x, expect: not_null, colum: y}
              - {rule: e, column: x, expect: not_null, severity: fatal}
              - {rule: f, expect: at_least_one_line, lines: true}
              - {rule: g, expect: unique}
              - {rule: h, column: x, expect: not_null, when: draft}
              - just text
            """,
            where="orders.yml",
        )
    message = str(caught.value)
    for part in (
        "orders.yml, book, rule 1: a expects 'not_nul'; expected one of not_null",
        "rule 2: b (not_null) lacks column",
        "rule 3: the name 'b' is taken",
        "rule 3: b: regex '(' is none",
        "rule 4: c: value 0.1 is inexact",
        "rule 5: d (not_null) does not know colum",
        "rule 6: e has severity 'fatal'",
        "rule 7: f (at_least_one_line) speaks about the document",
        "rule 8: g (unique) lacks column or columns",
        "rule 9: h: 'when' is a mapping",
        "rule 10: expected a mapping",
    ):
        assert part in message


@pytest.mark.parametrize("text", ["- a\n- b", "book: {rule: a}", "book: ["])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(BadSuite, match=r"orders\.yml"):
        parse_suites(text, where="orders.yml")


def test_no_file_means_nothing_to_check(tmp_path: Path) -> None:
    assert load_suites(tmp_path / "orders.yml") == {}


def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "orders.yml"
    path.write_text("book: [{rule: a, column: x, expect: not_null}]")
    first = load_suites(path)["book"]
    assert load_suites(path)["book"] is first
    path.write_text("book: [{rule: b, column: x, expect: not_null}, {rule: c, column: x, expect: unique}]")
    assert [rule.name for rule in load_suites(path)["book"].rules] == ["b", "c"]


def test_importing_the_checks_does_not_import_what_is_slow() -> None:
    code = (
        "import sys, checks.rows, checks.suite;"
        "print(*{'great_expectations', 'pandas', 'yaml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

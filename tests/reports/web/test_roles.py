"""Nobody sees what is not theirs: every page, row set, export and record, for every role, over marked rows.

Two ways: no foreign mark and no number of foreign size stands in any answer; and a company without the
foreign rows, or with other prices or absences, gives the same answers to the letter.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml

from reports.access.scope import make_scope, sees
from reports.access.viewer import ROLES, Viewer
from reports.record_kinds import KINDS
from reports.site import pages
from tests.reports.web.conftest import Tell
from tests.reports.web.marked import (
    BIG,
    EVERYBODY,
    FOREIGN,
    GRAINS,
    OWNERS,
    PEOPLE,
    World,
    columns_of,
)
from tests.reports.web.walk import app_over, walk
from warehouse.describe import is_money

REPORTS = Path(__file__).resolve().parents[3] / "reports"
VIEWERS = {mark: Viewer(f"Viewer {role}", role, number) for mark, (number, role, _) in PEOPLE.items()}
BY_ROLE = {viewer.role: mark for mark, viewer in reversed(VIEWERS.items())}
NUMBERS = {
    kind: [
        f"{prefix}-{mark}-{n}" for mark in (*OWNERS, EVERYBODY) for n in (0, 4)
    ]
    for kind, prefix in {
        "order": "CO", "lead": "L", "request": "AR", "account": "A", "payment": "PA", "shipment": "SH",
        "production": "MO", "purchase": "PO", "item": "IT", "gap": "G",
    }.items()
} | {"person": [number for number, _, _ in PEOPLE.values()]}  # fmt: skip
FOREIGN_TO = {
    "sales": {*OWNERS} - {"QZJOE"},
    "sales_manager": {"QZFIA", "QZGUS", "QZSTN"},
    "staff": {*OWNERS} - {"QZSTN"},
}
"""Whose rows a role must never see, by what the roles are for; everybody else sees the whole company."""
COMPANY_WIDE = {"core.dim_supplier", "core.fct_purchase", "core.fct_stock_daily", "core.fct_demand_plan"}
walks = pytest.mark.slow
"""A walk through all that a role can reach takes a while; what the scope gives is tested fast."""
LARGE = re.compile(r"\d[\d.,\u00a0\u202f]{8,}")

pytestmark = pytest.mark.timeout(900)


def answers(file: Path, role: str) -> dict[str, str]:
    return walk(app_over(file, VIEWERS[BY_ROLE[role]]), NUMBERS)


@pytest.fixture(scope="session")
def seen(whole: Path) -> dict[str, dict[str, str]]:
    return {role: answers(whole, role) for role in ROLES}


@walks
def test_every_role_has_a_viewer_and_every_page_answers(seen: dict[str, dict[str, str]]) -> None:
    assert set(BY_ROLE) == set(ROLES)
    for role in ROLES:
        assert {answer[:3] for answer in seen[role].values()} <= {"200", "403", "404"}
        assert seen[role]["/"].startswith("200")
        # What is printed is what is shown, to the same people.
        for page in set(pages()) - {"morning"}:
            assert seen[role][f"/{page}.pdf"][:3] == seen[role][f"/{page}"][:3], (role, page)


@walks
def test_the_whole_company_is_there_to_be_seen(seen: dict[str, dict[str, str]]) -> None:
    everything = "\n".join(seen["executive"].values())
    assert all(mark in everything for mark in (*OWNERS, EVERYBODY))
    assert {
        kind for kind in KINDS for number in NUMBERS[kind] if opens(seen["executive"], kind, number)
    } == set(KINDS)


def opens(answers: dict[str, str], kind: str, number: str) -> bool:
    return answers.get(f"/records/{kind}/{number}", "404").startswith("200")


@walks
@pytest.mark.parametrize("role", FOREIGN_TO)
def test_own_records_open_and_foreign_ones_are_not_there(seen: dict[str, dict[str, str]], role: str) -> None:
    mine = "request" if role == "staff" else "order"
    own = {*OWNERS} - FOREIGN_TO[role]
    assert all(opens(seen[role], mine, number) for number in NUMBERS[mine] if number.split("-")[1] in own)
    for kind in set(KINDS) - {"person", "item"}:
        for number in NUMBERS[kind]:
            assert not (opens(seen[role], kind, number) and number.split("-")[1] in FOREIGN_TO[role]), number


@walks
@pytest.mark.parametrize("role", FOREIGN_TO)
def test_no_foreign_mark_and_no_foreign_number_is_in_any_answer(
    seen: dict[str, dict[str, str]], role: str
) -> None:
    for address, answer in seen[role].items():
        # An address that was asked for may be said again; it tells nothing that the asker did not say.
        text = answer if answer.startswith("200") else re.sub(r"&#39;[^&]*&#39;", "", answer)
        for mark in FOREIGN_TO[role]:
            assert mark not in text, (address, mark, excerpt(text, mark))
        for number in LARGE.findall(re.sub(r"<(?:path|line|rect|text|circle|use|g)\b[^>]*>", "", text)):
            assert int(re.sub(r"\D", "", number)[:8] or 0) < BIG, (address, number, excerpt(text, number))


def excerpt(text: str, what: str) -> str:
    at = text.find(what)
    return text[max(0, at - 160) : at + 160]


def same(role: str, one: dict[str, str], other: dict[str, str], *, tell: str) -> None:
    assert set(one) == set(other), (role, tell, set(one) ^ set(other))
    for address, answer in one.items():
        if answer != other[address]:
            lines = zip(answer.splitlines(), other[address].splitlines(), strict=False)
            differ = next((pair for pair in lines if pair[0] != pair[1]), ("length", ""))
            raise AssertionError(
                f"{role} at {address} can tell {tell}: {differ[0].strip()} | {differ[1].strip()}"
            )


@walks
@pytest.mark.parametrize("role", FOREIGN_TO)
def test_a_company_without_the_foreign_rows_looks_the_same(
    tell: Tell, seen: dict[str, dict[str, str]], role: str
) -> None:
    own = tuple(mark for mark in OWNERS if mark not in FOREIGN_TO[role])
    alone = tell(World(owners=own, company=False))
    same(role, seen[role], answers(alone, role), tell="others' rows are there")


@walks
@pytest.mark.parametrize("role", ["production", "hr", "staff"])
def test_other_prices_look_the_same_to_whoever_sees_no_money(
    tell: Tell, seen: dict[str, dict[str, str]], role: str
) -> None:
    dearer = tell(World(prices=3))
    same(role, seen[role], answers(dearer, role), tell="what things cost")
    with pytest.raises(AssertionError, match="can tell"):
        same("finance", seen["finance"], answers(dearer, "finance"), tell="what things cost")


@walks
@pytest.mark.parametrize("role", sorted(set(ROLES) - {"hr"}))
def test_only_hr_can_tell_why_people_are_away_and_when_they_came(
    tell: Tell, seen: dict[str, dict[str, str]], role: str
) -> None:
    otherwise = replace(World(), away=("sick", "business_trip"), past=False)
    otherwise = replace(otherwise, hired=otherwise.hired.replace(year=2024))
    same(role, seen[role], answers(tell(otherwise), role), tell="people's personal data")


@walks
def test_hr_can_tell(tell: Tell, seen: dict[str, dict[str, str]]) -> None:
    later = tell(World(hired=World().hired.replace(year=2024)))
    with pytest.raises(AssertionError, match="can tell"):
        same("hr", seen["hr"], answers(later, "hr"), tell="when people came")


@walks
@pytest.mark.parametrize("role", ["production", "staff"])
def test_who_plans_with_no_absence_cannot_tell_that_anybody_is_away(
    tell: Tell, seen: dict[str, dict[str, str]], role: str
) -> None:
    same(role, seen[role], answers(tell(World(attendance=False)), role), tell="who is away")


@pytest.mark.parametrize("role", ROLES)
def test_through_the_scope_every_table_gives_only_own_rows(whole: Path, role: str) -> None:
    viewer = VIEWERS[BY_ROLE[role]]
    with duckdb.connect(":memory:") as database:
        database.execute(f"attach '{whole}' as published (read_only)")
        make_scope(database, viewer, catalogue="seen")
        views = {
            f"{schema}.{name}"
            for schema, name in database.execute(
                "select schema_name, view_name from duckdb_views() where database_name = 'seen'"
                " and schema_name in ('core', 'marts')"
            ).fetchall()
        }
        assert views == {table for table in GRAINS if sees(viewer, table)}
        for table in views:
            cursor = database.execute(f"select * from seen.{table}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    hidden = is_money(table, name) and role in ("production", "hr", "staff")
                    assert not (hidden and value is not None), (table, name)
                    # Whose coming absence it is may be known; nothing else in the row says more.
                    assert not any(mark in str(value) for mark in FOREIGN_TO.get(role, ())), (
                        table,
                        name,
                        value,
                    )


def test_every_published_table_is_declared_and_nothing_else_is(whole: Path) -> None:
    declared = yaml.safe_load((REPORTS / "access" / "scope.yml").read_text("utf-8"))
    with duckdb.connect(str(whole), read_only=True) as database:
        published = columns_of(database)
    assert set(declared["tables"]) == set(published) == set(GRAINS)
    for table, hidden in declared["hides"].items():
        for columns in hidden.values():
            assert set(columns) <= set(published[table]), table
    columns = {name for table in published.values() for name in table}
    assert {name for names in declared["own"].values() for name in names} <= columns
    for table, groups in declared["tables"].items():
        assert set(groups) <= {"company", "team", "production", "hr", "staff"}, table
        for rows in groups.values():
            assert not isinstance(rows, list) or set(rows) <= set(published[table]), table


def test_no_page_asks_past_the_scope() -> None:
    opened = {"publication.py", "published.py"}
    sources = [one for one in REPORTS.glob("*.py") if one.name not in opened]
    sources += [*REPORTS.glob("pages/*.py"), *REPORTS.glob("selects/*.sql"), *REPORTS.glob("mail/*.py")]
    assert len(sources) > 70
    for source in sources:
        text = source.read_text("utf-8")
        assert not re.search(
            r"\bpublished\.(?:core|marts)\b|\battach\b|(?<!\.)read_(?:csv|parquet|json|text|blob)\(", text
        ), source
        assert "import duckdb" not in text, source


def test_foreign_rows_are_of_a_size_that_own_ones_never_reach(whole: Path) -> None:
    with duckdb.connect(str(whole), read_only=True) as database:
        own, foreign = database.execute(
            "select max(amount) filter (owner_no = 'E-0001'), min(amount) filter (owner_no = 'E-0004')"
            " from core.fct_order"
        ).fetchall()[0]
    assert FOREIGN and own * 1000 < BIG <= foreign

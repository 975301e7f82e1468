"""What people wrote, and how to reach them, stays where it is: none of it reaches the published file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

import models
from connectors.published_file import open_published
from models import state
from models.types import Name, Text
from settings import Settings
from tests.warehouse.company import AS_OF, put
from tests.warehouse.conftest import ask_build, build_all
from warehouse.describe import may_be_published, never_published, personal_columns, tables
from warehouse.origins import HUB

REACHES = re.compile("mail|phone|contact|comment|note|address|birth|payload|reason|outcome|external")
HUB_TABLES = {"hub.runs": state.runs, "hub.quarantine": state.quarantine, "hub.links": state.links}
SHOWN = {
    ("oa.employees", "name"),
    ("crm.accounts", "name"),
    ("crm.leads", "company_name"),
    ("erp.items", "name"),
}
"""Some of what may be published: a search that finds nothing proves nothing."""


def table_of(stream: str) -> sa.Table:
    return HUB_TABLES[stream] if stream in HUB_TABLES else models.stream_table(stream)


def test_every_column_that_people_fill_in_is_declared_once() -> None:
    """Text without a fixed form, and whatever its name says reaches a person."""
    filled = {
        (stream, column.name)
        for stream in (*models.streams(), *HUB_TABLES)
        for column in table_of(stream).columns
        if column.type in (Name, Text) or (isinstance(column.type, sa.String) and REACHES.search(column.name))
    }
    # The names of streams, flows and rules are the hub's own words.
    filled -= {("crm.contacts", "contact_no")}  # a number of ours
    filled -= {(f"hub.{table}", name) for table in ("quarantine", "links") for name in ("stream", "rule")}
    filled -= {("hub.links", "source_stream"), ("hub.links", "target_stream")}
    assert never_published() & may_be_published() == set()
    assert never_published() | may_be_published() == filled


def test_no_published_column_has_the_name_of_what_is_never_published() -> None:
    assert {"email", "phone", "contact_name", "comment_text", "payload"} <= personal_columns()
    assert not personal_columns() & {name for table in tables() for name in table.columns}


def test_what_the_hub_keeps_to_itself_is_not_even_read() -> None:
    read = {(origin.stream, name) for origin in HUB for name in origin.names}
    assert not read & {
        ("hub.quarantine", "payload"),
        ("hub.quarantine", "resolved_by"),
        ("hub.links", "prints"),
    }


def plant(settings: Settings, begin: str, places: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """A mark of its own in every row of each column; the columns by their marks."""
    marks = {f"{begin}{number:02}x": place for number, place in enumerate(sorted(places))}
    for mark, (stream, name) in marks.items():
        table = table_of(stream)
        engine = sa.create_engine(settings.url("state" if stream in HUB_TABLES else stream.partition(".")[0]))
        key = next(iter(table.primary_key.columns))
        with engine.begin() as connection:
            # Unlike in each row, for some must be.
            value = sa.literal(f"{mark} ") + sa.cast(key, sa.String)
            assert connection.execute(table.update().values({name: value})).rowcount > 0, (stream, name)
        engine.dispose()
    return marks


def fill(settings: Settings) -> None:
    """A row in each stream that the story leaves empty, and in the hub's state."""
    put(
        settings,
        "crm.contacts",
        {"contact_no": "CT-1", "account_no": "A-0001", "name": "x", "is_primary": True},
    )
    activity = {"activity_no": "AC-1", "account_no": "A-0001", "employee_no": "E-0003", "kind": "call"}
    put(settings, "crm.activities", activity | {"subject": "x", "outcome": "x", "happened_at": AS_OF})
    staff = {"employee_no": "E-0003", "name": "x", "department_no": "D-ALL", "is_active": True}
    put(settings, "crm.staff", staff)
    put(settings, "erp.staff", staff)
    engine = sa.create_engine(settings.url("state"))
    state.METADATA.create_all(engine)
    run: dict[str, Any] = {"flow": "orders", "step": "book", "state": "done", "started_at": AS_OF}
    entry: dict[str, Any] = {"flow": "orders", "step": "book", "stream": "crm.orders", "key": "CO-2026-00003"}
    entry |= {"state": "quarantined", "rule": "item_in_erp", "reason": "x", "payload": "x", "count": 1}
    entry |= dict.fromkeys(("first_seen_at", "last_seen_at", "opened_at"), AS_OF)
    link: dict[str, Any] = {
        "flow": "orders",
        "step": "book",
        "source_key": "CO-2026-00003",
        "target_key": "SO-1",
    }
    link |= {"source_stream": "crm.orders", "target_stream": "erp.sales_orders", "written_at": AS_OF}
    with engine.begin() as connection:
        counts = dict.fromkeys(("read", "written", "unchanged", "waiting", "quarantined"), 0)
        connection.execute(state.runs.insert(), run | counts)
        connection.execute(state.quarantine.insert(), entry)
        connection.execute(state.links.insert(), link)
    engine.dispose()


def found_in(settings: Settings, marks: set[str]) -> set[str]:
    """The marks that stand in any column of any published table, or in the file's bytes."""
    found = set()
    with open_published(settings.published_file) as file:
        relations = file.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'published'"
        ).fetchall()
        for (relation,) in relations:
            rows = file.execute(f"select cast(t as varchar) from {relation} t").fetchall()
            found |= {mark for mark in marks for (row,) in rows if mark in row}
    content = settings.published_file.read_bytes()
    return found | {mark for mark in marks if mark.encode() in content}


def test_nothing_planted_in_a_personal_column_is_published(published: Settings) -> None:
    fill(published)
    never = plant(published, "Zq", never_published())
    shown = plant(published, "Ok", SHOWN)
    assert build_all(published)["state"] == "fresh"
    reached = found_in(published, never.keys() | shown.keys())
    assert {never[mark] for mark in reached & never.keys()} == set()
    assert {shown[mark] for mark in reached & shown.keys()} == SHOWN  # what is there is found
    for (subject,) in ask_build(published, "select subject from raw.crm_activities"):
        assert subject.startswith("Zq")  # it was there to be leaked

"""A system that is only reached over HTTP: its copy is what the system holds, or the build stops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

import models
from connectors.errors import CountMismatch
from connectors.protocol import Read, Window
from connectors.rest import RestConnector
from settings import Settings
from tests.connectors.stores_api import Served, serving
from tests.warehouse.company import put, run_sql, settings_at
from tests.warehouse.conftest import ask_build
from warehouse.extract import extract

Api = tuple[Settings, Settings, Served]
"""The company, the same with its CRM behind HTTP, and the API."""
NAMES = "select name from raw.crm_accounts where not _deleted order by 1"


@pytest.fixture
def served(company: Settings) -> Iterator[Api]:
    put(company, "crm.accounts", *({"account_no": f"A-{name}", "name": name} for name in ("one", "two")))
    with serving("crm", company.url("crm")) as api:
        yield company, settings_at(company.home, crm_url=api.url, crm_token=api.token), api


def copy_sql(settings: Settings, *statements: str) -> None:
    """What was done to the copy by something else than the mirror."""
    engine = sa.create_engine(f"sqlite:///{settings.build_file.parent / 'mirror' / 'crm.db'}")
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_column_that_a_model_got_is_read_for_old_rows_too(served: Api) -> None:
    company, over_http, api = served
    run_sql(company, "crm", "update accounts set sector = 'water'")
    extract(over_http)
    copy_sql(over_http, "alter table accounts drop column sector")
    assert extract(over_http)["crm.accounts"] == 0
    assert ask_build(over_http, "select distinct sector from raw.crm_accounts") == [("water",)]
    api.asked.clear()
    extract(over_http)
    # Nothing is made anew without need: a window and its count, no page of what did not change.
    assert len(api.asked) < 5 * sum(name.startswith("crm.") for name in models.streams())


def test_full_reads_the_system_and_not_the_copy(served: Api) -> None:
    _, over_http, _ = served
    extract(over_http)
    copy_sql(over_http, "update accounts set name = 'uno' where account_no = 'A-one'")
    extract(over_http, full=True)
    assert ask_build(over_http, NAMES) == [("one",), ("two",)]


def test_a_row_that_the_copy_lost_is_found_by_the_systems_count(served: Api) -> None:
    _, over_http, _ = served
    extract(over_http)
    # Read again are the last minutes only, as long as nobody counts.
    copy_sql(over_http, 'update positions set position = \'{"at": "2999-01-01T00:00:00+00:00"}\'')
    copy_sql(over_http, "delete from accounts where account_no = 'A-one'")
    extract(over_http)
    assert ask_build(over_http, NAMES) == [("two",)]
    extract(over_http, verify=True)
    assert ask_build(over_http, NAMES) == [("one",), ("two",)]


def test_a_system_that_counts_others_than_it_gives_stops_the_build(
    served: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, over_http, _ = served
    opened = RestConnector.open_window

    def one_more(self: RestConnector, read: Read, since: str | None) -> Window:
        window = opened(self, read, since)
        # Its pages give what they say, and its own number of live rows says otherwise.
        more = read.stream == "crm.accounts" and not read.deletes
        return Window(window.since, window.until, window.count + more)

    monkeypatch.setattr(RestConnector, "open_window", one_more)
    with pytest.raises(CountMismatch, match=r"crm\.accounts: the system has 3 rows, but 2 came"):
        extract(over_http)
    monkeypatch.undo()
    extract(over_http)
    assert ask_build(over_http, NAMES) == [("one",), ("two",)]

"""The upper bound of a window: what is stamped inside it later would never be read."""

from __future__ import annotations

import datetime as dt

import pytest

from connectors import sql_late
from connectors.protocol import Connector, Read
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.contract import read_all
from tests.connectors.rows import CAMPAIGNS, campaign

CAMPAIGN_READ = Read("crm.campaigns")


def test_what_commits_late_is_read_although_a_stamp_lies_in_the_future(
    crm: Connector, database: Database
) -> None:
    def put(number: int, year: int) -> None:
        stamped = {**campaign(number), "updated_at": dt.datetime(year, 1, 1, tzinfo=dt.UTC)}
        with database.engines["crm"].begin() as connection:
            connection.execute(stream_table("crm.campaigns").insert(), [stamped])

    put(1, 2024)
    put(2, 2999)
    window = crm.open_window(CAMPAIGN_READ, None)
    put(3, 2025)
    later = crm.open_window(CAMPAIGN_READ, window.until)
    assert [row["campaign_no"] for row in read_all(crm, CAMPAIGN_READ, later)] == ["CA-00003"]


def test_a_window_opens_once_the_clock_has_passed_its_newest_stamp(
    crm: Connector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.kind != "sqlite":
        pytest.skip("servers' clocks have microseconds, and they know what is committed late")
    crm.write(CAMPAIGNS, [campaign(1)])
    newest = crm.fetch(CAMPAIGN_READ, ["CA-00001"])[0]["updated_at"]
    # SQLite's clock stands still within a millisecond: what is written in it now bears this stamp too.
    ticks = [newest, newest, newest, newest + dt.timedelta(milliseconds=1)]
    monkeypatch.setattr(sql_late, "clock_of", lambda _connection: ticks.pop(0))
    window = crm.open_window(CAMPAIGN_READ, None)
    assert (window.count, ticks) == (1, [])

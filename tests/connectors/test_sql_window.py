"""The upper bound of a window: what is stamped inside it later would never be read."""

from __future__ import annotations

import datetime as dt

from connectors.protocol import Connector, Read
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.contract import read_all
from tests.connectors.rows import campaign

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

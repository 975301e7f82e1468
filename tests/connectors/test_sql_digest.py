"""Groups of keys are counted and summed up by the database, the same on every kind."""

from __future__ import annotations

import datetime as dt

from connectors.protocol import Connector
from models import stream_table
from tests.connectors.conftest import Database
from tests.connectors.rows import CAMPAIGNS, campaign

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MODULO = 2**31 - 1
STAMPS = [
    dt.datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 20, 9, 30, 0, 123457, tzinfo=dt.UTC),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    dt.datetime(1900, 2, 28, 1, 2, 3, 4, tzinfo=dt.UTC),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
]


def checksum(*stamps: dt.datetime) -> int:
    """As ``protocol.Source.digest`` says it."""
    return sum(((at - EPOCH) // dt.timedelta(microseconds=1)) % MODULO for at in stamps)


def put(database: Database, **stamped: dt.datetime) -> None:
    rows = [{**campaign(0), "campaign_no": key, "updated_at": at} for key, at in stamped.items()]
    with database.engines["crm"].begin() as connection:
        connection.execute(stream_table("crm.campaigns").insert(), rows)


def test_a_digest_is_what_the_contract_says(crm: Connector, database: Database) -> None:
    a, b, c, d, e = STAMPS
    put(database, **{"CA-00001": a, "CA-00999": b, "CA-01000": c, "ABC": d, "é-001": e, "x": a, "": c})
    assert crm.digest("crm.campaigns") == {
        "CA-00": (2, checksum(a, b)),
        "CA-01": (1, checksum(c)),
        "": (3, checksum(d, a, c)),
        "é-": (1, checksum(e)),
    }


def test_the_keys_of_a_group_are_those_it_counted(crm: Connector, database: Database) -> None:
    names = [
        "CA-00001",
        "CA-00999",
        "CA-0099",
        "CA-009999",
        "ca-00001",
        "CA_00001",
        "CA%00001",
        "C!-001",
        "C\\-001",
    ]
    put(database, **dict.fromkeys((*names, "ABC", "x", "", "é-001", "👍-001"), STAMPS[0]))
    groups = crm.digest("crm.campaigns")
    assert groups is not None
    found = {group: crm.keys("crm.campaigns", group) for group in groups}
    assert {group: len(keys) for group, keys in found.items()} == {
        group: rows for group, (rows, _) in groups.items()
    }
    assert found["CA-00"] == ["CA-00001", "CA-00999"]
    assert (found["CA%00"], found["ca-00"], found["👍-"]) == (["CA%00001"], ["ca-00001"], ["👍-001"])
    assert sorted(found[""]) == ["", "ABC", "x"]
    assert crm.keys("crm.campaigns", "nobody") == []


def test_a_group_nobody_touched_has_the_digest_it_had(crm: Connector) -> None:
    crm.write(CAMPAIGNS, [campaign(1), campaign(1001)])
    before = crm.digest("crm.campaigns")
    crm.write(CAMPAIGNS, [campaign(1001, name="Renamed")])
    after = crm.digest("crm.campaigns")
    assert before is not None
    assert after is not None
    assert {group for group in after if after[group] != before[group]} == {"CA-01"}
    assert crm.digest("crm.contacts") == {}

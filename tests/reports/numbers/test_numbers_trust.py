"""The numbers of the page Data health are the sources' own and the hub's: rows, runs, what is set aside."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

import models
from reports.look import Look
from reports.pages import trust, trust_held
from tests.reports.numbers.books import Books, Row, at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
OPEN = ("quarantined", "waiting")


def streams() -> list[str]:
    return [f"{system}.{table}" for system, made in models.SYSTEMS.items() for table in made.tables]


def test_rows_and_the_last_change_of_every_stream_are_the_sources(look: Look, books: Books) -> None:
    made = trust.make(look)
    assert made
    shown = {row["stream"]: row for rows in made["systems"].values() for row in rows}
    read = [stream for stream in streams() if stream in shown and shown[stream]["read_at"]]
    assert len(read) > 30
    for stream in read:
        rows = books.rows(stream)
        assert shown[stream]["rows"] == len(rows), stream
        if rows and "updated_at" in rows[0]:
            assert shown[stream]["last_changed_at"] == max(at(row["updated_at"]) for row in rows), stream
    assert made["streams"] == len(shown)
    assert made["states"]["empty"] == sum(not row["rows"] for row in shown.values())


def test_runs_by_flow_are_the_hubs(look: Look, books: Books) -> None:
    flows: dict[str, list[Row]] = defaultdict(list)
    for row in books.rows("state.runs"):
        flows[row["flow"]].append(row)
    made = trust.make(look)
    assert made
    shown = {row["flow"]: (row["runs"], row["read"], row["written"], row["failed"]) for row in made["flows"]}
    assert shown == {
        flow: (
            len(rows), sum(row["read"] for row in rows), sum(row["written"] for row in rows),
            sum(row["state"] == "failed" for row in rows),
        )
        for flow, rows in flows.items()
    }  # fmt: skip


def test_what_is_set_aside_is_the_hubs_by_reason(look: Look, books: Books) -> None:
    open_ = [row for row in books.rows("state.quarantine") if row["state"] in OPEN]
    documents = {(row["rule"], row["stream"], row["state"], row["key"]) for row in open_}
    shown = {(row["rule"], row["stream"], row["state"]): row["documents"] for row in trust_held.reasons(look)}
    assert shown == Counter(document[:3] for document in documents)
    states = Counter(row["state"] for row in open_)
    health = look.one("select sum(waiting) as waiting, sum(quarantined) as held from marts.mart_data_health")
    assert (health["waiting"], health["held"]) == (states["waiting"], states["quarantined"])

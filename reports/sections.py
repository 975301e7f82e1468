"""What each section says above its table: the finding as a headline, a note, or why it is empty.

Tables and a reader come in, one :class:`Section` a topic goes out, in the order of the page. It reads
nothing and knows no markup of the tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from reports import outlook
from reports.outlook import Finding
from reports.reader import Reader, capital
from reports.tables import SOON_DAYS, Row, Tables


@dataclass(frozen=True)
class Section:
    """A topic of the page; without ``finding`` there is nothing to tell, and ``empty`` says why."""

    key: str
    title: Markup
    empty: Markup
    finding: Markup = field(default_factory=Markup)
    note: Markup = field(default_factory=Markup)
    more: Mapping[str, Any] = field(default_factory=dict)


def sections(tables: Tables, reader: Reader) -> list[Section]:
    """Every section in the page's order."""
    result = []
    for key, find in FINDINGS.items():
        title, empty = reader.text(f"{key}.title"), reader.text(f"{key}.empty")
        found = find(tables, reader)
        result.append(Section(key, title, empty, *found) if found else Section(key, title, empty))
    return result


def _gaps(tables: Tables, reader: Reader) -> Finding | None:
    kinds = tables["gap_kinds"]
    if not kinds:
        return None
    total = tables["gap_total"][0]
    # A document may stand in two gaps; its money is stuck once, as in the metric.
    shown = {row["document_no"]: row["amount"] or 0 for row in reversed(tables["gaps"])}
    rest, rest_amount = total["documents"] - len(shown), total["amount"] - sum(shown.values())
    more = {
        "top": max(row["amount"] for row in kinds) or 1,
        "rest": reader.text("page.rest", rest, amount=reader.money(rest_amount)) if rest else "",
    }
    return _gaps_found(total, reader), reader.text("gaps.note"), more


def _gaps_found(total: Row, reader: Reader) -> Markup:
    return reader.text("gaps.found", total["documents"], amount=reader.money(total["amount"]))


def _trips(tables: Tables, reader: Reader) -> Finding | None:
    total = tables["trip_total"][0]
    if not total["trips"]:
        return None
    rest = total["trips"] - len(tables["trips"])
    return (
        reader.text(
            "trips.found",
            cost=reader.money(total["cost_amount"]),
            revenue=reader.money(total["revenue_amount"]),
        ),
        reader.text("trips.note", total["trips"], refused=reader.number(total["refused"])),
        {"story": _story(tables, reader), "rest": reader.text("page.rest_count", rest) if rest else ""},
    )


def _story(tables: Tables, reader: Reader) -> Markup:
    """The latest trip that paid: its cost beside what its lead brought."""
    for trip in tables["trip_story"]:
        return reader.text(
            "trips.story",
            employee=trip["employee_name"],
            account=trip["account_name"] or trip["lead_no"],
            cost=reader.money(trip["cost_amount"]),
            revenue=reader.money(trip["revenue_amount"]),
        )
    return Markup("")


def _path(tables: Tables, reader: Reader) -> Finding | None:
    if not tables["orders"]:
        return None
    path = tables["cash_path"][0]
    note = reader.text("path.note", path["orders"]) if path["orders"] else Markup("")
    if path["median_days"] is not None:
        return reader.text("path.found", days=reader.days(path["median_days"])), note, {}
    if path["ship_days"] is not None:
        return reader.text("path.found_ship", days=reader.days(path["ship_days"])), note, {}
    return reader.text("path.found_none"), note, {}


def _approvals(tables: Tables, reader: Reader) -> Finding | None:
    steps, approvers = tables["approval_steps"], tables["approvers"]
    if not steps:
        return None
    scale = max(
        (row[name] for row in (*steps, *approvers) for name in ("p90_working_h", "target_h") if row[name]),
        default=1,
    )
    more = {"scale": scale, "rest": _rest(steps, reader), "rest_approvers": _rest(approvers, reader)}
    return _slowest(steps[0], reader), reader.text("approvals.note"), more


def _slowest(step: Row, reader: Reader) -> Markup:
    if step["median_working_h"] is None:
        return reader.text("approvals.found_none")
    name, kind = capital(reader.word("step", step["step_name"])), reader.word("kind", step["kind"]).lower()
    return reader.text("approvals.found", step=name, kind=kind, median=reader.hours(step["median_working_h"]))


def _rest(rows: list[Row], reader: Reader) -> Markup:
    rest = rows[0]["total"] - len(rows) if rows else 0
    return reader.text("page.rest_count", rest) if rest else Markup("")


def _pipeline(tables: Tables, reader: Reader) -> Finding | None:
    stages = tables["stages"]
    if not stages:
        return None
    finding = reader.text(
        "pipeline.found",
        weighted=reader.money(sum(row["weighted"] for row in stages)),
        expected=reader.money(sum(row["expected"] for row in stages)),
    )
    more = {
        "top": max(row["expected"] for row in stages) or 1,
        "top_owner": max(row["expected"] for row in tables["owners"]) or 1,
    }
    return finding, reader.text("pipeline.note"), more


def _supply(tables: Tables, reader: Reader) -> Finding | None:
    count = tables["supply_count"][0]
    if not count["items"]:
        return None
    note = reader.text("supply.note", late=reader.number(count["late_orders"]))
    if not count["soon"]:
        return reader.text("supply.calm", days=reader.days(SOON_DAYS)), note, {}
    rest = count["soon"] - len(tables["supply"])
    finding = reader.text(
        "supply.found", count["soon"], items=reader.number(count["items"]), days=reader.days(SOON_DAYS)
    )
    more = {"soon": SOON_DAYS, "rest": reader.text("page.rest_count", rest) if rest else ""}
    return finding, note, more


def _health(tables: Tables, reader: Reader) -> Finding | None:
    if not any(row["read_at"] for row in tables["health"]):
        return None
    systems: dict[str, list[Row]] = {}
    for row in tables["health"]:
        systems.setdefault(row["system"], []).append(row)
    bad = sum(1 for row in tables["health"] if ill(row))
    finding = (
        reader.text("health.found_bad", bad)
        if bad
        else reader.text("health.found_good", len(tables["health"]))
    )
    return finding, reader.text("health.note"), {"systems": systems}


def ill(row: Row) -> bool:
    """Whether a stream needs a person: out of date, something in quarantine, a check failed or not run."""
    trouble = row["quarantined"] or row["checks_failed"] or row["checks_unchecked"]
    return bool(trouble) or row["state"] == "stale"


FINDINGS: Mapping[str, Callable[[Tables, Reader], Finding | None]] = {
    "gaps": _gaps, "trips": _trips, "path": _path, "approvals": _approvals, "pipeline": _pipeline,
    "sales": outlook.sales, "demand": outlook.demand, "cash": outlook.cash, "supply": _supply,
    "health": _health,
}  # fmt: skip

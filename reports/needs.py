"""What needs a manager now: a few sentences written from the data, the most pressing first.

Tables and a reader come in, at most five sentences with what to do and where to look go out; with fewer
pressing matters, the numbers that moved fill up to three. It judges nothing that the marts did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from reports.reader import NOTHING, Reader
from reports.tables import SOON_DAYS, Tables

FEWEST, MOST = 3, 5


@dataclass(frozen=True)
class Need:
    """One sentence, what to do about it, and the section that shows more."""

    sentence: Markup
    action: str
    section: str


def needs(tables: Tables, reader: Reader) -> list[Need]:
    """The pressing matters, up to five; when there are fewer than three, what moved, good news last."""
    found = list(_pressing(tables, reader))[:MOST]
    return found + list(_moved(tables, reader))[: max(0, FEWEST - len(found))]


def _pressing(tables: Tables, reader: Reader) -> Iterator[Need]:
    for matter in (_gap, _overdue, _pending, _supply, _paper, _health):
        need = matter(tables, reader)
        if need:
            yield need


def _gap(tables: Tables, reader: Reader) -> Need | None:
    worst = next(iter(tables["worst_gap"]), None)
    if not worst:
        return None
    sentence = reader.text(
        "needs.gap",
        amount=reader.money(worst["amount"]),
        what=reader.word("gap_said", worst["kind"]),
        cases=reader.text("gaps.cases", worst["gaps"]),
        document=worst["document_no"],
        party=worst["party_name"] or NOTHING,
        age=reader.working_days(worst["age_working_days"]),
    )
    action = reader.text(
        "needs.gap_do",
        owner=worst["owner_name"] or reader.text("gaps.nobody"),
        action=reader.action(worst["next_action"]),
    )
    return Need(sentence, action, "gaps")


def _overdue(tables: Tables, reader: Reader) -> Need | None:
    amount = sum(row["overdue_amount"] or 0 for row in tables["cash"])
    if not amount:
        return None
    sentence = reader.text("needs.overdue", amount=reader.money(amount))
    return Need(sentence, reader.text("needs.overdue_do"), "cash")


def _pending(tables: Tables, reader: Reader) -> Need | None:
    late = [row for row in tables["pending"] if row["target_h"] and row["oldest_pending_h"] > row["target_h"]]
    if not late:
        return None
    sentence = reader.text(
        "needs.pending",
        name=late[0]["approver_name"],
        step=reader.word("step", late[0]["step_name"]),
        hours=reader.hours(late[0]["oldest_pending_h"]),
        target=reader.hours(late[0]["target_h"]),
    )
    return Need(sentence, reader.text("needs.pending_do"), "approvals")


def _supply(tables: Tables, reader: Reader) -> Need | None:
    rows = tables["supply"]
    if not rows:
        return None
    first = rows[0]
    sentence = reader.text(
        "needs.supply",
        tables["supply_count"][0]["soon"],
        item=first["item_name"],
        on=reader.day(first["runs_out_on"]),
        days=reader.days(SOON_DAYS),
    )
    quantity = reader.number(first["suggested_quantity"])
    return Need(
        sentence, reader.text("needs.supply_do", quantity=quantity, item=first["item_name"]), "supply"
    )


def _paper(tables: Tables, reader: Reader) -> Need | None:
    paper = next((row for row in tables["gap_kinds"] if row["circulation_hours"]), None)
    if not paper:
        return None
    hours, usual = reader.hours(paper["circulation_hours"]), reader.hours(paper["usual_hours"])
    said = "needs.paper" if paper["usual_hours"] else "needs.paper_alone"
    sentence = reader.text(said, paper["gaps"], hours=hours, usual=usual)
    return Need(sentence, reader.text("needs.paper_do"), "gaps")


def _health(tables: Tables, reader: Reader) -> Need | None:
    held: dict[str, int] = {}
    for row in tables["health"]:
        held[row["system"]] = held.get(row["system"], 0) + row["quarantined"]
    rows, failed = sum(held.values()), sum(1 for row in tables["health"] if row["checks_failed"])
    if not rows and not failed:
        return None
    most = max(held, key=lambda system: held[system])
    sentence = (
        reader.text("needs.health", rows, system=reader.word("system", most))
        if rows
        else reader.text("needs.health_checks", failed)
    )
    return Need(sentence, reader.text("needs.health_do" if rows else "needs.watch_do"), "health")


def _moved(tables: Tables, reader: Reader) -> Iterator[Need]:
    for verdict, said, action in (
        ("bad", "needs.worse", "needs.watch_do"),
        ("good", "needs.better", "needs.keep_do"),
    ):
        for row in tables["metrics"]:
            if row["verdict"] == verdict and row["previous_value"] is not None:
                before, after = (reader.value(row[name], row["unit"]) for name in ("previous_value", "value"))
                sentence = reader.text(said, title=reader.metric(row), before=before, after=after)
                yield Need(sentence, reader.text(action), "numbers")

"""The page pipeline: what can still be won and from whom, who goes quiet, what cohorts and trips brought.

Its parts stand beside this module: ``pipeline_leads``, ``pipeline_customers`` and ``pipeline_trips``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from reports.filters import PERIODS, PERSON, Filter, shown
from reports.look import Look, Page
from reports.pages import pipeline_rows
from reports.pages.pipeline_customers import cohorts, customers
from reports.pages.pipeline_leads import closed, leads
from reports.pages.pipeline_trips import trips
from reports.reader import capital
from reports.shares import share
from reports.told import BadAddress

ROWS = pipeline_rows.ROWS
SHADES = 5

OWNERS = """
    select people.employee_no, people.name from core.dim_employee as people
    where people.is_current and people.employee_no in (
        select owner_no from core.fct_lead where not is_closed
        union select owner_no from marts.mart_customer_value
        union select employee_no from marts.mart_trip_roi)
    order by people.name, people.employee_no"""


def make(look: Look) -> Mapping[str, Any] | None:
    """What the template shows; ``None`` before there is any lead, customer or trip."""
    owners = look.rows(OWNERS)
    person = look.asked.get("person")
    name = next((row["name"] for row in owners if row["employee_no"] == person), None)
    if person and name is None:
        raise BadAddress("pipeline.nobody", value=shown(person))
    parts: dict[str, Any] = {
        "leads": leads(look),
        "closed": closed(look),
        "customers": customers(look),
        "cohorts": cohorts(look),
        "trips": trips(look),
    }
    if not (parts["leads"]["n"] or parts["customers"]["n"] or parts["closed"] or parts["trips"]):
        return None
    several = [(row["employee_no"], row["name"]) for row in owners] if len(owners) > 1 else []
    return {
        **parts,
        "finding": finding(look, parts["leads"], parts["customers"]),
        "person_name": name,
        "capital": capital,
        "shade": shade,
        "options": {"person": several} if several else {},
    }


def finding(look: Look, leads: Mapping[str, Any], customers: Mapping[str, Any]) -> Markup:
    """What the open leads can be expected to bring, and how many of them and of the customers need a call."""
    reader = look.reader
    if leads["n"]:
        weighted, expected = reader.money(leads["weighted"]), reader.money(leads["expected"])
        said = [reader.text("pipeline.find_leads", leads["n"], weighted=weighted, expected=expected)]
    else:
        said = [reader.text("pipeline.find_leads_none")]
    if leads["still"]:
        said.append(reader.text("pipeline.find_still", leads["still"]))
    if customers["quiet_n"]:
        said.append(reader.text("pipeline.find_quiet", customers["quiet_n"]))
    return capital(Markup("; ").join(said))


def shade(value: Any, top: Any) -> int:
    """One of five shades for a share of the largest, for a cell's class; 0 for nothing."""
    return min(SHADES, int(float(share(value, top)) * SHADES // 100) + 1) if value else 0


PAGE = Page(
    key="pipeline",
    make=make,
    roles=frozenset({"executive", "finance", "sales_manager", "sales"}),
    filters=(Filter("period", "period", default="12m", choices=tuple(PERIODS)), PERSON),
)

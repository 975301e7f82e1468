"""The demo: a seeded company, the story day by day, every DAG through Airflow, the warehouse, the report.

Seed → story acts, each followed by the DAGs it concerns → every DAG → until nothing moves any more → report.
The scheduler is not running here, so this file does what its asset triggers would: run again what reads a
stream that has just changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich.console import Console

from checks.gx import warm
from commands import airflow_env, play
from commands.demo_users import demo_users
from commands.found import found, next_steps
from commands.output import Result, progress
from commands.report import render
from commands.run import played_rows
from commands.seed import open_stores, seed_empty
from commands.verdict import complaints
from connectors.errors import Misconfigured
from flows import FLOWS
from flows.forecasts import FORECASTS
from flows.warehouse import WAREHOUSE
from settings import Settings, load

# What the stores' own workers may change when they decide on what was asked of them.
DECIDED_STREAMS = {
    "oa": frozenset({"oa.approval_requests"}),
    "erp": frozenset({"erp.sales_orders", "erp.stock", "erp.shipments", "erp.production_orders"}),
}
# The forecasts flow reads what is published at the end, so that is where it runs.
SETTLING = tuple(flow for flow in FLOWS if flow is not FORECASTS)
MAX_ROUNDS = 6


class Day:
    """Runs DAGs and the stores' workers in turn until nothing moves; adds up what moved."""

    def __init__(self, settings: Settings, engines: Mapping[str, Any], console: Console) -> None:
        self.settings, self.engines, self.console = settings, engines, console
        self.result = Result(title="What moved, all rounds together; what waits, at the end")
        self.complaints: list[str] = []

    def settle(self, names: Iterable[str]) -> None:
        """Run these flows, let the stores decide, and run what reads anything that changed."""
        due = set(names)
        for _ in range(MAX_ROUNDS):
            changed: set[str] = set()
            for flow in SETTLING:
                if flow.name in due:
                    wrote = {row["step"] for row in self.play(flow.name) if row["written"]}
                    changed |= {step.write.stream for step in flow.steps if step.name in wrote}
            changed |= self.decide()
            due = {flow.name for flow in SETTLING if flow.reads() & changed}
            if not due:
                return

    def decide(self) -> set[str]:
        """Let the stores handle what was asked of them; the streams that may have changed."""
        from stores.worker import work

        changed: set[str] = set()
        for system, streams in DECIDED_STREAMS.items():
            if work({system: self.engines[system]}, at=dt.datetime.now(dt.UTC)):
                changed |= streams
        return changed

    def play(self, name: str) -> list[dict[str, Any]]:
        """Run one DAG through Airflow."""
        with self.console.status(f"running DAG {name}"):
            rows = play.play([name], self.settings)
        self.complaints = complaints(rows) if name == WAREHOUSE.name else self.complaints
        self.result.add_round(played_rows(rows))
        return rows


def demo(*, as_of: dt.date, quiet: bool = False) -> Result:
    """Everything, once; a second call finds it all done and moves nothing twice."""
    console = Console(quiet=True) if quiet else progress()
    settings = load()
    engines = open_stores(settings)
    with console.status("seeding the company's OA, CRM and ERP"):
        seeded = seed_empty(settings, engines, as_of=as_of)
    rows = sum(seeded.values())
    console.print(f"[bold]1[/bold] company: {f'{rows:,} rows seeded' if rows else 'is there already'}")
    with console.status("preparing Airflow's own database"), ThreadPoolExecutor(1) as pool:
        pool.submit(warm)  # Great Expectations takes its six seconds while Airflow's process has its own
        airflow_env.migrate(settings)
    day = Day(settings, engines, console)
    _tell_story(day)
    console.print("[bold]3[/bold] every DAG, through Airflow, until nothing moves any more")
    day.settle(flow.name for flow in SETTLING)
    _publish(day)
    console.print("[bold]4[/bold] the report")
    pages = render(settings)
    demo_users(settings)
    day.result.problems += [*day.complaints, *found(settings)]
    day.result.notes += next_steps(settings, pages)
    day.result.ok = not day.complaints
    return day.result


def _tell_story(day: Day) -> None:
    from stores.refusals import Refusal
    from stores.story import ACTS

    day.console.print("[bold]2[/bold] the story")
    for act in ACTS:
        try:
            told = act.play(day.engines)
        except Refusal as refusal:
            raise Misconfigured(f"the story cannot be played here: {refusal}") from None
        day.console.print(f"  {told.day:%a %d %b}  {told.who}: {told.text}", soft_wrap=True)
        if told.is_new:
            day.decide()
            day.settle(act.flows)


def _publish(day: Day) -> None:
    """The warehouse follows the flows, the forecasts follow the warehouse, and it once more follows them."""
    for _ in range(2):
        day.play(WAREHOUSE.name)
        written = day.play(FORECASTS.name)
        if not any(row["written"] for row in written):
            return
        day.decide()
        day.settle({"customers", "approvals"})
    day.play(WAREHOUSE.name)

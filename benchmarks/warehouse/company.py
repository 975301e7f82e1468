"""A company as large as wanted, as ``raw`` of a build file: the seeded company's records, many times over.

A seeded company's raw tables ─▶ copies with keys of their own, people, goods and calendars shared ─▶ raw of a
new build file. Seeding a hundred times as much would take an hour; this takes a minute. It judges nothing.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from settings import Settings
from warehouse import changes
from warehouse.build_file import open_build
from warehouse.extract import extract
from warehouse.origins import origins

_KEYS = (
    "order_no order_line_no lead_no lead_stage_no activity_no request_no step_no account_no merged_into "
    "contact_no sales_order_no crm_order_no sales_order_line_no customer_no crm_account_no payment_no "
    "shipment_no shipment_line_no release_key production_no plan_key receivable_no fund_no purchase_no "
    "purchase_line_no stock_move_no document_no source_key target_key external_key"
)
KEYS = frozenset(_KEYS.split())
"""Columns that name a document: each copy has its own."""

_SHARED = (
    "oa.employees oa.departments oa.calendars oa.holidays oa.attendance oa.approval_policies crm.campaigns "
    "crm.products crm.staff erp.items erp.item_prices erp.bom_lines erp.suppliers erp.stock erp.staff "
    "erp.exchange_rates erp.demand_plan hub.runs hub.quarantine hub.conflicts hub.interventions "
    "hub.reconciliations"
)
SHARED = frozenset(_SHARED.split())
"""Streams that a larger company has no more of."""


CHANGES = {
    "raw.crm_orders": "total_amount + 1 as total_amount",
    "raw.crm_order_lines": "line_amount + 1 as line_amount",
    "raw.crm_leads": "expected_amount + 1 as expected_amount",
    "raw.crm_activities": "happened_at + interval 1 minute as happened_at",
    "raw.oa_approval_requests": "amount + 1 as amount",
    "raw.erp_sales_orders": "promised_on + 1 as promised_on",
    "raw.erp_payments": "recorded_at + interval 1 minute as recorded_at",
    "raw.erp_receivables": "due_on + 1 as due_on",
    "raw.erp_shipments": "shipped_at + interval 1 minute as shipped_at",
    "raw.erp_production_orders": "due_on + 1 as due_on",
    "raw.erp_stock_moves": "quantity + 1 as quantity",
}
"""What is changed of a row of these tables, so that what is made of them changes too."""


def seeded(home: Path) -> Path:
    """The build file of a seeded company, extracted and nothing more."""
    from commands.seed import open_stores, seed_empty

    settings = Settings(home=home)
    seed_empty(settings, open_stores(settings), as_of=dt.datetime.now(dt.UTC).date())
    extract(settings)
    return settings.build_file


def multiply(seeded: Path, settings: Settings, *, times: int) -> dict[str, int]:
    """Fill ``raw`` of a new build file with ``times`` copies of a seeded company's; rows by stream."""
    rows = {}
    with open_build(settings) as build:
        build.execute(f"attach '{seeded}' as seeded (read_only)")
        tables = build.execute(
            "select table_name from duckdb_tables() where database_name = 'seeded' and schema_name = 'raw'"
        ).fetchall()
        tick = changes.next_tick(build)
        raw_names = {origin.raw.partition(".")[2]: origin.stream for origin in origins()}
        for (name,) in tables:
            stream = raw_names.get(name.removesuffix("_versions"), "")
            copies = times if stream and stream not in SHARED else 1
            build.execute(f"create or replace table raw.{name} as {_copies(build, name, copies)}")
            if stream:
                changes.note_whole(build, f"raw.{name}", tick=tick)
                row = build.execute(f"select count(*) from raw.{name}").fetchone()
                rows[name] = int(row[0]) if row else 0
        build.execute("detach seeded")
        shared = ", ".join(f"'{stream}'" for stream in sorted(SHARED))
        build.execute(f"update raw.source_totals set total = total * {times} where stream not in ({shared})")
    return rows


def change(settings: Settings, *, copy: int) -> int:
    """Change every document of one copy, and tell of it as an extract does; rows changed.

    Of a hundred copies that is one percent of the rows: whole documents, as people change them.
    """
    changed = 0
    keys = {origin.raw: origin.key[0] for origin in origins()}
    with open_build(settings) as build:
        tick = changes.next_tick(build)
        for raw, value in CHANGES.items():
            mine = f"{keys[raw]} like '%~{copy}'"
            row = build.execute(f"create or replace temp table old as from {raw} where {mine}").fetchone()
            changed += int(row[0]) if row else 0
            build.execute(f"create or replace temp table new as select * replace ({value}) from old")
            build.execute(f"delete from {raw} where {mine}")
            build.execute(f"insert into {raw} from new")
            changes.note_rows(build, raw, "from old union all from new", tick=tick)
    return changed


def _copies(build: duckdb.DuckDBPyConnection, name: str, times: int) -> str:
    if times == 1:
        return f"from seeded.raw.{name}"
    columns = [row[0] for row in build.execute(f"describe seeded.raw.{name}").fetchall()]
    own = ", ".join(
        f"case when copy = 0 then {column} else {column} || '~' || copy end as {column}"
        for column in columns
        if column in KEYS
    )
    return f"select t.* replace ({own}) from seeded.raw.{name} t cross join range({times}) as copies(copy)"

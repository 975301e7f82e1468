"""The seeded history adds up: within each system, and between them by business key."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import sqlalchemy as sa

from models import SYSTEMS, stream_table
from models.internal import INTERNAL
from stores.seed import faults
from stores.seed.plan import REPRICED_ITEM
from tests.stores.conftest import AS_OF, Engines

Rows = dict[str, dict[str, Any]]
FAULTY = {key for fault in faults.faults(AS_OF) for key in fault.keys}


def read(engines: Engines, stream: str) -> Rows:
    table = stream_table(stream)
    (key,) = table.primary_key.columns
    with engines[stream.partition(".")[0]].connect() as connection:
        return {row[key.name]: dict(row) for row in connection.execute(sa.select(table)).mappings()}


def sums(rows: Rows, by: str, column: str) -> dict[str, Decimal]:
    added: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows.values():
        added[row[by]] += row[column]
    return added


def test_every_reference_points_to_a_row(company: Engines) -> None:
    for engine in company.values():
        with engine.connect() as connection:
            assert connection.exec_driver_sql("pragma foreign_key_check").all() == []


def test_what_is_stored_is_what_the_types_bind(company: Engines) -> None:
    for system, engine in company.items():
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            for table in SYSTEMS[system].sorted_tables:
                stored = raw.execute(f"select * from {table.name} order by 1 limit 400").fetchall()
                loaded = connection.execute(sa.select(table).order_by(*table.primary_key.columns).limit(400))
                processors = [
                    c.type.dialect_impl(engine.dialect).bind_processor(engine.dialect) for c in table.c
                ]
                bound = [
                    tuple(bind(v) if bind else v for bind, v in zip(processors, row, strict=True))
                    for row in loaded
                ]
                assert stored == bound, table.name


def test_order_totals_are_the_sum_of_exact_lines(company: Engines) -> None:
    for header, lines, total in (
        ("crm.orders", "crm.order_lines", "order_no"),
        ("erp.sales_orders", "erp.sales_order_lines", "sales_order_no"),
    ):
        rows = read(company, lines)
        for row in rows.values():
            amount = row["quantity"] * row["unit_price"] * (1 - row["discount_rate"])
            assert row["line_amount"] == amount.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN)
        added = sums(rows, total, "line_amount")
        wrong = {key for key, row in read(company, header).items() if row["total_amount"] != added[key]}
        assert wrong <= FAULTY


def test_the_erp_has_the_crm_order_line_by_line(company: Engines) -> None:
    orders, crm_lines = read(company, "crm.orders"), read(company, "crm.order_lines")
    booked, erp_lines = read(company, "erp.sales_orders"), read(company, "erp.sales_order_lines")
    same = ("line_no", "item_no", "quantity", "unit_price", "discount_rate", "line_amount")
    compared = 0
    for number, row in booked.items():
        if row["crm_order_no"] is None:
            assert row["channel"] == "paper"
            continue
        order = orders[row["crm_order_no"]]
        assert number.removeprefix("SO-") == row["crm_order_no"].removeprefix("CO-")
        for name in (
            "ordered_at",
            "requested_on",
            "promised_on",
            "currency",
            "total_amount",
            "refusal_reason",
        ):
            assert row[name] == order[name], (number, name)
        assert row["customer_no"].removeprefix("C-") == order["account_no"].removeprefix("A-")
    for key, line in erp_lines.items():
        if booked[line["sales_order_no"]]["channel"] == "paper":
            continue
        compared += 1
        assert [line[n] for n in same] == [crm_lines[key.replace("SO-", "CO-")][n] for n in same]
    assert compared > 6_000


def test_every_older_confirmed_order_is_booked(company: Engines) -> None:
    booked = {row["crm_order_no"] for row in read(company, "erp.sales_orders").values()}
    unbooked = [
        row
        for key, row in read(company, "crm.orders").items()
        if row["status"] == "confirmed"
        and row["approval_status"] in ("none", "approved")
        and key not in booked
    ]
    assert 3 <= len(unbooked) < 60
    assert all((AS_OF - row["ordered_at"].date()).days <= 7 for row in unbooked)


def test_stock_is_the_sum_of_its_moves_and_never_below_nothing(company: Engines) -> None:
    on_hand: dict[str, Decimal] = defaultdict(Decimal)
    moves = sorted(read(company, "erp.stock_moves").values(), key=lambda row: row["stock_move_no"])
    assert moves == sorted(moves, key=lambda row: row["moved_at"])
    for move in moves:
        on_hand[move["item_no"]] += move["quantity"]
        assert on_hand[move["item_no"]] >= 0, move
    stock = read(company, "erp.stock")
    assert set(stock) == set(read(company, "erp.items"))
    assert {item: row["on_hand"] for item, row in stock.items()} == {item: on_hand[item] for item in stock}


def test_what_is_reserved_is_what_unshipped_orders_want(company: Engines) -> None:
    orders = read(company, "erp.sales_orders")
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for line in read(company, "erp.sales_order_lines").values():
        if orders[line["sales_order_no"]]["status"] in ("open", "planned"):
            wanted[line["item_no"]] += line["quantity"]
    for item, row in read(company, "erp.stock").items():
        assert row["reserved"] == wanted[item], item


def test_money_adds_up_from_payment_to_receivable(company: Engines) -> None:
    paid = sums(read(company, "erp.payments"), "sales_order_no", "amount")
    orders = read(company, "erp.sales_orders")
    receivables = {row["sales_order_no"]: row for row in read(company, "erp.receivables").values()}
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for number, order in orders.items():
        assert order["paid_amount"] == paid[number]
        full = order["paid_amount"] == order["total_amount"]
        assert (order["payment_status"] == "paid") == full
        if order["status"] == "refused":
            assert number not in receivables
            continue
        receivable = receivables[number]
        assert receivable["open_amount"] == receivable["amount"] - paid[number]
        assert (receivable["settled_on"] is not None) == full
        owed[order["customer_no"]] += receivable["open_amount"]
    customers = read(company, "erp.customers")
    assert all(owed[key] <= row["credit_limit"] for key, row in customers.items() if row["credit_limit"] > 0)
    overdue = [r for r in receivables.values() if r["open_amount"] > 0 and r["due_on"] < AS_OF]
    assert len(overdue) > 20


def test_shipments_carry_the_orders_goods(company: Engines) -> None:
    shipments = read(company, "erp.shipments")
    orders = read(company, "erp.sales_orders")
    shipped: dict[str, list[Any]] = defaultdict(list)
    for line in read(company, "erp.shipment_lines").values():
        shipped[shipments[line["shipment_no"]]["sales_order_no"]].append((line["item_no"], line["quantity"]))
    wanted: dict[str, list[Any]] = defaultdict(list)
    for line in read(company, "erp.sales_order_lines").values():
        if orders[line["sales_order_no"]]["status"] == "shipped":
            wanted[line["sales_order_no"]].append((line["item_no"], line["quantity"]))
    assert {key: sorted(lines) for key, lines in shipped.items()} == {
        key: sorted(lines) for key, lines in wanted.items()
    }


def test_customers_mirror_accounts_both_ways(company: Engines) -> None:
    accounts, customers = read(company, "crm.accounts"), read(company, "erp.customers")
    for number, customer in customers.items():
        account = accounts[customer["crm_account_no"]]
        assert number.removeprefix("C-") == customer["crm_account_no"].removeprefix("A-")
        for name in ("name", "country", "city", "currency", "credit_status", "credit_limit"):
            assert account[name] == customer[name], (number, name)
    active = {key for key, row in accounts.items() if row["status"] == "active"}
    unknown = active - {row["crm_account_no"] for row in customers.values()}
    assert unknown == {"A-0005", faults.NO_COUNTRY_ACCOUNT}


def test_products_mirror_items_but_for_yesterdays_price(company: Engines) -> None:
    items, stock = read(company, "erp.items"), read(company, "erp.stock")
    products = read(company, "crm.products")
    assert set(products) == {key for key, row in items.items() if row["kind"] == "finished"}
    differing = set()
    for key, product in products.items():
        free = stock[key]["on_hand"] - stock[key]["reserved"]
        assert product["available_quantity"] == max(free, Decimal(0))
        for name in ("name", "category", "unit_price", "currency", "is_active"):
            if product[name] != items[key][name]:
                differing.add((key, name))
    assert differing == {(REPRICED_ITEM, "unit_price")}


def test_staff_mirror_employees_but_for_the_newly_hired(company: Engines) -> None:
    employees = read(company, "oa.employees")
    for system in ("crm", "erp"):
        staff = read(company, f"{system}.staff")
        assert set(employees) - set(staff) == {"E-0061", faults.BAD_EMAIL_EMPLOYEE}
        for key, row in staff.items():
            assert row["is_active"] == (employees[key]["left_on"] is None)
            for name in ("name", "email", "job_title", "department_no", "manager_no"):
                assert row[name] == employees[key][name]
    names = [row["name"] for row in employees.values()]
    assert len(set(names)) == len(names)


def test_decided_trips_have_funds_days_and_a_word_on_the_lead(company: Engines) -> None:
    funds = {row["request_no"]: row for row in read(company, "erp.funds").values()}
    activities = {
        row["request_no"]: row for row in read(company, "crm.activities").values() if row["request_no"]
    }
    days: dict[str, list[Any]] = defaultdict(list)
    for row in read(company, "oa.attendance").values():
        if row["request_no"]:
            days[row["request_no"]].append(row)
    unmoved = set()
    trips = [
        r for r in read(company, "oa.approval_requests").values() if r["kind"] == "trip" and r["decided_at"]
    ]
    assert len(trips) > 60
    for trip in trips:
        number = trip["request_no"]
        if (AS_OF - trip["decided_at"].date()).days <= 5 and number not in funds:
            unmoved.add(number)
            continue
        if trip["status"] == "approved":
            assert funds[number]["amount"] == trip["amount"]
            assert funds[number]["fund_no"] == number.replace("AR-", "FU-")
            assert len(days[number]) == (trip["ends_on"] - trip["starts_on"]).days + 1
        if trip["lead_no"]:
            activity = activities[number]
            assert (activity["outcome"], activity["subject"]) == (trip["status"], trip["subject"])
            assert activity["cost_amount"] == (trip["amount"] if trip["status"] == "approved" else None)
    assert {"AR-2026-00073", "AR-2026-00074"} <= unmoved


def test_decisions_reached_the_documents_that_waited(company: Engines) -> None:
    requests = read(company, "oa.approval_requests").values()
    documents = {"crm.orders": read(company, "crm.orders"), "erp.purchases": read(company, "erp.purchases")}
    told = 0
    for request in requests:
        if request["source_stream"] and request["decided_at"]:
            word = documents[request["source_stream"]][request["source_key"]]["approval_status"]
            recent = (AS_OF - request["decided_at"].date()).days <= 5
            assert word == request["status"] or (recent and word == "wanted")
            told += word == request["status"]
    assert told > 150


def test_nothing_was_stamped_after_the_last_day(company: Engines) -> None:
    for system in company:
        for table in SYSTEMS[system].sorted_tables:
            if table.name in INTERNAL:
                continue
            for row in read(company, f"{system}.{table.name}").values():
                assert row["updated_at"].date() < AS_OF, (table.name, row)

"""The ERP's streams about goods: items, prices, bills of material, stock, purchases, production."""

import sqlalchemy as sa

from models.internal import add_internal
from models.types import (
    NAMING,
    Country,
    Currency,
    Exact,
    Instant,
    Key,
    Name,
    Word,
    column,
    key,
    money,
    one_of,
    quantity,
    ref,
    stream,
)

METADATA = sa.MetaData(naming_convention=NAMING)

suppliers = stream(
    "suppliers",
    METADATA,
    key("supplier_no", doc="S-014"),
    column("name", Name, nullable=False, doc="company name"),
    column("country", Country, doc="ISO 3166 code"),
    column("lead_time_days", sa.Integer, nullable=False, doc="order to receipt", unit="days"),
    doc="A company we buy from.",
)
items = stream(
    "items",
    METADATA,
    key("item_no", doc="IT-0101"),
    column("name", Name, nullable=False, doc="its name"),
    column("category", Name, doc="its group"),
    column("kind", Word, nullable=False, doc="finished, assembly or component"),
    column("unit", Word, nullable=False, doc="what a quantity counts, such as pcs"),
    money("unit_price", doc="list price; 0 when not sold"),
    money("standard_cost", doc="cost of one unit"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code of price and cost"),
    column("lead_time_days", sa.Integer, nullable=False, doc="to make or buy one lot", unit="days"),
    ref("supplier_no", "suppliers.supplier_no", nullable=True, doc="who delivers it; null when made"),
    quantity("min_stock", doc="reorder below this"),
    column("is_active", sa.Boolean, nullable=False, doc="may be sold"),
    one_of("kind", "finished", "assembly", "component"),
    sa.CheckConstraint("lead_time_days >= 0", name="lead_time_not_negative"),
    doc="Something sold, made or bought.",
)
item_prices = stream(
    "item_prices",
    METADATA,
    key("item_price_no", doc="IT-0101:2026-01-01"),
    ref("item_no", "items.item_no", doc="the item"),
    column("valid_from", sa.Date, nullable=False, doc="first day of the price"),
    money("unit_price", doc="list price"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    doc="The list price of an item over time.",
)
bom_lines = stream(
    "bom_lines",
    METADATA,
    key("bom_line_no", doc="IT-0101:IT-0803"),
    ref("parent_item_no", "items.item_no", doc="what is made"),
    ref("component_item_no", "items.item_no", doc="what goes in"),
    quantity("quantity", doc="components for one parent"),
    sa.CheckConstraint("parent_item_no <> component_item_no", name="not_made_of_itself"),
    doc="Bill of materials: what one unit of an item takes.",
)
stock = stream(
    "stock",
    METADATA,
    key("item_no", doc="IT-0101"),
    quantity("on_hand", doc="in the warehouse"),
    quantity("reserved", doc="promised to open sales orders"),
    doc="What lies in the warehouse; one row per item.",
)
stock_moves = stream(
    "stock_moves",
    METADATA,
    key("stock_move_no", doc="SM-2026-000107"),
    ref("item_no", "items.item_no", doc="what moved"),
    column("moved_at", Instant, nullable=False, doc="when"),
    quantity("quantity", doc="in is positive, out negative"),
    column("kind", Word, nullable=False, doc="why it moved"),
    column("document_no", Key, doc="purchase, production or shipment behind it"),
    one_of("kind", "opening", "receipt", "production", "issue", "shipment", "adjustment"),
    doc="Goods in or out; the sum per item is what is on hand.",
)
purchases = stream(
    "purchases",
    METADATA,
    key("purchase_no", doc="PO-2026-00031"),
    ref("supplier_no", "suppliers.supplier_no", doc="from whom"),
    column("requester_no", Key, nullable=False, doc="employee who wants it"),
    column("status", Word, nullable=False, doc="draft, ordered, received or cancelled"),
    column("approval_status", Word, nullable=False, doc="none, wanted, approved or refused"),
    column("ordered_at", Instant, nullable=False, doc="when it was written"),
    column("expected_on", sa.Date, doc="delivery promised"),
    column("received_on", sa.Date, doc="delivery made"),
    money("total_amount", doc="sum of the lines"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    one_of("status", "draft", "ordered", "received", "cancelled"),
    one_of("approval_status", "none", "wanted", "approved", "refused"),
    doc="An order to a supplier.",
)
purchase_lines = stream(
    "purchase_lines",
    METADATA,
    key("purchase_line_no", doc="PO-2026-00031:1"),
    ref("purchase_no", "purchases.purchase_no", doc="the purchase"),
    column("line_no", sa.Integer, nullable=False, doc="position"),
    ref("item_no", "items.item_no", doc="what"),
    quantity("quantity", doc="how many"),
    money("unit_cost", doc="cost of one"),
    doc="A line of a purchase.",
    header="purchases",
)
production_orders = stream(
    "production_orders",
    METADATA,
    key("production_no", doc="MO-2026-00412-1"),
    column(
        "plan_key",
        Key,
        nullable=False,
        unique=True,
        doc="SO-2026-00412:IT-0101; repeats are harmless",
    ),
    column("sales_order_no", Key, index=True, doc="order it is made for; null when for stock"),
    ref("item_no", "items.item_no", doc="what is made"),
    quantity("quantity", doc="how many"),
    column("bom_level", sa.Integer, nullable=False, doc="0 for the sold item, 1 for its assemblies"),
    column("starts_on", sa.Date, nullable=False, doc="first day of work"),
    column("due_on", sa.Date, nullable=False, doc="needed by"),
    column("status", Word, nullable=False, doc="requested, released, done or cancelled"),
    column("done_at", Instant, doc="when it was finished"),
    one_of("status", "requested", "released", "done", "cancelled"),
    sa.CheckConstraint("due_on >= starts_on", name="due_after_start"),
    sa.CheckConstraint("bom_level >= 0", name="level_not_negative"),
    doc="Work to make an item; one row per plan key.",
)
demand_plan = stream(
    "demand_plan",
    METADATA,
    key("demand_plan_no", doc="IT-0101:2026-12"),
    ref("item_no", "items.item_no", doc="the item"),
    column("month_on", sa.Date, nullable=False, doc="first day of the month"),
    quantity("planned_quantity", doc="approved demand"),
    column("request_no", Key, nullable=False, doc="OA request that approved it"),
    column("share_of_year", Exact, doc="part of the plan's total", unit="share"),
    doc="The demand that production plans for; one row per item and month.",
)
add_internal(METADATA)

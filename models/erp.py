"""The ERP's streams about money: customers, sales orders, payments, shipments, funds, rates.

Shares its metadata with the streams about goods (``models.erp_supply``): one ERP, one database.
"""

import sqlalchemy as sa

from models.crm import staff_table
from models.erp_supply import METADATA
from models.types import (
    Country,
    Currency,
    Exact,
    Instant,
    Key,
    Name,
    Text,
    Word,
    column,
    key,
    money,
    one_of,
    quantity,
    ref,
    stream,
)

staff = staff_table(METADATA)
customers = stream(
    "customers",
    METADATA,
    key("customer_no", doc="C-0012"),
    column("crm_account_no", Key, nullable=False, unique=True, doc="account it stands for", owner="crm"),
    column("name", Name, nullable=False, doc="company name", owner="crm"),
    column("country", Country, doc="ISO 3166 code", owner="crm"),
    column("city", Name, doc="seat", owner="crm"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code it buys in", owner="crm"),
    column("kind", Word, nullable=False, doc="prospect until the first order, then customer"),
    column("credit_status", Word, nullable=False, doc="ok, watch or hold"),
    money("credit_limit", doc="may owe up to this; 0 pays before shipping"),
    column("payment_terms_days", sa.Integer, nullable=False, doc="due after", unit="days"),
    one_of("kind", "prospect", "customer"),
    one_of("credit_status", "ok", "watch", "hold"),
    doc="Who we ship to and who owes us.",
)
sales_orders = stream(
    "sales_orders",
    METADATA,
    key("sales_order_no", doc="SO-2026-00412"),
    column("crm_order_no", Key, unique=True, doc="CRM order it fulfils; null when keyed in by hand"),
    ref("customer_no", "customers.customer_no", doc="who buys"),
    column("status", Word, nullable=False, doc="requested until accepted (open) or refused"),
    column("payment_status", Word, nullable=False, doc="unpaid, partly or paid"),
    column("ordered_at", Instant, nullable=False, doc="when the customer ordered"),
    column("requested_on", sa.Date, doc="delivery day the customer wants"),
    column("promised_on", sa.Date, doc="delivery day promised; set by the production plan"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    money("total_amount", doc="sum of the lines"),
    money("paid_amount", doc="sum of its payments"),
    column("refusal_reason", Text, doc="why it was refused"),
    column("channel", Word, nullable=False, doc="system, or paper when keyed in by hand"),
    column(
        "cancel_requested",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        doc="the CRM cancelled it; the ERP decides",
    ),
    one_of("status", "requested", "open", "planned", "shipped", "cancelled", "refused"),
    one_of("payment_status", "unpaid", "partly", "paid"),
    one_of("channel", "system", "paper"),
    sa.CheckConstraint("currency <> ''", name="currency_is_given"),
    doc="A customer's order as we fulfil it; one row per order.",
)
sales_order_lines = stream(
    "sales_order_lines",
    METADATA,
    key("sales_order_line_no", doc="SO-2026-00412:1"),
    ref("sales_order_no", "sales_orders.sales_order_no", doc="the order"),
    column("line_no", sa.Integer, nullable=False, doc="position"),
    ref("item_no", "items.item_no", doc="what"),
    quantity("quantity", doc="how many"),
    money("unit_price", doc="price before discount"),
    column("discount_rate", Exact, nullable=False, doc="0 to 1", unit="share"),
    money("line_amount", doc="quantity * unit_price * (1 - discount_rate), half-even at four digits"),
    sa.UniqueConstraint("sales_order_no", "line_no"),
    # SQLite keeps exact numbers as text; adding 0 makes every database compare numbers.
    sa.CheckConstraint("quantity + 0 > 0", name="quantity_is_positive"),
    doc="A line of a sales order.",
    header="sales_orders",
)
receivables = stream(
    "receivables",
    METADATA,
    key("receivable_no", doc="RE-2026-00412"),
    ref("sales_order_no", "sales_orders.sales_order_no", doc="the order"),
    ref("customer_no", "customers.customer_no", doc="who owes"),
    money("amount", doc="owed at the start"),
    money("open_amount", doc="still owed"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    column("due_on", sa.Date, nullable=False, doc="to be paid by"),
    column("settled_on", sa.Date, doc="day it was paid in full"),
    doc="What a customer owes for an order; one row per sales order.",
)
payments = stream(
    "payments",
    METADATA,
    key("payment_no", doc="PA-2026-00218"),
    ref("sales_order_no", "sales_orders.sales_order_no", doc="the order paid"),
    money("amount", doc="received"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    column("paid_on", sa.Date, nullable=False, doc="value date"),
    column("recorded_at", Instant, nullable=False, doc="when finance recorded it"),
    column("recorded_by", Key, nullable=False, doc="employee who recorded it"),
    column("channel", Word, nullable=False, doc="system, or paper when noted outside first"),
    one_of("channel", "system", "paper"),
    sa.CheckConstraint("amount + 0 <> 0", name="amount_is_not_zero"),
    doc="Money received for a sales order.",
)
shipments = stream(
    "shipments",
    METADATA,
    key("shipment_no", doc="SH-2026-00412"),
    ref("sales_order_no", "sales_orders.sales_order_no", doc="the order shipped"),
    column("release_key", Key, nullable=False, unique=True, doc="what asked for it; makes a repeat harmless"),
    column("status", Word, nullable=False, doc="requested, waiting (for stock), shipped or refused"),
    column("requested_at", Instant, nullable=False, doc="when it was asked for"),
    column("shipped_at", Instant, doc="when the goods left"),
    column("refusal_reason", Text, doc="why it was refused, or what it waits for"),
    one_of("status", "requested", "waiting", "shipped", "refused"),
    sa.CheckConstraint("(shipped_at is not null) = (status = 'shipped')", name="shipped_has_instant"),
    doc="Goods leaving for a customer; its lines are the order's.",
)
shipment_lines = stream(
    "shipment_lines",
    METADATA,
    key("shipment_line_no", doc="SH-2026-00412:1"),
    ref("shipment_no", "shipments.shipment_no", doc="the shipment"),
    ref("item_no", "items.item_no", doc="what left"),
    quantity("quantity", doc="how many"),
    sa.CheckConstraint("quantity + 0 > 0", name="quantity_is_positive"),
    doc="An item in a shipment.",
    header="shipments",
)
funds = stream(
    "funds",
    METADATA,
    key("fund_no", doc="FU-2026-00042"),
    column("request_no", Key, nullable=False, unique=True, doc="OA request that allowed it"),
    column("employee_no", Key, nullable=False, doc="for whom"),
    column("kind", Word, nullable=False, doc="trip or expense"),
    money("amount", doc="booked"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    column("status", Word, nullable=False, doc="booked or reversed"),
    column("booked_on", sa.Date, nullable=False, doc="booking day"),
    one_of("kind", "trip", "expense"),
    one_of("status", "booked", "reversed"),
    doc="Money set aside for an approved request.",
)
exchange_rates = stream(
    "exchange_rates",
    METADATA,
    key("rate_no", doc="USD:2026-11-20"),
    column("currency", Currency, nullable=False, doc="ISO 4217 code"),
    column("on_date", sa.Date, nullable=False, doc="day it holds"),
    column("rate", Exact(8), nullable=False, doc="company currency for one unit"),
    sa.UniqueConstraint("currency", "on_date"),
    doc="What a foreign currency was worth on a day.",
)

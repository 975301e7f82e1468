"""What goes where: one file a business noun, a frozen declaration with pure ``make`` functions.

Beside each, ``<noun>.yml`` says what must be true of the rows. No file here reads or writes anything.
"""

from flows.approvals import APPROVALS
from flows.catalogue import CATALOGUE
from flows.customers import CUSTOMERS
from flows.forecasts import FORECASTS
from flows.leads import LEADS
from flows.orders import ORDERS
from flows.payments import PAYMENTS
from flows.people import PEOPLE
from hub.words import Flow

FLOWS: tuple[Flow, ...] = (
    PEOPLE, CATALOGUE, CUSTOMERS, LEADS, APPROVALS, ORDERS, PAYMENTS, FORECASTS,
)  # fmt: skip


def flow_named(name: str) -> Flow:
    """The flow with that name; ``KeyError`` names those there are."""
    for flow in FLOWS:
        if flow.name == name:
            return flow
    raise KeyError(f"no flow {name!r}; there are {', '.join(flow.name for flow in FLOWS)}")

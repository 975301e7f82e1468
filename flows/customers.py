"""Customers: who buys exists in the ERP, and the CRM knows what credit they have.

crm.accounts (active) → erp.customers; erp.customers → crm.accounts.credit_status, credit_limit. An
account that is deleted takes its customer along, once the ERP has nothing more of it.
"""

from decimal import Decimal

from hub.words import DELETE, Flow, Look, Made, Read, Row, Step, Write

# A new customer pays before shipping until finance grants credit; both are the ERP's from then on.
NEW_CUSTOMER = {"credit_status": "ok", "credit_limit": Decimal(0), "payment_terms_days": 30}
CREATED_ONCE = ("customer_no", "kind", *NEW_CUSTOMER)


def customer_of(account: Row, *, kind: str) -> Row:
    """The ERP customer that stands for a CRM account; it keeps the account's number: A-0012 is C-0012."""
    number = account["account_no"]
    return {
        "customer_no": f"C-{number.removeprefix('A-')}",
        "crm_account_no": number,
        **{name: account[name] for name in ("name", "country", "city", "currency")},
        "kind": kind,
        **NEW_CUSTOMER,
    }


def customer(account: Row, _look: Look) -> Made:
    """An active account is a customer."""
    return customer_of(account, kind="customer")


def credit(erp_customer: Row, _look: Look) -> Made:
    """The ERP's word on what an account may owe."""
    return {
        "account_no": erp_customer["crm_account_no"],
        "credit_status": erp_customer["credit_status"],
        "credit_limit": erp_customer["credit_limit"],
    }


CUSTOMERS = Flow(
    name="customers",
    every="15 minutes",
    owner="sales-operations",
    doc=__doc__,
    steps=(
        Step(
            "register",
            read=Read("crm.accounts", where={"status": "active"}),
            make=customer,
            write=Write("erp.customers", key="crm_account_no", create=CREATED_ONCE),
            gone=DELETE,
        ),
        Step(
            "credit",
            read=Read("erp.customers"),
            make=credit,
            write=Write("crm.accounts", key="account_no", owns=("credit_status", "credit_limit")),
        ),
    ),
)

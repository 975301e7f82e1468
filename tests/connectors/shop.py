"""A shop's API, version 2: customers as accounts of the CRM, read only."""

from __future__ import annotations

from connectors.protocol import Connector
from connectors.rest import RestConnector
from connectors.rest_api import Api, Cursor, Envelope, Field, Paging, Resource

SHOP = Api(
    resources={
        "crm.accounts": Resource(
            path="v2/customers",
            key="account_no",
            columns={
                "account_no": Field("id"),
                "name": Field("company.title"),
                "country": Field("company.country"),
                "credit_limit": Field("limit", "exact"),
                "created_on": Field("since", "date"),
                "updated_at": Field("changed", "instant"),
            },
        )
    },
    paging=Paging("page", size="per_page", parameter="page", largest=50),
    cursor=Cursor(since="modified_from", inclusive=True, unit_s="1", sort={"sort": "changed,id"}),
    envelope=Envelope(rows="data", record="data", total="meta.count", error="error.code"),
    fates={"busy": "again", "bad_key": "refused"},
    token_header="X-Api-Key",
    token_prefix="",
)


def connect(url: str, token: str) -> Connector:
    return RestConnector("crm", url, api=SHOP, token=token)

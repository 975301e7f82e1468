"""Addresses of the hub's state as people write them: the driver is ours to know."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from models import state
from settings import Settings
from tests.warehouse.company import AS_OF, settings_at
from warehouse.extract import extract

RUN = {"flow": "orders", "step": "book", "state": "done", "started_at": AS_OF} | dict.fromkeys(
    ("read", "written", "unchanged", "waiting", "quarantined"), 0
)


@pytest.mark.parametrize(
    ("server", "plain"),
    [
        ("new_postgresql", "postgres"),
        ("new_postgresql", "postgresql"),
        ("new_mariadb", "mariadb"),
        ("new_mariadb", "mysql"),
    ],
)
def test_the_hubs_state_is_read_at_a_plain_address(
    company: Settings, request: pytest.FixtureRequest, server: str, plain: str
) -> None:
    url = sa.make_url(request.getfixturevalue(server)())
    address = url.set(drivername=plain).render_as_string(hide_password=False)
    settings = settings_at(company.home, state_url=address)
    assert extract(settings)["hub.runs"] == 0
    engine = sa.create_engine(url)
    state.METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(state.runs.insert(), RUN)
    engine.dispose()
    assert extract(settings)["hub.runs"] == 1

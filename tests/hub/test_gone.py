"""A row that was deleted takes its records along, also when the hub died before it remembered them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.memory import Memory
from hub.words import DELETE
from tests.hub.conftest import World


@pytest.fixture
def deleting(world: World) -> World:
    """A world whose orders take their bookings along."""
    world.flow = replace(world.flow, steps=(replace(world.flow.steps[0], gone=DELETE),))
    return world


def test_a_deleted_order_takes_its_booking_along(deleting: World) -> None:
    deleting.order(1)
    deleting.run()
    deleting.crm.remove("orders", "CO-0001")
    report = deleting.run()
    assert (report.read, report.written) == (1, 1)
    assert deleting.in_erp() == []


def test_what_was_written_just_before_the_hub_died_is_taken_along_too(
    deleting: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    deleting.order(1)
    with monkeypatch.context() as patched:
        patched.setattr(Memory, "remember", dies)
        with pytest.raises(KeyboardInterrupt):
            deleting.run()
    assert deleting.in_erp() == ["CO-0001"]
    deleting.crm.remove("orders", "CO-0001")
    deleting.run()
    assert deleting.in_erp() == []

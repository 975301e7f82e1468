"""The practice stores are made where the addresses say, or nothing is made and it is said why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from commands.seed import open_stores, seed_empty
from connectors.errors import Misconfigured, Refused, Unreachable
from settings import Settings

AS_OF = dt.date(2026, 6, 15)


def made_at(home: Path, url: sa.URL) -> None:
    settings = Settings(home=home, erp_url=url.render_as_string(hide_password=False))
    seed_empty(settings, open_stores(settings), as_of=AS_OF)


def test_a_store_that_does_not_answer_is_named_before_any_is_made(
    tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    there = sa.make_url(new_postgresql()).set(host="127.0.0.1")
    with pytest.raises(Refused, match=r'^erp \(.*"triada_no_such_database" does not exist.*TRIADA_ERP_URL'):
        made_at(tmp_path, there.set(database="triada_no_such_database"))
    with pytest.raises(Unreachable, match=r"^erp \(postgresql 127\.0\.0\.1:1/.*is it up"):
        made_at(tmp_path, there.set(port=1))
    assert not list(tmp_path.rglob("*.db"))


def test_a_port_that_is_none_is_told_before_any_store_is_made(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"^erp: the port in its URL is '54x'.*TRIADA_ERP_URL"):
        open_stores(Settings(home=tmp_path, erp_url="postgresql://u@h:54x/erp"))
    assert not list(tmp_path.rglob("*.db"))

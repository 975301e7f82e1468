"""The publication that readers read: answers asked once, another one in its place when it is ready."""

from __future__ import annotations

import threading
import types
from pathlib import Path

import duckdb
import pytest

from connectors.errors import Refused
from reports.access.viewer import COMPANY, Viewer
from reports.publication import LARGEST_KEPT, Publication, TooSlow
from reports.published import Published
from reports.site import Site
from reports.web.ahead import KEPT_OF_EACH, Ahead
from reports.web.app import application
from tests.reports.access.browser import Browser

LIMIT_S = 20.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return publish(tmp_path / "triada.duckdb", orders=3)


def publish(path: Path, *, orders: int) -> Path:
    """A file with that many orders, in place of what was there."""
    made = path.with_name(f"{orders}.duckdb")
    with duckdb.connect(str(made)) as connection:
        connection.execute("create schema core; create schema marts")
        connection.execute(
            f"create table core.fct_order as select n as order_key from range({orders}) as r(n)"
        )
    made.replace(path)
    return path


def orders(publication: Publication) -> int:
    (row,) = publication.rows(COMPANY, "select count(*) as n from core.fct_order", {}, limit_s=LIMIT_S)
    return int(row["n"])


def test_readers_get_the_newest_at_once_where_nobody_follows(file: Path) -> None:
    published = Published(file)
    assert orders(published.now()) == 3
    publish(file, orders=5)
    assert orders(published.now()) == 5


def test_readers_keep_the_last_one_until_the_next_is_ready(file: Path) -> None:
    published = Published(file)
    published.follows = True
    published.renew(lambda _: None)
    publish(file, orders=5)
    seen: list[tuple[int, int]] = []
    published.renew(lambda new: seen.append((orders(new), orders(published.now()))))
    assert seen == [(5, 3)]
    assert orders(published.now()) == 5
    published.renew(lambda _: pytest.fail("made ready twice"))


def test_what_cannot_be_made_ready_leaves_the_last_one_in_place(file: Path) -> None:
    published = Published(file)
    published.follows = True
    published.renew(lambda _: None)
    publish(file, orders=5)

    def fail(_: Publication) -> None:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError):
        published.renew(fail)
    assert orders(published.now()) == 3
    published.renew(lambda _: None)
    assert orders(published.now()) == 5


def test_nothing_published_is_said_with_what_to_do(tmp_path: Path) -> None:
    published = Published(tmp_path / "none.duckdb")
    for ask in (published.now, lambda: published.renew(lambda _: None)):
        with pytest.raises(Refused, match="triada build"):
            ask()


def test_many_who_ask_the_same_at_once_wait_for_one_answer(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication, asked, going_on = Publication(file), [], threading.Event()
    answer = Publication._answer

    def slowly(self: Publication, *given: object, **also: object) -> object:
        asked.append(1)
        going_on.wait(10)
        return answer(self, *given, **also)  # type: ignore[arg-type]

    monkeypatch.setattr(Publication, "_answer", slowly)
    answers: list[int] = []
    readers = [threading.Thread(target=lambda: answers.append(orders(publication))) for _ in range(8)]
    for reader in readers:
        reader.start()
    going_on.set()
    for reader in readers:
        reader.join(20)
    assert answers == [3] * 8
    assert len(asked) == 1


def test_a_question_that_failed_is_asked_again(file: Path) -> None:
    publication = Publication(file)
    endless = "select sum(a.n * b.n) as n from range(300000) as a(n), range(300000) as b(n)"
    with pytest.raises(TooSlow):
        publication.rows(COMPANY, endless, {}, limit_s=0.1)
    with pytest.raises(duckdb.Error):
        publication.rows(COMPANY, "select nothing from core.fct_order", {}, limit_s=LIMIT_S)
    assert orders(publication) == 3


def test_a_large_answer_is_given_and_not_kept(file: Path) -> None:
    publication = Publication(file)
    for _ in range(2):
        rows = publication.rows(
            COMPANY, f"select n from range({LARGEST_KEPT + 1}) as r(n)", {}, limit_s=LIMIT_S
        )
        assert len(rows) == LARGEST_KEPT + 1
    assert publication._kept_rows == 0


def test_a_table_of_a_select_is_made_once_a_viewer(file: Path) -> None:
    publication = Publication(file)
    for viewer, seen in ((COMPANY, 3), (Viewer("Anna", "finance", "E-9"), 3), (COMPANY, 3)):
        name = publication.table(viewer, "kept", "select * from core.fct_order", limit_s=LIMIT_S)
        (row,) = publication.rows(viewer, f"select count(*) as n from {name}", {}, limit_s=LIMIT_S)
        assert row["n"] == seen


def test_pages_that_were_opened_are_made_before_readers_get_a_publication(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    made: list[tuple[str | None, str, dict[str, str]]] = []
    monkeypatch.setattr(
        Site, "page", lambda _, look, key, given: made.append((look.viewer.employee_no, key, given))
    )
    ahead = Ahead(site)
    ahead.opened(Viewer("Joe", "sales", "E-7"), "pipeline", {})
    ahead.opened(Viewer("Ann", "executive", "E-1"), "morning", {"period": "30d"})
    ahead.opened(Viewer("Joe", "sales", "E-7"), "pipeline", {})
    ahead.make(site.published.now())
    assert made == [("E-7", "pipeline", {}), ("E-1", "morning", {"period": "30d"})]


def test_one_page_that_fails_keeps_a_publication_from_nobody(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    made: list[str] = []

    def page(_: Site, _look: object, key: str, _given: object) -> None:
        made.append(key)
        if key == "supply":
            raise ZeroDivisionError

    monkeypatch.setattr(Site, "page", page)
    ahead, published = Ahead(site), site.published
    published.follows = True
    published.renew(ahead.make)
    for key in ("morning", "supply"):
        ahead.opened(COMPANY, key, {})
    publish(file, orders=5)
    published.renew(ahead.make)
    assert made == ["supply", "morning"]
    assert orders(published.now()) == 5


def test_a_newest_publication_that_nobody_takes_up_is_told_by_the_service(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("reports.published.time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    site.published.follows = True
    site.published.renew(lambda _: None)
    service = Browser(application(site, signed_in=lambda _: COMPANY))

    def health(*, after_s: float) -> tuple[int, bool]:
        clock[0] += after_s
        answer = service.get("/health")
        return answer.status_code, answer.json()["ok"]

    assert health(after_s=500) == (200, True)
    publish(file, orders=5)
    assert health(after_s=500) == (200, True)
    publish(file, orders=6)
    assert health(after_s=119) == (200, True)
    assert health(after_s=2) == (503, False)
    site.published.renew(lambda _: None)
    assert health(after_s=500) == (200, True)
    # One that is taken up late, again and again, is late and not lost.
    newer = iter(range(7, 11))

    def publish_meanwhile(_: Publication) -> None:
        publish(file, orders=next(newer))

    for _ in range(4):
        site.published.renew(publish_meanwhile)
        assert health(after_s=100) == (200, True)


def test_who_opens_very_many_addresses_pushes_nobody_elses_page_out(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site("Works", "EUR", "Europe/Madrid", Published(file))
    made: list[tuple[str | None, dict[str, str]]] = []
    monkeypatch.setattr(
        Site, "page", lambda _, look, _key, given: made.append((look.viewer.employee_no, given))
    )
    ahead = Ahead(site)
    ahead.opened(Viewer("Joe", "sales", "E-7"), "pipeline", {})
    for number in range(2000):
        ahead.opened(Viewer("Ann", "executive", "E-1"), "pipeline", {"item": f"IT-{number}"})
    ahead.make(site.published.now())
    assert len(made) == KEPT_OF_EACH + 1
    assert made[0] == ("E-1", {"item": "IT-1999"})
    assert made[-1] == ("E-7", {})


def test_readers_never_go_back_to_an_older_publication(file: Path) -> None:
    published = Published(file)
    published.follows = True
    seen: list[int] = []

    def read_meanwhile(_: Publication) -> None:
        publish(file, orders=5)
        seen.append(orders(published.now()))

    published.renew(read_meanwhile)
    seen.append(orders(published.now()))
    published.renew(lambda _: None)
    assert [*seen, orders(published.now())] == [3, 3, 5]

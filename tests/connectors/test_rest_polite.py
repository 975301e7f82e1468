"""What a store's trouble means: waited for, stopped by, or told; and a token shows nowhere."""

from __future__ import annotations

import datetime as dt
import gzip
import logging
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response

from connectors import rest_answer
from connectors.errors import Misconfigured, Refused, TriadaError, Unreachable
from connectors.protocol import Fence, Read
from connectors.rest import RestConnector
from connectors.rest_client import Client, Patience
from connectors.rest_store import store_api
from tests.connectors.conftest import Stores, _copy
from tests.connectors.contract import read_all
from tests.connectors.rows import CAMPAIGNS, campaign, effects
from tests.connectors.stores_api import Served, problem, serving
from tests.connectors.weird import dripping

READ = Read("crm.campaigns")
QUICK = Patience(answer_s=30, all_s=30, pause_s=0.01)


@pytest.fixture(scope="module")
def store(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One CRM for all tests here."""
    folder: Path = tmp_path_factory.mktemp("polite")
    with serving("crm", f"sqlite:///{_copy(stores('sqlite')['crm'], folder)}") as served:
        yield served


@pytest.fixture
def served(store: Served) -> Served:
    store.faults.clear()
    store.asked.clear()
    return store


@pytest.fixture
def crm(served: Served) -> Iterator[RestConnector]:
    connector = RestConnector("crm", served.url, token=served.token, overlap_s=0, patience=QUICK)
    yield connector
    connector.close()


def test_a_lost_answer_to_a_write_is_asked_for_again_and_changes_nothing_twice(
    served: Served, crm: RestConnector
) -> None:
    served.faults += ["lost"]
    assert effects(crm.write(CAMPAIGNS, [campaign(1)])) == ["unchanged"]
    assert served.asked == ["POST /campaigns/batch"] * 2
    assert len(crm.fetch(READ, ["CA-00001"])) == 1


def test_an_answer_lost_at_every_question_of_a_read_loses_no_row(served: Served, crm: RestConnector) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(1, 8)])
    whole = read_all(crm, READ, crm.open_window(READ, None), size=3)
    served.faults += ["lost", None, "lost", None, "lost", None, "lost"]
    assert read_all(crm, READ, crm.open_window(READ, None), size=3) == whole
    assert len(whole) == 7


@pytest.mark.parametrize("status", [429, 503])
def test_a_system_that_asks_to_wait_is_waited_for(served: Served, crm: RestConnector, status: int) -> None:
    served.faults += [problem(status, "later", Retry_After="1")]
    began = time.monotonic()
    crm.open_window(READ, None)
    assert time.monotonic() - began >= 1
    assert len(served.asked) == 2


def test_a_date_to_wait_until_is_by_the_systems_own_clock(served: Served, crm: RestConnector) -> None:
    there = dt.datetime(2031, 5, 1, 12, tzinfo=dt.UTC)
    until = format_datetime(there + dt.timedelta(seconds=1), usegmt=True)
    served.faults += [problem(429, "later", Retry_After=until, Date=format_datetime(there, usegmt=True))]
    began = time.monotonic()
    crm.open_window(READ, None)
    assert 1 <= time.monotonic() - began < 20


def test_a_wait_that_is_too_long_is_not_waited_for(served: Served, crm: RestConnector) -> None:
    served.faults += [problem(429, "later", Retry_After="60")]
    began = time.monotonic()
    with pytest.raises(Unreachable, match="asks to wait 60 s; at most 30 s are waited in all"):
        crm.open_window(READ, None)
    assert time.monotonic() - began < 30


def test_short_waits_without_end_are_bounded_too(served: Served) -> None:
    patience = Patience(answer_s=30, all_s=1, pause_s=0.01)
    crm = RestConnector("crm", served.url, token=served.token, patience=patience)
    served.faults += [problem(429, "later", Retry_After="0.3") for _ in range(20)]
    with pytest.raises(Unreachable, match="at most 1 s"):
        crm.open_window(READ, None)
    assert len(served.asked) <= 4
    crm.close()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_system_that_fails_for_a_moment_is_asked_again_a_few_times(
    served: Served, crm: RestConnector, status: int
) -> None:
    served.faults += [problem(status, "restarting")] * 3
    assert effects(crm.write(CAMPAIGNS, [campaign(9)])) == ["inserted" if status == 502 else "unchanged"]
    served.faults += [problem(status, "restarting")] * 9
    with pytest.raises(Unreachable, match=f"{status}, restarting"):
        crm.open_window(READ, None)
    assert len(served.asked) == 4 + 5


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, Refused, "TRIADA_CRM_URL"),
        (401, Refused, "check TRIADA_CRM_TOKEN"),
        (403, Refused, "check TRIADA_CRM_TOKEN"),
        (404, Refused, "has no /campaigns"),
        (409, Refused, "version"),
        (422, Refused, "version"),
        (302, Refused, "TRIADA_CRM_URL"),
        (500, Unreachable, "failed at GET /campaigns: 500, no"),
    ],
)
def test_what_must_not_be_retried_is_not(
    served: Served, crm: RestConnector, status: int, kind: type[TriadaError], words: str
) -> None:
    served.faults += [problem(status, "no", Location="http://127.0.0.1:1/")]
    with pytest.raises(kind, match=words):
        crm.open_window(READ, None)
    assert len(served.asked) == 1


def test_an_answer_that_is_no_json_is_refused(served: Served, crm: RestConnector) -> None:
    served.faults += [PlainTextResponse("<html>Welcome</html>")]
    with pytest.raises(Refused, match=r"no JSON: <html>Welcome</html>.*is TRIADA_CRM_URL its address"):
        crm.open_window(READ, None)


def test_a_batch_that_is_too_large_is_halved_until_one_record_is_alone(
    served: Served, crm: RestConnector
) -> None:
    rows = [campaign(number) for number in range(20, 24)]
    faults: list[Response | str | None] = [problem(413, "too large")] * 3
    served.faults += faults
    assert effects(crm.write(CAMPAIGNS, rows)) == ["request", "inserted", "inserted", "inserted"]
    # All, the first two, the first alone: refused; then the second, and the last two.
    assert len(served.asked) == 5


def test_a_fence_alone_that_is_too_large_is_refused(served: Served, crm: RestConnector) -> None:
    served.faults += [problem(413, "too large")] * 3
    with pytest.raises(Refused, match="413, too large"):
        crm.write(CAMPAIGNS, [], fence=Fence("orders", 1))
    assert len(served.asked) == 1


def test_a_wrong_token_is_refused_and_shown_nowhere(
    served: Served, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "triada_crm_wrong_s3cr3t"
    crm = RestConnector("crm", served.url, token=secret, patience=QUICK)
    caplog.set_level(logging.DEBUG)
    served.faults += [
        None,
        problem(400, f"the header was Bearer {secret}"),
        problem(503, secret, Retry_After="99"),
    ]
    told = []
    for kind in (Refused, Refused, Unreachable):
        with pytest.raises(kind) as caught:
            crm.open_window(READ, None)
        error: BaseException | None = caught.value
        while error is not None:
            told += [str(error), repr(error)]
            error = error.__cause__ or error.__context__
    told += [repr(crm), repr(crm.__dict__["_client"]), caplog.text, *capfd.readouterr()]
    assert not [text for text in told if secret in text]
    assert "expected Authorization" in told[0]
    crm.close()


def test_a_system_that_does_not_listen_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    crm = RestConnector("crm", f"http://127.0.0.1:{port}", token="t", patience=QUICK)
    with pytest.raises(Unreachable, match=rf"crm \(http://127.0.0.1:{port}\) did not answer GET /campaigns"):
        crm.open_window(READ, None)
    crm.close()


def test_a_system_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        patience = Patience(connect_s=1, answer_s=0.2, all_s=1, pause_s=0.01)
        crm = RestConnector("crm", f"http://127.0.0.1:{silent.getsockname()[1]}", patience=patience)
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"no answer in time \(ReadTimeout\)"):
            crm.open_window(READ, None)
        assert time.monotonic() - began < 20
        crm.close()


@pytest.mark.parametrize(
    ("headers", "start", "drop"),
    [
        ("", b"{", b" "),
        # An unpacked body that stays empty: zip blocks of nothing.
        ("Content-Encoding: gzip\r\n", bytes.fromhex("1f8b0800000000000003"), bytes.fromhex("000000ffff")),
    ],
    ids=["plain", "packed"],
)
def test_an_answer_that_drips_without_end_is_given_up(headers: str, start: bytes, drop: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\n{headers}Content-Length: 2000\r\n\r\n".encode() + start
    patience = Patience(connect_s=1, answer_s=5, all_s=0.3, pause_s=0.01)
    with dripping(head=head, drop=drop, every_s=0.02) as url:
        crm = RestConnector("crm", url, patience=patience)
        began = time.monotonic()
        with pytest.raises(
            Unreachable, match=r"the answer to GET /campaigns came too slowly: .* after 0.3 s"
        ):
            crm.open_window(READ, None)
        assert time.monotonic() - began < 3
        crm.close()


def test_the_time_of_an_answer_is_counted_with_the_waits_before_it(served: Served) -> None:
    """All tries of a question share one limit: a drip after a wait is given up the earlier."""
    asked: list[float] = []

    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while time.monotonic() - asked[0] < 3:
                time.sleep(0.01)
                yield b" "

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(time.monotonic())
        if len(asked) == 1:
            return httpx.Response(503, headers={"Retry-After": "0.8"}, request=request)
        return httpx.Response(200, stream=Slow(), request=request)

    patience = Patience(all_s=1, pause_s=0.01)
    transport = httpx.MockTransport(answer)
    client = Client("crm", served.url, api=store_api("crm"), patience=patience, transport=transport)
    with pytest.raises(Unreachable, match="too slowly"):
        client.get("campaigns")
    assert len(asked) == 2
    assert 0.9 < time.monotonic() - asked[0] < 1.6
    client.close()


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_too_large_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(rest_answer, "LARGEST", 1_000_000)

    def large(size: int) -> Response:
        text = b'"' + b"x" * (size - 2) + b'"'
        return Response(gzip.compress(text), 200, {"Content-Encoding": "gzip"}) if packed else Response(text)

    client = Client("crm", served.url, api=store_api("crm"), token=served.token, patience=QUICK)
    served.faults += [large(1_000_000), large(1_000_001)]
    assert client.get("campaigns").body == "x" * 999_998
    with pytest.raises(Refused, match=r"GET /campaigns has more than 1,000,000 bytes.*TRIADA_CRM_URL"):
        client.get("campaigns")
    assert len(served.asked) == 2
    client.close()


def test_a_wait_ends_when_the_connector_is_closed(served: Served) -> None:
    patience = Patience(all_s=60)
    client = Client("crm", served.url, api=store_api("crm"), token=served.token, patience=patience)
    served.faults += [problem(429, "later", Retry_After="50")]
    caught: list[TriadaError] = []

    def ask() -> None:
        try:
            client.get("campaigns")
        except TriadaError as error:
            caught.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not served.asked:
        time.sleep(0.005)
    time.sleep(0.1)
    client.close()
    asking.join(timeout=5)
    assert not asking.is_alive()
    assert isinstance(caught[0], Unreachable)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://", "is no http"),
        ("http://hub:s3cr3t@127.0.0.1:8102", "holds a name, a password"),
        ("http://127.0.0.1:8102?token=s3cr3t", "or a query"),
        ("http://127.0.0.1:x", "is no http"),
    ],
)
def test_an_address_that_cannot_be_right_is_told_without_its_secrets(url: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        RestConnector("crm", url)
    assert "s3cr3t" not in str(caught.value)


def test_a_token_that_no_header_can_hold_is_told() -> None:
    crm = RestConnector("crm", "http://127.0.0.1:1", token="señal✓")
    with pytest.raises(Misconfigured, match="TRIADA_CRM_TOKEN"):
        crm.open_window(READ, None)


def test_no_token_follows_a_link_to_another_address(served: Served) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={}, headers={"Link": '<http://elsewhere:1/x>; rel="next"'}, request=request
        )

    transport = httpx.MockTransport(answer)
    client = Client("crm", served.url, api=store_api("crm"), token="t", transport=transport)
    with pytest.raises(Refused, match="next page is elsewhere"):
        client.get("campaigns")
    client.close()


def test_a_reader_that_stops_half_way_leaves_nothing_running(served: Served, crm: RestConnector) -> None:
    crm.write(CAMPAIGNS, [campaign(number) for number in range(30, 60)])
    pages = crm.pages(READ, crm.open_window(READ, None), 2)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("rest") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(served.asked) <= 4

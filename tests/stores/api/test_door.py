"""Who may come in, how often and with how much; and that nothing secret is said or logged."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from typing import Any

import anyio
import httpx
import pytest
import sqlalchemy as sa

from stores.api import reads
from stores.api.store import Limits
from stores.api.tokens import add_token, list_tokens, revoke_token
from stores.refusals import Refusal
from tests.stores.api.conftest import ACCOUNT, NOW, Api, Make


def raw(api: Api, method: str, path: str, **more: Any) -> httpx.Response:
    """A request without a token of its own."""

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api.app), base_url="http://api") as client:
            return await client.request(method, path, **more)

    return api.runner.run(one())


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"},
     {"Authorization": "Bearer \xff"}],
)  # fmt: skip
def test_without_a_valid_token_nothing_is_said(crm: Api, header: dict[str, str]) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/accounts"),
        ("GET", "/nothing"),
        ("POST", "/accounts/batch"),
    ):
        headers = {name: value.encode("latin-1") for name, value in header.items()}
        answer = raw(crm, method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "unauthorized"


def test_a_token_that_is_taken_back_opens_nothing_from_then_on(any_crm: Api) -> None:
    assert any_crm.ask("GET", "/accounts", scopes="crm:read").status_code == 200
    with any_crm.store.engine.begin() as connection:
        revoke_token(connection, "crm", name="crm:read", at=NOW)
    assert any_crm.ask("GET", "/accounts", scopes="crm:read").status_code == 401
    with (
        any_crm.store.engine.begin() as connection,
        pytest.raises(Refusal, match="no token 'crm:read' that holds"),
    ):
        revoke_token(connection, "crm", name="crm:read", at=NOW)


def test_a_token_is_kept_as_its_hash_alone_and_named_once(crm: Api) -> None:
    token = crm.token("crm:read")
    with crm.store.engine.begin() as connection:
        kept = [str(row) for row in connection.execute(sa.text("select * from api_tokens"))]
        assert token not in "".join(kept)
        assert hashlib.sha256(token.encode()).hexdigest() in "".join(kept)
        assert list_tokens(connection, "crm") == [
            {"system": "crm", "name": "crm:read", "scopes": "crm:read", "made_at": NOW, "revoked_at": None}
        ]
        with pytest.raises(Refusal, match="already"):
            add_token(connection, "crm", name="crm:read", scopes="crm:read", at=NOW)
        for scopes in ("", "oa:approve", "crm:read crm:everything"):
            with pytest.raises(Refusal, match="expected some of crm:read, crm:write, crm:hub"):
                add_token(connection, "crm", name="new", scopes=scopes, at=NOW)


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        ("crm:read", "GET", "/accounts", 200), ("crm:read", "POST", "/leads", 403),
        ("crm:write", "GET", "/leads", 403), ("crm:write", "POST", "/leads", 201),
        ("crm:write", "POST", "/leads/batch", 403), ("crm:write", "GET", "/", 200),
        ("crm:hub", "POST", "/leads", 201), ("crm:hub", "GET", "/accounts/digest", 200),
        ("crm:read", "DELETE", "/leads/L-1", 403), ("crm:read", "PUT", "/leads/L-1", 403),
        ("crm:read", "POST", "/orders/CO-1/confirm", 403), ("crm:write", "POST", "/orders/CO-1/confirm", 404),
    ],
)  # fmt: skip
def test_a_token_opens_what_its_scopes_say(
    crm: Api, scopes: str, method: str, path: str, status: int
) -> None:
    json: dict[str, Any] | None = {"POST": {}, "PUT": {}}.get(method)
    if path == "/leads" and json is not None:
        json = {"company_name": "Acme"}
    answer = crm.ask(method, path, scopes=scopes, json=json)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert "this needs the scope crm:" in answer.json()["detail"]


def test_too_many_requests_are_told_when_to_come_again(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(rate=0.5, burst=3))
    for _ in range(3):
        assert api.ask("GET", "/", scopes="crm:read").status_code == 200
    answer = api.ask("GET", "/", scopes="crm:read")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "2"
    assert api.ask("GET", "/", scopes="crm:write").status_code == 200  # each token has a bucket of its own


def test_a_bucket_fills_again(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(rate=20, burst=1))
    api.ask("GET", "/", scopes="crm:read")
    assert api.ask("GET", "/", scopes="crm:read").status_code == 429
    time.sleep(0.06)
    assert api.ask("GET", "/", scopes="crm:read").status_code == 200


def test_wrong_tokens_are_slowed_down_before_the_database_is_asked(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(rate=0.01, burst=5))
    assert api.ask("GET", "/", scopes="crm:read").status_code == 200
    reads_of_tokens: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "api_tokens" in statement:
            reads_of_tokens.append(statement)

    sa.event.listen(api.store.engine, "before_cursor_execute", note)
    answers = [raw(api, "GET", "/", headers={"Authorization": f"Bearer wrong-{n}"}) for n in range(30)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 26
    assert 60 < int(answers[-1].headers["retry-after"]) <= 100
    assert len(reads_of_tokens) == 4
    assert api.ask("GET", "/", scopes="crm:read").status_code == 200  # a token that holds still comes in
    with api.store.engine.begin() as connection:
        revoke_token(connection, "crm", name="crm:read", at=NOW)
    assert api.ask("GET", "/", scopes="crm:read").status_code == 401  # refused at once, though known before


def test_a_new_token_comes_in_amid_wrong_ones_when_it_was_told_to(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(rate=2, burst=1))
    wrong = {"headers": {"Authorization": "Bearer wrong"}}
    assert [raw(api, "GET", "/", **wrong).status_code for _ in range(2)] == [401, 429]
    api.token("crm:read")
    time.sleep(0.52)
    assert raw(api, "GET", "/", **wrong).status_code == 401  # takes the only place there is, and looks
    assert api.ask("GET", "/", scopes="crm:read").status_code == 200


def test_requests_without_a_token_have_one_pace_together(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(rate=0.01, burst=2))
    assert [raw(api, "GET", "/").status_code for _ in range(3)] == [401, 401, 429]
    assert api.ask("GET", "/", scopes="crm:read").status_code == 200


def test_a_body_that_is_too_large_is_refused_also_when_it_comes_in_pieces(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(body_bytes=1000, rate=1000))
    sent = 0

    async def pieces() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 100
            yield b" " * 100

    answer = api.ask("POST", "/leads", content=b" " * 1001)
    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")
    assert api.ask("POST", "/leads", content=b" " * 998 + b"{}").status_code == 201
    told = {"Content-Length": "100000"}
    assert api.ask("POST", "/leads", content=pieces(), headers=told).status_code == 413
    assert sent == 0  # not a byte of it was taken in
    assert api.ask("POST", "/leads", content=pieces()).status_code == 413
    assert sent <= 1200


def test_what_takes_too_long_is_answered(make_api: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api("crm", limits=Limits(answer_s=0.2))
    asleep = threading.Event()
    monkeypatch.setattr(reads, "etags", lambda _header: asleep.wait(5) and [])
    api.ask("PUT", "/accounts/A-1", json=ACCOUNT)
    begun = time.monotonic()
    answer = api.ask("GET", "/accounts/A-1")
    asleep.set()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert 0.2 <= time.monotonic() - begun < 2


def test_a_body_that_never_ends_is_cut_off(make_api: Make) -> None:
    api = make_api("crm", limits=Limits(answer_s=0.2))

    async def slowly() -> Any:
        yield b"{"
        await anyio.sleep(5)
        yield b"}"

    assert api.ask("POST", "/leads", content=slowly()).status_code == 503


def test_every_answer_is_guarded_and_has_a_request_id(crm: Api) -> None:
    for path in ("/", "/accounts", "/nothing", "/x/y/z", "/health"):
        answer = crm.ask("GET", path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert len(answer.headers["x-request-id"]) == 32
    given = crm.ask("GET", "/", headers={"X-Request-Id": "abc-1"})
    assert given.headers["x-request-id"] == "abc-1"
    forged = crm.ask("GET", "/", headers={"X-Request-Id": 'a", "status": 200'})
    assert len(forged.headers["x-request-id"]) == 32


def test_what_cannot_be_done_here_is_a_problem_too(crm: Api) -> None:
    for method, path, status in (
        ("PATCH", "/leads/L-1", 405),
        ("TRACE", "/", 405),
        ("GET", "/docs", 404),
        ("GET", "/api_tokens", 404),
        ("GET", "/tombstones", 404),
    ):
        answer = crm.ask(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/leads", "GET, POST"), ("/leads/L-1", "DELETE, GET, PUT"), ("/", "GET"),
     ("/leads/batch", "DELETE, GET, POST, PUT"), ("/orders/draft", "DELETE, GET, POST, PUT")],
)  # fmt: skip
def test_a_method_that_is_not_there_is_told_all_that_are(crm: Api, path: str, allowed: str) -> None:
    assert crm.ask("PATCH", path).headers["allow"] == allowed


def test_health_needs_no_token_and_tells_when_the_database_is_away(make_api: Make, tmp_path: Any) -> None:
    api = make_api("crm")
    assert raw(api, "GET", "/health").json() == {"status": "ok"}
    api.store.close()
    (tmp_path / "crm.db").rename(tmp_path / "away.db")
    answer = raw(api, "GET", "/health")
    assert answer.status_code in (500, 503)
    assert "crm.db" not in answer.text


def test_no_secret_is_logged_or_said(crm: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = crm.token("crm:read crm:write")
    lead = {"contact_name": "Ana", "email": "secret-mail@example.com"}
    crm.ask("POST", "/leads", json=lead, scopes="crm:read crm:write")
    crm.ask("GET", "/leads?email=secret-mail@example.com", scopes="crm:read crm:write")
    said = raw(crm, "GET", "/leads", headers={"Authorization": f"Bearer {token}x"}).text
    assert token not in caplog.text + said
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name == "triada.api")
    assert "secret-mail" not in ours
    assert '"path": "/leads", "status": 201' in ours
    assert '"caller": "crm:read crm:write"' in ours

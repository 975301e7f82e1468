"""One secret, made once, closed to others; what it signs for one use is worth nothing for another."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.errors import Misconfigured
from reports.access.secret import Secret, secret_of
from settings import Settings


def test_it_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    first = secret_of(Settings(home=tmp_path))
    path = tmp_path / "access" / "reports-secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert secret_of(Settings(home=tmp_path)) == first
    assert secret_of(Settings(home=tmp_path / "other")) != first
    assert [each.name for each in path.parent.iterdir()] == ["reports-secret"]


def test_first_processes_agree_on_one(tmp_path: Path) -> None:
    made: list[Secret] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        made.append(secret_of(Settings(home=tmp_path)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8 and all(each == made[0] for each in made)


def test_the_one_that_is_set_wins_and_may_not_be_short(tmp_path: Path) -> None:
    given = Settings(home=tmp_path, reports_secret=SecretStr("r" * 32))
    assert secret_of(given) == Secret(b"r" * 32)
    assert not (tmp_path / "access").exists()
    with pytest.raises(Misconfigured, match="TRIADA_REPORTS_SECRET has 5 letters") as refused:
        secret_of(Settings(home=tmp_path, reports_secret=SecretStr("12345")))
    assert "12345" not in str(refused.value)


def test_an_emptied_file_is_no_secret(tmp_path: Path) -> None:
    secret_of(Settings(home=tmp_path))
    (tmp_path / "access" / "reports-secret").write_text("")
    with pytest.raises(Misconfigured, match="holds no secret; delete it"):
        secret_of(Settings(home=tmp_path))


def test_a_signature_is_for_one_use_and_one_text() -> None:
    secret = Secret(b"s" * 32)
    signed = secret.sign("session", "token")
    assert secret.unsign("session", signed) == "token"
    assert secret.unsign("before", signed) is None
    assert secret.unsign("session", f"x{signed}") is None
    assert secret.key("a", "b") != secret.key("b", "a")
    assert "ssss" not in repr(secret)

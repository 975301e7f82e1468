"""Passwords are kept as argon2id hashes and compared at one cost, whoever asks."""

from __future__ import annotations

import argon2
import pytest

from connectors.errors import Misconfigured
from reports.access.passwords import LONGEST, Passwords, check_good
from tests.reports.access.conftest import CHEAP_KIB, PASSWORD, Office


def test_a_hash_is_argon2id_at_the_cost_that_is_set_and_never_twice_the_same() -> None:
    passwords = Passwords(64)
    kept = passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=64,t=3,p=1$")
    assert kept != passwords.hash(PASSWORD)
    assert len(kept) < 200


def test_only_the_password_matches_however_its_accents_are_typed() -> None:
    passwords = Passwords(CHEAP_KIB)
    kept = passwords.hash("contraseña larguísima")
    assert passwords.matches("contrasen\u0303a larguísima", kept)
    assert not passwords.matches("contraseña larguisima", kept)
    assert not passwords.matches("", kept)
    assert not passwords.matches("contraseña larguísima", None)
    assert not passwords.matches("contraseña larguísima", "no hash")
    assert not passwords.matches("x" * 10_000_000, kept)


def test_a_name_that_nobody_has_takes_as_much_work_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(1024)
    kept = passwords.hash(PASSWORD)
    worked: list[str] = []
    verify = argon2.PasswordHasher.verify

    def noted(self: argon2.PasswordHasher, against: str, password: str) -> bool:
        worked.append(against.rsplit("$", 2)[0])
        return verify(self, against, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    assert not passwords.matches("not the right one", kept)
    assert not passwords.matches("not the right one", None)
    assert worked == [kept.rsplit("$", 2)[0]] * 2
    assert "m=1024" in worked[0]


def test_a_hash_of_another_cost_is_made_again_at_the_next_sign_in(small: Office) -> None:
    joe = small.rows_of_users()["joe"]
    small.settings = small.settings.model_copy(update={"password_memory_kib": 16})
    small.open()
    assert small.browser().sign_in("joe", PASSWORD).status_code == 303
    again = small.rows_of_users()["joe"]
    assert again.password_hash and "$m=16," in again.password_hash
    assert again.password_changed_at == joe.password_changed_at
    assert small.browser().sign_in("joe", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("password", "said"),
    [("eleven long", "11 letters, expected 12"), ("x" * (LONGEST + 1), "at most"),
     ("a" * 20, "easy to guess"),
     ("long.sign.in.name", "easy to guess")],
)  # fmt: skip
def test_a_password_that_is_easy_to_guess_is_refused_without_repeating_it(password: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as refused:
        check_good(password, "Long.Sign.In.Name")
    assert password not in str(refused.value)


def test_a_few_unrelated_words_are_good() -> None:
    check_good(PASSWORD, "joe")

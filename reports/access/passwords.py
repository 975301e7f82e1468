"""Passwords: what makes a good one, its argon2id hash, and the comparison.

A password comes in, a hash or a yes or no goes out. It takes the same time whether there is a hash to compare
with or not, and knows no user.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from connectors.errors import Misconfigured

SHORTEST, LONGEST = 12, 1024
"""Letters; NIST SP 800-63B asks for length, not for digits and signs (https://pages.nist.gov/800-63-4/)."""
PASSES = 3
AT_ONCE = 2
"""Hashes made at the same time in a process: each takes the memory, and anybody may ask."""


class Passwords:
    """Hashes and compares at one cost: ``memory_kib`` for each, over three passes."""

    def __init__(self, memory_kib: int) -> None:
        self._argon2 = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=1)
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with self._turn:
            return self._argon2.hash(_normal(password))

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether this is the password; with nothing kept, ``False`` after the same work."""
        against = self._dummy if kept is None else kept
        if len(password) > LONGEST:
            password = ""
        with self._turn:
            try:
                same = self._argon2.verify(against, _normal(password))
            except (VerificationError, InvalidHashError):
                return False
        return same and kept is not None

    def is_old(self, kept: str) -> bool:
        """Whether the hash was made at another cost and is to be made again."""
        return self._argon2.check_needs_rehash(kept)

    def warm(self) -> None:
        """Make what a name that nobody has is compared with, so that the first such try is not slower."""
        assert self._dummy

    @cached_property
    def _dummy(self) -> str:
        return self.hash(secrets.token_urlsafe(16))


def check_good(password: str, sign_in_name: str) -> None:
    """``Misconfigured`` says what is wrong with a new password."""
    if len(password) < SHORTEST:
        raise Misconfigured(f"the password has {len(password)} letters, expected {SHORTEST} or more")
    if len(password) > LONGEST:
        raise Misconfigured(f"the password has {len(password)} letters, expected {LONGEST} at most")
    if len(set(password)) < 5 or password.casefold() == sign_in_name.casefold():
        raise Misconfigured("the password is too easy to guess; take a few unrelated words")


def _normal(password: str) -> str:
    """The same letters whatever keyboard they come from."""
    return unicodedata.normalize("NFKC", password)

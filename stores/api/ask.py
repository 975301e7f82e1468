"""A request as the handlers see it, and their answer: no framework, so that a handler is a plain function.

``door`` makes the one and sends the other. Headers and parameters are read here, and refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.protocol import Fence
from stores.api.problems import Problem, one_invalid
from stores.api.store import Store, Stream
from stores.api.tokens import Caller
from stores.api.values import decode


@dataclass(frozen=True)
class Answer:
    """What is sent back: a JSON document, or its bytes as they were sent before."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """A request whose caller is known and may do what it asks."""

    store: Store
    caller: Caller
    method: str
    url_path: str
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def stream(self) -> Stream:
        return self.store.find(self.path["stream"])

    def one(self, name: str, default: str = "") -> str:
        """A query parameter that comes once."""
        came = self.all(name)
        if len(came) > 1:
            raise one_invalid(name, f"came {len(came)} times; expected once", rule="once")
        return came[0] if came else default

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def flag(self, name: str) -> bool:
        came = self.one(name, "false")
        if came not in ("true", "false"):
            raise one_invalid(name, f"came as {came[:40]!r}; expected true or false", rule="boolean")
        return came == "true"

    def json(self) -> dict[str, Any]:
        """The body: a JSON object."""
        if not self.headers.get("content-type", "application/json").lower().startswith("application/json"):
            raise Problem(415, "expected Content-Type: application/json")
        try:
            came = decode(self.body)
        except ValueError as error:
            raise Problem(400, f"the body is no JSON: {error}") from None
        if not isinstance(came, dict):
            raise Problem(400, f"the body is a JSON {type(came).__name__}; expected an object")
        return came

    @property
    def fence(self) -> Fence | None:
        """Who writes, when the caller says so: ``Triada-Fence: name=token``."""
        came = self.headers.get("triada-fence")
        if came is None:
            return None
        name, _, token = came.rpartition("=")
        if not name or len(name) > 64 or not token.isascii() or not token.isdigit() or len(token) > 18:
            raise one_invalid(
                "Triada-Fence", "expected <name>=<token>, the token a whole number", rule="fence"
            )
        return Fence(name, int(token))

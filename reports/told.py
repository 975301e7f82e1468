"""What a reader is told went wrong, in the reader's own language.

A text's key and the values that fill it in come in; the exception carries both to whoever makes the page. As
text it is English, for logs and the command line.
"""

from __future__ import annotations

from typing import Any

from connectors.errors import TriadaError
from reports.texts import texts


class Told(TriadaError):
    """An error with a text: ``key`` names it, ``values`` fill it in."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        return str(texts("en")[self.key]).format(**self.values)


class BadAddress(Told):
    """Something in a page's address is not understood; the text says what, and what would be."""


class NotFound(Told):
    """There is no such page, row or record, or none that this viewer may see: the two look the same."""

"""The words and number forms of the data-quality pages, by language.

``texts.<language>.yml`` and values come in, text goes out. It knows no check and no page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

if TYPE_CHECKING:
    from checks.sql_gate import SqlGate

LANGUAGES = ("en", "es")


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Mapping[str, Any]:
    """Every text of a language by its key; plural forms are a mapping ``{one, other}``."""
    found: Mapping[str, Any] = yaml.safe_load(
        Path(__file__).with_name(f"texts.{language}.yml").read_text("utf-8")
    )
    return found


@dataclass(frozen=True)
class Words:
    """One language in one time zone."""

    language: str
    timezone: str

    def text(self, key: str, n: int | None = None, **values: Any) -> str:
        """The text of ``key`` with its values; ``n`` chooses between one and other."""
        form = texts(self.language)[key]
        if isinstance(form, Mapping):
            form = form["one" if n == 1 else "other"]
        return str(form).format(n=self.number(n), **values) if n is not None else str(form).format(**values)

    def rule(self, gate: SqlGate) -> str:
        """What the gate says, as a sentence."""
        said = gate.says_es if self.language == "es" and gate.says_es else gate.says
        first = said.partition(" ")[0]
        # A table's or a stream's name stays as it is written.
        return said if "." in first else said[:1].upper() + said[1:]

    def number(self, value: int | None) -> str:
        """Grouped as the language does."""
        from babel.numbers import format_decimal

        return "–" if value is None else str(format_decimal(value, locale=self.language))

    def seconds(self, value: float) -> str:
        """A duration, in milliseconds."""
        return f"{self.number(round(value * 1000))} ms"

    def instant(self, value: dt.datetime | str | None) -> str:
        """Date and time of day in the company's zone, with the zone's name."""
        from babel.dates import format_skeleton, format_time

        if value is None:
            return "–"
        aware = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        zone = ZoneInfo(self.timezone)
        local = aware.astimezone(zone)
        day = format_skeleton("yMMMd", local, locale=self.language)
        return f"{day}, {format_time(local, 'short', tzinfo=zone, locale=self.language)} {local.tzname()}"

"""The person who reads a report: language, number and date forms, time zone, currency.

Values of the marts come in, text for that person goes out; sentences come from ``texts.<language>.yml``.
It knows no table and no page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel import Locale, UnknownLocaleError, dates, numbers
from markupsafe import Markup

from connectors.errors import Misconfigured

LANGUAGES = ("en", "es")
NOTHING = "–"
HOUR_UNITS = ("h", "hours", "working_hours", "working hours", "working_h")
SHARE_UNITS = ("rate", "share", "ratio")


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Mapping[str, Any]:
    """Every text of a language under its dotted key; plural forms stay a mapping ``{one, other}``."""
    document = yaml.safe_load(Path(__file__).with_name(f"texts.{language}.yml").read_text("utf-8"))
    return MappingProxyType(dict(_flat(document, "")))


def _flat(node: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in node.items():
        if isinstance(value, Mapping) and "other" not in value:
            pairs += _flat(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", value))
    return pairs


@dataclass(frozen=True)
class Reader:
    """Formats for one person; every method takes ``None`` and then says that there is nothing."""

    locale: Locale
    zone: ZoneInfo
    currency: str

    @classmethod
    def of(cls, locale: str, *, timezone: str, currency: str) -> Reader:
        """``Misconfigured`` when the locale is unknown or there are no texts in its language."""
        try:
            parsed = Locale.parse(locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError) as error:
            raise Misconfigured(f"report locale {locale!r} is unknown; give one such as en or es_MX") from error
        if parsed.language not in LANGUAGES:
            raise Misconfigured(f"report locale {locale!r}: there are texts in {', '.join(LANGUAGES)} only")
        return cls(parsed, ZoneInfo(timezone), currency)

    def text(self, key: str, n: int | None = None, **values: Any) -> Markup:
        """The text of ``key`` with its values, which are escaped; ``n`` chooses the plural form."""
        form = texts(self.locale.language)[key]
        if isinstance(form, Mapping):
            form = form.get(self.locale.plural_form(n or 0), form["other"])
        if n is not None:
            values["n"] = self.number(n)
        return Markup(form).format(**values)

    def word(self, group: str, value: Any) -> str:
        """What this reader calls a value such as a stage; an unknown one is shown as it came."""
        if value is None:
            return NOTHING
        return str(texts(self.locale.language).get(f"words.{group}.{value}", value))

    def metric(self, row: Mapping[str, Any], part: str = "title") -> str:
        """A metric's title or definition in the reader's language, or as the mart wrote it."""
        return str(texts(self.locale.language).get(f"words.metric_{part}.{row['metric']}", row[part]))

    def action(self, gap: Mapping[str, Any]) -> str:
        """What to do about a hand-off gap in the reader's language, or as the mart wrote it."""
        return str(texts(self.locale.language).get(f"words.action.{gap['kind']}", gap["next_action"]))

    def number(self, value: Any, digits: int = 0) -> str:
        """Grouped in the reader's way, rounded half up to ``digits``."""
        if value is None:
            return NOTHING
        return numbers.format_decimal(rounded(value, digits), whole_pattern(digits), self.locale)

    def significant(self, value: Any) -> str:
        """Three digits that count, for errors of any size."""
        if value is None:
            return NOTHING
        return self.number(value, max(0, min(4, 2 - Decimal(value).adjusted())))

    def money(self, value: Any, digits: int = 0) -> str:
        """An amount in company currency; ``digits=2`` where cents matter."""
        if value is None:
            return NOTHING
        pattern = self.locale.currency_formats["standard"]
        amount = rounded(value, digits)
        return str(
            pattern.apply(
                amount,
                self.locale,
                currency=self.currency,
                currency_digits=False,
                force_frac=(digits, digits),
            )
        )

    def compact(self, value: Decimal) -> str:
        """A round amount for the side of a chart, such as €200K."""
        return numbers.format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=1)

    def percent(self, value: Any, digits: int = 0) -> str:
        """A share (0.12) as a percentage."""
        if value is None:
            return NOTHING
        exact = rounded(Decimal(value) * 100, digits) / 100
        pattern = str(self.locale.percent_formats[None].pattern).replace("#,##0", whole_pattern(digits))
        return numbers.format_percent(exact, pattern, self.locale)

    def change(self, rate: Any) -> str:
        """A change as a signed percentage."""
        sign = "+" if rate > 0 else "−"
        return sign + self.percent(abs(rate), 1)

    def hours(self, value: Any) -> str:
        """Hours: tenths below ten, whole above."""
        if value is None:
            return NOTHING
        tenths = rounded(value, 1)
        digits = 1 if abs(tenths) < 10 and tenths % 1 else 0
        return str(self.text("unit.hours", value=self.number(value, digits)))

    def days(self, value: Any) -> str:
        """A count of days as text."""
        if value is None:
            return NOTHING
        whole = int(rounded(value, 0))
        return str(self.text("unit.days", whole))

    def working_days(self, value: Any) -> str:
        """A count of working days as text."""
        if value is None:
            return NOTHING
        return str(self.text("unit.working_days", int(rounded(value, 0))))

    def day(self, value: dt.date | None) -> str:
        """A date; an instant is first taken to the company's zone."""
        if value is None:
            return NOTHING
        if isinstance(value, dt.datetime):
            value = value.astimezone(self.zone).date()
        return dates.format_skeleton("yMMMd", value, locale=self.locale)

    def month(self, value: dt.date) -> str:
        """A month and its year."""
        return dates.format_skeleton("yMMMM", value, locale=self.locale)

    def short_month(self, value: dt.date) -> str:
        """A month for the foot of a chart."""
        return dates.format_skeleton("MMM", value, locale=self.locale)

    def instant(self, value: dt.datetime | None) -> str:
        """Date and time of day in the company's zone, with the zone's name."""
        if value is None:
            return NOTHING
        local = value.astimezone(self.zone)
        clock = dates.format_time(local, "short", tzinfo=self.zone, locale=self.locale)
        return f"{self.day(local)}, {clock} {local.tzname()}"

    def value(self, value: Any, unit: str, *, exact: bool = False) -> str:
        """A metric's value in its unit: money, a share, hours, or a number with the unit behind it."""
        if unit in (self.currency, "currency"):
            return self.money(value, 2 if exact else 0)
        if unit in SHARE_UNITS:
            return self.percent(value, 2 if exact else 1)
        if unit in HOUR_UNITS:
            return self.hours(value) if not exact else self.number(value, 2)
        number = self.number(value, 2 if exact else 0)
        return number if value is None or unit in ("", "count", None) else f"{number} {unit}"


def whole_pattern(digits: int) -> str:
    """The CLDR pattern of a grouped number with exactly ``digits`` after the point."""
    return f"#,##0.{'0' * digits}" if digits else "#,##0"


def rounded(value: Any, digits: int) -> Decimal:
    """``value`` rounded half up, and never a negative zero."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return abs(exact) if exact == 0 else exact

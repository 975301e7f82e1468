"""The person who reads a report: language, number and date forms, time zone, currency.

Values of the marts come in, text for that person goes out; sentences come from ``texts.<language>.yml``.
It knows no table and no page.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers
from markupsafe import Markup

from connectors.errors import Misconfigured
from reports.texts import LANGUAGES, texts

NOTHING = "–"
CODE = re.compile(r"[A-Z]{2}-[\w-]*\d|(?<=\()[^)]*(?=\))")
"""A document number, or a rule in brackets, within an action."""
HOUR_UNITS = ("h", "hours", "working_hours", "working hours", "working_h")
MINUS = "−"
SHARE_UNITS = ("rate", "share", "ratio")
Text = TypeVar("Text", str, Markup)


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
            raise Misconfigured(f"report locale {locale!r} is unknown; give one such as es_MX") from error
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

    def action(self, said: str | None) -> str:
        """What to do about a gap: the mart says it in English, the reader's language does where it is known.

        Document numbers and rules in it stay as they are: ``Decide AR-2026-00042`` is the text ``decide``.
        """
        if said is None:
            return NOTHING
        codes = CODE.findall(said)
        key = "_".join(re.findall(r"[a-z]+", CODE.sub("", said).lower()))
        known = texts(self.locale.language).get(f"words.action.{key}")
        # A text that wants another number of documents than were named would say something else.
        return str(known).format(*codes) if known and str(known).count("{}") == len(codes) else said

    def number(self, value: Any, digits: int = 0) -> str:
        """Grouped in the reader's way, rounded half up to ``digits``."""
        if value is None:
            return NOTHING
        said = numbers.format_decimal(rounded(value, digits), whole_pattern(digits), self.locale)
        return said.replace("-", MINUS)

    def significant(self, value: Any) -> str:
        """Three digits that count, for ratios of any size."""
        if value is None:
            return NOTHING
        return self.number(value, max(0, min(4, 2 - Decimal(value).adjusted())))

    def money(self, value: Any, digits: int = 0) -> str:
        """An amount in company currency; ``digits=2`` where cents matter."""
        if value is None:
            return NOTHING
        exact, standard = rounded(value, digits), self.locale.currency_formats["standard"]
        pattern = str(standard.pattern).replace("#,##0.00", whole_pattern(digits))
        said = numbers.format_currency(exact, self.currency, pattern, self.locale, currency_digits=False)
        return said.replace("-", MINUS)

    def compact(self, value: Decimal) -> str:
        """A round amount for the side of a chart, such as €200K."""
        return numbers.format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=2)

    def percent(self, value: Any, digits: int = 0) -> str:
        """A share (0.12) as a percentage."""
        if value is None:
            return NOTHING
        exact = rounded(Decimal(value) * 100, digits) / 100
        pattern = str(self.locale.percent_formats[None].pattern).replace("#,##0", whole_pattern(digits))
        return numbers.format_percent(exact, pattern, self.locale)

    def change(self, rate: Any) -> str:
        """A change as a signed percentage."""
        sign = "+" if rate > 0 else MINUS
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
        # Browsers show CLDR's narrow space before "AM" as none.
        clock = dates.format_time(local, "short", tzinfo=self.zone, locale=self.locale)
        clock = clock.replace("\u202f", "\u00a0")
        return f"{self.day(local)}, {clock} {local.tzname()}"

    def value(self, value: Any, unit: str, *, exact: bool = False) -> str:
        """A metric's value in its unit: money, a share, hours, or a number with the unit behind it."""
        digits = 2 if exact else 1
        if unit in (self.currency, "currency"):
            return self.money(value, 2 if exact else 0)
        if unit in SHARE_UNITS:
            return self.percent(value, digits)
        if unit in HOUR_UNITS:
            return (
                NOTHING if value is None else str(self.text("unit.hours", value=self.number(value, digits)))
            )
        number = self.number(value, 2 if exact else 0)
        return number if value is None or unit in ("", "count", None) else f"{number} {unit}"


def capital(text: Text) -> Text:
    """``text`` as the start of a sentence; Spanish writes its months small."""
    return text[:1].upper() + text[1:]


def whole_pattern(digits: int) -> str:
    """The CLDR pattern of a grouped number with exactly ``digits`` after the point."""
    return f"#,##0.{'0' * digits}" if digits else "#,##0"


def rounded(value: Any, digits: int) -> Decimal:
    """``value`` rounded half up, and never a negative zero."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return abs(exact) if exact == 0 else exact

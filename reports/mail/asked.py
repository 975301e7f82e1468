"""What people ask for in words: addresses, pages, days, times, thresholds; each checked where it comes in.

Text in, text or a value of one form out; ``Misconfigured`` says what came and what was expected.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from connectors.errors import Misconfigured
from reports.numbers_declared import BY_KEY
from reports.reader import Reader

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COMPARISONS = ("above", "below")
# The address as a mail's envelope has it: no blank, bracket, comma or line break, so that it is one address.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.?[A-Za-z0-9])*")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_PAGE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_METRIC = re.compile(r"[\w.-]{1,100}")
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def address_of(text: str) -> str:
    """A mail address; ``Misconfigured`` for what is none, or is more than one."""
    address = text.strip()
    local, _, host = address.rpartition("@")
    try:
        address = f"{local}@{host.encode('idna').decode('ascii')}"
    except UnicodeError:
        address = ""
    if not _ADDRESS.fullmatch(address) or len(address) > 200:
        raise Misconfigured(
            f"{text!r} is no mail address; expected one such as ann@example.com, by --address"
        )
    return address


def pages_of(text: str) -> list[str]:
    """Pages, each once, in the order given."""
    pages = list(dict.fromkeys(page.strip() for page in text.split(",") if page.strip()))
    if not pages or not all(map(_PAGE.fullmatch, pages)):
        raise Misconfigured(f"{text!r} names no pages; expected some such as morning,hand-offs")
    return pages


def weekdays_of(text: str) -> list[int]:
    """Days from ``monday``, ``mon,thu``, ``weekday`` or ``day``; 0 is Monday."""
    wide = {"day": range(7), "weekday": range(5), "workday": range(5)}
    days: set[int] = set()
    for word in text.lower().split(","):
        name = word.strip().removesuffix("s")
        if name in wide:
            days.update(wide[name])
        elif len(name) >= 3 and any(full.startswith(name) for full in _DAY_NAMES):
            days.add(WEEKDAYS.index(name[:3]))
        else:
            raise Misconfigured(f"{text!r} are no days; expected monday, or mon,thu, or weekday, or day")
    return sorted(days)


def time_of(text: str) -> str:
    """A time of day as hh:mm."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise Misconfigured(f"{text!r} is no time of day; expected one such as 08:00")
    return f"{int(found[1]):02}:{found[2]}"


def quiet_of(text: str) -> tuple[str, str]:
    """Quiet hours from ``20:00-07:00``."""
    begin, dash, end = text.partition("-")
    if not dash or time_of(begin) == time_of(end):
        raise Misconfigured(f"{text!r} are no quiet hours; expected some such as 20:00-07:00")
    return time_of(begin), time_of(end)


def threshold_of(text: str, metric: str) -> Decimal:
    """An exact decimal in the metric's own unit; ``Misconfigured`` also where a share can never be so."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise Misconfigured(f"{text!r} is no number; expected one such as 10000 or 0.15")
    known = BY_KEY.get(metric)
    if known is not None and known.unit == "share" and not 0 <= value <= 1:
        raise Misconfigured(f"{metric} is a share from 0 to 1, which is never {text}; 0.3 stands for 30 %")
    return value


def zone_of(text: str) -> str:
    """An IANA zone."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise Misconfigured(f"{text!r} is no IANA zone such as Europe/Madrid") from None


def locale_of(text: str) -> str:
    """A language and its formats, of those that the reports speak."""
    Reader.of(text, timezone="UTC", currency="EUR")
    return text


def metric_of(text: str) -> str:
    """The name of a metric."""
    if not _METRIC.fullmatch(text):
        raise Misconfigured(f"{text!r} is no metric; expected a name such as open_orders")
    return text


def comparison_of(text: str) -> str:
    """One of ``COMPARISONS``."""
    if text not in COMPARISONS:
        raise Misconfigured(f"{text!r} is no comparison; expected above or below")
    return text

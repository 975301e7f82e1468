"""What people ask for is understood in the forms they write it in, and refused with what was expected."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Misconfigured
from reports.mail import asked


def threshold(text: str) -> Decimal:
    return asked.threshold_of(text, "open_orders")


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (asked.address_of, " ann@example.com ", "ann@example.com"),
        (asked.address_of, "o'hara+x@sub.example.co", "o'hara+x@sub.example.co"),
        (asked.address_of, "ann@españa.example", "ann@xn--espaa-rta.example"),
        (asked.pages_of, "morning, hand-offs,morning,", ["morning", "hand-offs"]),
        (asked.weekdays_of, "monday", [0]),
        (asked.weekdays_of, "Thu,mon", [0, 3]),
        (asked.weekdays_of, "sundays", [6]),
        (asked.weekdays_of, "wednes", [2]),
        (asked.weekdays_of, "weekday", [0, 1, 2, 3, 4]),
        (asked.weekdays_of, "day", [0, 1, 2, 3, 4, 5, 6]),
        (asked.time_of, "8:00", "08:00"),
        (asked.time_of, "23:59", "23:59"),
        (asked.quiet_of, "20:00-7:00", ("20:00", "07:00")),
        (threshold, "-0.15", Decimal("-0.15")),
        (asked.zone_of, "America/Mexico_City", "America/Mexico_City"),
        (asked.metric_of, "open_orders", "open_orders"),
        (asked.comparison_of, "below", "below"),
    ],
)
def test_words_are_understood(read: Callable[[str], Any], text: str, expected: Any) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (asked.address_of, "ann"), (asked.address_of, "ann@"), (asked.address_of, "@example.com"),
        (asked.address_of, "a@b.example,c@d.example"), (asked.address_of, "a@b.example\r\nBcc: c@d.example"),
        (asked.address_of, "Ann <ann@example.com>"), (asked.address_of, "a b@example.com"),
        (asked.address_of, "ann@example.com\n"[:-1] + "\x00"), (asked.address_of, "a@b..example"),
        (asked.address_of, f"ann@{'x' * 64}.example"), (asked.address_of, "ñandú@example.com"),
        (asked.pages_of, ""), (asked.pages_of, "../etc"), (asked.pages_of, "a b"),
        (asked.weekdays_of, ""), (asked.weekdays_of, "someday"), (asked.weekdays_of, "mo"),
        (asked.time_of, "24:00"), (asked.time_of, "8"), (asked.time_of, "08:60"),
        (asked.quiet_of, "20:00"), (asked.quiet_of, "20:00-20:00"),
        (threshold, "ten"), (threshold, "NaN"), (threshold, "1E+99"),
        (asked.zone_of, "Madrid"), (asked.zone_of, "../etc/passwd"), (asked.zone_of, ""),
        (asked.metric_of, "a b"), (asked.comparison_of, "near"),
    ],
)  # fmt: skip
def test_other_words_are_refused_with_what_was_expected(read: Callable[[str], Any], text: str) -> None:
    with pytest.raises(Misconfigured, match=r"expected|such as"):
        read(text)


@pytest.mark.parametrize("text", ["30", "1.01", "-0.1"])
def test_a_share_that_can_never_be_is_no_threshold(text: str) -> None:
    with pytest.raises(Misconfigured, match=r"win_rate is a share from 0 to 1, .* 0\.3 stands for 30 %"):
        asked.threshold_of(text, "win_rate")
    assert asked.threshold_of("0.3", "win_rate") == Decimal("0.3")

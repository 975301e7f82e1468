"""A flow's plain words become the time between two runs."""

from datetime import timedelta

import pytest

from connectors.errors import Misconfigured
from hub.schedule import interval


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("15 minutes", timedelta(minutes=15)),
        ("1 minute", timedelta(minutes=1)),
        ("1 hour", timedelta(hours=1)),
        ("1 day", timedelta(days=1)),
        ("2 weeks", timedelta(weeks=2)),
    ],
)
def test_plain_words_are_an_interval(every: str, expected: timedelta) -> None:
    assert interval(every) == expected


@pytest.mark.parametrize("every", ["", "often", "0 minutes", "-5 minutes", "15", "1.5 hours", "3 fortnights"])
def test_other_words_are_refused_with_what_to_write(every: str) -> None:
    with pytest.raises(Misconfigured, match="write a whole number and minutes, hours, days or weeks"):
        interval(every)

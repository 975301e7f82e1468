"""The mails' pipeline: every quarter of an hour what is due goes out, each mail once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.pipeline import Pipeline, Stage
from settings import Settings


def send(settings: Settings) -> Mapping[str, Any]:
    """Send the mails that are due, and look at the alerts."""
    from reports.mail.office import open_office
    from reports.mail.sending import counts_of, send_due

    with open_office(settings) as office:
        counts = counts_of(send_due(office))
    return {**counts, "written": counts["sent"]}


MAIL = Pipeline(
    name="mail",
    every="15 minutes",
    owner="management",
    doc=__doc__,
    stages=(Stage("send", send),),
)

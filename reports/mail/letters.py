"""What a mail says: a subscription's pages in sentences and as PDF, or the alerts that are told.

pages asked as the addressee sees them ─▶ words around them in the addressee's language ─▶ a ``Letter``. It
sends nothing and keeps nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from connectors.errors import Misconfigured
from reports.access.viewer import Viewer
from reports.mail.alerts import is_beyond
from reports.mail.due import Due
from reports.mail.kept import Alert
from reports.mail.message import Attachment, Letter, Part
from reports.mail.pages import Pages
from reports.mail.words import words

NAMED = 3
"""Pages or numbers that a subject names: it is read in a narrow list."""


@dataclass(frozen=True)
class Writer:
    """Writes letters: ``url`` is where the reports are (empty: no links), ``pdf`` prints a page."""

    pages: Pages
    company: str
    url: str
    pdf: Callable[[str], bytes]

    def of_subscription(self, due: Due, viewer: Viewer) -> Letter:
        """The pages of a subscription; whatever the pages raise, it raises."""
        one = due.subscription
        said = words(one.locale)
        parts = [
            Part(title, sentences, self._link(page))
            for page in one.pages
            for title, sentences in [self.pages.summary(viewer, page, locale=one.locale)]
        ]
        day = format_date(due.on, "full", locale=_locale(one.locale))
        titles = _listed([part.title for part in parts])
        page = self.pages.html(viewer, one.pages, locale=one.locale)
        return Letter(
            key=due.key,
            to_name=viewer.name,
            to=one.address,
            subject=said["subject"].format(company=self.company, titles=titles, day=day),
            greeting=said["greeting"].format(
                name=viewer.name, standing=" ".join(self.pages.standing(viewer, locale=one.locale))
            ),
            parts=parts,
            footer=[said["attached"], *self._footer(one.locale, f"S{one.id}")],
            locale=one.locale,
            attachment=Attachment(f"{said['file']}-{due.on}.pdf", self.pdf(page)),
        )

    def of_alerts(self, key: str, alerts: Sequence[Alert], viewer: Viewer) -> Letter:
        """One letter about alerts of one user, address and language."""
        # A role may have changed since the number was seen beyond: what was seen then is not told any more.
        alerts = [alert for alert in alerts if self.pages.number(viewer, alert.metric) is not None]
        if not alerts:
            raise Misconfigured(f"mail {key}: none of its numbers is {viewer.name}'s to see any more")
        locale = alerts[0].locale
        said = words(locale)
        names = [self.pages.metric_name(alert.metric, locale=locale) for alert in alerts]
        parts = [
            Part(name, [self._told(alert, name)], self._link(f"numbers/{alert.metric}"))
            for alert, name in zip(alerts, names, strict=True)
        ]
        return Letter(
            key=key,
            to_name=viewer.name,
            to=alerts[0].address,
            subject=said["alert_subject"].format(company=self.company, names=_listed(names)),
            greeting=said["alert_greeting"].format(name=viewer.name),
            parts=parts,
            footer=self._footer(locale, *(f"A{alert.id}" for alert in alerts)),
            locale=locale,
        )

    def _link(self, page: str) -> str:
        return f"{self.url.rstrip('/')}/{page}" if self.url else ""

    def _told(self, alert: Alert, name: str) -> str:
        """The alert in a sentence: where its number is now, and where it was when it crossed."""
        now = alert.last_value if alert.last_value is not None else alert.crossed_value
        if now is None or alert.crossed_at is None:
            raise ValueError(f"alert {alert.id} has crossed nothing")
        kind = alert.comparison if is_beyond(alert, now) else "back"
        crossed = now if alert.crossed_value is None else alert.crossed_value
        value = partial(self.pages.value, alert.metric, locale=alert.locale)
        return words(alert.locale)[kind].format(
            name=name,
            value=value(now),
            threshold=value(alert.threshold),
            crossed=value(crossed),
            at=_at(alert.crossed_at, ZoneInfo(alert.timezone), locale=alert.locale),
        )

    def _footer(self, locale: str, *numbers: str) -> list[str]:
        said = words(locale)
        opened = [f"{said['open']}: {self.url}"] if self.url else []
        pause = "; ".join(f"triada mail pause {number}" for number in numbers)
        return [*opened, said["why"].format(number=", ".join(numbers), pause=pause)]


def _listed(titles: Sequence[str]) -> str:
    """What a subject names: the first few, and how many more there are."""
    more = len(titles) - NAMED
    return ", ".join(titles[:NAMED]) + (f" +{more}" if more > 0 else "")


def _at(instant: dt.datetime, zone: ZoneInfo, *, locale: str) -> str:
    return f"{format_datetime(instant, 'medium', tzinfo=zone, locale=_locale(locale))} {zone.key}"


def _locale(locale: str) -> str:
    return locale.replace("-", "_")

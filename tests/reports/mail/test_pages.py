"""Mails say what the published pages say to their user, of one publication, and nothing of others."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from lxml import html
from pypdf import PdfReader

from connectors.errors import Misconfigured, Refused
from hub.state import State
from models.mails import mails
from reports.access import audit, users
from reports.access.people import PublishedPeople
from reports.access.viewer import COMPANY, ROLES, Viewer
from reports.export.pdf import NAMES, pdf
from reports.mail.pages import SitePages, check_pages, pages_of
from reports.mail.sending import send_due
from reports.numbers_declared import METRICS
from reports.published import Published
from reports.site import Site
from reports.site import pages as pages_there
from reports.texts import LANGUAGES
from settings import Settings
from tests.reports.mail.fakes import NOW, Clock, Mailbox, office_of, subscribe, watch
from tests.reports.morning_story import TESS_EARNED
from tests.reports.web.marked import OWNERS, PEOPLE, World, build

pytestmark = pytest.mark.slow

URL = "https://reports.example.com/base/"
EVERY = ",".join(pages_there())
OF_SALES = "morning,hand-offs,approvals,lead-to-cash,pipeline,trust"
MARKS = re.compile(r"QZ[A-Z]{3}")


@dataclass
class Desk:
    """Where mails are written and sent from: rounds over given pages, and what the server took."""

    state: State
    mailbox: Mailbox
    port: int
    clock: Clock

    def round(self, pages: SitePages, *, printer: Callable[[str], bytes] | None = None) -> int:
        """Send what is due; how many went."""
        office = office_of(self.state, pages, self.clock, port=self.port, pdf=printer)
        return send_due(office).counts["sent"]

    def over(self, file: Path, *, standing: dict[str, Any] | None = None) -> SitePages:
        """The pages of a published file, seen by this hub's users."""
        site = Site("Acme Pumps", "EUR", "Europe/Madrid", Published(file), lambda: standing or {})
        return SitePages(site, self.state, PublishedPeople(file, "Europe/Madrid"), url=URL)

    def add(self, name: str, **who: Any) -> int:
        return users.add(self.state, name, now=NOW, **who).user_no

    @property
    def mails(self) -> dict[str, str]:
        """All that a reader of a mail can see, its attachment included, by address."""
        return dict(zip(self.mailbox.to, map(whole, self.mailbox.mails), strict=True))


def whole(mail: EmailMessage) -> str:
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    texts = [part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in parts]
    return "\n".join([str(mail["subject"]), *texts])


def parsed(text: str) -> Any:
    return html.fromstring(text)


@pytest.fixture
def desk(state: State, mailbox: Mailbox, port: int, clock: Clock) -> Desk:
    return Desk(state, mailbox, port, clock)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody's rows, each with a mark of whose it is."""
    return build(tmp_path_factory.mktemp("marked") / "triada.duckdb", World())


def waiting(state: State) -> list[tuple[str, str]]:
    with state.reading() as connection:
        rows = connection.execute(sa.select(mails.c.state, mails.c.error)).all()
    return [(row.state, row.error) for row in rows]


def test_a_viewer_is_who_the_published_warehouse_says_today(told: Settings, desk: Desk) -> None:
    pages = pages_of(told, desk.state)
    joe = desk.add("joe", employee_no="E-0003", locale="es")
    gone = desk.add("gone", employee_no="E-9999")
    auditor = desk.add("auditor", role="finance")
    assert pages.viewer(joe) == Viewer("Joe", "sales", "E-0003", user_no=joe, locale="es")
    assert pages.viewer(auditor) == Viewer("auditor", "finance", None, user_no=auditor)
    assert pages.viewer(gone) is None
    assert pages.viewer(9999) is None
    found = users.find(desk.state, "joe")
    assert found is not None
    users.set_disabled(desk.state, found, True)
    assert pages.viewer(joe) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", pages_there())
def test_a_page_says_in_a_mail_what_its_headline_says(
    told: Settings, desk: Desk, key: str, language: str
) -> None:
    pages = pages_of(told, desk.state)
    title, sentences = pages.summary(COMPANY, key, locale=language)
    shown = parsed(pages.html(COMPANY, [key], locale=language))
    (headline,) = (" ".join(one.text_content().split()) for one in shown.iter("h1"))
    assert " ".join(sentences[0].split()) == headline
    assert shown.findtext(".//title") == f"{title} · Acme Pumps"
    assert not [said for said in (title, *sentences) if re.search(r"[<>{}]|&\w+;|None|–$", said)]


def test_the_morning_tells_what_needs_somebody_and_who_does_what(told: Settings, desk: Desk) -> None:
    pages = pages_of(told, desk.state)
    _, sentences = pages.summary(COMPANY, "morning", locale="en")
    wait = (
        "1 request worth €70 waits for Ben, who is away and back on Jun 17, 2026; Anna can sign. Anna: sign"
    )
    assert len(sentences) >= 4
    assert [said for said in sentences if said.startswith(wait)] == [f"{wait} in Ben’s place."]
    _, sentences = pages.summary(COMPANY, "morning", locale="es")
    assert any(said.endswith("Anna: firmar en lugar de Ben.") for said in sentences)
    assert any("hasta 1.331\xa0€" in said for said in sentences)  # an amount breaks from no line to the next


@pytest.mark.parametrize("role", ROLES)
def test_a_page_that_a_role_may_ask_for_says_something_even_of_nothing(
    unread: Path, desk: Desk, role: str
) -> None:
    viewer = Viewer("Somebody", role, "E-0001")
    for key, page in pages_there().items():
        if page.open_to(viewer):
            assert all(desk.over(unread).summary(viewer, key, locale="en")[1])


def test_a_sales_persons_mail_has_no_foreign_row_and_an_executives_has_all(marked: Path, desk: Desk) -> None:
    joe = desk.add("joe", employee_no=PEOPLE["QZJOE"][0])
    ann = desk.add("ann", employee_no=PEOPLE["QZEXE"][0])
    subscribe(desk.state, joe, pages=OF_SALES)
    subscribe(desk.state, ann, "ann@example.com", pages=EVERY)
    assert desk.round(desk.over(marked)) == 2
    joes, anns = (desk.mails[f"{name}@example.com"] for name in ("joe", "ann"))
    assert "QZJOE" in joes
    assert set(MARKS.findall(joes)) & set(OWNERS) == {"QZJOE"}
    assert set(OWNERS) <= set(MARKS.findall(anns))


def test_a_number_is_the_users_own_and_none_where_it_is_not_theirs(told: Settings, desk: Desk) -> None:
    pages = pages_of(told, desk.state)
    joe = Viewer("Joe", "sales", "E-0003")
    own, company = (pages.number(viewer, "revenue_30d") for viewer in (joe, COMPANY))
    assert own is not None
    assert company is not None
    assert (own, company) == (Decimal(332), Decimal(332 + TESS_EARNED))
    assert isinstance(own, Decimal)
    assert pages.number(joe, "away_today") is None
    assert pages.number(joe, "nothing") is None
    assert pages.number(Viewer("Hal", "hr", "E-0007"), "revenue_30d") is None
    for role, metrics in METRICS.items():
        viewer = {"company": COMPANY, "team": joe}.get(role, Viewer("Una", role, "E-0009"))
        kinds = {type(pages.number(viewer, one.key)) for one in metrics}
        assert kinds <= {Decimal, type(None)}, role


def test_an_alert_tells_the_users_own_number_in_its_unit(told: Settings, desk: Desk) -> None:
    joe = desk.add("joe", employee_no="E-0003")
    ann = desk.add("ann", role="executive")
    watch(desk.state, joe, metric="revenue_30d", threshold="300")
    watch(desk.state, joe, metric="win_rate", threshold="0.125", locale="es", address="joe@example.es")
    watch(desk.state, ann, "ann@example.com", metric="revenue_30d", threshold="1000", locale="es")
    assert desk.round(pages_of(told, desk.state)) == 3
    said = desk.mails
    assert "Revenue of the last 30 days is €332.00, above €300.00." in said["joe@example.com"]
    assert "https://reports.example.com/numbers/revenue_30d" in said["joe@example.com"]
    assert re.search(r"está en [\d,]+\s%, por encima de 12,5\s%", said["joe@example.es"])
    assert "está en 1.331,00\xa0€, por encima de 1.000,00\xa0€." in said["ann@example.com"]
    assert "332" not in said["ann@example.com"]


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("revenue_30d", "1234567.5000", ["€1,234,567.50", "1.234.567,50\xa0€"]),
        ("win_rate", "0.3125", ["31.25%", "31,25\xa0%"]),
        ("approval_hours", "3.5000", ["3.5 h", "3,5 h"]),
        ("items_running_out", "0E+1", ["0", "0"]),
    ],
)
def test_values_are_told_exactly_in_their_unit(
    unread: Path, desk: Desk, metric: str, value: str, said: list[str]
) -> None:
    pages = desk.over(unread)
    assert [pages.value(metric, Decimal(value), locale=locale) for locale in LANGUAGES] == said


def test_links_of_a_document_lead_to_the_reports_or_there_are_none(told: Settings, desk: Desk) -> None:
    reached = pages_of(told.model_copy(update={"reports_url": URL}), desk.state)
    linked = reached.html(COMPANY, [*pages_there()], locale="en")
    alone = pages_of(told, desk.state).html(COMPANY, [*pages_there()], locale="en")
    there, gone = (
        [str(link.get("href")) for link in parsed(text).iter("a") if link.get("href") is not None]
        for text in (linked, alone)
    )
    assert len(there) > 100
    assert [link for link in there if not link.startswith("https://reports.example.com/base/")] == []
    assert gone == []
    assert parsed(alone).text_content() == parsed(linked).text_content()
    assert "src=" not in linked


@pytest.mark.parametrize("url", ["reports.example.com", "/reports", "https://", "javascript:alert(1)"])
def test_an_address_that_no_link_can_lead_to_is_told(told: Settings, desk: Desk, url: str) -> None:
    with pytest.raises(Misconfigured, match=r"TRIADA_REPORTS_URL is .* expected one such as https://"):
        pages_of(told.model_copy(update={"reports_url": url}), desk.state)


def test_a_mail_is_of_one_publication(told: Settings, unread: Path, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "triada.duckdb"
    shutil.copy(told.published_file, file)
    pages = desk.over(file)
    _, before = pages.summary(COMPANY, "morning", locale="en")
    shutil.copy(unread, tmp_path / "next")
    (tmp_path / "next").replace(file)
    assert before[0] in parsed(pages.html(COMPANY, ["morning"], locale="en")).text_content()
    assert desk.over(file).summary(COMPANY, "morning", locale="en")[1] != before


@pytest.mark.parametrize(
    ("language", "as_of", "ill"),
    [
        ("en", "As of Jun 15, 2026", ("Newer data was held back", "Stopped: orders.")),
        ("es", "Datos a 15 jun 2026", ("se retuvieron", "Parados: orders.")),
    ],
)
def test_a_mail_says_as_of_when_and_that_something_stands_still(
    told: Settings, desk: Desk, language: str, as_of: str, ill: tuple[str, str]
) -> None:
    standing = {"warehouse": {"state": "stale"}, "flows": [{"flow": "orders", "state": "stopped"}]}
    pages = desk.over(told.published_file, standing=standing)
    said = pages.standing(COMPANY, locale=language)
    assert said[0].startswith(as_of)
    assert ill[0] in said[1]
    assert said[2:] == [ill[1]]
    shown = parsed(pages.html(COMPANY, ["morning", "trust"], locale=language))
    assert [ill[1] in one.text_content() for one in shown.find_class("banner")] == [True]
    well = desk.over(told.published_file)
    assert len(well.standing(COMPANY, locale=language)) == 1
    assert parsed(well.html(COMPANY, ["morning"], locale=language)).find_class("banner") == []


@pytest.mark.parametrize("who", [{"employee_no": "E-0003"}, {"role": "executive"}])
def test_while_nothing_is_published_a_mail_waits_and_goes_once_something_is(
    told: Settings, desk: Desk, tmp_path: Path,
    who: dict[str, str],
) -> None:  # fmt: skip
    file = tmp_path / "triada.duckdb"
    joe = desk.add("joe", **who)
    subscribe(desk.state, joe, pages="morning")
    watch(desk.state, joe, metric="revenue_30d", threshold="300")
    with pytest.raises(Refused, match=r"`\./triada build`"):
        desk.round(desk.over(file))
    ((fate, error),) = waiting(desk.state)
    assert fate == "waiting"
    assert "./triada build" in error
    assert desk.mailbox.taken == []
    shutil.copy(told.published_file, file)
    desk.clock.later(minutes=15)
    assert desk.round(desk.over(file)) == 2


def test_a_page_that_is_no_longer_the_users_is_not_sent_and_told(told: Settings, desk: Desk) -> None:
    una = desk.add("una", employee_no="E-0009")
    subscribe(desk.state, una, pages="morning,supply")
    with pytest.raises(Misconfigured, match="supply is not for the role staff that Una has"):
        desk.round(pages_of(told, desk.state))
    assert desk.mailbox.taken == []
    assert waiting(desk.state)[0][0] == "waiting"


def test_no_document_has_a_page_of_another_role(marked: Path, desk: Desk) -> None:
    joe = Viewer("Joe", "sales", PEOPLE["QZJOE"][0])
    check_pages(OF_SALES.split(","), joe)
    with pytest.raises(Misconfigured, match="supply is not for the role sales"):
        desk.over(marked).html(joe, ["morning", "supply"], locale="en")


def test_what_was_mailed_stands_in_the_audit_log(told: Settings, desk: Desk) -> None:
    subscribe(desk.state, desk.add("joe", employee_no="E-0003"), pages="morning")
    desk.mailbox.answers["RCPT"] = ["451 later"]
    with pytest.raises(Exception, match="451 later"):
        desk.round(pages_of(told, desk.state))
    assert audit.last(desk.state) == []
    desk.round(pages_of(told, desk.state))
    (row,) = audit.last(desk.state)
    assert (row["action"], row["sign_in_name"], row["outcome"]) == ("mail", "joe", "done")
    assert row["what"] == "subscription:1:2026-11-23 to joe@example.com"


@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no Chromium here: apt-get install chromium")
def test_a_round_sends_the_pages_as_pdf(told: Settings, desk: Desk) -> None:
    joe = desk.add("joe", employee_no="E-0003")
    subscribe(desk.state, joe, pages="morning,pipeline", locale="es")
    assert desk.round(pages_of(told, desk.state), printer=pdf) == 1
    (mail,) = desk.mailbox.mails
    (attached,) = mail.iter_attachments()
    reader = PdfReader(io.BytesIO(attached.get_content()))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for key in ("morning", "pipeline"):
        viewer = pages_of(told, desk.state).viewer(joe)
        assert viewer is not None
        _, sentences = pages_of(told, desk.state).summary(viewer, key, locale="es")
        assert " ".join(sentences[0].split()) in text
    assert "Tess" not in text
    assert f"{TESS_EARNED}" not in text

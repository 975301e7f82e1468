"""One round of mails: what is due is claimed, written, sent and marked, each mail by itself.

sweep ─▶ look at alerts ─▶ what is due ─▶ for each: claim ─▶ letter ─▶ server ─▶ mark. A mail that fails stops
no other; a server that does not answer stops all. Running it again sends nothing twice (``claims`` says how).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from typing import Any

from connectors.errors import TriadaError, Unreachable
from hub.state import State
from reports.access.viewer import Viewer
from reports.mail import claims, watching
from reports.mail.alerts import key_of, may_be_told, to_tell
from reports.mail.claims import Claim, Lost, Mail
from reports.mail.due import LATEST, Due, due
from reports.mail.kept import read_subscriptions
from reports.mail.letters import Writer
from reports.mail.message import Letter, Sender, message
from reports.mail.smtp import Post, RecipientRefused, Uncertain

LOG = logging.getLogger("triada.mail")
COUNTS = ("due", "sent", "waiting", "failed", "uncertain")


@dataclass(frozen=True)
class Office:
    """What a round needs; ``post`` opens a dialogue with the server, ``clock`` gives an aware instant."""

    state: State
    writer: Writer
    sender: Callable[[], Sender]
    post: Callable[[], AbstractContextManager[Post]]
    clock: Callable[[], dt.datetime]


@dataclass
class Round:
    """What a round did: counts of mails, what to tell about them, and what came in the way."""

    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTS, 0)))
    notes: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def tell(self, fate: str, key: str, *, why: str = "") -> None:
        """Count a mail by what became of it."""
        self.counts[fate] += 1
        if why:
            self.notes.append(f"{key}: {fate}: {why}")
            LOG.error("%s: %s: %s", key, fate, why)


Write = Callable[[Viewer], Letter]
Job = tuple[Mail, Callable[[Claim], Write | None]]
"""A mail, and what says who writes it once it is claimed: nobody when nothing may be told."""


def due_now(office: Office) -> list[str]:
    """Keys of the mails that a round would send now; it changes nothing."""
    now = office.clock()
    seen, _ = watching.look(office.state, office.writer.pages, now=now, keep=False)
    new = to_tell(seen, now=now)
    keys = [mail.key for mail, _ in _of_subscriptions(office, now=now)]
    held = watching.in_mails(office.state)
    keys += [mail.key for mail, alerts in held if any(may_be_told(alert, now=now) for alert in alerts)]
    return keys + [key_of(group, now=now) for group in new]


def send_due(office: Office) -> Round:
    """Send what is due; then raise the first error that kept a mail from going, with the others logged.

    ``Unreachable`` is worth another try, ``Refused`` and ``Misconfigured`` need somebody. A mail in doubt is
    told in ``notes`` and is no error: it is settled.
    """
    done = Round()
    now = office.clock()
    for fate, keys in claims.sweep(office.state, now=now, latest=LATEST).items():
        for key in keys:
            done.tell(fate, key, why="see `triada mail list`")
    _, done.errors = watching.look(office.state, office.writer.pages, now=now)
    watching.put_into_mails(office.state, now=now)
    for job in _jobs(office, now=now):
        if not _one(office, job, done=done):
            break
    if done.errors:
        raise done.errors[0]
    return done


def _jobs(office: Office, *, now: dt.datetime) -> Iterator[Job]:
    """Every mail that is due."""
    yield from _of_subscriptions(office, now=now)
    for mail, _ in watching.in_mails(office.state):
        yield mail, partial(_of_alerts, office)


def _of_subscriptions(office: Office, *, now: dt.datetime) -> Iterator[Job]:
    with office.state.reading() as connection:
        subscriptions = read_subscriptions(connection)
        settled = claims.settled(connection, since=now - 2 * LATEST)
    for one in due(now, subscriptions, settled=settled):
        mail = Mail("subscription", one.key, one.subscription.user_no, one.at)
        yield mail, partial(_of_subscription, office, one)


def _of_subscription(office: Office, one: Due, _claim: Claim) -> Write:
    return partial(office.writer.of_subscription, one)


def _of_alerts(office: Office, claim: Claim) -> Write | None:
    # Asked once it is claimed: until then another worker may take some of them out.
    alerts = watching.still_told(office.state, claim, now=office.clock())
    return partial(office.writer.of_alerts, claim.key, alerts) if alerts else None


def _one(office: Office, job: Job, *, done: Round) -> bool:
    """Send one mail; whether the others are worth a try."""
    mail, writer_of = job
    claim = claims.claim(office.state, mail, now=office.clock())
    if claim is None:
        LOG.info("%s: another worker has it", mail.key)
        return True
    try:
        write = writer_of(claim)
        if write is None:
            LOG.info("%s: none of its alerts may be told now", mail.key)
            return True
        done.counts["due"] += 1
        return _attempt(office, claim, user_no=mail.user_no, write=write, done=done)
    except Lost:
        LOG.info("%s: another worker has it by now", mail.key)
        return True


def _attempt(office: Office, claim: Claim, *, user_no: int, write: Write, done: Round) -> bool:
    try:
        viewer = office.writer.pages.viewer(user_no)
        letter = None if viewer is None else write(viewer)
        sender = office.sender()
        made = None if letter is None else message(letter, sender=sender, at=office.clock())
    except Exception as error:  # a page's own fault must not keep others from their mail
        _later(office, claim, error=error, done=done)
        return True
    if letter is None or made is None:
        why = f"user {user_no} is disabled or gone; nobody's eyes, nothing to send"
        claims.give_up(office.state, claim, error=why)
        done.tell("failed", claim.key, why=why)
        return True
    return _deliver(office, claim, made=made, sender=sender, to=letter.to, done=done)


def _deliver(
    office: Office, claim: Claim, *, made: EmailMessage, sender: Sender, to: str, done: Round
) -> bool:
    mark = partial(claims.about_to_send, office.state, claim, message_id=str(made["Message-ID"]))
    answers = False
    try:
        with office.post() as post:
            answers = True
            post.send(made.as_bytes(), sender=sender.address, to=to, before_end=mark)
    except RecipientRefused as error:
        claims.give_up(office.state, claim, error=str(error))
        done.tell("failed", claim.key, why=str(error))
        done.errors.append(error)
        return True
    except Uncertain as error:
        claims.doubt(office.state, claim, to=to, error=str(error), now=office.clock())
        done.tell("uncertain", claim.key, why=str(error))
        return True
    except TriadaError as error:
        _later(office, claim, error=error, done=done)
        return answers and isinstance(error, Unreachable)
    # Out of reach of the errors above: the server has it, whatever happens to the note of it.
    claims.sent(office.state, claim, to=to, now=office.clock())
    done.tell("sent", claim.key)
    LOG.info("%s: sent as %s", claim.key, made["Message-ID"])
    return True


def _later(office: Office, claim: Claim, *, error: Exception, done: Round) -> None:
    said = str(error) if isinstance(error, TriadaError) else f"{type(error).__name__} while it was written"
    claims.put_back(office.state, claim, error=said)
    done.tell("waiting", claim.key, why=said)
    done.errors.append(error)


def counts_of(done: Round) -> dict[str, Any]:
    """The counts, as Airflow keeps them."""
    return {name: done.counts[name] for name in COUNTS}

"""A dialogue with a real server on this machine: encrypted, signed in, refused, silent; no password shows."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.errors import Misconfigured, Refused, Unreachable
from hub import logs
from reports.mail.server import server_of
from reports.mail.smtp import RecipientRefused, Uncertain, post
from settings import Settings
from tests.reports.mail.fakes import Mailbox, password_is, serving

SECRET = "hunter22@:/é"
QUOTED = "hunter22%40%3A%2F%C3%A9"
LOCAL = ipaddress.ip_address("127.0.0.1")
PLAIN = b"Subject: x\n\n.one\r\n..two\nthree"


def send(url: str, *, timeout_s: float = 5, content: bytes = PLAIN) -> list[str]:
    """Send a mail; what was called on the way."""
    called: list[str] = []
    with post(server_of(url), timeout_s=timeout_s) as opened:
        opened.send(
            content, sender="r@example.com", to="joe@example.com", before_end=lambda: called.append("end")
        )
    return called


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for 127.0.0.1 that this process trusts."""
    made = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return made


def certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server for tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(LOCAL)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@contextlib.contextmanager
def scripted(*lines: bytes, drop: bool = True) -> Iterator[int]:
    """A server that answers each line with the next of these, then hangs up or is silent."""
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as heard:
                for line in lines:
                    connection.sendall(line + b"\r\n")
                    if line.startswith(b"354"):
                        while heard.readline() not in (b".\r\n", b""):
                            pass
                    else:
                        heard.readline()
                if not drop:
                    done.wait(10)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        done.set()
        listening.close()
        thread.join(10)


def test_a_mail_arrives_byte_for_byte_with_its_dots(mailbox: Mailbox, port: int) -> None:
    assert send(f"smtp://127.0.0.1:{port}") == ["end"]
    assert mailbox.taken == [
        ("r@example.com", ["joe@example.com"], b"Subject: x\r\n\r\n.one\r\n..two\r\nthree\r\n")
    ]


def test_several_mails_go_in_one_dialogue(mailbox: Mailbox, port: int) -> None:
    with post(server_of(f"smtp://127.0.0.1:{port}")) as opened:
        for _ in range(3):
            opened.send(PLAIN, sender="r@example.com", to="joe@example.com", before_end=lambda: None)
    assert len(mailbox.taken) == 3


def test_what_stops_before_the_end_leaves_the_server_with_nothing(mailbox: Mailbox, port: int) -> None:
    def stop() -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError), post(server_of(f"smtp://127.0.0.1:{port}")) as opened:
        opened.send(PLAIN, sender="r@example.com", to="joe@example.com", before_end=stop)
    time.sleep(0.2)
    assert mailbox.taken == []


@pytest.mark.parametrize("option", ["", "?starttls=require"])
def test_it_encrypts_and_signs_in(mailbox: Mailbox, trusted: ssl.SSLContext, option: str) -> None:
    options = {"tls_context": trusted, "require_starttls": True, "auth_required": True}
    with serving(mailbox, authenticator=password_is("joe", SECRET), **options) as port:
        send(f"smtp://joe:{QUOTED}@127.0.0.1:{port}{option}")
    assert len(mailbox.taken) == 1


def test_smtps_is_encrypted_from_the_start(mailbox: Mailbox, trusted: ssl.SSLContext) -> None:
    with serving(mailbox, ssl_context=trusted) as port:
        send(f"smtps://127.0.0.1:{port}")
    assert len(mailbox.taken) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(mailbox: Mailbox, tmp_path: Path) -> None:
    with (
        serving(mailbox, tls_context=certificate(tmp_path)) as port,
        pytest.raises(Refused, match="no certificate that this machine trusts"),
    ):
        send(f"smtp://127.0.0.1:{port}?starttls=require")
    assert mailbox.taken == []


def test_a_server_without_encryption_gets_nothing_where_it_is_required(mailbox: Mailbox, port: int) -> None:
    with pytest.raises(Refused, match="offers no STARTTLS"):
        send(f"smtp://127.0.0.1:{port}?starttls=require")
    assert mailbox.taken == []


def test_a_password_does_not_travel_in_the_clear(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.mail.smtp.LOOPBACK", ())
    with pytest.raises(Refused, match=r"the password would be readable on the way.*starttls=never"):
        send(f"smtp://joe:{QUOTED}@127.0.0.1:{port}")


def test_a_wrong_password_is_refused_and_not_shown(mailbox: Mailbox, trusted: ssl.SSLContext) -> None:
    authenticator = password_is("joe", "another")
    told = "refused user and password of TRIADA_SMTP_URL: 535"
    with (
        serving(mailbox, authenticator=authenticator, tls_context=trusted) as port,
        pytest.raises(Refused, match=told) as caught,
    ):
        send(f"smtp://joe:{QUOTED}@127.0.0.1:{port}")
    assert "hunter22" not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_server_that_repeats_the_password_has_it_masked() -> None:
    lines = [b"220 hi", b"250-x\r\n250 AUTH PLAIN", b"535 no hunter22 here"]
    with scripted(*lines) as port, pytest.raises(Refused) as caught:
        send(f"smtp://joe:hunter22@127.0.0.1:{port}?starttls=never")
    assert "hunter22" not in str(caught.value)
    assert "no *** here" in str(caught.value)


def test_a_server_that_knows_no_sign_in_is_refused(port: int) -> None:
    with pytest.raises(Refused, match="takes no sign-in"):
        send(f"smtp://joe:{QUOTED}@127.0.0.1:{port}")


def test_nobody_there_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"mail server 127.0.0.1:{port} does not answer"):
        send(f"smtp://127.0.0.1:{port}")


def test_a_silent_server_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="does not answer"):
            send(f"smtp://127.0.0.1:{listening.getsockname()[1]}", timeout_s=0.3)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("step", "answer", "told"),
    [
        ("MAIL", "550 not you", (Refused, "refused the sender r@example.com: 550 not you")),
        ("MAIL", "451 busy", (Unreachable, "says later: 451 busy")),
        ("RCPT", "550 who", (RecipientRefused, "refused the mail: 550 who")),
        ("RCPT", "452 full", (Unreachable, "says later: 452 full")),
        ("DATA", "554 spam", (RecipientRefused, "refused the mail: 554 spam")),
        ("DATA", "451 later", (Unreachable, "says later: 451 later")),
    ],
)
def test_an_answer_says_whether_another_try_is_worth_it(
    mailbox: Mailbox, port: int, step: str, answer: str, told: tuple[type[Exception], str]
) -> None:
    mailbox.answers[step] = answer
    error, said = told
    with pytest.raises(error, match=said) as caught:
        send(f"smtp://127.0.0.1:{port}")
    assert type(caught.value) is error


def test_a_server_that_says_no_at_once_is_told() -> None:
    with scripted(b"421 overloaded") as port, pytest.raises(Unreachable, match="421 overloaded"):
        send(f"smtp://127.0.0.1:{port}")


def test_a_server_that_takes_ascii_only_is_told_without_the_password() -> None:
    lines = [b"220 hi", b"250-x\r\n250 AUTH LOGIN", b"334 VXNlcm5hbWU6", b"334 UGFzc3dvcmQ6"]
    with scripted(*lines) as port, pytest.raises(Refused, match="in ASCII only") as caught:
        send(f"smtp://joe:{QUOTED}@127.0.0.1:{port}?starttls=never")
    assert "hunter22" not in str(caught.value)
    assert caught.value.__suppress_context__


GOES_WELL = [b"220 hi", b"250 x", b"250 ok", b"250 ok"]


@pytest.mark.parametrize("said", range(1, 5))
def test_a_server_that_hangs_up_before_the_end_has_nothing(said: int) -> None:
    with scripted(*GOES_WELL[:said]) as port, pytest.raises(Unreachable, match="does not answer"):
        send(f"smtp://127.0.0.1:{port}")


@pytest.mark.parametrize("drop", [True, False], ids=["hangs up", "is silent"])
def test_a_server_that_does_not_answer_the_end_leaves_a_doubt(
    drop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.mail.smtp.END_TIMEOUT_S", 0.3)
    lines = [*GOES_WELL, b"354 go on"]
    with scripted(*lines, drop=drop) as port, pytest.raises(Uncertain, match="may have arrived"):
        send(f"smtp://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost", "http://localhost", "smtp://", "smtp://h:x", "smtp://h:99999", "smtp://h/path",
        "smtp://h?starttls=maybe", "smtp://h?tls=1", "smtp://h?starttls", "smtp://:hunter22@h", "smtp://h#x",
    ],
)  # fmt: skip
def test_a_wrong_address_is_told_without_repeating_it(url: str) -> None:
    with pytest.raises(Misconfigured, match="expected smtp://") as caught:
        server_of(url)
    assert "hunter22" not in str(caught.value)


def test_an_address_is_taken_apart() -> None:
    server = server_of(f"smtp://joe%40x:{QUOTED}@[::1]:2525?starttls=never")
    assert (server.host, server.port, server.encryption) == ("::1", 2525, "never")
    assert (server.user, server.password) == ("joe@x", SECRET)
    assert SECRET not in repr(server)
    assert [server_of(url).port for url in ("smtp://h", "smtps://h")] == [25, 465]


def test_the_password_is_masked_in_logs_and_settings() -> None:
    settings = Settings(smtp_url=f"smtp://joe:{QUOTED}@h:25")  # type: ignore[arg-type]
    assert "hunter22" not in repr(settings)
    logs.keep_secret(logs.secrets_of(settings))
    assert "hunter22" not in logs.masked(f"it said {SECRET} and {QUOTED}")

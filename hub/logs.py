"""What the hub says while it works, for programs: JSON lines in ``$TRIADA_HOME/logs/hub.jsonl``.

a log call ─▶ the run it is part of ─▶ secrets masked ─▶ one line, by whichever process ─▶ the file, turned
over at 10 MB, five old ones kept. A warning is plain text on the terminal too. It is no record of what moved:
that is in the hub's database.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import sqlalchemy as sa

from connectors.errors import TriadaError
from connectors.sql_engine import secrets_in
from settings import SYSTEMS, Settings

ROOT = logging.getLogger("triada")
LONGEST = 10_000_000
KEPT = 5
_NO_RUN: dict[str, Any] = {"run": None, "flow": None, "step": None}
_RUN: ContextVar[dict[str, Any]] = ContextVar("run", default=_NO_RUN)
_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):([^/\s]*)@")
_IN_HEADER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE)
_NAMED = re.compile(r"\b((?:\w*_)?(?:password|passwd|secret|token|api_?key))=([^\s&;,'\"]+)", re.IGNORECASE)
_SHORTEST = 4
_SECRETS: set[str] = set()


def start(settings: Settings) -> None:
    """Write the logs of this process to the file of these settings, from now on; again is no harm.

    The settings' passwords and tokens are masked wherever they turn up.
    """
    keep_secret(secrets_of(settings))
    path = log_file(settings)
    for handler in ROOT.handlers[:]:
        if isinstance(handler, _File | _Terminal):
            ROOT.removeHandler(handler)
    ROOT.disabled = False  # as Airflow's own setting up of logs may have left it
    ROOT.setLevel(logging.INFO)
    ROOT.addHandler(_File(path))
    ROOT.addHandler(_Terminal(logging.WARNING))


def log_file(settings: Settings) -> Path:
    """Where ``start`` has the logs written."""
    return settings.home.resolve() / "logs" / "hub.jsonl"


@contextmanager
def run_context(**now: Any) -> Iterator[None]:
    """Have what is said in the block carry its ``run``, ``flow`` and ``step``; inner blocks add to outer."""
    before = _RUN.set({**_RUN.get(), **now})
    try:
        yield
    finally:
        _RUN.reset(before)


def erase_from_logs(settings: Settings, what: re.Pattern[str], *, instead: str) -> int:
    """Put ``instead`` where the log's files hold it, old ones too; how many lines did."""
    path, done = log_file(settings), 0
    if not path.parent.exists():
        return 0
    with _locked(path):
        for file in path.parent.glob(f"{path.name}*"):
            lines = file.read_text(encoding="utf-8").split("\n")
            erased = [_erased(line, what, instead=instead) for line in lines]
            if erased != lines:
                done += sum(new != old for new, old in zip(erased, lines, strict=True))
                beside = file.with_name(f".{file.name}.erased")
                beside.write_text("\n".join(erased), encoding="utf-8")
                beside.replace(file)  # whole, or not at all
    return done


def keep_secret(values: Iterable[str]) -> None:
    """Mask these in all that is logged; those under four characters would mask half of every word."""
    for value in values:
        forms = {value, quote(value, safe=""), quote_plus(value), unquote(value)}
        _SECRETS.update(form for form in forms if len(form) >= _SHORTEST)


def masked(text: str) -> str:
    """The text without passwords in addresses and headers, and without what ``keep_secret`` was told."""
    for secret in sorted(_SECRETS, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _IN_URL.sub(r"\1:***@", text)
    return _NAMED.sub(r"\1=***", _IN_HEADER.sub(r"\1 ***", text))


def told(error: BaseException) -> str:
    """An error for the record: ours say it all, others their first line."""
    if isinstance(error, TriadaError):
        return masked(f"{type(error).__name__}: {error}")
    lines = masked(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:500]}" if lines else type(error).__name__


def secrets_of(settings: Settings) -> Iterator[str]:
    """The passwords in the settings' addresses, and their tokens."""
    with suppress(sa.exc.ArgumentError, ValueError):
        yield from secrets_in(sa.make_url(settings.smtp_url.get_secret_value()))
    for system in (*SYSTEMS, "state"):
        with suppress(sa.exc.ArgumentError, ValueError):  # an address that is none is told of elsewhere
            yield from secrets_in(sa.make_url(settings.url(system)))
        token = getattr(settings, f"{system}_token", None)
        if token is not None:
            yield token.get_secret_value() if hasattr(token, "get_secret_value") else str(token)


class _File(logging.Handler):
    """Appends a line to a file that several processes write to, and turns it over when it is long."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.INFO)
        self._path = path
        self._told = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = (_line(record) + "\n").encode("utf-8", "backslashreplace")
            with _locked(self._path):
                self._turn_over(len(line))
                descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(line)
        except (
            OSError,
            ValueError,
        ) as error:  # a log that cannot be written stops no run, and is told of once
            if not self._told:
                self._told = True
                print(f"triada: the log {self._path} cannot be written: {error}", file=sys.stderr)

    def _turn_over(self, more: int) -> None:
        if not self._path.exists() or self._path.stat().st_size + more <= LONGEST:
            return
        numbered = [self._path.with_name(f"{self._path.name}.{number}") for number in range(1, KEPT + 1)]
        for newer, older in zip(reversed([self._path, *numbered[:-1]]), reversed(numbered), strict=True):
            if newer.exists():
                newer.replace(older)


class _Terminal(logging.Handler):
    """Says warnings in plain words on standard error, unless the program around has handlers of its own.

    An error is the command's to tell, which stops for it.
    """

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING and not logging.getLogger().handlers:
            print(f"triada: {masked(record.getMessage())}", file=sys.stderr)


def _erased(line: str, what: re.Pattern[str], *, instead: str) -> str:
    """The line without it in what was said; its other fields name no record."""
    if not what.search(line):
        return line
    said = json.loads(line)
    told = {name: what.sub(instead, said[name]) for name in ("message", "error") if name in said}
    return json.dumps({**said, **told}, ensure_ascii=False)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time writes to the file, whose folder is made when it is first written to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _line(record: logging.LogRecord) -> str:
    said: dict[str, Any] = {
        "ts": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="microseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        **_RUN.get(),
        "message": masked(record.getMessage()),
    }
    if record.exc_info:
        said["error"] = masked(logging.Formatter().formatException(record.exc_info))
    said["ts"] = said["ts"].replace("+00:00", "Z")
    return json.dumps(said, ensure_ascii=False, default=str)

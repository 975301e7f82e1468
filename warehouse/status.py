"""Says how good the published file is: what it says of itself, and ``status.json`` on whether it is stale.

Which publication it is stands inside the file (``marts.mart_publication``); ``status.json`` repeats it for
the file it was written for and adds what builds since found. A build killed between the two leaves a status
of the file before, and then the file itself is asked. Imports nothing of the build, and DuckDB only then.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from settings import Settings
from warehouse.leftovers import discard, fresh_file, put_in_place

NEVER: dict[str, Any] = {
    "published_at": None,
    "state": "missing",
    "stale_since": None,
    "as_of": None,
    "failed_checks": [],
    "marked_checks": [],
    "reasons": {},
    "content": "",
    "error": None,
}
FULL = "the disk was so full that the build could not write down what it met; free some and build again"


def read_status(settings: Settings) -> dict[str, Any]:
    """``published_at``, ``state`` (fresh, stale or missing), ``failed_checks`` that hold the publication.

    Beside them ``stale_since``, the build's ``as_of``, ``marked_checks`` that failed without holding,
    ``reasons`` of the failed checks by name, ``content``, which differs between publications that say
    different things, and the ``error`` that kept the last build from its end for want of room. A file that
    cannot be opened is stale since it cannot, and the ``error`` says why.
    """
    told = last_told(settings)
    identity, trouble = _identity(settings.published_file)
    if identity is None:
        holding = ("failed_checks", "marked_checks", "reasons", "error")
        kept = {name: told[name] for name in holding if name in told}
        return NEVER | kept | ({"error": trouble} if trouble else {})
    if told.pop("file", None) != identity and not trouble:
        published, trouble = _publication(settings.published_file)
        if published and published["published_at"] != told.get("published_at"):
            told = published
    status = NEVER | told
    if trouble:
        broken_at = dt.datetime.fromtimestamp(settings.published_file.stat().st_ctime, dt.UTC).isoformat()
        status |= {"state": "stale", "stale_since": status["stale_since"] or broken_at, "error": trouble}
    since = _marked_since(settings)
    if since and since > (status["published_at"] or ""):
        status |= {"state": "stale", "stale_since": status["stale_since"] or since, "error": FULL}
    return status


def last_told(settings: Settings) -> dict[str, Any]:
    """``status.json`` as it stands; empty when there is none, or none that can be read.

    What a power cut left of it must not stop the builds that would write it anew.
    """
    try:
        told = json.loads(_path(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def write_status(settings: Settings, status: dict[str, Any]) -> None:
    """Replace the status at once; a reader sees the old one or the new one. The caller holds the folder."""
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = fresh_file(path)
    status = status | {"file": _identity(settings.published_file)[0]}
    try:
        fresh.write_text(json.dumps(status, indent=1), encoding="utf-8")
        put_in_place(fresh, path)
        _marker(settings).unlink(missing_ok=True)
    except OSError as error:
        discard(fresh)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _mark(settings, status["stale_since"])


def mark_stale(
    settings: Settings,
    *,
    error: str | None = None,
    reasons: Mapping[str, str] | None = None,
    marked_checks: list[str] | None = None,
) -> None:
    """The published file stays as it is, and is stale since the first build that could not replace it.

    ``reasons`` are those of the checks that hold it, by name; without them, those of before still do.
    """
    last = read_status(settings)
    why = last["reasons"] if reasons is None else dict(reasons)
    status = {
        **last,
        "state": "stale",
        "stale_since": last["stale_since"] or now(),
        "failed_checks": last["failed_checks"] if reasons is None else list(why),
        "marked_checks": last["marked_checks"] if marked_checks is None else marked_checks,
        "reasons": why,
        "error": error,
    }
    write_status(settings, status)


def now() -> str:
    """The instant as the status has it."""
    return dt.datetime.now(dt.UTC).isoformat()


def _publication(path: Path) -> tuple[dict[str, Any] | None, str]:
    """What the file says of itself, None when it says nothing; and why it cannot be opened."""
    import duckdb

    from connectors.errors import Refused
    from connectors.published_file import open_published

    try:
        with open_published(path) as published:
            row = published.execute(
                "select published_at, as_of, content, marked_checks from marts.mart_publication"
            ).fetchone()
    except Refused as error:
        if isinstance(error.__cause__, duckdb.CatalogException):  # of a version before this one
            return None, ""
        return None, str(error)
    if row is None:
        return None, ""
    published_at, as_of, content, marked = row
    return {
        "state": "fresh",
        "published_at": published_at.astimezone(dt.UTC).isoformat(),
        "as_of": as_of.astimezone(dt.UTC).isoformat() if as_of else None,
        "content": content,
        "marked_checks": marked,
    }, ""


def _identity(path: Path) -> tuple[list[int] | None, str]:
    """What tells the file from the one before, None when there is none; and why it may not be read."""
    identity = None
    try:
        stat = path.stat()
        identity = [stat.st_ino, stat.st_size, stat.st_mtime_ns]
        path.open("rb").close()
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        why = f"{error.strerror}; expected that this user may read it; `ls -l` says whose it is"
        return identity, f"published ({path}): {why}"
    return identity, ""


def _mark(settings: Settings, since: str | None) -> None:
    """An empty file, which fits on a full disk, as old as the publication is stale."""
    marker = _marker(settings)
    marker.touch()
    if since:
        microseconds = round(dt.datetime.fromisoformat(since).timestamp() * 1_000_000)
        os.utime(marker, ns=(microseconds * 1000, microseconds * 1000))


def _marked_since(settings: Settings) -> str | None:
    try:
        stat = _marker(settings).stat()
    except OSError:
        return None
    return dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC).isoformat()


def _path(settings: Settings) -> Path:
    return settings.published_file.with_name("status.json")


def _marker(settings: Settings) -> Path:
    return settings.published_file.with_name("status.stale")

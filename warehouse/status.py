"""Says how good the published file is: ``status.json`` beside it, written by publish, read by everyone.

Imports neither DuckDB nor anything of the build, so that a command line can ask quickly.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from settings import Settings

NEVER: dict[str, Any] = {
    "published_at": None,
    "state": "missing",
    "stale_since": None,
    "as_of": None,
    "failed_checks": [],
    "marked_checks": [],
    "reasons": {},
    "content": "",
}


def read_status(settings: Settings) -> dict[str, Any]:
    """``published_at``, ``state`` (fresh, stale or missing), ``failed_checks`` that hold the publication.

    Beside them ``stale_since``, the build's ``as_of``, ``marked_checks`` that failed without holding,
    ``reasons`` of the failed checks by name, and ``content``, which differs between publications that say
    different things.
    """
    path = _path(settings)
    if not path.is_file():
        return dict(NEVER)
    status: dict[str, Any] = NEVER | json.loads(path.read_text(encoding="utf-8"))
    return status


def write_status(settings: Settings, status: dict[str, Any]) -> None:
    """Replace the status at once; a reader sees the old one or the new one."""
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.write_text(json.dumps(status, indent=1), encoding="utf-8")
    fresh.replace(path)


def _path(settings: Settings) -> Path:
    return settings.published_file.with_name("status.json")

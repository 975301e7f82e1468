"""The reports as a folder of files, for those who have no server: the same pages, linked to one another.

a viewer and the site ─▶ every page, then the rows and records that those link to ─▶ files, each put in place
whole, those of the time before taken away. What needs a server (filters, sorting, sign-in) is left out.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.access.viewer import COMPANY, Viewer
from reports.site import Site, pages
from reports.texts import LANGUAGES
from reports.told import NotFound
from reports.web.app import STATIC

RECORDS = 150
"""Records that get a page in each language, nearest to the front page first; the server has them all."""
FOLDERS = ("rows", "records", "numbers")


@dataclass
class Folder:
    """Which file stands for which address, in one language; new addresses wait in ``due``."""

    language: str
    due: deque[tuple[str, Mapping[str, Any]]] = field(default_factory=deque)
    files: dict[str, str] = field(default_factory=dict)
    records: int = 0

    def file(self, path: str, asked: Mapping[str, Any]) -> str | None:
        """The file of an address, from the folder's root; ``None`` for a record beyond the last."""
        asked = {name: str(value) for name, value in sorted(asked.items()) if value is not None}
        address = f"{path}?{asked}"
        if address not in self.files:
            if path.startswith("/records/"):
                if self.records >= RECORDS:
                    return None
                self.records += 1
            self.files[address] = _file_name(path, asked, self.language)
            self.due.append((path, asked))
        return self.files[address]


@dataclass(frozen=True)
class Beside:
    """Addresses as they stand in one file of the folder: relative to it."""

    folder: Folder
    here: str
    is_static: bool = True

    def __call__(self, path: str, filters: Mapping[str, Any]) -> str | None:
        """The relative address of a file; of the same page in the other language for ``/language/…``."""
        up = "../" * self.here.count("/")
        if path.startswith("/static/"):
            return up + path.removeprefix("/")
        if path.startswith("/language/"):
            return up + _front(path.removeprefix("/language/"))
        file = self.folder.file(path, filters)
        return None if file is None else up + file


def render_folder(
    site: Site, out: Path, *, viewer: Viewer = COMPANY, languages: tuple[str, ...] = LANGUAGES
) -> list[Path]:
    """Write everything into ``out`` and give the pages' files, each language's front page first.

    ``Refused`` when nothing was published yet; what is not a page of the reports stays as it is.
    """
    written: list[Path] = []
    for language in languages:
        folder = Folder(language)
        for key in pages():
            folder.file("/" if key == "morning" else f"/{key}", {})
        for name, text in _rendered(site, viewer, folder):
            written.append(put(out / name, text))
    _static(out)
    for name in FOLDERS:
        for file in (out / name).glob("*.html"):
            if file not in written:
                file.unlink()
    return written


def _rendered(site: Site, viewer: Viewer, folder: Folder) -> Iterator[tuple[str, str]]:
    while folder.due:
        path, asked = folder.due.popleft()
        name = folder.file(path, asked) or ""
        look = site.look(viewer, locale=folder.language, addresses=Beside(folder, name))
        try:
            yield name, site.at(look, path, asked)
        except NotFound as missing:
            yield name, site.problem(look, 404, "not_found", missing)


def _file_name(path: str, asked: Mapping[str, str], language: str) -> str:
    ending = ".html" if language == "en" else f".{language}.html"
    parts = [part for part in path.split("/") if part]
    if not parts:
        return _front(language)
    # Any name may stand in an address: a file's is made of what every file system takes.
    plain = re.sub(r"[^\w.-]+", "-", "-".join(parts[1:] or parts))
    if asked or plain != "-".join(parts[1:] or parts):
        plain += "-" + hashlib.sha256(f"{path}{asked}".encode()).hexdigest()[:8]
    return f"{parts[0]}/{plain}{ending}" if parts[0] in FOLDERS else f"{plain}{ending}"


def _front(language: str) -> str:
    return "index.html" if language == "en" else f"index.{language}.html"


def _static(out: Path) -> None:
    (out / "static").mkdir(parents=True, exist_ok=True)
    for file in STATIC.iterdir():
        shutil.copyfile(file, out / "static" / file.name)


def put(out: Path, text: str) -> Path:
    """``text`` at ``out``, whole or not at all: whoever reads meanwhile sees the page before."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return out

"""Writes ``docs/pictures/``: every page of the reports as a desk and as a phone shows it.

The published company ─▶ the reports' own server on 127.0.0.1 ─▶ the system's Chromium ─▶ small PNG files. It
shows the whole company's view and asks nobody to sign in; it makes no page.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.errors import Misconfigured, Refused
from settings import Settings

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZES = {"desk": (1440, 1400), "phone": (390, 1400)}
"""Width and height: what a reader sees before scrolling, and some more."""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--virtual-time-budget=3000",
    "--blink-settings=preferredColorScheme=1", "--lang=en",
)  # fmt: skip
COLOURS = 128
TAKES_S = 60


def take(settings: Settings, *, folder: Path = PICTURES) -> list[Path]:
    """Take every page's pictures; their paths. ``Misconfigured`` without Chromium or a publication."""
    from reports.site import pages

    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise Misconfigured("pictures are taken with Chromium, and none is here: apt-get install chromium")
    if not settings.published_file.exists():
        raise Misconfigured("no warehouse was published yet; `./triada demo` makes one to take pictures of")
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with _serving(settings) as base:
        for key in pages():
            for size, (width, height) in SIZES.items():
                path = folder / f"{key}-{size}.png"
                address = f"{base}/{'' if key == 'morning' else key}"
                _shoot(browser, address, path, width=width, height=height)
                taken.append(path)
    return taken


def _shoot(browser: str, address: str, path: Path, *, width: int, height: int) -> None:
    with tempfile.TemporaryDirectory() as profile:
        shot = Path(profile) / "shot.png"
        command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        done = subprocess.run(
            [*command, f"--screenshot={shot}", address], capture_output=True, timeout=TAKES_S, check=False
        )
        if not shot.exists():
            raise Refused(f"pictures: {browser} took none of {address}; it said {done.stderr[-200:]!r}")
        _shrink(shot, path)


def _shrink(shot: Path, path: Path) -> None:
    """The same in a palette, where Pillow is there to make one: a fifth of the size, and no eye sees it."""
    try:
        from PIL import Image
    except ImportError:
        shutil.copyfile(shot, path)
        return
    with Image.open(shot) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    import uvicorn

    from reports.access.viewer import COMPANY
    from reports.web.app import application
    from reports.web.serve import site_of

    app = application(site_of(settings), signed_in=lambda _request: COMPANY)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)

"""Readers of the reports: one after another for a page's own time, and many at once while publications go on.

An address and pages in; seconds, errors and bytes out. A reader reads what came before asking for more.
"""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import httpx

from benchmarks.reports.server import ROOT, WHO
from settings import Settings

PERIODS = ("30d", "90d", "180d", "12m")
READS_S = (1.0, 3.0)
LOOKS = 8
"""Pages that each of the crowd opens."""
# The roles of a company of sixty: most of those who read sell.
ROLES = ("executive", "finance", "sales_manager", "sales", "sales", "sales", "production", "hr")
PEOPLE = {
    "executive": "E-0001",
    "finance": "E-0002",
    "sales_manager": "E-0004",
    "production": "E-0009",
    "hr": "E-0006",
}
WORDS = re.compile(r"<main.*?</main>", re.DOTALL)


@dataclass
class Crowd:
    """What the crowd saw."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    publications: int = 0


def p95(seconds: list[float]) -> float:
    """The 95th percentile, nearest rank."""
    return sorted(seconds)[-(-len(seconds) * 95 // 100) - 1]


def pages(base: str) -> list[str]:
    """The pages that the navigation names."""
    front = httpx.get(f"{base}/", timeout=60).text
    navigation = re.search(r'<nav class="pages".*?</nav>', front, re.DOTALL)
    return re.findall(r'href="(/[^"]*)"', navigation.group(0)) if navigation else []


def first_looks(base: str, asked: list[str]) -> dict[str, float]:
    """Seconds of each page when nobody has asked for it before, whether it was made in time or not."""
    return {page: _timed(base, page) for page in asked}


def is_made(base: str, page: str) -> bool:
    """Whether a page is made at all within what the reports allow a question."""
    return httpx.get(f"{base}{page}", timeout=120).is_success


def one_after_another(base: str, page: str, *, rounds: int) -> list[float]:
    """Seconds of a page on a warm process: as it is and narrowed, as readers ask in turn."""
    known = [page, *(f"{page}?period={period}" for period in PERIODS)]
    with httpx.Client(base_url=base, timeout=60) as client:
        addresses = [address for address in known if client.get(address).status_code == 200]
        seconds = []
        for _ in range(rounds):
            for address in addresses:
                began = time.perf_counter()
                client.get(address).raise_for_status()
                seconds.append(time.perf_counter() - began)
    return seconds


def weight(base: str, page: str) -> int:
    """Bytes of a page with what it loads, as they go over the wire to a browser that has nothing yet."""
    html = httpx.get(f"{base}{page}", timeout=60)
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html.text))
    return len(html.content) + sum(len(httpx.get(f"{base}{one}", timeout=60).content) for one in loaded)


def is_readable(base: str, page: str) -> bool:
    """Whether the finding and figures stand in the HTML, before any script or picture."""
    text = httpx.get(f"{base}{page}", timeout=60).text
    main = WORDS.search(text)
    words = re.sub(r"<[^>]+>", " ", main.group(0)) if main else ""
    return "<h1>" in text and bool(re.search(r"\d", words))


def crowd(base: str, asked: list[str], *, readers: int) -> Crowd:
    """All readers at once, each with a scope of their own."""
    seen = Crowd()
    asyncio.run(_crowd(base, asked, seen, readers=readers))
    return seen


def crowd_while_publishing(base: str, asked: list[str], settings: Settings, *, readers: int) -> Crowd:
    """The same while the company is published again and again."""
    seen = Crowd()
    command = [sys.executable, "-m", "benchmarks.reports.company", str(settings.home)]
    publishing = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    counting = threading.Thread(target=_count, args=(publishing, seen), daemon=True)
    counting.start()
    try:
        while not seen.publications and publishing.poll() is None:
            time.sleep(0.1)
        asyncio.run(_crowd(base, asked, seen, readers=readers))
    finally:
        publishing.terminate()
        publishing.wait(timeout=60)
        counting.join(timeout=10)
    return seen


def _count(publishing: subprocess.Popen[str], seen: Crowd) -> None:
    for _ in publishing.stdout or ():
        seen.publications += 1


async def _crowd(base: str, asked: list[str], seen: Crowd, *, readers: int) -> None:
    limits = httpx.Limits(max_connections=readers)
    async with httpx.AsyncClient(base_url=base, timeout=60, limits=limits) as client:
        await asyncio.gather(*(_reader(client, asked, seen, who=n) for n in range(readers)))


async def _reader(client: httpx.AsyncClient, asked: list[str], seen: Crowd, *, who: int) -> None:
    chance, role = random.Random(who), ROLES[who % len(ROLES)]
    employee = PEOPLE.get(role) or f"E-{17 + who % 15:04}"
    for _ in range(LOOKS):
        began = time.perf_counter()
        answer = await client.get(chance.choice(asked), headers={WHO: f"{role}:{employee}"})
        if answer.status_code == 403:  # a page of another role is refused at once, which is no page's time
            continue
        seen.seconds.append(time.perf_counter() - began)
        seen.errors += answer.status_code != 200
        await asyncio.sleep(chance.uniform(*READS_S))


def _timed(base: str, page: str) -> float:
    began = time.perf_counter()
    httpx.get(f"{base}{page}", timeout=120)
    return time.perf_counter() - began

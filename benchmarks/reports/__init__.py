"""How fast the reports answer over 80,000 orders, alone and with fifty readers while publications go on.

A company twenty times the seeded one ─▶ published ─▶ served by a process of its own on 127.0.0.1 ─▶ asked
over HTTP. Every row stands beside its goal. Readers are people with scopes of their own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

GOALS_S = {"page": 0.150, "crowd": 1.0}
WEIGHT_KB = 700


def run(*, times: int = 20, rounds: int = 20, readers: int = 50) -> list[dict[str, Any]]:
    """A row a page for its time; one each for the crowd, the heaviest page, and what stands in the HTML."""
    from benchmarks.reports import asking
    from benchmarks.reports.company import publish_at
    from benchmarks.reports.server import serving

    with tempfile.TemporaryDirectory() as home:
        settings, orders = publish_at(Path(home), times=times)
        with serving(settings) as base:
            pages = asking.pages(base)
            first = asking.first_looks(base, pages)
            made = [page for page in pages if asking.is_made(base, page)]
            alone = {page: asking.p95(asking.one_after_another(base, page, rounds=rounds)) for page in made}
            weights = {page: asking.weight(base, page) for page in pages}
            silent = [page for page in pages if not asking.is_readable(base, page)]
            opening = asking.crowd(base, pages, readers=readers)
            crowd = asking.crowd_while_publishing(base, pages, settings, readers=readers)
    return [
        *(_row(f"{page}, server time p95", orders, seconds, "page") for page, seconds in alone.items()),
        *({**_row(f"{page}, not made in time", orders, first[page], "page"), "met": False}
          for page in pages if page not in made),
        _row("the slowest page that nobody opened before", orders, max(first.values()), None),
        {**_row(f"{readers} readers at once who open pages that nobody opened, p95", orders,
                asking.p95(opening.seconds), None), "asked": len(opening.seconds), "errors": opening.errors},
        {**_row(f"the same {readers} again, publications going on, p95", orders,
                asking.p95(crowd.seconds), "crowd"),
         "asked": len(crowd.seconds), "errors": crowd.errors, "publications": crowd.publications,
         "met": asking.p95(crowd.seconds) <= GOALS_S["crowd"] and not crowd.errors},
        _weight(weights),
        _plain(silent, pages),
    ]  # fmt: skip


def _row(name: str, rows: int | None, seconds: float, goal: str | None) -> dict[str, Any]:
    limit = GOALS_S[goal] if goal else None
    return {
        "name": f"reports: {name}",
        "rows": rows,
        "seconds": round(seconds, 3),
        "baseline": "goal, seconds",
        "baseline_seconds": limit,
        "ratio": round(seconds / limit, 2) if limit else None,
        "goal": 1.0 if limit else None,
        "met": seconds <= limit if limit else None,
    }


def _weight(weights: dict[str, int]) -> dict[str, Any]:
    page, heaviest = max(weights.items(), key=lambda one: one[1])
    return {
        "name": f"reports: the heaviest page before caching, {page}, kB",
        "rows": round(heaviest / 1000),
        "seconds": None,
        "baseline": "goal, kB",
        "baseline_seconds": None,
        "ratio": round(heaviest / 1000 / WEIGHT_KB, 2),
        "goal": 1.0,
        "met": heaviest < WEIGHT_KB * 1000,
    }


def _plain(silent: list[str], pages: list[str]) -> dict[str, Any]:
    return {
        "name": "reports: pages whose finding and figures stand in the HTML itself",
        "rows": len(pages) - len(silent),
        "seconds": None,
        "baseline": "all pages",
        "baseline_seconds": None,
        "ratio": round((len(pages) - len(silent)) / len(pages), 2),
        "goal": 1.0,
        "met": not silent,
    }

"""``docs/faults.md`` from the declared faults: what was planted, and the answer it must meet.

``triada docs`` writes it; a test holds it current.
"""

from __future__ import annotations

from stores.seed.faults import FAULTS

_INTRODUCTION = """# Planted faults

Generated from `stores/seed/faults.py`. The seeded company has these faults on purpose; each must meet the
answer given here when the flows run. `YYYY` is the year of the seed's last day, `DAY` the day it is seeded
for.

| fault | where | key | right answer | rule | rows |
|---|---|---|---|---|---|"""


def faults_page() -> str:
    """The page as Markdown."""
    rows = [
        f"| {fault.title} | `{fault.stream}` | {', '.join(f'`{key}`' for key in fault.keys)} "
        f"| {fault.answer} | `{fault.rule}` | {fault.count} |"
        for fault in FAULTS
    ]
    return "\n".join([_INTRODUCTION, *rows, ""])

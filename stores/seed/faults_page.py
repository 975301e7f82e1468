"""``docs/faults.md`` from the declared faults: what was planted, and the answer it must meet.

``python -m stores.seed.faults_page > docs/faults.md`` writes it; a test holds it current.
"""

from __future__ import annotations

import datetime as dt

from stores.seed.faults import Fault, faults, year

_INTRODUCTION = """# Planted faults

Generated from `stores/seed/faults.py`. The seeded company has these faults on purpose; each must meet the
answer given here when the flows run. `YYYY` is the year of the seed's last day, `DAY` the day it is seeded
for.

| fault | where | key | right answer | rule | rows |
|---|---|---|---|---|---|"""


def faults_page(as_of: dt.date) -> str:
    """``docs/faults.md``: the table of all planted faults, with ``YYYY`` for the year of the seed."""
    day = as_of.isoformat()
    rows = [
        f"| {fault.title} | `{fault.stream}` | {_keys(fault, day, str(year(as_of)))} "
        f"| {fault.answer} | `{fault.rule}` | {fault.count} |"
        for fault in faults(as_of)
    ]
    return "\n".join([_INTRODUCTION, *rows, ""])


def _keys(fault: Fault, day: str, lived: str) -> str:
    return ", ".join(f"`{key.replace(day, 'DAY').replace(f'-{lived}-', '-YYYY-')}`" for key in fault.keys)


if __name__ == "__main__":
    print(faults_page(dt.date(2000, 7, 1)), end="")

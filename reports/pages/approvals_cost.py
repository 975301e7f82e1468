"""What waiting for decisions costs: the money that stands still, now and on an average day.

Open and decided requests as the viewer may see them ─▶ money times days by kind, and the day's average of
the period. It puts no price on a day: what standing money costs is the company's own to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.look import Look
from reports.pages.approvals_rows import REQUESTS, REQUESTS_ASKED, narrowed

OPEN = f"""
    select kind, count(*) as requests, sum(amount) as amount, max(waited_days) as longest_days,
        sum(cast(amount * waited_days as decimal(18, 4))) as money_days
    from ({REQUESTS}) as found
    where is_open and {REQUESTS_ASKED}
    group by kind order by money_days desc nulls last, longest_days desc, kind"""
# A request's money stands still from the instant it is asked for until it is decided; only the part of that
# within the period counts, so the sum over the period's length is what stood still on its average day.
STOOD = f"""
    select sum(cast(amount * greatest(0, epoch(least(coalesce(decided_at, as_of), as_of))
        - epoch(greatest(requested_at, as_of - to_days($days)))) / 86400 as decimal(18, 4))) / $days as amount
    from ({REQUESTS}) as found
    where amount is not null and (is_open or decided_at > as_of - to_days($days)) and {REQUESTS_ASKED}"""


def cost(look: Look, period_days: int) -> Mapping[str, Any]:
    """Open requests by kind, all together, and the money that stood still on an average day."""
    kinds = look.rows(OPEN, **narrowed(look))
    known = [row for row in kinds if row["amount"] is not None]
    return {
        "kinds": kinds,
        "requests": sum(row["requests"] for row in kinds),
        "amount": sum(row["amount"] for row in known) if known else None,
        "money_days": sum(row["money_days"] for row in known) if known else None,
        "top": max((row["money_days"] for row in known), default=None),
        "longest_days": max((row["longest_days"] for row in kinds), default=None),
        "stood_amount": look.one(STOOD, days=period_days, **narrowed(look))["amount"],
    }

"""Who looks at a report.

A viewer is what a sign-in, a mail's addressee or the command line stands for; ``scope`` says what that
viewer may see.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("executive", "finance", "sales_manager", "sales", "production", "hr", "staff")
"""Roles as ``oa.employees.role`` has them; the OA says who has which."""


@dataclass(frozen=True)
class Viewer:
    """Somebody who reads reports: ``employee_no`` is the person in the OA, ``None`` for nobody's own."""

    name: str
    role: str
    employee_no: str | None = None
    user_no: int | None = None
    locale: str = "en"


COMPANY = Viewer(name="", role="executive")
"""Who sees the whole company: the command line, whose user can read the published file anyway."""

"""The publication's day as a select, for row sets and numbers that count days.

It is the company's own day, as ``Look.today`` is: the calendar of no country has the company's zone.
"""

from __future__ import annotations

TODAY = """
    select as_of, cast(as_of at time zone coalesce(
        (select any_value(timezone) from core.dim_date where country = '--'), 'UTC') as date) as on_date
    from marts.mart_publication"""

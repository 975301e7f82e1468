"""The publication's day as a select, for row sets and numbers that count days.

It is the company's own day, as ``Look.today`` is: the calendar of no country has the company's zone.
"""

from __future__ import annotations

TODAY = """
    select as_of, zone, cast(as_of at time zone zone as date) as on_date
    from marts.mart_publication
    cross join (
        select coalesce(any_value(timezone), 'UTC') as zone from core.dim_date where country = '--')"""

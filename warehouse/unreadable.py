"""Says what came where a value could not be read, such as ``amount is 'NaN', expected a decimal``.

a column of an arrival ─▶ the SQL of its words in ``_unreadable``; those words ─▶ the columns named there. It
runs nothing.
"""

from __future__ import annotations

SHOWN = 40
"""So many characters are told of what came."""

_EXPECTED = {
    "decimal": "a decimal",
    "date": "a date",
    "timestamptz": "an instant",
    "bool": "true or false",
    "": "a whole number",
}


def problem(name: str, came: str, kind: str, *, first: str = "") -> str:
    """What came and what was expected; ``first`` is the first value that the kind can hold.

    PostgreSQL's last instants come as some before all of them: what they were nobody can tell.
    """
    text = f"cast({came} as varchar)"
    cut = f"case when length({text}) > {SHOWN} then left({text}, {SHOWN}) || '…' else {text} end"
    shown = f"chr(39) || replace({cut}, chr(39), chr(39) || chr(39)) || chr(39)"
    if first:
        cast = f"try_cast({came} as {kind})"
        shown = f"case when isfinite({cast}) and {cast} < {first} then 'out of range' else {shown} end"
    expected = next(said for beginning, said in _EXPECTED.items() if kind.startswith(beginning))
    return f"'{name} is ' || {shown} || ', expected {expected}'"


def columns_not_read(relation: str) -> str:
    """A select of the columns that ``_unreadable`` names; what came is in quotes there, its own doubled."""
    told = "regexp_replace(_unreadable, chr(39) || '[^' || chr(39) || ']*' || chr(39), '', 'g')"
    return (
        f"select distinct unnest(regexp_extract_all({told}, '(\\w+) is ', 1)) from {relation} "
        "where _unreadable <> ''"
    )

"""Says what came where a value could not be read, such as ``amount is 'NaN', expected a decimal``.

What may be somebody's name, number or address, in a column where nobody looks for it, is not repeated.

a column of an arrival ─▶ the SQL of its words in ``_unreadable``; those words ─▶ the columns named there. It
runs nothing.
"""

from __future__ import annotations

# A short number, a day or an instant, or a word for what is no number, however it is written.
_SHOWN = (
    "^(|[-+0-9.,e]{1,7}|[-+]?(nan|inf(inity)?)"
    "|([0-9]{4,6}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{2}|[0-9]{4}))"
    "([ T][0-9:.+Z-]{1,24})?( \\(BC\\))?)$"
)

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
    shown = (
        f"case when regexp_matches({text}, '{_SHOWN}', 'i') then chr(39) || {text} || chr(39) "
        f"else 'a text of length ' || length({text}) end"
    )
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

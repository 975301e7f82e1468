"""The staged lines of staged documents: which belong to which head, which to none, and which do not agree.

Queries over one stage; makes no rows of a stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import models
from connectors.mapped_stage import NTH, NUMBER, VERSIONS, Stage
from connectors.mapped_values import quoted
from connectors.mapping import Document

HEAD = "?head"


def of_heads(stage: Stage, document: Document, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The lines of the heads with these numbers; a line that is repeated as it is comes once."""
    head, lines = stage.heads[document.stream].name, stage.lines[document.stream].name
    key = quoted(document.key)
    query = f"""
        select {head}."{NUMBER}" as "{HEAD}", {lines}.*
        from {head} join {lines} on {head}.{key} = {lines}.{key}
        where {head}."{NUMBER}" in (select unnest(?))
            and ({lines}."{NTH}" = 1 or {lines}."{VERSIONS}" > 1)
        order by {lines}."{NUMBER}"
    """
    return stage.rows(query, list(numbers))


def orphans(stage: Stage, document: Document) -> dict[str | None, int]:
    """How many lines there are of heads that the source does not have, by the head's key."""
    if document.lines is None:
        return {}
    head, lines = stage.heads[document.stream].name, stage.lines[document.stream].name
    key = quoted(document.key)
    query = f"""
        select {key}::varchar as head, count(*) as lines from {lines}
        where {key} is null or {key} not in (select {key} from {head} where {key} is not null)
        group by 1 order by 1
    """
    return {row["head"]: row["lines"] for row in stage.rows(query)}


def unequal(stage: Stage, document: Document) -> set[str]:
    """Heads that come more than once, the same each time, but not with the same lines."""
    if document.lines is None:
        return set()
    head, lines = stage.heads[document.stream].name, stage.lines[document.stream].name
    (line,) = (column.name for column in models.stream_table(document.lines.stream).primary_key.columns)
    key = quoted(document.key)
    query = f"""
        select {key} as head from (
            select {key}, count(*) as times from {lines}
            where {key} in (select {key} from {head} where "{NTH}" > 1)
            group by {key}, {quoted(line)}
        ) group by {key} having count(distinct times) > 1
    """
    return {row["head"] for row in stage.rows(query)}

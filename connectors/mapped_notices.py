"""What a person should know about an import beside its counts: what was ignored, corrected, merged or kept.

Asks the staged rows; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.mapped_stage import NTH, VERSIONS, Stage
from connectors.mapped_values import quoted


def notices(stage: Stage) -> list[str]:
    """One line for each thing: first what the stage noted while it was made."""
    return [*stage.notices, *_merged(stage), *_kept(stage)]


def _merged(stage: Stage) -> Iterator[str]:
    """Repeats of the same; those with other contents are in the quarantine."""
    for staged in (*stage.heads.values(), *stage.lines.values()):
        repeats = stage.count(f'select count(*) from {staged.name} where "{NTH}" > 1 and "{VERSIONS}" = 1')
        if repeats:
            yield f"merged: {staged.part.stream}, {repeats} repeated rows with the same key and contents"


def _kept(stage: Stage) -> Iterator[str]:
    """Rows that pass by the mapping's own word, and those it wants told."""
    for staged in (*stage.heads.values(), *stage.lines.values()):
        for mark, guard in staged.guards.items():
            marked = f'select count({quoted(mark)}) from {staged.name} where "{NTH}" = 1'
            rows = stage.count(marked) if guard.kept else 0
            if rows:
                yield f"{guard.rule}: {staged.part.stream}, {rows} rows: {guard.kept}"

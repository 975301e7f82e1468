"""Names that come close to a mistyped one, for messages that help."""

from __future__ import annotations

from collections.abc import Iterable

# Below this likeness (of 100) a suggestion confuses more than it helps; "GTXPro" and "GTX Pro" have 92.
LIKE = 60
SHOWN = 3


def near(name: str, names: Iterable[str]) -> list[str]:
    """The names most like ``name``, best first, whatever their case; at most three."""
    from rapidfuzz import fuzz, process, utils

    known = [each for each in dict.fromkeys(names) if each]
    found = process.extract(
        name, known, scorer=fuzz.ratio, processor=utils.default_process, limit=SHOWN, score_cutoff=LIKE
    )
    return [each for each, _score, _index in found]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """``; close to 'a', 'b'``, or nothing when no name comes close."""
    found = near(name, names)
    return f"; close to {', '.join(map(repr, found))}" if found else ""

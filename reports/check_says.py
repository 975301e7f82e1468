"""What a check wants to be so, in the reader's language: the sentences stand with the checks themselves.

The English sentence of ``mart_check`` ─▶ the same as ``warehouse/gates`` says it in Spanish. One that is
declared no more, such as a check of an earlier version, stays in English.
"""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from reports.reader import Reader


def said(reader: Reader, says: str) -> str:
    """The sentence in the reader's language, where there is one."""
    return _spanish().get(says, says) if reader.locale.language == "es" else says


def marked(reader: Reader, says: str) -> Markup:
    """The same for a page, which tells a voice when it is English among another language."""
    sentence = said(reader, says)
    foreign = reader.locale.language != "en" and sentence == says
    return (Markup('<span lang="en">{}</span>') if foreign else Markup("{}")).format(sentence)


@cache
def _spanish() -> dict[str, str]:
    # Only who reads in Spanish waits for the warehouse's own modules, once.
    from warehouse.gates.declared import load_gates

    return {gate.says: gate.says_es for gate in load_gates() if gate.says_es}

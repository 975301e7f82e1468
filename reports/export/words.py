"""What an export says of itself, in the languages of the reports."""

from __future__ import annotations

from collections.abc import Mapping

from reports.texts import LANGUAGES

__all__ = ["LANGUAGES", "words"]

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"about": "About", "title": "Title", "as_of": "Data as of", "filter": "Filter",
           "by": "Exported by", "at": "Exported at"},
    "es": {"about": "Acerca de", "title": "Título", "as_of": "Datos a fecha de", "filter": "Filtro",
           "by": "Exportado por", "at": "Exportado el"},
}  # fmt: skip


def words(locale: str) -> Mapping[str, str]:
    """The words of a locale such as ``es_MX``; English where there are none in its language."""
    return _WORDS.get(locale.replace("-", "_").partition("_")[0], _WORDS["en"])

"""The report's words: ``texts.LANGUAGE.yml`` for all pages, ``texts/LANGUAGE/PAGE.yml`` for one.

Files come in, a flat mapping of dotted keys goes out, a page's keys under the page's name. It fills in no
values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from markupsafe import Markup

LANGUAGES = ("en", "es")
HERE = Path(__file__).parent


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Mapping[str, Any]:
    """Every text of a language under its dotted key; plural forms stay a mapping ``{one, other}``."""
    found = dict(_flat(yaml.safe_load((HERE / f"texts.{language}.yml").read_text("utf-8")), ""))
    for file in sorted((HERE / "texts" / language).glob("*.yml")):
        found |= _flat(yaml.safe_load(file.read_text("utf-8")), f"{file.stem}.")
    return MappingProxyType(found)


def plain(text: Markup) -> str:
    """Markup as text on one line; where it must not break, it still does not."""
    return re.sub(r"[ \t\r\n]+", " ", Markup(re.sub(r"<[^>]*>", "", text)).unescape()).strip()


def _flat(node: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in node.items():
        if isinstance(value, Mapping) and "other" not in value:
            pairs += _flat(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", value))
    return pairs

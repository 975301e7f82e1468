"""The report's words, one file a language beside this one, each text under its dotted key.

``texts.en.yml`` and ``texts.es.yml`` come in, a flat mapping goes out. It fills in no values.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

LANGUAGES = ("en", "es")


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Mapping[str, Any]:
    """Every text of a language under its dotted key; plural forms stay a mapping ``{one, other}``."""
    document = yaml.safe_load(Path(__file__).with_name(f"texts.{language}.yml").read_text("utf-8"))
    return MappingProxyType(dict(_flat(document, "")))


def _flat(node: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in node.items():
        if isinstance(value, Mapping) and "other" not in value:
            pairs += _flat(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", value))
    return pairs

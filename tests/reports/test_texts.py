"""Both languages say the same things, all of them needed and none missing."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.texts import LANGUAGES, texts

REPORTS = Path(__file__).resolve().parents[2] / "reports"
SOURCE = "\n".join(path.read_text() for kind in ("*.py", "*.j2") for path in sorted(REPORTS.rglob(kind)))
SECTIONS = re.findall(r'"(\w+)": (?:_|outlook\.)\w+,', SOURCE)


def forms(value: Any) -> list[str]:
    return list(value.values()) if isinstance(value, dict) else [value]


def fields(value: Any) -> set[str]:
    return {
        name for form in forms(value) for _, name, _, _ in string.Formatter().parse(form) if name is not None
    }


def used() -> Iterator[str]:
    yield from re.findall(r'\b(?:t|text)\(\s*"([\w.]+)"', SOURCE)
    yield from re.findall(r'"((?:cash|needs|sign_in)\.\w+)"', SOURCE)
    for section in SECTIONS:
        yield from (f"{section}.title", f"{section}.empty")


def test_both_languages_have_the_same_keys_and_values() -> None:
    english, spanish = (texts(language) for language in LANGUAGES)
    assert list(english) == list(spanish)
    for key in english:
        assert fields(english[key]) == fields(spanish[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_says_something_and_plurals_are_whole(language: str) -> None:
    for key, value in texts(language).items():
        assert all(isinstance(form, str) and form.strip() for form in forms(value)), key
        if isinstance(value, dict):
            assert set(value) == {"one", "other"}, key


def test_spanish_is_translated() -> None:
    english, spanish = (texts(language) for language in LANGUAGES)
    same = {
        key for key in english if english[key] == spanish[key] and re.search(r"[a-z]{3}", str(english[key]))
    }
    assert same == {"needs.gap_do", "unit.hours", "words.kind.plan"}


def test_every_text_that_is_asked_for_exists() -> None:
    assert SECTIONS and set(used()) <= set(texts("en"))


def test_no_text_is_kept_for_nothing() -> None:
    groups = set(re.findall(r'word\(\s*"(\w+)"', SOURCE)) | set(re.findall(r"words\.(\w+)[.{]", SOURCE))
    groups |= {f"metric_{part}" for part in ("title", "definition")}
    unused = {
        key
        for key in set(texts("en")) - set(used())
        if not (key.startswith("words.") and key.split(".")[1] in groups)
    }
    assert not unused

"""Both languages say the same things, all of them needed and none missing, and no page mixes them."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.access.viewer import Viewer
from reports.record_kinds import KINDS
from reports.record_related import PARTS
from reports.rows import row_sets
from reports.site import pages
from reports.texts import HERE, LANGUAGES, texts
from tests.reports.texts_used import TEMPLATES, Asked, in_modules, in_templates, literal_words, strings
from tests.reports.web.marked import World, build
from tests.reports.web.walk import app_over, walk

ENGLISH, SPANISH = (texts(language) for language in LANGUAGES)
CATALOGUES = sorted(HERE.glob("texts*/**/*.yml")) + sorted(HERE.glob("texts.*.yml"))
LONG = 14
"""Letters of a piece of a sentence that no other language has by chance."""


def forms(value: Any) -> list[str]:
    return list(value.values()) if isinstance(value, dict) else [value]


def fields(value: Any) -> set[str]:
    return {
        name for form in forms(value) for _, name, _, _ in string.Formatter().parse(form) if name is not None
    }


def declared() -> Iterator[str]:
    """What the frame asks for by the name of a page, a row set, a column, a filter or a kind of record."""
    for key, page in pages().items():
        yield from (f"{key}.title", f"{key}.question", f"{key}.empty")
        for one in page.filters:
            yield f"filter.{one.name}"
            yield from (f"words.{one.name}.{choice}" for choice in one.choices)
    for name, rows in row_sets().items():
        yield f"rows.{name}"
        yield from (f"column.{column.name}" for column in rows.columns)
        yield from (f"filter.{one.name}" for one in rows.filters)
    for kind, known in KINDS.items():
        yield f"words.record.{kind}"
        yield from (f"column.{column.name}" for column in known.facts)
        yield from (f"column.{column.name}" for part in PARTS[kind] for column in part.columns)


def matching(asked: Asked) -> set[str]:
    """The keys that an asked one can mean; what begins with something filled in begins with a page."""
    if asked.text in ("", "*") or not re.fullmatch(r"[\w.*-]+", asked.text):
        return set()
    pattern = re.escape(asked.text).replace(r"\*", r"[\w.:/ +-]+")
    if asked.text.startswith("*"):
        pattern = f"(?:{'|'.join(map(re.escape, pages()))}){re.escape(asked.text[1:])}"
    return {key for key in ENGLISH if re.fullmatch(pattern, key)}


def test_both_languages_have_the_same_keys_and_values() -> None:
    assert sorted(ENGLISH) == sorted(SPANISH)
    for key in ENGLISH:
        assert fields(ENGLISH[key]) == fields(SPANISH[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_says_something_and_plurals_are_whole(language: str) -> None:
    for key, value in texts(language).items():
        assert all(isinstance(form, str) and form.strip() for form in forms(value)), key
        if isinstance(value, dict):
            assert set(value) == {"one", "other"}, key


def test_spanish_is_translated() -> None:
    """A sentence of two words and more is never the same in both; a word may be, such as *total*."""
    same = {
        key
        for key in ENGLISH
        if ENGLISH[key] == SPANISH[key]
        and len(re.findall(r"[^\W\d_]{3,}", re.sub(r"\{.*?\}", "", str(ENGLISH[key])))) > 1
    }
    assert not same


def test_every_text_that_is_asked_for_exists() -> None:
    asked = [*in_templates(), *in_modules()]
    assert len(asked) > 40
    missing = {(one.text, one.where) for one in asked if one.is_whole and one.text not in ENGLISH}
    # Other things are called text and word too; a key has a dot.
    missing = {(key, where) for key, where in missing if "." in key}
    built = [one for one in asked if not one.is_whole and not one.text.startswith(("*", "words.*"))]
    missing |= {(one.text, one.where) for one in built if not matching(one)}
    assert not missing


def test_every_page_row_set_column_and_filter_has_its_texts() -> None:
    assert not sorted(set(declared()) - set(ENGLISH))


def test_no_text_is_kept_for_nothing() -> None:
    by_name = re.compile(r"(?:rows|column|filter)\.\*(?:\..*)?|words\.\*.*")
    used = set(declared())
    for one in (*in_templates(), *in_modules(), *strings()):
        if not by_name.fullmatch(one.text):
            used |= matching(one)
    shown = [rows.columns for rows in row_sets().values()] + [known.facts for known in KINDS.values()]
    shown += [part.columns for parts in PARTS.values() for part in parts]
    words = {column.words for columns in shown for column in columns if column.words}
    words |= {one.name for page in pages().values() for one in page.filters}
    words |= {one.words for rows in row_sets().values() for one in rows.filters}
    unused = {
        key for key in set(ENGLISH) - used if not (key.startswith("words.") and key.split(".")[1] in words)
    }
    assert not sorted(key for key in unused if not key.startswith("filter.all_"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_speaks_by_itself(path: Path) -> None:
    assert not literal_words(path)


def pieces(language: str) -> set[str]:
    """Parts of this language's sentences long enough to be told from any other's, as they stand in a page."""
    other = " ".join(
        form for one in LANGUAGES if one != language for value in texts(one).values() for form in forms(value)
    )
    said = (form for value in texts(language).values() for form in forms(value))
    found = {piece.strip() for form in said for piece in re.split(r"\{[^}]*\}|<[^>]*>", form)}
    return {piece for piece in found if len(piece) >= LONG and " " in piece and piece not in other}


def visible(page: str) -> str:
    """What is read of a page, with what is said by attributes."""
    return html.unescape(re.sub(r"<(?:script|style).*?</(?:script|style)>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize(("language", "other"), [("es", "en"), ("en", "es")])
def test_no_page_says_a_sentence_of_the_other_language(tmp_path: Path, language: str, other: str) -> None:
    file = build(tmp_path / "triada.duckdb", World())
    stale = {"warehouse": {"state": "held", "stale_since": "2026-11-19T05:00:00+00:00", "failed_checks": 2}}
    foreign = pieces(other)
    assert len(foreign) > 100
    for viewer in (Viewer("Exe", "executive", "E-0008"), Viewer("Stan", "staff", "E-0006")):
        answers = walk(app_over(file, viewer, standing=stale), {"order": ["CO-QZJOE-0"]}, language=language)
        for address, answer in answers.items():
            if address.partition("?")[0].endswith((".csv", ".xlsx", ".pdf")):
                continue
            text = visible(answer)
            assert f'<html lang="{language}">' in answer, address
            found = [piece for piece in foreign if piece in text]
            assert not found, (address, found)


class Once(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, of which YAML keeps the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), sorted({key for key in keys if keys.count(key) > 1})
        return super().construct_mapping(node, deep=deep)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_text_is_given_twice(path: Path) -> None:
    assert yaml.load(path.read_text("utf-8"), Loader=Once)

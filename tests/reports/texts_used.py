"""Which texts the templates and modules ask for, and which words stand in templates as they are.

Templates and modules are read as syntax, not run: a key that is put together becomes a pattern.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

REPORTS = Path(__file__).resolve().parents[2] / "reports"
MODULES = sorted(REPORTS.rglob("*.py"))
TEMPLATES = sorted(REPORTS.rglob("*.j2"))
SPOKEN = ("title", "alt", "aria-label", "placeholder", "data-says", "data-label", "summary")
SAYING = ("text", "t", "BadAddress", "NotFound")
NAMES = {"Tríada"}
"""Words that are the same in every language."""


@dataclass(frozen=True)
class Asked:
    """A key that is asked for: ``text`` with ``*`` where something is filled in; ``where`` for messages."""

    text: str
    where: str

    @property
    def is_whole(self) -> bool:
        return "*" not in self.text


def in_templates() -> Iterator[Asked]:
    """What ``t`` and ``word`` are given in templates; a word's group as ``words.GROUP.*``."""
    for path in TEMPLATES:
        for call in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Call):
            name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "")
            if call.args and name in ("t", "word", "text"):
                for said in _templates_text(call.args[0]):
                    yield Asked(f"words.{said}.*" if name == "word" else said, path.name)


def _templates_text(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, nodes.CondExpr) and node.expr2 is not None:
        return _templates_text(node.expr1) + _templates_text(node.expr2)
    if isinstance(node, nodes.Concat):
        return ["".join("".join(_templates_text(part)) for part in node.nodes)]
    if isinstance(node, nodes.Add):
        return [_templates_text(node.left)[0] + _templates_text(node.right)[0]]
    return ["*"]


def in_modules() -> Iterator[Asked]:
    """What ``text``, ``t`` and ``word``, and errors with a text, are given in modules."""
    for path in MODULES:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and call.args:
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                if name in (*SAYING, "word"):
                    for said in _modules_text(call.args[0]):
                        yield Asked(f"words.{said}.*" if name == "word" else said, path.name)


def strings() -> Iterator[Asked]:
    """Every string of a module or template that may be a key handed on, with ``*`` where it is filled in."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, str)
            ):
                for said in _modules_text(node):
                    yield Asked(said, path.name)
    for path in TEMPLATES:
        for const in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Const):
            yield Asked(str(const.value), path.name)


def _modules_text(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
        return ["".join(parts)]
    if isinstance(node, ast.IfExp):
        return _modules_text(node.body) + _modules_text(node.orelse)
    return ["*"]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def literal_words(path: Path) -> list[str]:
    """Words that stand in a template itself, between tags or in an attribute that is read out."""
    words = _Words()
    words.feed("".join(_written(Environment(autoescape=True).parse(path.read_text("utf-8")))))
    words.close()
    said = (word for text in words.found for word in re.findall(r"[^\W\d_]{2,}", text))
    return [word for word in said if word not in NAMES]


def _written(node: nodes.Node) -> Iterator[str]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(child, nodes.Expr):
            # Something is written here, which is not the template's own word.
            yield "0"
        else:
            yield from _written(child)

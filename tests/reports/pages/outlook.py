"""The small company of published_outlook, looked at: a page of it, its blocks, every address of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lxml import html

from reports.access.viewer import COMPANY, Viewer
from reports.look import Look
from reports.rows import find
from reports.site import Site

BEN = Viewer("Ben", "sales_manager", "E-2")
JOE = Viewer("Joe", "sales", "E-4")
PIA = Viewer("Pia", "production", "E-6")


def page(site: Site, key: str, viewer: Viewer = COMPANY, *, locale: str = "en", **given: str) -> Any:
    return html.fromstring(site.page(site.look(viewer, locale=locale), key, given))


def said(node: Any) -> str:
    return " ".join(node.text_content().split())


def block(document: Any, name: str) -> str:
    """What a block of the page says; empty where it is left out."""
    found = document.xpath(f"//section[@aria-labelledby='{name}-title']")
    return said(found[0]) if found else ""


def rows(site: Site, name: str, viewer: Viewer = COMPANY, **given: str) -> list[Any]:
    """The first rows of a set as the viewer sees them."""
    found, look = site.asked_rows(site.look(viewer), name, given)
    return find(look, found).rows


def links(document: Any) -> list[str]:
    return [link for link in document.xpath("//main//@href") if link.startswith("/")]


def answers(site: Site, look: Look, address: str) -> str:
    """The page at an address, which has to be there."""
    parts = urlsplit(address)
    return site.at(look, parts.path, dict(parse_qsl(parts.query)))

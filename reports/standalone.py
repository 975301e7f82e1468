"""A page as one file that needs nothing beside it: for the PDF and the mails.

look ─▶ pages as the site renders them, in order ─▶ the style inside, no script, links to the server, or none
where it has no address of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from reports.look import Look, server
from reports.site import TEMPLATES, Site

_BODY = re.compile(r"<main.*</main>", re.S)
_HREF = re.compile(r"""(<a\b[^>]*?)\shref=(?:"[^"]*"|'[^']*')""")


@dataclass(frozen=True)
class Absolute:
    """Addresses as they stand in a document that travels: the server's own, whole."""

    base: str
    is_static: bool = True

    def __call__(self, path: str, filters: Mapping[str, Any]) -> str:
        """The address on the server at ``base``."""
        return self.base.rstrip("/") + server(path, filters)


def document(site: Site, look: Look, keys: Sequence[str], given: Mapping[str, str], *, base: str) -> str:
    """These pages in one HTML document; what is asked (``given``) is asked of each.

    ``base`` is where the server is; empty where readers reach none: then nothing is a link. ``Forbidden`` or
    ``NotFound`` for a page that this viewer may not have.
    """
    look = replace(look, addresses=Absolute(base), form_token="")
    texts = [site.page(look, key, given) for key in keys]
    bodies = [found[0] for text in texts if (found := _BODY.search(text))]
    head, _, rest = texts[0].partition("<main")
    banner = head.rpartition("</header>")[2]
    head = re.sub(r"<(?:script|link)\b[^>]*>(?:</script>)?\n?", "", head).partition("<body")[0]
    foot = rest[rest.rindex("</main>") + len("</main>") :]
    sheets = "\n".join(f'<div class="sheet">{body}</div>' for body in bodies)
    body = f"<body>{banner}{sheets}{foot}"
    head = head.replace("</head>", f"<style>{_style()}</style></head>")
    return head + (body if base else _HREF.sub(r"\1", body))


@lru_cache(maxsize=1)
def _style() -> str:
    return (TEMPLATES.parent / "static" / "report.css").read_text("utf-8").replace("</", "<\\/")

"""Pages made ahead: no reader waits because the warehouse was published a moment ago.

Pages that readers opened lately ─▶ made once from the next publication, in a thread beside the readers ─▶ it
takes the place of the last. Until then they read the last one, whose instant stands on every page.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping

from connectors.errors import TriadaError
from reports.access.scope import scope_key
from reports.access.viewer import COMPANY, Viewer
from reports.publication import Publication
from reports.site import Site, pages

LOOKS_EVERY_S = 1.0
"""Between two looks whether there is another publication."""
READY_WITHIN_S = 60.0
"""Making pages ahead ends then: the newest numbers are worth more than the last pages' speed."""
KEPT_PAGES = 500
KEPT_OF_EACH = 20
"""Addresses of one page in one scope: who looks through very many pushes nobody else's pages out."""
KEPT_S = 7 * 24 * 3600.0
"""A page that nobody opened for so long is made when somebody does."""

_Opened = tuple[tuple[str, str | None], str, tuple[tuple[str, str], ...]]
log = logging.getLogger(__name__)


class Ahead:
    """The pages of one site that are made ahead; ``start`` begins to follow the publications."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._opened: OrderedDict[_Opened, tuple[Viewer, float]] = OrderedDict()

    def opened(self, viewer: Viewer, page: str, given: Mapping[str, str]) -> None:
        """Keep in mind that somebody opened a page, narrowed as given."""
        opened = (scope_key(viewer), page, tuple(sorted(given.items())))
        with self._lock:
            self._opened[opened] = (viewer, time.monotonic())
            self._opened.move_to_end(opened)
            of_each = [one for one in self._opened if one[:2] == opened[:2]]
            for oldest in of_each[:-KEPT_OF_EACH]:
                del self._opened[oldest]
            while len(self._opened) > KEPT_PAGES:
                self._opened.popitem(last=False)

    def start(self) -> None:
        """Follow the publications from now on, in a thread that ends with the process."""
        published = self._site.published
        published.follows = True
        threading.Thread(target=self._follow, name="pages-ahead", daemon=True).start()

    def _follow(self) -> None:
        for page in pages():  # for what a process does once, such as reading templates
            self.opened(COMPANY, page, {})
        while True:
            try:
                self._site.published.renew(self.make)
            except TriadaError:
                pass  # nothing is published yet, which every page says
            except Exception:
                log.exception("pages could not be made ahead")
            time.sleep(LOOKS_EVERY_S)

    def make(self, publication: Publication) -> None:
        """Make from a publication what was opened lately, the latest first."""
        until = time.monotonic() + READY_WITHIN_S
        with self._lock:
            self._forget()
            wanted = list(reversed(self._opened.items()))
        for (_, page, given), (viewer, _) in wanted:
            if time.monotonic() > until:
                break
            try:
                self._site.page(self._site.look(viewer, publication=publication), page, dict(given))
            except TriadaError:
                pass  # what the page cannot be made of is said to whoever asks for it
            except Exception:
                # One page that fails must not keep a publication from everybody.
                log.exception("page %s could not be made ahead", page)

    def _forget(self) -> None:
        oldest = time.monotonic() - KEPT_S
        for opened, (_, at) in list(self._opened.items()):
            if at < oldest:
                del self._opened[opened]

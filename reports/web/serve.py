"""Serves the reports on this machine, from the settings.

settings ─▶ site and application, with pages made ahead of their readers ─▶ uvicorn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from reports.published import Published
from reports.site import Site
from settings import Settings


def site_of(settings: Settings) -> Site:
    """The site of the company that the settings describe."""
    from warehouse.status import read_status

    def standing() -> Mapping[str, Any]:
        return {"warehouse": read_status(settings)}

    return Site(
        company=settings.company,
        currency=settings.currency,
        timezone=settings.timezone,
        published=Published(settings.published_file),
        standing=standing,
    )


def application_of(settings: Settings) -> FastAPI:
    """The application with sign-in, as it is served; ``Misconfigured`` when a setting of it is wrong."""
    from hub.state import open_state
    from reports.access.people import PublishedPeople
    from reports.web.app import application
    from reports.web.door import open_door, signed_in

    people = PublishedPeople(settings.published_file, settings.timezone)
    door = open_door(settings, open_state(settings.url("state")), people=people)
    return application(site_of(settings), signed_in=signed_in, door=door)


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    import logging
    import sys

    import uvicorn

    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    app = application_of(settings)
    app.state.ahead.start()
    uvicorn.run(
        app,
        host=settings.reports_host,
        port=settings.reports_port,
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )

"""Serves the API of one store: ``python -m stores.api SYSTEM --url URL --port PORT``.

``./triada up`` starts one process a store with the company's settings. It listens on 127.0.0.1 unless told
otherwise, and ends on SIGTERM after the requests in hand.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys

import uvicorn

from models import SYSTEMS
from stores.api.app import make_app
from stores.api.store import Limits

HOST = "127.0.0.1"


def serve(
    system: str, url: str, *, port: int, host: str = HOST, limits: Limits | None = None, currency: str = "EUR"
) -> None:
    """Serve until told to stop."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    uvicorn.run(
        make_app(system, url, limits=limits, currency=currency),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_config=None,
        # Longer than a hub's pause between two pages; a client that finds it closed would have to guess.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )


def main(arguments: list[str] | None = None) -> None:
    """Read what the process was started with, then serve."""
    parser = argparse.ArgumentParser(prog="python -m stores.api", description="the API of one store")
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument("--url", default="", help="its database; default: TRIADA_<SYSTEM>_URL")
    parser.add_argument("--port", type=int, default=0, help="default: TRIADA_<SYSTEM>_PORT")
    parser.add_argument("--host", default=HOST)
    given = parser.parse_args(arguments)
    prefix = f"TRIADA_{given.system.upper()}"
    url, port = (
        given.url or os.environ.get(f"{prefix}_URL", ""),
        given.port or os.environ.get(f"{prefix}_PORT", ""),
    )
    if not url or not port:
        parser.error(f"give --url and --port, or set {prefix}_URL and {prefix}_PORT")
    serve(given.system, url, port=int(port), host=given.host)

"""Finds the connector of a system by its address.

``files`` is a folder, ``published`` the warehouse's file, every other system a database address or
that of an API over HTTP. Opens none.
"""

from __future__ import annotations

from pathlib import Path

from connectors.errors import Misconfigured
from connectors.port import check_port
from connectors.protocol import Connector

STORES = ("oa", "crm", "erp")


def connect(system: str, url: str, *, token: str = "") -> Connector:
    """The connector of ``system`` at ``url``; connects when it is first asked, ``close()`` it afterwards.

    ``postgresql://`` means psycopg2, ``mysql://`` and ``mariadb://`` mean pymysql, ``http://`` and ``https://``
    a store API, which wants a ``token``. Raises ``Misconfigured``.
    """
    if system in STORES and url.lower().startswith(("http://", "https://")):
        from connectors.rest import RestConnector

        check_port(system, url)
        return RestConnector(system, url, token=token)
    if system in STORES:
        from connectors.sql import SqlConnector

        return SqlConnector(system, url)
    if not url:
        raise Misconfigured(f"{system}: its address is empty; expected a path")
    if system == "files":
        from connectors.files import FilesConnector

        return FilesConnector(Path(url))
    if system == "published":
        from connectors.published import PublishedConnector

        return PublishedConnector(Path(url))
    raise Misconfigured(f"no system {system!r}; expected one of {', '.join(STORES)}, files, published")

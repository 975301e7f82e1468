"""Looks at the port in a system's address, which libraries take for anything or stumble over.

An address ─▶ nothing, or ``Misconfigured`` with what came. It parses no address.
"""

from __future__ import annotations

import re

from connectors.errors import Misconfigured

_SET = ("oa", "crm", "erp", "state")


def check_port(system: str, url: str) -> None:
    """``Misconfigured`` when what stands for the port is none; an embedded file has none."""
    scheme, _, rest = url.partition("://")
    if scheme.startswith("sqlite"):
        return
    if scheme.startswith("http"):
        rest = rest.partition("/")[0]
    account, at, behind = rest.partition("@")
    host = re.split("[/?]", behind if at else account, maxsplit=1)[0].rpartition("]")[2]
    _, colon, port = host.partition(":")
    if not colon or (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return
    # Without an account before it, what stands there may be the password of an address that lacks its host.
    came = repr(port) if at or scheme.startswith("http") else "no number"
    setting = f"; correct TRIADA_{system.upper()}_URL" if system in _SET else ""
    raise Misconfigured(
        f"{system}: the port in its URL is {came}; expected a whole number from 1 to 65535{setting}"
    )

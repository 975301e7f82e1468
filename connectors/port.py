"""Looks at the port in a system's address, which libraries take for anything or stumble over.

An address ─▶ nothing, or ``Misconfigured`` with what came. It parses no address.
"""

from __future__ import annotations

import re

from connectors.errors import Misconfigured

_SET = ("oa", "crm", "erp", "state")
_SHORT = 7
_AS_SQLALCHEMY = re.compile("([^:/]*(?::[^@]*)?@)?(.*)", re.DOTALL)
"""An account and what follows it, told apart as ``sqlalchemy.make_url`` does."""


def check_port(system: str, url: str) -> None:
    """``Misconfigured`` when what stands for the port is none; an embedded file has none."""
    scheme, _, rest = url.partition("://")
    is_api = scheme.startswith("http")
    if scheme.startswith("sqlite") or (is_api and "@" in rest):
        return  # who opens the latter says that no account stands in it
    found = _AS_SQLALCHEMY.match(rest)
    account, behind = ("", rest) if is_api or not found else found.groups()
    host = re.split("[/?]", behind, maxsplit=1)[0].rpartition("]")[2]
    _, colon, port = host.partition(":")
    if not colon or (is_api and not port) or (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return
    # Without an account before it, what stands there may be the password of an address that lacks its host.
    came = repr(port) if account is not None and len(port) < _SHORT and "@" not in port else "no number"
    setting = f"; correct TRIADA_{system.upper()}_URL" if system in _SET else ""
    raise Misconfigured(
        f"{system}: the port in its URL is {came}; expected a whole number from 1 to 65535{setting}"
    )

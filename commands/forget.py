"""Forgetting: what is old, or a key that somebody asks to have erased."""

from __future__ import annotations

from connectors.errors import Misconfigured
from settings import load


def forget(key: str, *, old: bool, by: str = "", why: str = "") -> dict[str, int]:
    """Forget what is old, or this key everywhere in the hub's memory; how many rows of each kind it was."""
    from hub import forget as forgetting
    from hub.desk import open_desk

    if old == bool(key):
        raise Misconfigured("say what to forget: a business key such as L-0042, or --old for what is old")
    with open_desk(load()) as desk:
        return forgetting.forget_old(desk) if old else forgetting.forget_key(desk, key, by=by, why=why)

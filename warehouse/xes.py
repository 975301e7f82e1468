"""Writes the event log as XES (IEEE 1849): one trace per object of a chosen type.

published file ─▶ traces with their events in order ─▶ one XML document, written as it is read. An event about
two orders is in both traces: to count events once, take ``ocel``. It reads no XES: ``connectors.xes`` does.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from settings import Settings
from warehouse.event_log import open_log, rows, whole_file

CASES = ("order", "lead", "request")

EVENTS = """
    select object_no, event_no, activity, happened_at, actor_no, actor, system, channel, elapsed_h, working_h
    from core.fct_process_event where object_type = ? order by object_no, sequence"""
KEYS = ("event_no", "concept:name", "time:timestamp", "org:resource", "actor", "system", "channel",
        "elapsed_h", "working_h")  # fmt: skip

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
    <string key="lifecycle:transition" value="complete"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
  <classifier name="Resource" keys="org:resource"/>
"""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export_xes(settings: Settings, path: Path, *, case: str = "order") -> dict[str, int]:
    """Write ``path``; traces and events, counted as they were written. ``case`` is one of ``CASES``."""
    counts = {"traces": 0, "events": 0}
    with open_log(settings) as log, whole_file(path) as file:
        file.write(HEAD)
        file.write(f"  {_attribute('concept:name', f'Tríada, by {case}')}\n")
        file.write(f"  {_attribute('lifecycle:model', 'standard')}\n")
        for number, events in groupby(rows(log, EVENTS, (case,)), key=itemgetter(0)):
            counts["traces"] += 1
            file.write(f"  <trace>\n    {_attribute('concept:name', number)}\n")
            for _, *values in events:
                counts["events"] += 1
                file.writelines(_event(values))
            file.write("  </trace>\n")
        file.write("</log>\n")
    return counts


def _event(values: list[Any]) -> Iterator[str]:
    yield "    <event>\n"
    for key, value in zip(KEYS, values, strict=True):
        if value is not None:
            yield f"      {_attribute(key, value)}\n"
    yield f"      {_attribute('lifecycle:transition', 'complete')}\n    </event>\n"


def _attribute(key: str, value: str | Decimal | dt.datetime) -> str:
    """One XES attribute, typed; hours keep their digits. What XML cannot hold becomes a question mark."""
    if isinstance(value, dt.datetime):
        at = value.astimezone(dt.UTC).isoformat(timespec="microseconds")
        return f'<date key="{key}" value="{at}"/>'
    if isinstance(value, Decimal):
        return f'<float key="{key}" value="{value}"/>'
    return f'<string key="{key}" value={quoteattr(_NOT_XML.sub("?", value))}/>'

"""The flow that a mapping declares: each of its streams is a step that brings a foreign source's history in.

import.crm.accounts → crm.accounts, and so on, in the order in which records may point to each other. The rows
come mapped; nothing is decided here again: keys, states and links are those of the source.
"""

from __future__ import annotations

import models
from connectors.mapped import SYSTEM
from connectors.mapped_documents import FAULTS, KEY, REPEATS
from connectors.mapping import Document, SourceMapping
from hub.words import Flow, Look, Made, Read, RecordRejected, Row, Step, Write


def arrived(row: Row, _look: Look) -> Made:
    """The record as it is; none for a repeat of the same, none for a row that is wrong in the source."""
    if row[FAULTS]:
        rules = dict.fromkeys(fault.rule for fault in row[FAULTS])
        reasons = dict.fromkeys(fault.reason for fault in row[FAULTS])
        raise RecordRejected(" · ".join(reasons), rule=", ".join(rules))
    if row[REPEATS]:
        return None
    return {name: value for name, value in row.items() if name not in (KEY, FAULTS, REPEATS)}


def import_flow(mapping: SourceMapping) -> Flow:
    """The flow of a mapping; what others point to goes first."""
    order = {
        f"{system}.{table.name}": (number, position)
        for number, (system, metadata) in enumerate(models.SYSTEMS.items())
        for position, table in enumerate(metadata.sorted_tables)
    }
    documents = sorted(mapping.documents, key=lambda document: order[document.stream])
    return Flow(
        name=mapping.flow,
        every="once",
        owner="data-migration",
        doc=mapping.doc or f"History of {mapping.name}, imported.",
        steps=tuple(_step(document) for document in documents),
    )


def _step(document: Document) -> Step:
    lines = document.lines.stream if document.lines else ""
    return Step(
        document.stream,
        read=Read(f"{SYSTEM}.{document.stream}", lines=f"{SYSTEM}.{lines}" if lines else ""),
        make=arrived,
        write=Write(document.stream, key=document.key, lines=lines),
    )

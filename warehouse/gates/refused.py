"""What becomes of a stream that could not be read: a gate that did not pass, and a publication that waits.

refusal -> columns that the source lacks -> the stream's ``columns`` gate, failed with those columns or not
checked; a load that does not add up -> its ``rows`` gate, failed; no answer -> the reason alone -> the last
good publication stays and says so. It reads no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checks.sql_gate import SqlGate, Verdict
from connectors.errors import CountMismatch, Refused, TriadaError
from warehouse.build_file import open_build, transaction
from warehouse.gates import counting
from warehouse.gates.declared import load_gates
from warehouse.gates.kept import keep_results
from warehouse.origin import Origin, column_types
from warehouse.origins import origins
from warehouse.publish import hold
from warehouse.status import read_status

if TYPE_CHECKING:
    import duckdb

    from settings import Settings

    Judge = Callable[[duckdb.DuckDBPyConnection, Mapping[str, SqlGate]], list[Verdict]]


def hold_for(settings: Settings, error: TriadaError) -> dict[str, Any]:
    """Keep the last good publication because of what became of a source; what ``publish`` would have said."""
    told = str(error)
    stream = told.partition(":")[0]
    known = {origin.stream: origin for origin in origins()}
    verdicts: list[Verdict] = []
    if stream in known and isinstance(error, CountMismatch):
        verdicts = _kept(settings, lambda build, gates: [_differs(build, gates[f"rows:{stream}"], told)])
    elif stream in known and isinstance(error, Refused):
        verdicts = _refused(settings, known[stream], told)
    marking = read_status(settings)["marked_checks"]
    if not verdicts:
        return hold(settings, {"extract": told}, marking)
    return hold(settings, {v.gate.name: f"{v.gate.says}: {v.message}" for v in verdicts}, marking)


def _refused(settings: Settings, origin: Origin, told: str) -> list[Verdict]:
    """The system's ``columns`` gates that do not pass."""
    missing = sorted(_missing(settings, origin.stream.partition(".")[0]).items())

    def judge(build: duckdb.DuckDBPyConnection, gates: Mapping[str, SqlGate]) -> list[Verdict]:
        if missing:
            return [_lacks(build, gates[f"columns:{stream}"], columns) for stream, columns in missing]
        message = told.partition(": ")[2]
        return [Verdict(gates[f"columns:{origin.stream}"], "could_not_check", message=message)]

    return _kept(settings, judge)


def _kept(settings: Settings, judge: Judge) -> list[Verdict]:
    """The verdicts, kept as those of a run of their own."""
    with open_build(settings) as build, transaction(build):
        counting.start(build)
        verdicts = judge(build, {gate.name: gate for gate in load_gates()})
        if not build.execute("from raw.run").fetchone():
            build.execute("insert into raw.run values (0, now())")
        build.execute("update raw.run set run_id = run_id + 1")
        keep_results(build, verdicts)
    return verdicts


def _differs(build: duckdb.DuckDBPyConnection, gate: SqlGate, told: str) -> Verdict:
    stream, _, message = told.partition(": ")
    build.execute(
        "insert into failing select ?, json_object('stream', ?, 'problem', ?)", [gate.name, stream, message]
    )
    return Verdict(gate, "failed", 1, message)


def _lacks(build: duckdb.DuckDBPyConnection, gate: SqlGate, columns: Sequence[tuple[str, str]]) -> Verdict:
    for name, kind in columns:
        build.execute(
            """insert into failing
            select ?, json_object('column_name', ?, 'data_type', ?, 'problem', 'missing')""",
            [gate.name, name, kind],
        )
    said = ", ".join(name for name, _ in columns)
    return Verdict(gate, "failed", len(columns), f"the source has no {said}")


def _missing(settings: Settings, system: str) -> dict[str, list[tuple[str, str]]]:
    """By stream, the declared columns (with their types) that the system's own table lacks."""
    import sqlalchemy as sa

    from connectors.sql_engine import make_engine, parse

    named = "state" if system == "hub" else system
    url = settings.url(named)
    if url.startswith(("http:", "https:")):
        return {}
    engine = make_engine(parse(named, url))
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        look = sa.inspect(engine)
        for origin in (one for one in origins() if one.stream.partition(".")[0] == system):
            there = {column["name"] for column in look.get_columns(origin.table.name)}
            lacking = [(name, kind) for name, kind in column_types(origin) if name not in there]
            if lacking:
                found[origin.stream] = lacking
    except sa.exc.SQLAlchemyError:
        return {}  # what it refused is all that is known
    finally:
        engine.dispose()
    return found

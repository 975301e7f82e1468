"""The rows behind the page trust: data sets, checks, rows set aside, runs, comparisons."""

from __future__ import annotations

from reports.filters import Filter
from reports.rows import Column, RowSet
from reports.set_aside import touched

STREAMS = RowSet(
    name="streams",
    tables=("marts.mart_data_health",),
    select="select * from marts.mart_data_health",
    columns=(
        Column("stream"),
        Column("system", words="system"),
        Column("state", words="freshness"),
        Column("rows", "integer"),
        Column("last_changed_at", "instant"),
        Column("read_at", "instant"),
        Column("waiting", "integer"),
        Column("quarantined", "integer"),
        Column("checks_passed", "integer"),
        Column("checks_failed", "integer"),
        Column("checks_unchecked", "integer"),
        Column("compared_at", "instant"),
        Column("still_different", "integer"),
    ),
    order="stream",
    where={"system": "system = $system", "state": "state = $state", "stream": "stream = $stream"},
    filters=(Filter("system", "code"), Filter("state", "code"), Filter("stream", "code")),
)
CHECKS = RowSet(
    name="checks",
    tables=("marts.mart_check", "marts.mart_metric_source"),
    select="select *, says as must_hold from marts.mart_check",
    columns=(
        Column("check_name"),
        Column("must_hold", "check"),
        Column("on_table"),
        Column("layer", words="layer"),
        Column("severity", words="severity"),
        Column("result", words="result"),
        Column("violations", "integer"),
        Column("message"),
        Column("failing_since", "instant"),
        Column("checked_at", "instant"),
    ),
    order="result, check_name",
    where={
        "result": "result = $result",
        "layer": "layer = $layer",
        "stream": "contains(' ' || streams || ' ', ' ' || $stream || ' ')",
        "metric": """exists (
            select 1 from marts.mart_metric_source as source
            where source.metric = $metric
                and contains(' ' || found.streams || ' ', ' ' || source.stream || ' '))""",
    },
    filters=(
        Filter("result", "code"),
        Filter("layer", "code"),
        Filter("stream", "code"),
        Filter("metric", "code", words="metric_title"),
    ),
)
QUARANTINE = RowSet(
    name="quarantine",
    tables=("core.fct_quarantine", "marts.mart_metric_source"),
    select="select * from core.fct_quarantine",
    columns=(
        Column("entry_no", "integer"),
        Column("flow"),
        Column("step"),
        Column("stream"),
        Column("record_key"),
        Column("state", words="aside"),
        Column("rule", words="rule"),
        Column("times_seen", "integer"),
        Column("opened_at", "instant"),
        Column("age_days", "days"),
        Column("amount", "money"),
    ),
    order="is_open desc, opened_at desc, entry_no",
    where={
        "metric": f"entry_no in (select entry_no from ({touched()}) as effects where metric = $metric)",
        "state": "state = $state",
        "rule": "rule = $rule",
        "stream": "stream = $stream",
        "flow": "flow = $flow",
    },
    filters=(
        Filter("metric", "code", words="metric_title"),
        Filter("state", "code"),
        Filter("rule", "code"),
        Filter("stream", "code"),
        Filter("flow", "code"),
    ),
)
RUNS = RowSet(
    name="runs",
    tables=("core.fct_hub_run",),
    select="select * from core.fct_hub_run",
    columns=(
        Column("run_no", "integer"),
        Column("flow"),
        Column("step"),
        Column("state", words="run"),
        Column("started_at", "instant"),
        Column("seconds", "decimal"),
        Column("read", "integer"),
        Column("written", "integer"),
        Column("unchanged", "integer"),
        Column("waiting", "integer"),
        Column("quarantined", "integer"),
        Column("adds_up", words="yes_no"),
    ),
    order="run_no desc",
    where={"flow": "flow = $flow", "state": "state = $state"},
    filters=(Filter("flow", "code"), Filter("state", "code")),
)
RECONCILIATIONS = RowSet(
    name="reconciliations",
    tables=("core.fct_reconciliation",),
    select="select * from core.fct_reconciliation",
    columns=(
        Column("reconciliation_no", "integer"),
        Column("flow"),
        Column("step"),
        Column("stream"),
        Column("compared_at", "instant"),
        Column("compared", "integer"),
        Column("equal", "integer"),
        Column("different", "integer"),
        Column("missing", "integer"),
        Column("extra", "integer"),
        Column("repaired", "integer"),
        Column("still_different", "integer"),
    ),
    order="compared_at desc, reconciliation_no desc",
    where={"flow": "flow = $flow", "stream": "stream = $stream"},
    filters=(Filter("flow", "code"), Filter("stream", "code")),
)
ROWS = (STREAMS, CHECKS, QUARANTINE, RUNS, RECONCILIATIONS)

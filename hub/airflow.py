"""Turns a flow into an Airflow DAG, one task a step; its settings come by ``hub.airflow_settings``.

schedule or changed stream → task → hub.run.run_step → counts in XCom → what changed, told to other DAGs. It
decides nothing about the data: a task calls the same function as ``triada run FLOW --direct``.

A step tells Airflow about its streams only when it wrote something, so flows that write to each other come
to rest. A flow that reads a stream it writes itself runs once more after it wrote (and finds what the
store made of it meanwhile), writes nothing then, and is not started again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    AssetAny,
    AssetOrTimeSchedule,
    BaseOperator,
    DeltaTriggerTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    chain,
)

import settings
from connectors.errors import CountMismatch, LeaseLost, Misconfigured, Refused
from hub.airflow_settings import settings_in_task
from hub.pipeline import Pipeline, Stage
from hub.schedule import interval
from hub.words import Flow, Step

PUBLISHED = "published"
"""The warehouse's system: one file replaced as a whole, so one asset for all its streams."""

_START = datetime(2026, 1, 1, tzinfo=UTC)
_STOP_AT_ONCE = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[Refused, Misconfigured, CountMismatch, LeaseLost],
            action=RetryAction.FAIL,
            reason="trying again would give the same answer",
        )
    ]
)
_RETRIES: Mapping[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": _STOP_AT_ONCE,
}


def dag_for(flow: Flow, *, doc: str | None = None) -> DAG:
    """The flow's DAG: runs every so often, and when another DAG changed what it reads or waits for."""
    watched = [asset_of(stream) for stream in sorted(flow.reads())]
    needed = sorted({name for step in flow.steps for name in step.needs} - {flow.name})
    watched += [_written_by(name) for name in needed]
    dag = _dag(flow, watched, doc=doc, tags=_systems(flow))
    tasks = [_step_task(dag, flow, step) for step in flow.steps]
    chain(*tasks)
    return dag


def dag_for_pipeline(pipeline: Pipeline, *, after: Iterable[Flow | Pipeline], doc: str | None = None) -> DAG:
    """The pipeline's DAG: runs every so often, and when one that it comes ``after`` wrote something.

    What is told while a run is going stays queued, one entry a stream, until it has ended: then one more run
    takes all of it. That is Airflow's own doing, for a DAG of one run at a time.
    """
    earlier_ones = tuple(after)
    flows = [one for one in earlier_ones if isinstance(one, Flow)]
    # The streams too: Airflow takes an asset that no schedule names for an inactive one, and warns.
    watched = [asset_of(stream) for stream in sorted(set().union(*(flow.writes() for flow in flows)))]
    watched += [_written_by(one.name) for one in earlier_ones]
    dag = _dag(pipeline, watched, doc=doc, tags={PUBLISHED})
    *earlier, last = pipeline.stages
    tasks = [_stage_task(dag, pipeline, stage, tells=()) for stage in earlier]
    chain(*tasks, _stage_task(dag, pipeline, last, tells=_told_by(pipeline)))
    return dag


def _told_by(pipeline: Pipeline) -> tuple[Asset, ...]:
    changed = (asset_of(PUBLISHED),) if pipeline.publishes else ()
    return (*changed, _written_by(pipeline.name))


def asset_of(stream: str) -> Asset:
    """The Airflow asset of a stream such as ``crm.orders``."""
    system, _, name = stream.partition(".")
    if system == PUBLISHED:
        return Asset(name=PUBLISHED, uri=f"triada://{PUBLISHED}/triada.duckdb")
    return Asset(name=stream, uri=f"triada://{system}/{name}")


def _written_by(flow: str) -> Asset:
    return Asset(name=f"flow.{flow}", uri=f"triada://flow/{flow}")


def _systems(flow: Flow) -> set[str]:
    return {stream.partition(".")[0] for stream in flow.reads() | flow.writes()}


def _dag(what: Flow | Pipeline, watched: list[Asset], *, doc: str | None, tags: Iterable[str]) -> DAG:
    return DAG(
        dag_id=what.name,
        schedule=AssetOrTimeSchedule(
            timetable=DeltaTriggerTimetable(interval(what.every)), assets=AssetAny(*watched)
        ),
        start_date=_START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=2),
        default_args={"owner": what.owner, **_RETRIES},
        doc_md=doc or what.doc,
        tags=sorted(tags),
    )


class WorkOperator(BaseOperator):  # type: ignore[misc]  # Airflow is not type-checked here
    """One task: does ``work``, returns its counts, and tells what changed.

    ``tells`` go through an alias, because Airflow would report a plain outlet after every success. A retry
    tells in any case: what an earlier try wrote before it failed is unchanged now, yet news to others.
    """

    def __init__(
        self,
        *,
        work: Callable[[settings.Settings], Mapping[str, Any]],
        tells: tuple[Asset, ...],
        **arguments: Any,
    ) -> None:
        self.work = work
        self.tells = tells
        dag, task_id = arguments["dag"], arguments["task_id"]
        self.alias = AssetAlias(f"{dag.dag_id}.{task_id}")
        super().__init__(outlets=[self.alias] if tells else None, **arguments)

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        counts = dict(self.work(settings_in_task()))
        if counts.get("tell", counts.get("written", 1)) or context["ti"].try_number > 1:
            for asset in self.tells:
                context["outlet_events"][self.alias].add(asset)
        return counts


def _step_task(dag: DAG, flow: Flow, step: Step) -> WorkOperator:
    return WorkOperator(
        dag=dag,
        task_id=step.name,
        work=partial(_run_step, flow=flow, step=step),
        tells=(asset_of(step.write.stream), _written_by(flow.name)),
        doc_md=f"{step.read.stream} → {step.write.stream}",
    )


def _stage_task(dag: DAG, pipeline: Pipeline, stage: Stage, *, tells: tuple[Asset, ...]) -> WorkOperator:
    work = partial(_run_stage, pipeline=pipeline.name, stage=stage)
    return WorkOperator(dag=dag, task_id=stage.name, work=work, tells=tells, doc_md=stage.says or None)


def _run_step(given: settings.Settings, *, flow: Flow, step: Step) -> dict[str, Any]:
    # Inside the task, so that parsing a DAG file imports neither Great Expectations nor pandas.
    from hub.desk import open_desk
    from hub.run import run_step

    with open_desk(given) as desk:
        return asdict(run_step(desk, flow, step=step))


def _run_stage(given: settings.Settings, *, pipeline: str, stage: Stage) -> dict[str, Any]:
    from hub.stage_run import run_stage

    return run_stage(pipeline, stage, given)

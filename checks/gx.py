"""The one door to Great Expectations: a frame and its expectations in, the failing row numbers out.

Great Expectations takes seconds to import and is warmed once a process, on the first check. The context
is ephemeral: no files, no network, no progress bars, no analytics. It knows neither rules nor rows.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

_LOCK = threading.RLock()  # a validator keeps state in its execution engine, one frame at a time
_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@dataclass(frozen=True)
class Expectation:
    """One of GX's expectations, by class name, with its arguments."""

    type: str
    arguments: Mapping[str, Any]
    severity: str = "critical"


@dataclass(frozen=True)
class Verdict:
    """Which rows of the frame fail an expectation; with ``error`` it could not be evaluated at all."""

    failing: tuple[int, ...] = ()
    error: str = ""


@lru_cache(maxsize=1)
def warm() -> Any:
    """Import Great Expectations and pandas, and open what every validation of this process shares."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read on import; it would post to the network
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own imports use modules Python deprecates
        import great_expectations as gx
        import pandas as pd
        from great_expectations.data_context.types.base import ProgressBarsConfig
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("rows")
    batch = source.add_dataframe_asset("page").add_batch_definition_whole_dataframe("whole")
    return SimpleNamespace(gx=gx, pd=pd, batch=batch)


def build(name: str, expectations: Sequence[Expectation]) -> Any:
    """The GX suite of these expectations, in this order; building it is slow enough to keep it."""
    gx = warm().gx
    return gx.ExpectationSuite(
        name=name,
        expectations=[
            getattr(gx.expectations, each.type)(
                **each.arguments, severity=each.severity, meta={"number": number}
            )
            for number, each in enumerate(expectations)
        ],
    )


def validate(suite: Any, columns: Mapping[str, Sequence[Any]]) -> list[Verdict]:
    """One verdict an expectation, in the suite's order, over a frame of these columns (values untouched)."""
    shared = warm()
    frame = shared.pd.DataFrame({name: shared.pd.Series(v, dtype=object) for name, v in columns.items()})
    with _LOCK, warnings.catch_warnings():
        # pandas warns of groups in a pattern only searched with; as an error it would fail the check
        warnings.filterwarnings("ignore", message="This pattern is interpreted", category=UserWarning)
        batch = shared.batch.get_batch(batch_parameters={"dataframe": frame})
        results = batch.validate(suite, result_format=_FORMAT).results
    # GX answers in an order of its own and leaves out what it must: what gave no answer was not checked.
    verdicts = [Verdict(error="Great Expectations gave no result")] * len(suite.expectations)
    for result in results:
        verdicts[result.expectation_config.meta["number"]] = _verdict(result)
    return verdicts


def _verdict(result: Any) -> Verdict:
    if error := _exception(result.exception_info or {}):
        return Verdict(error=error)
    failing = (result.result or {}).get("unexpected_index_list")
    if failing is None or bool(result.success) != (not failing):
        return Verdict(error="Great Expectations did not name the failing rows")
    return Verdict(failing=tuple(sorted({int(number) for number in failing})))


def _exception(info: Mapping[str, Any]) -> str:
    """What was raised; GX gives one record, or one a metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    messages = [str(r.get("exception_message")) for r in records if r.get("raised_exception")]
    return "; ".join(dict.fromkeys(messages))

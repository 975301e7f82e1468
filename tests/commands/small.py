"""A company of two people, and DAGs beside the real ones that fail, follow and publish, for tests of Airflow.

``people`` is the real flow; ``roster`` reads what it writes; ``published`` follows both; ``flaky`` and
``refused`` fail as their names say.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models import SYSTEMS, ddl, oa

DAGS = {
    "people": """
from flows.people import PEOPLE
from hub.airflow import dag_for

dag = dag_for(PEOPLE, doc=__doc__)
""",
    "roster": """
from hub.airflow import dag_for
from hub.words import Flow, Read, Step, Write


def member(row, look):
    return {name: row[name] for name in ("employee_no", "name", "is_active")}


ROSTER = Flow(
    name="roster", every="4 weeks", owner="tests", doc="Follows crm.staff.",
    steps=(Step("to_erp", Read("crm.staff"), member, Write("erp.staff", "employee_no"), needs=("people",)),),
)
dag = dag_for(ROSTER)
""",
    "published": """
from flows.people import PEOPLE
from hub.airflow import dag_for_pipeline
from hub.pipeline import Pipeline, Stage

STAGES = (
    Stage("build", lambda settings: {"tables": 2}),
    Stage("publish", lambda settings: {"home": settings.home.name}),
)
pipeline = Pipeline("published", "4 weeks", "tests", "Follows people.", STAGES, publishes=True)
dag = dag_for_pipeline(pipeline, after=(PEOPLE,))
""",
    "flaky": """
from connectors.errors import Unreachable
from hub.airflow import dag_for_pipeline
from hub.pipeline import Pipeline, Stage


def fail_twice(settings):
    tries = settings.home / "tries"
    with tries.open("a") as file:
        file.write("x")
    if tries.stat().st_size < 3:
        raise Unreachable("crm: no answer; look whether it runs")
    return {"written": 0}


pipeline = Pipeline("flaky", "4 weeks", "tests", "", (Stage("ask", fail_twice),), publishes=True)
dag = dag_for_pipeline(pipeline, after=())
""",
    "refused": """
import logging

from connectors.errors import Refused
from hub.airflow import dag_for_pipeline
from hub.pipeline import Pipeline, Stage


def fail(settings):
    logging.getLogger("triada.tests").warning("asking %s", settings.url("oa"))
    raise Refused("oa: the password was not accepted; correct TRIADA_OA_URL")


dag = dag_for_pipeline(Pipeline("refused", "4 weeks", "tests", "", (Stage("ask", fail),)), after=())
""",
}


def make_dags(folder: Path, *names: str) -> Path:
    """Write the DAG files of these names."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / f"{name}.py").write_text(f'"""The DAG {name}, for a test."""\n{DAGS[name]}')
    return folder


def make_stores(folder: Path) -> dict[str, str]:
    """Make the three stores as SQLite files, with a department and two people; their addresses."""
    folder.mkdir(parents=True)
    urls = {system: f"sqlite:///{folder / system}.db" for system in SYSTEMS}
    for system, url in urls.items():
        engine = sa.create_engine(url)
        ddl.create(engine, SYSTEMS[system])
        if system == "oa":
            with engine.begin() as connection:
                connection.execute(oa.departments.insert(), [_department()])
                connection.execute(oa.employees.insert(), [_employee("E-0001"), _employee("E-0002")])
        engine.dispose()
    return urls


def _department() -> dict[str, Any]:
    return {"department_no": "D-SALES", "name": "Sales", "country": "ES"}


def _employee(employee_no: str) -> dict[str, Any]:
    return {
        "employee_no": employee_no,
        "name": f"Person {employee_no}",
        "email": f"{employee_no.lower()}@example.com",
        "role": "sales",
        "department_no": "D-SALES",
        "country": "ES",
        "timezone": "Europe/Madrid",
        "hired_on": dt.date(2024, 1, 8),
    }

"""Two companies, published, and their own books: the seeded one, and Northwind as it is imported."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from reports.access.viewer import COMPANY
from reports.look import Look
from reports.web.serve import site_of
from settings import Settings
from tests.reports.numbers.books import Books
from tests.reports.numbers.unusual import add_unusual, set_aside

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
NORTHWIND = DATA / "northwind" / "northwind.sql"
Company = Callable[[str], Settings]


def built(settings: Settings) -> Settings:
    """The company's warehouse published, its forecasts included."""
    from flows.warehouse import pipeline

    for stage in pipeline(full=False).stages:
        stage.run(settings)
    return settings


def seeded(home: Path) -> Settings:
    from commands.seed import open_stores, seed_empty

    settings = Settings(home=home, currency="EUR", timezone="Europe/Madrid")
    seed_empty(settings, open_stores(settings), as_of=dt.datetime.now(dt.UTC).date())
    add_unusual(settings)
    set_aside(settings)
    return built(settings)


def northwind(home: Path, new_postgresql: Callable[[], str]) -> Settings:
    from commands.import_ import run_import

    if not NORTHWIND.exists():
        pytest.skip("the public data sets are not there: ../shared/data")
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("no psql on this machine to load northwind.sql with")
    address = new_postgresql()
    plain = sa.make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([psql, "-q", "-f", NORTHWIND, plain], check=True, capture_output=True)
    settings = Settings(home=home, currency="EUR", timezone="Europe/Madrid")
    run_import(ROOT / "examples" / "northwind.yml", address, settings, quiet=True)
    return built(settings)


@pytest.fixture(scope="session")
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Gives a company by its name, made once; a fixture with parameters ends at the end of each file."""
    made: dict[str, Settings] = {}

    def given(name: str) -> Settings:
        if name not in made:
            home = tmp_path_factory.mktemp(name) / "home"
            if name == "seeded":
                made[name] = seeded(home)
            else:
                made[name] = northwind(home, request.getfixturevalue("new_postgresql"))
        return made[name]

    return given


@pytest.fixture(scope="session", params=["seeded", "northwind"])
def settings(request: pytest.FixtureRequest, company: Company) -> Settings:
    return company(request.param)


@pytest.fixture(scope="session")
def look(settings: Settings) -> Look:
    return site_of(settings).look(COMPANY)


@pytest.fixture(scope="session")
def books(settings: Settings, look: Look) -> Books:
    return Books(settings, as_of=look.as_of)

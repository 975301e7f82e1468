"""A tiny company to import: three CSV files and the mapping that fits them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

import models
from commands.import_ import run_import
from commands.output import Result
from settings import Settings

FILES = {
    "clients.csv": "client,sector,country\nAcme,retail,Germany\nBolt,medcal,Spain\n",
    "goods.csv": "good,price\nGTX Pro,4821\nMG Special,55\n",
    "deals.csv": (
        "id,client,good,stage,opened,closed,value\n"
        "D1,Acme,GTX Pro,Won,2017-03-01,2017-03-09,4514.50\n"
        "D2,,MG Special,Engaging,2017-03-02,,\n"
        "D3,Bolt,MG Special,Lost,2017-03-03,2017-03-08,0\n"
    ),
}
MAPPING = """
name: shop
source: csv
corrections:
  clients.sector: {medcal: medical}
lookups:
  country_code: {Germany: DE, Spain: ES}
  stage: {Won: won, Lost: lost, Engaging: engaged}
streams:
  crm.accounts:
    from: clients
    columns:
      account_no: "'A-' || slug(client)"
      name: client
      sector: sector
      country: country_code(country)
      owner_no: "'E-1'"
      currency: company_currency()
      status: "'active'"
      created_on: "'2017-01-01'"
  crm.products:
    from: goods
    columns:
      item_no: "'IT-' || slug(good)"
      name: good
      unit_price: price
      currency: company_currency()
      available_quantity: "0"
      is_active: "true"
  crm.leads:
    from: deals
    references:
      client: {in: clients.client, empty: keep, say: kept as leads without account}
      good: {in: goods.good}
    tell: {still open: closed is null}
    columns:
      lead_no: "'L-' || id"
      account_no: "'A-' || slug(client)"
      source: "'file'"
      item_no: "'IT-' || slug(good)"
      stage: stage(stage)
      won_amount: case when stage = 'Won' then value end
      currency: company_currency()
      created_at: opened
      closed_at: closed
"""


def write_files(folder: Path, **changed: str) -> Path:
    """The company's files in ``folder``; ``deals='…'`` gives ``deals.csv`` other contents."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".csv"), text), encoding="utf-8")
    return folder


def write_mapping(path: Path, change: Mapping[str, Any] | None = None, *, text: str = MAPPING) -> Path:
    """The mapping in a file, with some of its top words replaced."""
    path.write_text(yaml.safe_dump(yaml.safe_load(text) | dict(change or {})), encoding="utf-8")
    return path


class Company:
    """An import's surroundings: a home of its own, a source folder, a mapping."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home / "home", currency="EUR", timezone="Europe/Madrid", page_rows=2)
        self.mapping = write_mapping(home / "shop.yml")
        self.source = str(write_files(home / "source"))

    def run(self) -> Result:
        """Import, without the warehouse."""
        return run_import(self.mapping, self.source, self.settings, quiet=True)

    def counts(self, result: Result, step: str) -> tuple[int, ...]:
        """read, written, unchanged, waiting, quarantined of a stream."""
        (row,) = [row for row in result.steps if row["step"] == step]
        return tuple(row[name] for name in ("read", "written", "unchanged", "waiting", "quarantined"))

    def rows(self, stream: str) -> list[dict[str, Any]]:
        """What the store holds, in the order of the keys."""
        return stored(self.settings, stream)

    def nothing_was_written(self) -> bool:
        """Whether the stores were not even made."""
        return not self.settings.home.exists()


def stored(settings: Settings, stream: str) -> list[dict[str, Any]]:
    """The rows of a stream in its store."""
    engine = sa.create_engine(settings.url(stream.partition(".")[0]))
    table = models.stream_table(stream)
    try:
        with engine.connect() as connection:
            query = sa.select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(query).mappings()]
    finally:
        engine.dispose()

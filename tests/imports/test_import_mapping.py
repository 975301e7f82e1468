"""A mapping file says what is wrong with it, all at once, before any source is looked at."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from connectors.errors import Misconfigured
from connectors.mapped_functions import make_functions
from connectors.mapping import load_mapping
from flows.imported import import_flow
from tests.imports.shop import MAPPING, Company, write_mapping

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.yml"))


def changed(tmp_path: Path, *path: str, value: object) -> Path:
    """The tiny company's mapping with one word replaced."""
    given = yaml.safe_load(MAPPING)
    at = given
    for word in path[:-1]:
        at = at[word]
    at[path[-1]] = value
    file = tmp_path / "changed.yml"
    file.write_text(yaml.safe_dump(given, sort_keys=False))
    return file


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_can_be_read(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.name == path.stem
    assert mapping.documents


def test_a_step_follows_those_it_points_to_whatever_the_order_in_the_file() -> None:
    for path in EXAMPLES:
        steps = [step.name for step in import_flow(load_mapping(path)).steps]
        for first, later in (("crm.accounts", "crm.leads"), ("oa.employees", "oa.approval_requests")):
            if {first, later} <= set(steps):
                assert steps.index(first) < steps.index(later)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("source",), "csvv", "source: came 'csvv'"),
        (("name",), "My Shop", "name: came 'My Shop'"),
        (("streems",), {}, "'streems' is not known here; close to 'streams'"),
        (("streams", "crm.lead"), {}, "there is no such stream; close to 'crm.leads'"),
        (
            ("streams", "crm.leads", "columns", "wonn_amount"),
            "1",
            "no column 'wonn_amount'; close to 'won_amount'",
        ),
        (("streams", "crm.products", "columns", "name"), {"sql": "good", "round": "up"}, "round came 'up'"),
        (("streams", "crm.leads", "references", "good"), {"in": "goods"}, "expected table.column"),
        (("streams", "crm.leads", "references", "good"), {"in": "goods.good", "empty": "keep"}, "'say' what"),
        (("streams", "crm.leads", "lines"), {"stream": "crm.order_lines"}, "expected crm.lead_stages"),
        (("streams", "crm.products", "lines"), {"stream": "crm.order_lines"}, "crm.products has no lines"),
        (("lookups", "country_code"), {"Norway": False}, "write both in quotes"),
        (("checks",), {"crm.leeds": []}, "'crm.leeds' is no stream of this file; close to 'crm.leads'"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_word_is_told_with_its_place(
    tmp_path: Path, path: tuple[str, ...], value: object, says: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        load_mapping(changed(tmp_path, *path, value=value))
    assert says in str(caught.value)


def test_a_column_that_the_stream_needs_must_be_mapped(tmp_path: Path) -> None:
    given = yaml.safe_load(MAPPING)
    del given["streams"]["crm.leads"]["columns"]["currency"]
    given["streams"]["crm.accounts"]["columns"]["nmae"] = "client"
    file = tmp_path / "two_faults.yml"
    file.write_text(yaml.safe_dump(given))
    with pytest.raises(Misconfigured) as caught:
        load_mapping(file)
    assert "crm.leads: currency is missing (ISO 4217 code)" in str(caught.value)
    assert "no column 'nmae'; close to 'name'" in str(caught.value)


def test_a_missing_mapping_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no mapping file .*gone\.yml"):
        load_mapping(tmp_path / "gone.yml")


def test_views_may_stand_in_any_order_but_not_in_a_circle(tmp_path: Path) -> None:
    views = {"a": "select * from b", "b": "select * from goods"}
    assert list(load_mapping(write_mapping(tmp_path / "m.yml", {"views": views})).views) == ["b", "a"]
    circle = views | {"b": "select * from a"}
    with pytest.raises(Misconfigured, match="take from each other"):
        load_mapping(write_mapping(tmp_path / "m.yml", {"views": circle}))


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select from where", "is no SQL"),
        (
            "select country_code(country) as code from clients",
            "the lookup country_code belongs into a stream",
        ),
        ("select cast(price as date) as day from goods", "views.odd: Conversion Error"),
        ("select * from read_text('/etc/passwd')", "views.odd"),
    ],
)
def test_a_view_that_cannot_run_stops_before_anything_is_written(
    company: Company, sql: str, says: str
) -> None:
    write_mapping(company.mapping, {"views": {"odd": sql}})
    with pytest.raises(Misconfigured) as caught:
        company.run()
    assert says in str(caught.value)
    assert company.nothing_was_written()


def test_a_binary_fraction_for_an_amount_is_refused(company: Company) -> None:
    given = yaml.safe_load(MAPPING)
    given["streams"]["crm.products"]["columns"]["unit_price"] = "price::double"
    company.mapping.write_text(yaml.safe_dump(given))
    with pytest.raises(Misconfigured, match="binary fraction"):
        company.run()
    assert company.nothing_was_written()


def test_more_digits_than_a_column_holds_are_put_aside_unless_the_mapping_rounds(company: Company) -> None:
    given = yaml.safe_load(MAPPING)
    given["streams"]["crm.products"]["columns"]["unit_price"] = "price || '.00005'"
    company.mapping.write_text(yaml.safe_dump(given))
    assert company.counts(company.run(), "crm.products") == (2, 0, 0, 0, 2)
    given["streams"]["crm.products"]["columns"]["unit_price"] = {
        "sql": "price || '.00005'",
        "round": "half-even",
    }
    company.mapping.write_text(yaml.safe_dump(given))
    assert company.counts(company.run(), "crm.products") == (2, 2, 0, 0, 0)
    assert company.rows("crm.products")[0]["unit_price"] == Decimal("4821.0000")


@pytest.mark.parametrize(
    ("number", "rounded"),
    [("1.00005", "1.0000"), ("1.00015", "1.0002"), ("-1.00005", "-1.0000"), ("-1.00015", "-1.0002"),
     ("1.000050001", "1.0001"), ("26.85120450862128", "26.8512"), ("0", "0.0000")],
)  # fmt: skip
def test_half_even_is_exact(number: str, rounded: str) -> None:
    with duckdb.connect(":memory:") as connection:
        make_functions(connection, {}, currency="EUR", timezone="UTC")
        assert connection.execute("select half_even(?)", [number]).fetchone() == (Decimal(rounded),)

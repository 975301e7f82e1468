"""A folder of CSV files comes in through the hub: what is right arrives, what is wrong is told."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import Misconfigured, Refused, TriadaError
from tests.imports.shop import FILES, Company, write_files, write_mapping

GOOD_DEALS = FILES["deals.csv"]


def test_every_row_arrives_with_its_values(company: Company) -> None:
    result = company.run()
    assert result.ok
    assert [company.counts(result, s)[:2] for s in ("crm.accounts", "crm.products", "crm.leads")] == [
        (2, 2),
        (2, 2),
        (3, 3),
    ]
    lead = company.rows("crm.leads")[0]
    assert (lead["won_amount"], lead["stage"], lead["account_no"]) == (Decimal("4514.5000"), "won", "A-ACME")
    # Midnight in the company's zone.
    assert lead["created_at"] == dt.datetime(2017, 2, 28, 23, tzinfo=dt.UTC)


def test_importing_twice_writes_nothing_twice(company: Company) -> None:
    company.run()
    before = company.rows("crm.leads")
    result = company.run()
    assert [row["written"] for row in result.steps] == [0, 0, 0]
    assert [row["unchanged"] for row in result.steps] == [2, 2, 3]
    assert company.rows("crm.leads") == before


def test_gzipped_files_come_in_the_same(company: Company) -> None:
    for path in Path(company.source).iterdir():
        with gzip.open(f"{path}.gz", "wt", encoding="utf-8") as file:
            file.write(path.read_text())
        path.unlink()
    assert company.counts(company.run(), "crm.leads") == (3, 3, 0, 0, 0)


def test_a_correction_is_applied_and_told(company: Company) -> None:
    result = company.run()
    assert company.rows("crm.accounts")[1]["sector"] == "medical"
    assert "corrected: clients.sector 'medcal' → 'medical', 1 rows" in result.notes


def test_kept_rows_and_told_ones_are_counted_in_the_summary(company: Company) -> None:
    result = company.run()
    assert company.rows("crm.leads")[1]["account_no"] is None
    assert "kept: crm.leads, 1 rows: kept as leads without account" in result.notes
    assert "note: crm.leads, 1 rows: still open" in result.notes


def test_an_unknown_name_is_quarantined_with_the_names_that_come_close(company: Company) -> None:
    write_files(Path(company.source), deals=GOOD_DEALS.replace("GTX Pro", "GTXPro"))
    result = company.run()
    assert company.counts(result, "crm.leads") == (3, 2, 0, 0, 1)
    assert result.ok, "one row put aside is no failure"
    (problem,) = result.problems
    assert "crm.leads L-D1: good came 'GTXPro'; expected one of goods.good; close to 'GTX Pro'" in problem


def test_a_declared_correction_lets_the_quarantined_row_go(company: Company) -> None:
    write_files(Path(company.source), deals=GOOD_DEALS.replace("GTX Pro", "GTXPro"))
    company.run()
    write_mapping(company.mapping, {"corrections": {"deals.good": {"GTXPro": "GTX Pro"}}})
    result = company.run()
    assert company.counts(result, "crm.leads") == (3, 1, 2, 0, 0)
    assert result.problems == []


def test_an_empty_reference_that_no_rule_keeps_is_quarantined(company: Company) -> None:
    write_files(Path(company.source), deals=GOOD_DEALS.replace("D2,,MG Special", "D2,Acme,"))
    result = company.run()
    assert company.counts(result, "crm.leads")[-1] == 1
    assert "good came empty; expected one of goods.good" in result.problems[0]


def test_a_value_no_lookup_knows_is_quarantined(company: Company) -> None:
    clients = FILES["clients.csv"].replace("Germany", "Germny")
    write_files(Path(company.source), clients=clients, deals=GOOD_DEALS.splitlines()[0] + "\n")
    result = company.run()
    assert company.counts(result, "crm.accounts") == (2, 1, 0, 0, 1)
    assert "country came 'Germny'; expected one of the lookup country_code; close to 'Germany'" in "".join(
        result.problems
    )


def test_what_points_to_a_quarantined_record_waits_for_it_and_follows(company: Company) -> None:
    good = FILES["clients.csv"]
    write_files(Path(company.source), clients=good.replace("Germany", "Germny"))
    assert company.counts(company.run(), "crm.leads") == (3, 2, 0, 1, 0)
    write_files(Path(company.source), clients=good)
    result = company.run()
    assert company.counts(result, "crm.accounts") == (2, 1, 1, 0, 0)
    assert company.counts(result, "crm.leads") == (3, 1, 2, 0, 0)


def test_one_value_that_is_no_number_stops_only_its_row(company: Company) -> None:
    write_files(Path(company.source), goods=FILES["goods.csv"].replace("4821", "4821 EUR"))
    result = company.run()
    assert company.counts(result, "crm.products") == (2, 1, 0, 0, 1)
    assert "unit_price came '4821 EUR'; expected a decimal number" in result.problems[0]


def test_identical_repeated_rows_merge(company: Company) -> None:
    write_files(Path(company.source), deals=GOOD_DEALS + GOOD_DEALS.splitlines()[1] + "\n")
    result = company.run()
    assert result.ok
    assert company.counts(result, "crm.leads") == (4, 3, 1, 0, 0)
    assert "merged: crm.leads, 1 repeated rows with the same key and contents" in result.notes


def test_a_key_repeated_with_other_contents_is_quarantined_whole_and_fails_the_import(
    company: Company,
) -> None:
    other = GOOD_DEALS.splitlines()[1].replace("4514.50", "99")
    write_files(Path(company.source), deals=f"{GOOD_DEALS}{other}\n")
    result = company.run()
    assert not result.ok
    assert company.counts(result, "crm.leads") == (4, 2, 0, 0, 2)
    assert [row["lead_no"] for row in company.rows("crm.leads")] == ["L-D2", "L-D3"]
    assert all("lead_no comes more than once with different contents" in each for each in result.problems)


def test_a_repeated_key_that_was_mended_is_put_aside_no_more(company: Company) -> None:
    other = GOOD_DEALS.splitlines()[1].replace("4514.50", "99")
    write_files(Path(company.source), deals=f"{GOOD_DEALS}{other}\n")
    company.run()
    write_files(Path(company.source))
    result = company.run()
    assert result.ok
    assert result.problems == []
    assert company.counts(result, "crm.leads") == (3, 1, 2, 0, 0)


def test_a_ragged_row_in_the_middle_is_quarantined_alone(company: Company) -> None:
    write_files(
        Path(company.source), deals=GOOD_DEALS.replace("D2,,MG Special,Engaging,2017-03-02,,", "D2,x")
    )
    result = company.run()
    assert company.counts(result, "crm.leads") == (3, 2, 0, 0, 1)
    assert "deals.csv line 3: 2 fields; expected 7" in result.problems[0]


def test_an_unmapped_column_and_an_unmapped_file_are_told_and_ignored(company: Company) -> None:
    goods = FILES["goods.csv"].replace("price\n", "price,colour\n").replace("4821", "4821,red")
    write_files(Path(company.source), goods=goods.replace("55", "55,blue"))
    (Path(company.source) / "notes.csv").write_text("a\n1\n")
    result = company.run()
    assert "ignored, not mapped: goods.colour" in result.notes
    assert "ignored, not mapped: files notes.csv" in result.notes


def test_two_parts_of_a_table_are_found_by_pattern(company: Company) -> None:
    write_mapping(company.mapping, {"files": {"deals": "deals*.csv"}})
    header, *rows = GOOD_DEALS.splitlines()
    write_files(Path(company.source), deals="\n".join([header, rows[0], ""]))
    (Path(company.source) / "deals_2.csv").write_text("\n".join([header, *rows[1:], ""]))
    assert company.counts(company.run(), "crm.leads")[:2] == (3, 3)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda folder: (folder / "deals.csv").unlink(), "no file is called deals.csv"),
        (lambda folder: (folder / "deals.csv").write_text("id,client\nD1"), "deals.csv line 2"),
        (lambda folder: (folder / "deals.csv").write_text(""), "no header"),
        (lambda folder: (folder / "clients.csv").write_bytes("client\nPeñón".encode("latin-1")), "not UTF-8"),
        (lambda folder: (folder / "clients.csv").write_bytes("client\nAcme".encode("utf-16")), "not UTF-8"),
        (
            lambda folder: write_files(folder, deals=GOOD_DEALS.replace(",value\n", ",close_value\n", 1)),
            "the source has no column 'value'; close to 'close_value'",
        ),
        (
            lambda folder: (
                (folder / "deals.csv.gz").write_bytes(gzip.compress(GOOD_DEALS.encode())[:-12]),
                (folder / "deals.csv").unlink(),
            ),
            "deals.csv.gz after line",
        ),
    ],
    ids=["missing", "cut short", "empty", "latin-1", "utf-16", "column renamed", "gzip cut short"],
)
def test_a_broken_source_stops_before_anything_is_written(company: Company, break_it, says: str) -> None:  # type: ignore[no-untyped-def]
    break_it(Path(company.source))
    with pytest.raises((Misconfigured, Refused)) as caught:
        company.run()
    assert says in str(caught.value)
    assert company.nothing_was_written()


def test_a_missing_folder_stops_with_its_name(company: Company) -> None:
    company.source = f"{company.source}-not-there"
    with pytest.raises(Misconfigured, match=r"no source at .*-not-there"):
        company.run()
    assert company.nothing_was_written()


def test_an_address_given_for_files_is_refused_without_its_password(company: Company) -> None:
    company.source = "postgresql://joe:sesame@127.0.0.1/shop"
    with pytest.raises(TriadaError) as caught:
        company.run()
    assert "sesame" not in str(caught.value)


def test_a_file_that_ends_within_a_line_is_told(company: Company) -> None:
    write_files(Path(company.source), goods=FILES["goods.csv"].rstrip("\n"))
    assert any("goods.csv does not end with a line end" in note for note in company.run().notes)


def test_a_rule_of_the_mapping_puts_aside_what_breaks_it(company: Company) -> None:
    rule = {"rule": "price_not_negative", "column": "unit_price", "expect": "non_negative"}
    write_mapping(company.mapping, {"checks": {"crm.products": [rule]}})
    write_files(Path(company.source), goods=FILES["goods.csv"].replace("55", "-55"))
    result = company.run()
    assert company.counts(result, "crm.products") == (2, 1, 0, 0, 1)
    assert "price_not_negative" in result.problems[0] or "-55" in result.problems[0]


def test_what_holds_the_publication_fails_the_import(company: Company) -> None:
    from commands.import_ import run_import

    arguments = (company.mapping, company.source, company.settings)
    assert run_import(*arguments, publish=lambda _settings: [], quiet=True).ok
    held = run_import(*arguments, publish=lambda _settings: ["gate failed"], quiet=True)
    assert not held.ok
    assert held.problems == ["gate failed"]

"""Pickers show real values, the most frequent first, and say how many they leave out."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse import extra
from warehouse.catalogue import CatalogueTable, Column
from warehouse.errors import ColumnUnknownError
from warehouse.values import picklist

TIERS = ["Gold"] * 3 + ["silver "] * 2 + ["Silver", "", None, "100%", "O'Neil"]
TABLE = {"customer_360": {"customer_id": list("abcdefghij"), "tier": TIERS, "n": [7] * 10}}


@pytest.fixture(params=["warehouse", "postgres_warehouse"])
def fill(request, db):
    return request.getfixturevalue(request.param)


def test_values_come_with_their_counts_and_blanks_are_none(fill):
    fill(TABLE)
    found = picklist("Customer_360", "TIER")
    assert found.values[:2] == [("Gold", 3), ("silver", 2)]
    assert {value for value, _ in found.values[2:]} == {"Silver", "100%", "O'Neil"}
    assert found.more == 0
    assert picklist("customer_360", "n").values == [("7", 10)]


@pytest.mark.parametrize(
    ("search", "values"), [("SILV", {"silver", "Silver"}), ("%", {"100%"}), ("'", {"O'Neil"})]
)
def test_search_finds_text_anywhere_whatever_its_case(fill, search, values):
    fill(TABLE)
    assert {value for value, _ in picklist("customer_360", "tier", search).values} == values


def test_what_is_left_out_is_counted_and_can_be_asked_for(fill):
    fill(TABLE)
    first = picklist("customer_360", "tier", limit=2)
    assert (len(first.values), first.more) == (2, 3)
    rest = picklist("customer_360", "tier", after=first.values[-1][0])
    assert (len(rest.values), rest.more) == (3, 0)
    assert not {v for v, _ in first.values} & {v for v, _ in rest.values}


def test_new_data_has_new_values(fill):
    fill(TABLE)
    picklist("customer_360", "tier")
    fill({"customer_360": {"customer_id": ["a"], "tier": ["Bronze"]}})
    assert picklist("customer_360", "tier").values == [("Bronze", 1)]


def test_a_column_that_is_not_there_is_named(fill):
    fill(TABLE)
    with pytest.raises(ColumnUnknownError, match="colour"):
        picklist("customer_360", "colour")


def test_a_table_that_muster_adds_shows_new_values_though_the_data_is_the_same(
    warehouse, monkeypatch, tmp_path
):
    warehouse(TABLE)
    files = []
    table = CatalogueTable("sent", {"campaign": Column("campaign", "text")})
    empty = pa.table({"campaign": pa.array([], pa.string())})
    monkeypatch.setattr(extra, "_registered", {})
    extra.register("sent", table, lambda: files or empty)
    assert picklist("sent", "campaign").values == []
    files.append(tmp_path / "first.parquet")
    pq.write_table(pa.table({"campaign": ["Autumn"]}), files[0])
    assert picklist("sent", "campaign").values == [("Autumn", 1)]

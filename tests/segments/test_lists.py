"""Uploaded lists: kept once, private, and read as tables."""

import stat

import pyarrow.parquet as pq
import pytest

from segments import lists
from segments.models import CustomerList
from segments.numbers import counting


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def test_values_are_kept_once_without_white_space_around(db):
    stored = lists.store("VIPs", ["b", " a ", "", "a", "\t"], None)
    assert stored.size == 2
    (path,) = lists.relation(stored.digest)
    assert pq.read_table(path).to_pydict() == {"value": ["a", "b"]}


def test_only_the_owner_may_read_the_file(db):
    (path,) = lists.relation(lists.store("VIPs", ["a"], None).digest)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_list_of_the_same_name_is_replaced_and_the_old_file_stays(db):
    old = lists.store("VIPs", ["a"], None).digest
    new = lists.store("vips", ["b"], None).digest
    assert CustomerList.objects.get().digest == new
    assert old != new
    assert lists.relation(old)


def test_the_same_values_are_the_same_file(db):
    assert lists.store("A", ["x", "y"], None).digest == lists.store("B", ["y", "x"], None).digest


def test_a_list_without_values_is_refused(db):
    with pytest.raises(lists.EmptyListError, match="holds no values"):
        lists.store("VIPs", ["", " "], None)


def test_a_list_whose_file_is_gone_is_told(db):
    with pytest.raises(lists.ListMissingError, match="Upload the list again"):
        lists.relation("0" * 64)


def test_a_long_list_is_counted_as_a_table(warehouse):
    warehouse({"customer_360": [{"customer_id": f"c{n}", "tier": "Gold"} for n in range(5)]})
    lists.store("VIPs", [f"C{n}" for n in range(3, 20_000)], None)
    rule = {
        "attribute": "customer_360.customer_id",
        "operator": "is_in",
        "value": {"list": "VIPs"},
    }
    assert counting.count(rule, counting.context()) == 2
    others = rule | {"operator": "is_not_in"}
    assert counting.count(others, counting.context()) == 3

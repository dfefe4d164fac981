import pyarrow.parquet as pq
import pytest

from manifests.errors import ManifestError
from segments import lists
from segments.models import CustomerList

TEXT = "version: 1\nlists:\n  - {name: VIPs, file: vips.csv}\n"


def values():
    (path,) = lists.relation(CustomerList.objects.get().digest)
    return pq.read_table(path)["value"].to_pylist()


@pytest.fixture
def vips(tmp_path):
    def write(text, encoding="utf-8"):
        (tmp_path / "vips.csv").write_text(text, encoding=encoding)

    return write


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com\nb@example.com\n",
        "Email,Name\na@example.com,Ann\nb@example.com,Bo\n",
        "\ufeffcustomer_id\r\nb@example.com\r\n\r\na@example.com\r\na@example.com\r\n",
        '"a@example.com",1\n" b@example.com "\n',
        "a@example.com;Ann, Lee\nb@example.com;Bo\n",
        '"Email"\t"Name"\n"a@example.com"\tAnn\nb@example.com\tBo\n',
    ],
)
def test_the_first_column_is_read_without_heading_blanks_and_doubles(apply, vips, text):
    vips(text)
    apply(TEXT)
    assert values() == ["a@example.com", "b@example.com"]


def test_the_same_values_in_another_order_change_nothing(apply, vips):
    vips("1\n2\n")
    apply(TEXT)
    vips("2\n1\n1\n")
    assert [step.action for step in apply(TEXT).steps] == ["keep"]


def test_a_new_file_replaces_the_values_and_the_plan_tells_how_many(apply, vips):
    vips("1\n2\n")
    apply(TEXT)
    vips("1\n2\n3\n")
    plan = apply(TEXT)
    assert [str(change) for change in plan.steps[0].changes] == ["values: 2 -> 3, of vips.csv"]
    assert values() == ["1", "2", "3"]


def test_a_dry_run_keeps_the_values(apply, vips):
    vips("1\n")
    apply(TEXT, dry_run=True)
    assert not CustomerList.objects.exists()


def test_a_file_that_is_not_there_keeps_the_stored_list(apply, vips, tmp_path):
    vips("1\n")
    apply(TEXT)
    (tmp_path / "vips.csv").unlink()
    assert [step.action for step in apply(TEXT).steps] == ["keep"]
    assert values() == ["1"]


def faults(apply, text=TEXT):
    with pytest.raises(ManifestError) as caught:
        apply(text)
    return str(caught.value)


def test_a_file_that_is_not_there_is_a_fault_where_no_list_is_stored(apply):
    assert faults(apply) == (
        'lists[0].file: There is no file "vips.csv" beside the manifest, and no such list yet. '
        "Put it there."
    )


def test_a_file_without_values_is_a_fault(apply, vips):
    vips("email\n \n")
    assert faults(apply).startswith('lists[0].file: "vips.csv" holds no values.')


def test_a_file_in_another_encoding_is_a_fault_that_tells_nothing_of_it(apply, vips):
    vips("é@example.com\n", "latin-1")
    assert faults(apply) == "lists[0].file: It is not text in UTF-8. Save it as CSV in UTF-8."
    vips("a@example.com\n", "utf-16")
    assert faults(apply) == "lists[0].file: It is written in UTF-16. Save it as CSV in UTF-8."


def test_an_open_quotation_mark_swallows_nobody(apply, vips):
    vips('a@example.com\n"b@example.com\nc@example.com\n')
    assert faults(apply) == (
        "lists[0].file: A quotation mark is out of place, in line 3 or before it."
    )


@pytest.mark.timeout(20)
def test_what_never_ends_is_not_read(apply):
    text = TEXT.replace("vips.csv", "/dev/zero")
    assert faults(apply, text) == "lists[0].file: The file cannot be read: it is not a file."


def test_a_rule_may_name_a_list_of_the_same_file(apply, vips):
    vips("a@example.com\n")
    segment = """
segments:
  - name: Very important
    active: true
    rule: {attribute: merged_customers.email, operator: is_in, value: {list: VIPs}}
"""
    apply(TEXT + segment)
    assert 'There is no list "VIP". Did you mean "VIPs"?' in faults(
        apply, TEXT + segment.replace("list: VIPs", "list: VIP")
    )

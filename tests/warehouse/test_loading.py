"""What load_tables takes, how it types it, and what it refuses in which words."""

import csv
import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse import catalogue
from warehouse.engines import engine
from warehouse.loading import load_quietly
from warehouse.query import Query


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def refusal(write, warehouse):
    """The faults of one file, which must be refused."""

    def refusal(name, content):
        report = load_quietly([write(name, content)])
        assert report.loaded == []
        (refused,) = report.refused
        return list(refused.faults)

    return refusal


def types(table):
    return {
        column.name: column.type for column in catalogue.current().table(table).columns.values()
    }


def column(table, name):
    rows = engine().fetch(Query(f'SELECT "{name}" FROM {table} ORDER BY row_id'))
    return [value for (value,) in rows]


def csv_of(**columns):
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["row_id", *columns])
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        writer.writerow([f"r{number:05}", *values])
    return rows.getvalue()


# Types


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("shelf", ["007", "12", "3"], "text"),
        ("contact", ["+15550100", "12"], "text"),
        ("dialled", ["2025550100", "2025550101"], "text"),
        ("zip", ["90210", "10001"], "text"),
        ("phone", ["5550100", "5550101"], "text"),
        ("order_id", ["1", "2"], "text"),
        ("visits", ["0", "-3", " 12 ", ""], "number"),
        ("amount", ["1.50", "-0.25", "3", ".5"], "number"),
        ("score", ["1e-05", "0.5"], "number"),
        ("size", ["1e5", "12E4"], "text"),
        ("mixed", ["1", "2", "n/a"], "text"),
        ("born", ["1999-12-31", ""], "date"),
        ("not_a_day", ["2026-02-30", "2026-01-01"], "text"),
        ("local", ["31/12/1999", "01/02/2000"], "text"),
        ("seen", ["2026-01-02 03:04:05", "2026-01-02T03:04", "2026-01-02"], "time"),
        ("moment", ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05.25+02:00"], "time"),
        ("both", ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05"], "text"),
        ("member", ["true", "FALSE", ""], "yes_no"),
        ("answer", ["yes", "no"], "yes_no"),
        ("wants_mail", ["1", "0"], "yes_no"),
        ("bits", ["1", "0"], "number"),
        ("gender", ["F", "F"], "text"),
        ("nothing", ["", ""], "text"),
    ],
)
def test_a_column_is_what_all_of_its_values_are(write, warehouse, name, values, kind):
    assert load_quietly([write("things.csv", csv_of(**{name: values}))]).refused == []
    assert types("things")[name] == kind


def test_one_odd_value_far_down_keeps_the_column_text(write, warehouse):
    values = [str(n) for n in range(30_000)] + ["A1"]
    load_quietly([write("things.csv", csv_of(level=values))])
    assert types("things")["level"] == "text"
    assert column("things", "level") == values


def test_fractions_far_down_are_kept_exactly(write, warehouse):
    values = ["1"] * 25_000 + ["0.1", "0.25"]
    load_quietly([write("things.csv", csv_of(level=values))])
    total = engine().fetch(Query("SELECT CAST(sum(level) AS text) FROM things"))
    assert total == [("25000.35",)]


WRITTEN = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    st.integers(-(10**17), 10**17).map(str),
    st.integers(0, 999).map("{:04}".format),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.sampled_from(["true", "no", "Y", "t", "+1 555 0100", "2025550100", ""]),
)


def unchanged(written, value):
    """Does the typed value say what was written? Blank text is null or blank."""
    if not written.strip():
        return value is None or not str(value).strip()
    if isinstance(value, bool):
        return value == (written.strip().lower() in {"true", "yes", "y", "t", "1"})
    if isinstance(value, str):
        return value == written
    if isinstance(value, int):
        return str(value) == written.strip().replace("-0", "0") or written.strip() == str(value)
    if hasattr(value, "isoformat"):
        return (
            value.isoformat(sep=" ").startswith(written.strip())
            if hasattr(value, "hour")
            else value.isoformat() == written.strip()
        )
    return float(value) == float(written)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.one_of(
        *(st.lists(WRITTEN, min_size=1, max_size=6) for _ in range(1)),
        st.lists(st.decimals(-(10**9), 10**9, places=2).map(str), min_size=1, max_size=6),
        st.lists(st.datetimes().map(str), min_size=1, max_size=6),
    )
)
def test_no_value_is_damaged_by_its_type(write, warehouse, values):
    report = load_quietly([write("things.csv", csv_of(given_value=values))])
    assert report.refused == []
    for written, value in zip(values, column("things", "given_value"), strict=True):
        assert unchanged(written, value), (written, value)


def test_customer_ids_are_text_as_they_came(write, warehouse, tmp_path):
    write("orders.csv", "customer_id,amount\n1,2\n02,3\n")
    pq.write_table(
        pa.table({"customer_id": pa.array([1, 2**60], pa.int64()), "n": [1, 2]}),
        tmp_path / "customer_360.parquet",
    )
    pq.write_table(
        pa.table({"CustomerID": pa.array([1.0, None], pa.float64())}), tmp_path / "visits.parquet"
    )
    load_quietly([tmp_path])
    fetch = engine().fetch
    assert fetch(Query("SELECT customer_id FROM orders ORDER BY 1")) == [("02",), ("1",)]
    assert fetch(Query("SELECT customer_id FROM customer_360 ORDER BY n")) == [
        ("1",),
        (str(2**60),),
    ]
    assert fetch(Query('SELECT "CustomerID" FROM visits ORDER BY 1 NULLS LAST')) == [
        ("1",),
        (None,),
    ]


def test_parquet_keeps_its_types_and_leaves_out_what_rules_cannot_read(warehouse, tmp_path):
    table = pa.table(
        {
            "customer_id": ["a"],
            "day": pa.array([1], pa.date32()),
            "moment": pa.array([1], pa.timestamp("ns", "America/New_York")),
            "label": pa.array(["x"]).dictionary_encode(),
            "written": ["2026-01-01"],
            "tags": [["x", "y"]],
        }
    )
    pq.write_table(table, tmp_path / "visits.parquet")
    (loaded,) = load_quietly([tmp_path / "visits.parquet"]).loaded
    assert types("visits") == {
        "customer_id": "text",
        "day": "date",
        "moment": "time",
        "label": "text",
        "written": "text",
    }
    assert loaded.notes == ['"tags" is left out: rules cannot read values of type varchar[].']


def test_a_parquet_file_of_nothing_that_rules_can_read_is_refused(warehouse, tmp_path):
    pq.write_table(pa.table({"tags": [["x"]]}), tmp_path / "visits.parquet")
    (refused,) = load_quietly([tmp_path / "visits.parquet"]).refused
    assert refused.faults[0] == "It has no column that rules can read."


# Files


def test_csv_gz_semicolons_quotes_and_windows_line_ends_are_read(write, warehouse):
    write("a.csv.gz", gzip.compress(b"row_id,v\n1,x\n"))
    write("b.csv", 'row_id;"v"\r\n1;"two\r\nlines; one ""value"""\r\n')
    report = load_quietly([write("c.CSV", b"\xef\xbb\xbfrow_id,v\n1,\xc3\xa9\n").parent])
    assert report.refused == []
    assert column("a", "v") == ["x"]
    assert column("b", "v") == ['two\r\nlines; one "value"']
    assert column("c", "v") == ["é"]


def test_a_table_is_named_after_its_file(write, warehouse):
    report = load_quietly([write("Store List (2026).csv", "id\n1\n"), write("360.csv", "id\n1\n")])
    assert [loaded.table for loaded in report.loaded] == ["store_list_2026", "t_360"]


FIRST_LINE_IS_DATA = "Line 1 is data. Put a line with the columns' names above it."


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("a,b\n1,2\n1\n", "Line 3: it has 1 value where the header names 2 columns."),
        ("a,b\n1,2\n1,2,3\n", "Line 3: it has 3 values where the header names 2 columns."),
        (b"a,b\n1,caf\xe9\n", "Line 2: a character is not UTF-8; save the file as CSV in UTF-8."),
        (b"a,\xe9\n1,2\n", "Line 1: a character is not UTF-8; save the file as CSV in UTF-8."),
        (
            'a,b\n1,2\n1,"open\n2,3\n',
            "Line 3: a quotation mark is out of place: a value in quotes must end with one.",
        ),
        (
            "a,b\r\n1,2\r\n3,4\n",
            "Line 3: it ends another way than the first line. Save the file anew.",
        ),
        ("", "It is empty."),
        ("\n\n", "It is empty."),
        ("a,b\n", "It has a header but no rows."),
        ("a,,c\n1,2,3\n", "Column 2 has no name."),
        ("sep=;\na;b\n1;2\n", "Line 1 is a note to Excel, not the columns' names. Take it out."),
        ("a,A\n1,2\n", 'Two columns are called "A"; names match without case.'),
        ("a,b\n1,2\n".encode("utf-16"), "It is written in UTF-16. Save it as CSV in UTF-8."),
        ("a,b\n1,2\n3,x\0y\n", "Line 3: it holds a NUL character. Export it again."),
        (
            "a,b\0\n1,2\n",
            "Column 2 has a name with a NUL character, which no database keeps.",
        ),
        (
            f"a,{'b' * 201}\n1,2\n",
            "Column 2 has a name of 201 characters; at most 200 are kept.",
        ),
        ("00001,Ann,2026-01-02\n00002,Bob,2026-01-03\n", FIRST_LINE_IS_DATA),
        ("ann@example.com,Gold\nbob@example.com,Silver\n", FIRST_LINE_IS_DATA),
        ("customer_id,+1 (212) 555-0101\n1,2\n", FIRST_LINE_IS_DATA),
    ],
)
def test_a_faulty_csv_is_refused_with_line_and_reason(refusal, content, fault):
    assert refusal("orders.csv", content) == [fault]


@pytest.mark.parametrize("header", ["customer_id,2024-01-01", "store,1,2", "region,2024,2025"])
def test_numbers_and_days_may_name_columns(write, warehouse, header):
    (loaded,) = load_quietly([write("pivot.csv", f"{header}\n{header}\n")]).loaded
    assert (loaded.rows, loaded.columns) == (1, header.count(",") + 1)


def test_lines_are_counted_as_an_editor_counts_them(refusal):
    assert refusal("orders.csv", 'a,b\n1,"two\nlines"\n1\n') == [
        "Line 4: it has 1 value where the header names 2 columns."
    ]


def test_of_many_faulty_rows_the_first_are_told(refusal):
    rows = "".join("1\n" if n % 10 == 0 else "1,2\n" for n in range(100))
    faults = refusal("orders.csv", "a,b\n" + rows)
    assert [fault.split(":")[0] for fault in faults[:5]] == [
        f"Line {n}" for n in (2, 12, 22, 32, 42)
    ]
    assert faults[5:] == ["And 5 more faulty rows."]


def test_damaged_files_are_refused(refusal):
    whole = gzip.compress(csv_of(v=[str(n) for n in range(500_000)]).encode())
    assert refusal("a.csv.gz", whole[: len(whole) // 2]) == [
        "It ends too early or is damaged. Export it again."
    ]
    broken = bytearray(whole)
    broken[100:200] = bytes(100)
    assert "damaged" in refusal("d.csv.gz", bytes(broken))[0]
    assert refusal("b.csv.gz", b"no gzip") == ["It is damaged or no gzip file. Export it again."]
    assert refusal("c.parquet", b"PAR1 nothing PAR1") == [
        "It is no Parquet file, or a part of it is missing. Export it again."
    ]


def test_faults_show_no_customers(refusal):
    assert "ann" not in str(refusal("orders.csv", "a,b\nann@example.com\n"))


def test_a_table_of_customers_needs_a_customer_id_for_each_row_once(refusal):
    assert refusal("customer_360.csv", "name,income\nAnn,3\n") == [
        "It has no column with a customer id. Name that column customer_id, "
        "or say in the catalogue which one it is."
    ]
    assert refusal("merged_customers.csv", "customer_id,v\na,1\na,2\nb,3\n") == [
        '1 row repeats a customer id ("customer_id"). Keep one row a customer.'
    ]


def test_a_table_without_customers_is_loaded_and_said_to_be_one(write, warehouse):
    (loaded,) = load_quietly([write("products.csv", "product_id,brand\n1,x\n")]).loaded
    assert loaded.notes == [
        "It has no customer id: its rows can be looked up from other tables only."
    ]


def test_rows_without_customer_are_told(write, warehouse):
    (loaded,) = load_quietly([write("orders.csv", "customer_id,v\na,1\n ,2\n,3\n")]).loaded
    assert loaded.notes == ['2 rows have no customer id ("customer_id"): nobody is found by them.']


def test_a_table_that_muster_fills_is_not_loaded(refusal):
    assert refusal("Campaign Recipients.csv", "customer_id,v\na,1\n") == [
        "Muster itself fills the table campaign_recipients. Give the file another name."
    ]


def test_a_table_of_many_columns_is_typed_like_any_other(write, warehouse):
    names = [f"c{n}" for n in range(250)]
    rows = [
        ["7" if n % 2 else "x" for n in range(250)],
        ["8" if n % 2 else "y" for n in range(250)],
    ]
    text = "".join(
        ",".join(row) + "\n" for row in [["row_id", *names], ["1", *rows[0]], ["2", *rows[1]]]
    )
    assert load_quietly([write("wide.csv", text)]).refused == []
    found = types("wide")
    assert len(found) == 251
    assert {found[f"c{n}"] for n in range(1, 250, 2)} == {"number"}
    assert {found[f"c{n}"] for n in range(0, 250, 2)} == {"text"}
    assert column("wide", "c249") == [7, 8]


def test_two_files_for_one_table_are_both_refused(write, warehouse):
    report = load_quietly([write("orders.csv", "a\n1\n").parent, write("Orders.csv", "a\n1\n")])
    assert sorted(refused.path.name for refused in report.refused) == ["Orders.csv", "orders.csv"]
    assert report.loaded == []


# The command


def test_the_others_are_loaded_and_the_command_fails(write, warehouse, capsys):
    good, bad = write("good.csv", "customer_id,v\na,1\n"), write("bad.csv", "a,b\n1\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("load_tables", good, bad)
    assert stopped.value.code == 1
    said = capsys.readouterr()
    assert said.out == "good: 1 row, 2 columns\n"
    assert "bad.csv: refused\n  Line 2: it has 1 value" in said.err
    assert engine().fetch(Query("SELECT * FROM good")) == [("a", 1)]


def test_a_path_that_is_not_there_is_one_line_and_nothing_is_loaded(write, warehouse, capsys):
    good = write("good.csv", "customer_id,v\na,1\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("load_tables", good, good.parent / "gone.csv")
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"{good.parent}/gone.csv: there is no such file or folder. Nothing was loaded.\n"
    )
    assert engine().describe() == []


def test_loading_again_replaces_the_named_tables_only(write, warehouse):
    load_quietly([write("a.csv", "row_id\n1\n"), write("b.csv", "row_id\n1\n")])
    call_command("load_tables", write("a.csv", "row_id\n2\n3\n"))
    assert (column("a", "row_id"), column("b", "row_id")) == (["2", "3"], ["1"])


def test_a_refused_table_stays_as_it_was(write, warehouse):
    load_quietly([write("a.csv", "row_id\n1\n")])
    version = engine().version()
    load_quietly([write("a.csv", "row_id,b\n1\n")])
    assert column("a", "row_id") == ["1"]
    assert engine().version() == version


def test_another_engine_is_not_loaded(postgres_warehouse, write):
    postgres_warehouse({"customer_360": {"customer_id": ["a"]}})
    with pytest.raises(CommandError, match="Load the tables there"):
        call_command("load_tables", write("a.csv", "a\n1\n"))

import duckdb
import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.campaigns import oracle
from warehouse import identifiers
from warehouse.identifiers import Identified

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = [
    kind
    for name, kind in vars(phonenumbers.PhoneNumberType).items()
    if name.isupper() and kind != phonenumbers.PhoneNumberType.UNKNOWN
]
FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
]


def settle(values, kind, country="US"):
    """What the column's way makes of values: a list of Identified in their order."""
    with duckdb.connect() as connection:
        rows = pa.table({"place": list(range(len(values))), "raw": pa.array(values, pa.string())})
        connection.register("rows", rows)
        identifiers.normalise(connection, "rows", {"raw": kind}, "settled", country)
        found = connection.execute("SELECT raw, raw_reason FROM settled ORDER BY place").fetchall()
    return [Identified(identifier, reason) for identifier, reason in found]


def examples():
    """A number of every type of every region, written in every way, and one digit off."""
    for region in REGIONS:
        for kind in TYPES:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            for form in FORMATS:
                text = phonenumbers.format_number(number, form)
                yield from (text, text[:-1], text + "1", text.replace("2", "9"))


@pytest.mark.parametrize("country", ["US", "CA", "GB", "JE", "DE", "IT", "RU", "MX", "AU", "SG"])
def test_a_column_of_phones_reads_as_the_library_reads_each_of_them(country):
    values = list(dict.fromkeys(examples()))
    if country != "US":
        values = values[::17]
    assert settle(values, "phone", country) == [identifiers.phone(v, country) for v in values]


def test_every_american_area_code_is_judged_as_the_library_does():
    values = [f"{area}{exchange}0143" for area in range(1000) for exchange in (200, 555, 911)]
    values += [f"+1{value}" for value in values[::7]] + [f"1-{value}" for value in values[::11]]
    assert settle(values, "phone") == [identifiers.phone(value, "US") for value in values]


digits = st.text("0123456789", min_size=5, max_size=13)
british = st.from_regex(r"(\+44|0044|44|0|\+44 ?\(0\))[1-9][0-9]{6,10}", fullmatch=True)
american = st.from_regex(r"(\+1|1|\+01|)[ .-]?\(?[1-9][0-9]{2}\)?[ .-]?[0-9]{3}-?[0-9]{4}")
shapes = st.from_regex(r"[ (]{0,2}\+?[0-9() .-]{1,18}", fullmatch=True)
mutated = st.builds(
    lambda text, at, put: text[: at % (len(text) + 1)] + put + text[at % (len(text) + 1) :],
    st.one_of(digits, british, american, shapes),
    st.integers(0, 40),
    st.sampled_from(["", "", "x12", " ", "ext. 3", "\t", "٣", "+", "a", "/", "#", "\u00a0", "0"]),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=st.lists(st.one_of(mutated, st.text(max_size=6), st.none()), min_size=1, max_size=60),
    country=st.sampled_from(["US", "US", "GB", "DE", "FR", "AU", "JE", "RU"]),
)
@example(values=["8005553535", "88005553535", "78005553535"], country="RU")
@example(values=["4412345678", "004412345678"], country="GB")
@example(values=["0.0", "+1-2", "12", "1 2 "], country="US")
def test_whatever_is_written_a_phone_reads_as_the_library_reads_it(values, country):
    assert settle(values, "phone", country) == [identifiers.phone(v, country) for v in values]


@settings(deadline=None, max_examples=100)
@given(text=st.one_of(mutated, st.text(max_size=8)))
def test_phones_agree_with_the_words_of_the_manifest(text):
    found = identifiers.phone(text)
    if oracle.blank(text):
        assert found == Identified()
    else:
        assert found.identifier == oracle.phone(text)
        assert bool(found.reason) == (found.identifier is None)


addresses = st.from_regex(r"[ \t]?[a-zA-Z0-9.+_-]{0,6}@?[a-zA-Z0-9.-]{0,8}@?[a-z.]{0,3}\n?")
awkward = st.text("aZ9.-@+_'\"\\ \té(", max_size=12)


@settings(deadline=None, max_examples=150)
@given(values=st.lists(st.one_of(addresses, awkward, st.none()), min_size=1, max_size=60))
@example(values=["a" * 64 + "@example.com", "a" * 65 + "@example.com"])
@example(values=["a@" + "b" * 248 + ".com", "a@" + "b" * 249 + ".com"])
@example(values=["a@b", "a@b.c", "a@-b.c", "a@b-.c", "a..b@c.d", ".a@c.d", "a@b..c", "A@B.C\n"])
def test_emails_agree_with_the_words_of_the_manifest(values):
    settled = settle(values, "email")
    for text, found in zip(values, settled, strict=True):
        if oracle.blank(text):
            assert found == Identified()
        else:
            assert found.identifier == oracle.email(text)
            assert bool(found.reason) == (found.identifier is None)
    assert settled == [identifiers.email(value) for value in values]


@pytest.mark.parametrize(
    ("raw", "identifier", "reason"),
    [
        ("(212) 555-0143 ext. 9", "+12125550143", None),
        ("+44 (0)20 7946 0018", "+442079460018", None),
        ("555-0143", None, identifiers.NO_AREA_CODE),
        ("12345", None, identifiers.TOO_SHORT),
        ("+1 212 555 0143 9999", None, identifiers.TOO_LONG),
        ("+1 111 555 0143", None, identifiers.NOT_VALID),
        ("call me", None, identifiers.NOT_A_NUMBER),
        ("+999 12345678", None, identifiers.UNKNOWN_COUNTRY),
        (" \t\r\n\v\f", None, None),
        (None, None, None),
    ],
)
def test_a_phone_is_kept_as_e164_or_refused_with_a_reason(raw, identifier, reason):
    assert settle([raw], "phone") == [Identified(identifier, reason)]


@pytest.mark.parametrize(
    ("raw", "identifier", "reason"),
    [
        (" Ana.Lopez+Spring@Example.CO.UK\t", "ana.lopez+spring@example.co.uk", None),
        ("ana", None, identifiers.NO_AT),
        ("ana lopez@example.com", None, identifiers.BAD_NAME),
        ("ana@example", None, identifiers.BAD_HOST),
        ("ana@@example.com", None, identifiers.BAD_HOST),
        ("a" * 65 + "@example.com", None, identifiers.TOO_LONG),
        ("  ", None, None),
    ],
)
def test_an_email_is_kept_in_lower_case_or_refused_with_a_reason(raw, identifier, reason):
    assert settle([raw], "email") == [Identified(identifier, reason)]


def test_other_columns_stay_and_several_columns_are_settled_at_once():
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE people AS SELECT 'c1' AS id, '2125550143' AS home, 'x12' AS work, "
            "'A@B.com' AS mail"
        )
        columns = {"home": "phone", "work": "phone", "mail": "email"}
        identifiers.normalise(connection, "people", columns, "settled", "US")
        row = connection.execute(
            "SELECT id, home, home_reason, work, work_reason, mail, mail_reason FROM settled"
        ).fetchall()[0]
    assert row == ("c1", "+12125550143", None, None, "too short", "a@b.com", None)


def test_a_country_that_is_none_is_named():
    with pytest.raises(identifiers.CountryUnknownError, match="DEFAULT_COUNTRY"):
        settle(["2125550143"], "phone", "XX")

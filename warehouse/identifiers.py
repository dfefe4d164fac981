# ruff: noqa: S608  (SQL is put together from our own names and quoted text)
"""Who is sent: raw phones and emails become the identifiers a destination knows, or a reason.

Phone: valid where libphonenumber's is_valid_number says so for the number as
written, or read in the brand's country; kept as E.164 without extension.
Email: trimmed and lower-cased; valid where it is an ASCII dot-atom of at most
64 characters, "@", and a host name of two or more labels; 254 characters in all.
Blank: null, or nothing but white space.

A column of any length is settled inside DuckDB. Phones of the regular shapes are
recognised by regular expressions made from libphonenumber's own metadata; what
they do not accept is judged by the library itself, each distinct value once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb
import phonenumbers
import pyarrow as pa
from django.conf import settings
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    ValidationResult,
)

from core.errors import MusterError

PHONE = "phone"
EMAIL = "email"

NOT_A_NUMBER = "not a number"
TOO_SHORT = "too short"
TOO_LONG = "too long"
NO_AREA_CODE = "no area code"
UNKNOWN_COUNTRY = "unknown country code"
NOT_VALID = "not a valid number"
NO_AT = "no @"
BAD_NAME = "not allowed before the @"
BAD_HOST = "not a domain after the @"

WHITE_SPACE = " \t\n\r\f\v"
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
EMAIL_NAME = rf"{ATOM}(?:\.{ATOM})*"
EMAIL_HOST = rf"{LABEL}(?:\.{LABEL})+"
EMAIL_PATTERN = rf"{EMAIL_NAME}@{EMAIL_HOST}"
EMAIL_NAME_LENGTH = 64
EMAIL_LENGTH = 254

# Only these characters, a plus at most before the digits: nothing that the library reads in
# another way than digit by digit (letters, extensions, second numbers).
REGULAR_PHONE = r"[ (]*\+?[0-9() .-]*"
PHONE_PUNCTUATION = "() .-"
# Fewer than two digits of any script, or two apart: the library takes no such text for a number.
HOPELESS_PHONE = r"{0}*(?:[0-9]|[0-9]{0}+[0-9])?{0}*".format(r"[\x00-\x2f\x3a-\x7f]")
COMMON_CODES = (1, 44)
SLOW_ROWS = 50_000  # values a batch that go through the library

TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


class CountryUnknownError(MusterError):
    def __init__(self, country: str):
        super().__init__(country)
        self.country = country

    def __str__(self) -> str:
        return (
            f'DEFAULT_COUNTRY is "{self.country}", which is no country code. '
            "Set it to two capital letters, as US or GB."
        )


@dataclass(frozen=True, slots=True)
class Identified:
    """What became of one raw value: an identifier, or a reason, or neither when it is blank."""

    identifier: str | None = None
    reason: str | None = None


def phone(raw: str | None, country: str | None = None) -> Identified:
    """The phone as E.164, by the library alone. country: ISO code, the brand's by default."""
    if raw is None or not raw.strip(WHITE_SPACE):
        return Identified()
    try:
        number = phonenumbers.parse(raw, country or settings.DEFAULT_COUNTRY)
    except NumberParseException as error:
        return Identified(reason=_PARSE_REASONS.get(error.error_type, NOT_A_NUMBER))
    if phonenumbers.is_valid_number(number):
        number.extension = None
        return Identified(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    possible = phonenumbers.is_possible_number_with_reason(number)
    return Identified(reason=_LENGTH_REASONS.get(possible, NOT_VALID))


def email(raw: str | None) -> Identified:
    """The email trimmed and lower-cased; the same rule as in SQL."""
    text = (raw or "").strip(WHITE_SPACE)
    if not text:
        return Identified()
    name, at, host = text.partition("@")
    if not at:
        return Identified(reason=NO_AT)
    if len(name) > EMAIL_NAME_LENGTH or len(text) > EMAIL_LENGTH:
        return Identified(reason=TOO_LONG)
    if not re.fullmatch(EMAIL_NAME, name):
        return Identified(reason=BAD_NAME)
    if not re.fullmatch(EMAIL_HOST, host):
        return Identified(reason=BAD_HOST)
    return Identified(text.lower())


def identify(kind: str, raw: str | None) -> Identified:
    """One raw value. For a column use ``normalise``."""
    return phone(raw) if kind == PHONE else email(raw)


def normalise(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Mapping[str, str],
    into: str,
    country: str | None = None,
    number: str = "",
) -> None:
    """Settle columns of raw values: the view ``into`` is ``source`` with its columns replaced.

    source: a table or a SELECT in brackets, readable on the connection.
    columns: name of a text column of it -> kind. Each keeps its name and holds
    the identifier, null where there is none; beside it stands ``NAME_reason``,
    null for a valid or blank value. number: the name of a column to be added that numbers the
    rows. ``into`` and names that begin with it are made.
    Raises CountryUnknownError.
    """
    country = country or settings.DEFAULT_COUNTRY
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise CountryUnknownError(country)
    phones = [name for name, kind in columns.items() if kind == PHONE]
    settled, slow = f"{into}_settled", f"{into}_slow"
    connection.execute(f"CREATE TABLE {settled} AS {_settle(source, columns, country)}")
    judged = phones if _judge(connection, settled, phones, slow, country) else []
    connection.execute(f"CREATE VIEW {into} AS {_join(settled, phones, judged, slow, number)}")


def _settle(source: str, columns: Mapping[str, str], country: str) -> str:
    """The first pass, in SQL: values, reasons, and phones that are left open for the library."""
    clean: list[str] = []
    prepared: list[str] = []
    accepted: list[str] = []
    refused: list[str] = []
    settled: list[str] = []
    working: list[str] = []
    for name, kind in columns.items():
        raw, plain, value = _name(name), _name(f"{name}_plain"), _name(f"{name}_value")
        reason, open_ = _name(f"{name}_reason"), _name(f"{name}_open")
        why, ready = _name(f"{name}_refused"), _name(f"{name}_clean")
        working += [raw, plain, value]
        if kind == PHONE:
            # Most are E.164 already: one look settles these, and the rest is only for others.
            clean.append(f"CASE WHEN {_is_e164(raw, country)} THEN {raw} END AS {ready}")
            prepared.append(f"CASE WHEN {ready} IS NULL THEN {_digits(raw)} END AS {plain}")
            accepted.append(f"coalesce({ready}, {_phone_value(plain, country)}) AS {value}")
            refused.append(
                f"CASE WHEN {value} IS NULL AND {raw} IS NOT NULL "
                f"THEN {_phone_reason(plain, raw, country)} END AS {why}"
            )
            settled += [
                f"{value} AS {raw}",
                f"{why} AS {reason}",
                f"CASE WHEN {value} IS NULL AND {raw} IS NOT NULL THEN "
                f"CASE WHEN {why} IS NULL AND NOT {_blank(raw)} THEN {raw} END END AS {open_}",
            ]
            working += [why, ready]
        else:
            prepared.append(f"trim({raw}, {_text(WHITE_SPACE)}) AS {plain}")
            accepted.append(f"{_email_value(plain)} AS {value}")
            settled += [f"{value} AS {raw}", f"{_email_reason(plain, value)} AS {reason}"]
    select = f"SELECT * FROM {source}"
    if not columns:
        return select
    return (
        f"SELECT * EXCLUDE ({', '.join(working)}), {', '.join(settled)} "
        f"FROM (SELECT {', '.join(['*', *refused])} FROM (SELECT *, {', '.join(accepted)} "
        f"FROM (SELECT *, {', '.join(prepared)} "
        f"FROM (SELECT {', '.join(['*', *clean])} FROM ({select})))))"
    )


def _digits(raw: str) -> str:
    """SQL: a number of the regular shape without its punctuation; null for any other text."""
    plain = raw
    for mark in PHONE_PUNCTUATION:  # four times as quick as translate()
        plain = f"replace({plain}, {_text(mark)}, '')"
    return f"CASE WHEN regexp_full_match({raw}, {_text(REGULAR_PHONE)}) THEN {plain} END"


def _blank(raw: str) -> str:
    return f"coalesce(trim({raw}, {_text(WHITE_SPACE)}) = '', true)"


def _email_value(plain: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({plain}, {_text(EMAIL_PATTERN)}) AND NOT {_too_long(plain)} "
        f"THEN lower({plain}) END"
    )


def _email_reason(plain: str, value: str) -> str:
    return (
        f"CASE WHEN {value} IS NOT NULL OR {plain} IS NULL OR {plain} = '' THEN NULL "
        f"WHEN strpos({plain}, '@') = 0 THEN {_text(NO_AT)} "
        f"WHEN {_too_long(plain)} THEN {_text(TOO_LONG)} "
        f"WHEN NOT regexp_matches({plain}, {_text(f'^{EMAIL_NAME}@')}) THEN {_text(BAD_NAME)} "
        f"ELSE {_text(BAD_HOST)} END"
    )


def _too_long(plain: str) -> str:
    return f"(length({plain}) > {EMAIL_LENGTH} OR strpos({plain}, '@') > {EMAIL_NAME_LENGTH + 1})"


def _judge(
    connection: duckdb.DuckDBPyConnection,
    settled: str,
    phones: list[str],
    slow: str,
    country: str,
) -> bool:
    """The second pass: what is still open goes through the library, each value once.

    False where nothing was open.
    """
    if not phones:
        return False
    connection.execute(f"CREATE TABLE {slow} (raw VARCHAR, identifier VARCHAR, reason VARCHAR)")
    distinct = " UNION ".join(
        f"SELECT {_name(name + '_open')} AS raw FROM {settled} "
        f"WHERE {_name(name + '_open')} IS NOT NULL"
        for name in phones
    )
    connection.execute(f"CREATE TABLE {slow}_raw AS SELECT DISTINCT raw FROM ({distinct})")
    found = False
    for raws in _batches(connection, f"{slow}_raw"):
        found = True
        judged = [phone(raw, country) for raw in raws]
        batch = pa.table(
            {
                "raw": pa.array(raws, pa.string()),
                "identifier": pa.array([each.identifier for each in judged], pa.string()),
                "reason": pa.array([each.reason for each in judged], pa.string()),
            }
        )
        connection.register(f"{slow}_batch", batch)
        connection.execute(f"INSERT INTO {slow} SELECT * FROM {slow}_batch")
        connection.unregister(f"{slow}_batch")
    return found


def _batches(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[str]]:
    reader = connection.cursor()
    try:
        for batch in reader.sql(f"SELECT raw FROM {table}").to_arrow_reader(SLOW_ROWS):
            yield batch.column("raw").to_pylist()
    finally:
        reader.close()


def _join(
    settled: str, phones: Sequence[str], judged: Sequence[str], slow: str, number: str
) -> str:
    """SQL: what was settled, with what the library said of the phones ``judged``."""
    columns = [f"s.rowid AS {_name(number)}"] if number else []
    columns.append("s.*")
    if phones:
        columns[-1] += f" EXCLUDE ({', '.join(_name(f'{name}_open') for name in phones)})"
    replaced, joins = [], []
    for index, name in enumerate(judged):
        by = f"judged_{index}"
        for column, found in ((name, "identifier"), (f"{name}_reason", "reason")):
            replaced.append(f"coalesce(s.{_name(column)}, {by}.{found}) AS {_name(column)}")
        joins.append(f"LEFT JOIN {slow} {by} ON s.{_name(f'{name}_open')} = {by}.raw")
    if replaced:
        columns[-1] += f" REPLACE ({', '.join(replaced)})"
    return f"SELECT {', '.join(columns)} FROM {settled} s {' '.join(joins)}"


def _is_e164(text: str, country: str) -> str:
    """SQL: text is a valid number as it is sent, with the calling code of a known plan."""
    by_length: dict[int, list[str]] = {}
    for code in _codes(country):
        for length, national in _national(code).items():
            written = rf"\+{code}(?:{national})"
            by_length.setdefault(len(f"+{code}") + length, []).append(written)
    return f"({_matches(text, by_length)} AND {_read_as_it_stands(text, country)})"


def _phone_value(digits: str, country: str) -> str:
    """SQL: E.164 of a number of the regular shape, null where only the library can tell."""
    whens = [f"WHEN {digits} IS NULL THEN NULL WHEN {_is_e164(digits, country)} THEN {digits}"]
    if home := _at_home(country):
        patterns = {length: [pattern] for length, pattern in _national(home.code).items()}
        national = home.national(digits)
        whens.append(
            f"WHEN {_matches(national, patterns)} AND {home.is_meant(digits)} "
            f"THEN '+{home.code}' || {national}"
        )
    return f"CASE {' '.join(whens)} END"


def _phone_reason(digits: str, raw: str, country: str) -> str:
    """SQL: why a number is refused that was not accepted; null where the library must be asked."""
    lengths: dict[int, list[str]] = {}
    for code in _codes(country):
        for length in _possible_lengths(code):
            lengths.setdefault(len(f"+{code}") + length, []).append(rf"\+{code}[0-9]*")
    whens = [
        f"WHEN regexp_full_match({raw}, {_text(HOPELESS_PHONE)}) AND NOT {_blank(raw)} "
        f"THEN {_text(NOT_A_NUMBER)}",
        f"WHEN {_matches(digits, lengths)} AND {_read_as_it_stands(digits, country)} "
        f"THEN {_text(NOT_VALID)}",
    ]
    if home := _at_home(country):
        anything = {length: ["[0-9]*"] for length in _possible_lengths(home.code)}
        whens.append(
            f"WHEN {_matches(home.national(digits), anything)} AND {home.is_meant(digits)} "
            f"THEN {_text(NOT_VALID)}"
        )
        whens.append(
            f"WHEN {home.has_no_prefix(digits)} AND {home.is_meant(digits)} "
            f"THEN {_length_reason(digits, home.code)}"
        )
    return f"CASE {' '.join(whens)} END"


def _length_reason(digits: str, code: int) -> str:
    """SQL: why the library refuses a national number that is not valid, told by its length."""
    possible = _possible_lengths(code)
    whens = [f"WHEN length({digits}) < {min(possible)} THEN {_text(TOO_SHORT)}"]
    whens.append(f"WHEN length({digits}) > {max(possible)} THEN {_text(TOO_LONG)}")
    if local := ", ".join(str(length) for length in _local_lengths(code)):
        whens.insert(0, f"WHEN length({digits}) IN ({local}) THEN {_text(NO_AREA_CODE)}")
    return f"CASE {' '.join(whens)} ELSE {_text(NOT_VALID)} END"


def _codes(country: str) -> list[int]:
    """Calling codes whose numbers are recognised when they are written with a plus."""
    codes = dict.fromkeys([*COMMON_CODES, phonenumbers.country_code_for_region(country)])
    return [code for code in codes if _national(code)]


def _read_as_it_stands(digits: str, country: str) -> str:
    """SQL: no national prefix follows the calling code, which the library would take off."""
    prefixed = [rf"\+{code}{prefix}" for code in _codes(country) for prefix in _prefixes(code)]
    return f"NOT {_begins(digits, '|'.join(prefixed))}"


def _matches(text: str, by_length: Mapping[int, Sequence[str]]) -> str:
    """SQL: text is of one of the lengths and matches an expression given for that length."""
    whens = " ".join(
        f"WHEN {length} THEN regexp_full_match({text}, {_text('|'.join(patterns))})"
        for length, patterns in sorted(by_length.items())
    )
    return f"CASE length({text}) {whens} ELSE false END"


def _begins(text: str, pattern: str) -> str:
    """SQL: text begins with the expression; without one where plain starts are quicker."""
    if not pattern:
        return "false"
    starts = pattern.replace(r"\+", "+").split("|")
    if all(each == "+" or each.removeprefix("+").isdigit() for each in starts):
        return f"({' OR '.join(f'starts_with({text}, {_text(each)})' for each in starts)})"
    return f"regexp_matches({text}, {_text(f'^(?:{pattern})')})"


@dataclass(frozen=True, slots=True)
class _Home:
    """How numbers are written within a country. prefixes, abroad: regular expressions."""

    code: int
    prefix: str
    prefixes: str
    abroad: str

    def national(self, digits: str) -> str:
        """SQL: the number without one national prefix."""
        if not self.prefix:
            return digits
        return (
            f"CASE WHEN starts_with({digits}, {_text(self.prefix)}) "
            f"THEN substr({digits}, {len(self.prefix) + 1}) ELSE {digits} END"
        )

    def has_no_prefix(self, digits: str) -> str:
        """SQL: digits alone, with neither a plus nor the national prefix in front."""
        front = "|".join(filter(None, [r"\+", self.prefix]))
        return f"({digits} <> '' AND NOT {_begins(digits, front)})"

    def is_meant(self, digits: str) -> str:
        """SQL: the library reads the digits as this country's, with one prefix at most."""
        apart = "" if str(self.code) == self.prefix else str(self.code)
        abroad = "|".join(filter(None, [self.abroad, apart]))
        return (
            f"NOT {_begins(self.national(digits), self.prefixes)} AND NOT {_begins(digits, abroad)}"
        )


def _at_home(country: str) -> _Home | None:
    """None where the library does more than take a national prefix off."""
    code = phonenumbers.country_code_for_region(country)
    if not _national(code) or (code != 1 and _main_region(code) != country):
        return None
    metadata = _metadata(country)
    prefix = metadata.national_prefix or ""
    if not _plain(metadata) or (prefix and prefix[0] != "0" and code != 1):
        return None
    prefixes = metadata.national_prefix_for_parsing or ""
    return _Home(code, prefix, prefixes, metadata.international_prefix or "")


@cache
def _national(code: int) -> Mapping[int, str]:
    """Length -> a regular expression of the valid national numbers, in all regions of the code.

    Empty where the library does more to a number than read it.
    """
    if not code or not _plain(_metadata(_main_region(code))):
        return {}
    by_length: dict[int, dict[str, None]] = {}
    for region in phonenumbers.region_codes_for_country_code(code):
        metadata = _metadata(region)
        for kind in TYPES:
            number = getattr(metadata, kind)
            if number is None or number.national_number_pattern is None:
                continue
            for length in number.possible_length or _lengths(metadata):
                by_length.setdefault(length, {})[number.national_number_pattern] = None
    return {length: "|".join(patterns) for length, patterns in by_length.items()}


def _possible_lengths(code: int) -> Sequence[int]:
    """Lengths that the library calls possible for a national number of the code."""
    return _lengths(_metadata(_main_region(code)))


def _local_lengths(code: int) -> Sequence[int]:
    """Lengths that it calls possible within an area alone."""
    general = _metadata(_main_region(code)).general_desc
    return tuple(general.possible_length_local_only) if general else ()


def _lengths(metadata: PhoneMetadata) -> Sequence[int]:
    return tuple(metadata.general_desc.possible_length) if metadata.general_desc else ()


def _prefixes(code: int) -> list[str]:
    """What the library would take off the front of a national number of a plain plan: digits."""
    prefixes = _metadata(_main_region(code)).national_prefix_for_parsing or ""
    return list(filter(None, prefixes.split("|")))


def _plain(metadata: PhoneMetadata) -> bool:
    """Whether national prefixes are digits alone, and nothing is put in their place."""
    prefixes = (metadata.national_prefix_for_parsing or "").split("|")
    return not metadata.national_prefix_transform_rule and all(
        not prefix or prefix.isdigit() for prefix in prefixes
    )


def _main_region(code: int) -> str:
    return str(phonenumbers.region_code_for_country_code(code))


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise CountryUnknownError(region)
    return metadata


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_PARSE_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: UNKNOWN_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: TOO_SHORT,
    NumberParseException.TOO_LONG: TOO_LONG,
}
_LENGTH_REASONS = {
    ValidationResult.TOO_SHORT: TOO_SHORT,
    ValidationResult.TOO_LONG: TOO_LONG,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: NO_AREA_CODE,
    ValidationResult.INVALID_COUNTRY_CODE: UNKNOWN_COUNTRY,
}

"""SQL of a phone's identifier or reason, as far as regular expressions can tell.

They are made from libphonenumber's own metadata; what they do not accept is left to the
library. digits, raw, text: the SQL of a text column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers

from warehouse.identifiers import plans
from warehouse.identifiers.values import (
    NO_AREA_CODE,
    NOT_A_NUMBER,
    NOT_VALID,
    TOO_LONG,
    TOO_SHORT,
    WHITE_SPACE,
)
from warehouse.quoting import literal

# Only these characters, a plus at most before the digits: nothing that the library reads in
# another way than digit by digit (letters, extensions, second numbers).
REGULAR_PHONE = r"[ (]*\+?[0-9() .-]*"
PHONE_PUNCTUATION = "() .-"
# Fewer than two digits of any script, or two apart: the library takes no such text for a number.
HOPELESS_PHONE = r"{0}*(?:[0-9]|[0-9]{0}+[0-9])?{0}*".format(r"[\x00-\x2f\x3a-\x7f]")
COMMON_CODES = (1, 44)


def digits_of(raw: str) -> str:
    """SQL: a number of the regular shape without its punctuation; null for any other text."""
    plain = raw
    for mark in PHONE_PUNCTUATION:  # four times as quick as translate()
        plain = f"replace({plain}, {literal(mark)}, '')"
    return f"CASE WHEN regexp_full_match({raw}, {literal(REGULAR_PHONE)}) THEN {plain} END"


def is_e164(text: str, country: str) -> str:
    """SQL: text is a valid number as it is sent, with the calling code of a known plan."""
    by_length: dict[int, list[str]] = {}
    for code in _codes(country):
        for length, national in plans.valid(code).items():
            written = rf"\+{code}(?:{national})"
            by_length.setdefault(len(f"+{code}") + length, []).append(written)
    return f"({_matches(text, by_length)} AND {_read_as_it_stands(text, country)})"


def value(digits: str, country: str) -> str:
    """SQL: E.164 of a number of the regular shape, null where only the library can tell."""
    whens = [f"WHEN {digits} IS NULL THEN NULL WHEN {is_e164(digits, country)} THEN {digits}"]
    if home := _at_home(country):
        patterns = {length: [pattern] for length, pattern in plans.valid(home.code).items()}
        national = home.national(digits)
        whens.append(
            f"WHEN {_matches(national, patterns)} AND {home.is_meant(digits)} "
            f"THEN '+{home.code}' || {national}"
        )
    return f"CASE {' '.join(whens)} END"


def reason(digits: str, raw: str, country: str) -> str:
    """SQL: why a number is refused that was not accepted; null where the library must be asked."""
    lengths: dict[int, list[str]] = {}
    for code in _codes(country):
        for length in plans.possible_lengths(code):
            lengths.setdefault(len(f"+{code}") + length, []).append(rf"\+{code}[0-9]*")
    whens = [
        f"WHEN regexp_full_match({raw}, {literal(HOPELESS_PHONE)}) AND NOT {blank(raw)} "
        f"THEN {literal(NOT_A_NUMBER)}",
        f"WHEN {_matches(digits, lengths)} AND {_read_as_it_stands(digits, country)} "
        f"THEN {literal(NOT_VALID)}",
    ]
    if home := _at_home(country):
        anything = {length: ["[0-9]*"] for length in plans.possible_lengths(home.code)}
        whens.append(
            f"WHEN {_matches(home.national(digits), anything)} AND {home.is_meant(digits)} "
            f"THEN {literal(NOT_VALID)}"
        )
        whens.append(
            f"WHEN {home.has_no_prefix(digits)} AND {home.is_meant(digits)} "
            f"THEN {_length_reason(digits, home.code)}"
        )
    return f"CASE {' '.join(whens)} END"


def blank(raw: str) -> str:
    """SQL: null, or nothing but white space."""
    return f"coalesce(trim({raw}, {literal(WHITE_SPACE)}) = '', true)"


def _length_reason(digits: str, code: int) -> str:
    """SQL: why the library refuses a national number that is not valid, told by its length."""
    possible = plans.possible_lengths(code)
    whens = [f"WHEN length({digits}) < {min(possible)} THEN {literal(TOO_SHORT)}"]
    whens.append(f"WHEN length({digits}) > {max(possible)} THEN {literal(TOO_LONG)}")
    if local := ", ".join(str(length) for length in plans.local_lengths(code)):
        whens.insert(0, f"WHEN length({digits}) IN ({local}) THEN {literal(NO_AREA_CODE)}")
    return f"CASE {' '.join(whens)} ELSE {literal(NOT_VALID)} END"


def _codes(country: str) -> list[int]:
    """Calling codes whose numbers are recognised when they are written with a plus."""
    codes = dict.fromkeys([*COMMON_CODES, phonenumbers.country_code_for_region(country)])
    return [code for code in codes if plans.valid(code)]


def _read_as_it_stands(digits: str, country: str) -> str:
    """SQL: no national prefix follows the calling code, which the library would take off."""
    prefixed = [rf"\+{code}{prefix}" for code in _codes(country) for prefix in plans.prefixes(code)]
    return f"NOT {_begins(digits, '|'.join(prefixed))}"


def _matches(text: str, by_length: Mapping[int, Sequence[str]]) -> str:
    """SQL: text is of one of the lengths and matches an expression given for that length."""
    whens = " ".join(
        f"WHEN {length} THEN regexp_full_match({text}, {literal('|'.join(patterns))})"
        for length, patterns in sorted(by_length.items())
    )
    return f"CASE length({text}) {whens} ELSE false END"


def _begins(text: str, pattern: str) -> str:
    """SQL: text begins with the expression; without one where plain starts are quicker."""
    if not pattern:
        return "false"
    starts = pattern.replace(r"\+", "+").split("|")
    if all(each == "+" or each.removeprefix("+").isdigit() for each in starts):
        return f"({' OR '.join(f'starts_with({text}, {literal(each)})' for each in starts)})"
    return f"regexp_matches({text}, {literal(f'^(?:{pattern})')})"


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
            f"CASE WHEN starts_with({digits}, {literal(self.prefix)}) "
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
    if not plans.valid(code) or (code != 1 and plans.main_region(code) != country):
        return None
    metadata = plans.metadata_of(country)
    prefix = metadata.national_prefix or ""
    if not plans.is_plain(metadata) or (prefix and prefix[0] != "0" and code != 1):
        return None
    prefixes = metadata.national_prefix_for_parsing or ""
    return _Home(code, prefix, prefixes, metadata.international_prefix or "")

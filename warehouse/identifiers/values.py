"""One raw value: what it must be to be an identifier, and the reason when it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from django.conf import settings
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

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

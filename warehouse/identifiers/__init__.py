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

from warehouse.identifiers.columns import normalise
from warehouse.identifiers.plans import CountryUnknownError
from warehouse.identifiers.values import (
    BAD_HOST,
    BAD_NAME,
    EMAIL,
    NO_AREA_CODE,
    NO_AT,
    NOT_A_NUMBER,
    NOT_VALID,
    PHONE,
    TOO_LONG,
    TOO_SHORT,
    UNKNOWN_COUNTRY,
    WHITE_SPACE,
    Identified,
    email,
    phone,
)

__all__ = [
    "BAD_HOST",
    "BAD_NAME",
    "EMAIL",
    "NOT_A_NUMBER",
    "NOT_VALID",
    "NO_AREA_CODE",
    "NO_AT",
    "PHONE",
    "TOO_LONG",
    "TOO_SHORT",
    "UNKNOWN_COUNTRY",
    "WHITE_SPACE",
    "CountryUnknownError",
    "Identified",
    "email",
    "normalise",
    "phone",
]

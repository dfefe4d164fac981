"""How countries number their phones, by libphonenumber's metadata. code: a calling code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from core.errors import MusterError

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


@cache
def valid(code: int) -> Mapping[int, str]:
    """Length -> a regular expression of the valid national numbers, in all regions of the code.

    Empty where the library does more to a number than read it.
    """
    if not code or not is_plain(metadata_of(main_region(code))):
        return {}
    by_length: dict[int, dict[str, None]] = {}
    for region in phonenumbers.region_codes_for_country_code(code):
        metadata = metadata_of(region)
        for kind in TYPES:
            number = getattr(metadata, kind)
            if number is None or number.national_number_pattern is None:
                continue
            for length in number.possible_length or _lengths(metadata):
                by_length.setdefault(length, {})[number.national_number_pattern] = None
    return {length: "|".join(patterns) for length, patterns in by_length.items()}


def possible_lengths(code: int) -> Sequence[int]:
    """Lengths that the library calls possible for a national number of the code."""
    return _lengths(metadata_of(main_region(code)))


def local_lengths(code: int) -> Sequence[int]:
    """Lengths that it calls possible within an area alone."""
    general = metadata_of(main_region(code)).general_desc
    return tuple(general.possible_length_local_only) if general else ()


def _lengths(metadata: PhoneMetadata) -> Sequence[int]:
    return tuple(metadata.general_desc.possible_length) if metadata.general_desc else ()


def prefixes(code: int) -> list[str]:
    """What the library would take off the front of a national number of a plain plan: digits."""
    prefixes = metadata_of(main_region(code)).national_prefix_for_parsing or ""
    return list(filter(None, prefixes.split("|")))


def is_plain(metadata: PhoneMetadata) -> bool:
    """Whether national prefixes are digits alone, and nothing is put in their place."""
    prefixes = (metadata.national_prefix_for_parsing or "").split("|")
    return not metadata.national_prefix_transform_rule and all(
        not prefix or prefix.isdigit() for prefix in prefixes
    )


def main_region(code: int) -> str:
    return str(phonenumbers.region_code_for_country_code(code))


def metadata_of(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise CountryUnknownError(region)
    return metadata

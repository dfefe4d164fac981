"""What a search on the segments page means: words that stand in a segment, or in its rule."""

from __future__ import annotations

import json
from dataclasses import dataclass

from warehouse.catalogue import Catalogue

MOST = 8  # words: a longer search is narrowed by its first
# What stands in every rule as it is stored, and so says nothing about one.
GRAMMAR = "all any none off id attribute operator value event where period measure which of segment"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a search. in_rules: the texts of which a rule that means it holds one."""

    text: str
    in_rules: tuple[str, ...]


def words(search: str, catalogue: Catalogue) -> list[Word]:
    return [Word(word, tuple(_in_rules(word, catalogue))) for word in search.split()[:MOST]]


def _in_rules(word: str, catalogue: Catalogue) -> list[str]:
    """A rule holds columns by their own names: what the catalogue calls them stands for those.

    In some databases its text holds all but ASCII letters escaped.
    """
    asked = word.lower()
    found = [] if any(asked in key for key in GRAMMAR.split()) else [word, json.dumps(word)[1:-1]]
    for table in catalogue.tables.values():
        if asked in table.label.lower():
            found.append(f'"{table.name}')
        for column in table.columns.values():
            if asked in column.label.lower() and asked not in column.name.lower():
                found.append(f"{table.name}.{column.name}")
    return list(dict.fromkeys(found))

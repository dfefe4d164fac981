"""The known word that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' Did you mean "x"?', whatever its case, or '' where nothing known comes close."""
    found = nearest(word, known)
    return f' Did you mean "{found}"?' if found else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of the known that comes closest, whatever its case, or ''."""
    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""

"""Regular expressions: RE2 as rules write it, in the words of other engines."""

from __future__ import annotations

import re

# What PostgreSQL spells otherwise; \b is a backspace there.
_SPELLED = {r"\b": r"\y", r"\B": r"\Y", r"\z": r"\Z", ".": r"[^\n]"}
_PIECES = re.compile(r"\\.|\(\?P?<[^>=!]+>|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|.", re.DOTALL)


def for_postgres(pattern: str, ignore_case: bool) -> str:
    """The expression for PostgreSQL's ``~``; ignoring case, the text is in lower case.

    Its dot is made to leave out line breaks, as in RE2; named groups become plain ones.
    Unicode classes (``\\pL``) and ``\\Q...\\E`` have no like there.
    """
    pieces = []
    for piece in _PIECES.findall(pattern):
        if piece.startswith("(?") and piece.endswith(">"):
            pieces.append("(")
        else:
            pieces.append(_lower(piece) if ignore_case else _SPELLED.get(piece, piece))
    return "".join(pieces)


def _lower(piece: str) -> str:
    """In lower case, escapes excepted: PostgreSQL's own way leaves ``[^a-z]`` as it is."""
    if piece.startswith("["):
        return re.sub(
            r"\\.|.", lambda m: m[0] if len(m[0]) > 1 else m[0].lower(), piece, flags=re.S
        )
    return _SPELLED.get(piece, piece if piece.startswith("\\") else piece.lower())

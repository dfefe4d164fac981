"""What an answer of Attentive says in words, fit to be shown and logged."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

SHOWN = 300
READ = 4_000  # the time that hiding takes grows with the square of the length
EMAIL = re.compile(r"[^\s\"'<>,;:()]+@[^\s\"'<>,;()]+")
PHONE = re.compile(r"\+?\d(?:[\s().\-]*\d){6,}")


def said(body: bytes, token: str) -> str:
    """The message in an error's body, cut short, without token, emails and phones.

    Attentive API v2 defines no error body; v1 shows {"error": {"message"}} and
    {"error": "..."}. Anything else is taken as it stands.
    """
    text = body[: 64 * 1024].decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = _message(json.loads(text))
    return masked(text, token)


def masked(text: str, token: str = "") -> str:
    if token:
        text = text.replace(token, "***")
    whole = len(text) <= READ
    # What the end of a cut text was about cannot be told, so that it is not shown.
    hidden = PHONE.sub("***", EMAIL.sub("***", text[:READ]))
    return printable(hidden if whole else hidden[:-100])


def printable(text: str) -> str:
    """In one line that any database and page can hold, cut short."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def _message(found: Any) -> str:
    if isinstance(found, dict):
        for key in ("error", "message", "errors", "detail"):
            if found.get(key):
                return _message(found[key])
    if isinstance(found, list) and found:
        return _message(found[0])
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)

"""An edit that was not made because another person edited the same thing: both, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns import wording
from campaigns.merging import YOU, ClashError
from warehouse.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Clash:
    """text: what happened; theirs, mine: both in words, '' where there are none; again: the
    edit as the page sends it to insist, JSON."""

    text: str
    theirs: str
    mine: str
    again: str


def clash(error: ClashError, sent: Mapping[str, Sequence[str]], tables: Catalogue) -> Clash:
    """sent: the fields of the edit that was refused."""
    known = wording.names([error.now, error.mine], tables)
    who = f"{error.editor} {'have' if error.editor == YOU else 'has'}"
    what = wording.label(error.mine, error.op, error.node)
    return Clash(
        text=f"{who} {'removed' if error.gone else 'changed'} {what} meanwhile.",
        theirs=wording.said(error.now, error.op, error.node, known),
        mine=wording.said(error.mine, error.op, error.node, known),
        again=json.dumps({**sent, "insists": str(error.revision)}),
    )

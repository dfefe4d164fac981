"""What a draft in SQL says, and its ways from a visual rule and back."""

from __future__ import annotations

from typing import Any

import sqlparse
from django.db import transaction
from sqlparse.exceptions import SQLParseError

from accounts.models import User
from core.edits import EditRefusedError
from core.errors import MusterError
from segments import drafts, revisions
from segments.compile import Context
from segments.converting import written
from segments.drafts import is_sql
from segments.models import Segment
from segments.sql.reading import LONGEST

EMPTY: dict[str, Any] = {"sql": ""}


class UnlikeError(MusterError):
    """reasons: why SQL would not give the same customers, a sentence each."""

    def __init__(self, reasons: tuple[str, ...]):
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return f"This segment cannot become SQL. {' '.join(self.reasons)}"


def text_of(segment: Segment) -> str:
    """The SQL as the editor shows it."""
    rule = segment.current_rule
    return str(rule["sql"]) if is_sql(rule) else ""


def formatted(text: str) -> str:
    """The same SQL with a clause a line and its words in capitals; comments stay.

    Raises EditRefusedError where it is too long for that.
    """
    try:
        return sqlparse.format(text, reindent=True, keyword_case="upper")
    except SQLParseError:
        raise EditRefusedError("This is too long to be formatted. It is kept as it is.") from None


def storable(text: str) -> str:
    """The text as it is kept. Raises EditRefusedError where it cannot be."""
    if len(text) > LONGEST:
        raise EditRefusedError(f"At most {LONGEST:,} characters; this has {len(text):,}.")
    if "\0" in text:
        raise EditRefusedError("It holds a character that cannot be stored. Take it out.")
    return text.replace("\r\n", "\n")


def create(by: User) -> Segment:
    """A draft without a name, stored by its first edit."""
    return Segment.objects.create(created_by=by, edited_by=by, draft=EMPTY)


def convert(segment_id: int, context: Context, by: User) -> Segment:
    """Make a visual segment's draft the SQL that it means; its rule stays a revision.

    Raises UnlikeError, RuleError, Segment.DoesNotExist.
    """
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment_id)
        if is_sql(segment.current_rule):
            return segment
        found = written(drafts.finished(segment.current_rule, context.catalogue), context)
        if found.unlike:
            raise UnlikeError(found.unlike)
        shown = revisions.shown(segment)
        segment.draft = {"sql": found.text}
        _keep(segment, shown, "convert", by)
    return segment


def visual(segment: Segment) -> Any:
    """The last rule that it had before it became SQL, None when it was never another."""
    kept = segment.revisions.order_by("-number").values_list("state", flat=True)
    found = next((rule for rule in kept.iterator(20) if not is_sql(rule)), None)
    if found is None and segment.rule is not None and not is_sql(segment.rule):
        return segment.rule
    return found


def back(segment_id: int, by: User) -> Segment:
    """Make the last visual rule the draft again; the SQL stays a revision."""
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment_id)
        rule = visual(segment)
        if rule is None or not is_sql(segment.current_rule):
            return segment
        shown = revisions.shown(segment)
        segment.draft = rule
        _keep(segment, shown, "visual", by)
    return segment


def _keep(segment: Segment, before: Any, op: str, by: User) -> None:
    segment.revision += 1
    segment.edited_by = by
    segment.save()
    revisions.record(segment, before, op, "", by, "")

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Lower
from django.utils import timezone

from core.filing import LABEL_TEXT, in_folder, labelled
from core.typed import whole
from segments.searching import Word

if TYPE_CHECKING:
    from segments.models import Segment  # noqa: F401

WRITTEN = ("name", "description", "folder", "label_text")
# Filter "edited": days, so many or fewer; with "-" more than so many.
EDITED = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days", "-90": "Over 90 days ago"}


class SegmentQuerySet(QuerySet["Segment"]):
    def live(self) -> SegmentQuerySet:
        return self.filter(archived=False)

    def active(self) -> SegmentQuerySet:
        """Published and not archived: what a campaign may take."""
        return self.live().filter(rule__isnull=False)

    def with_people(self) -> SegmentQuerySet:
        return self.select_related("created_by", "edited_by")

    def listed(self, filters: Mapping[str, str]) -> QuerySet[Any]:
        """As the segments page lists them; all live ones without filters.

        filters: status (active, draft, archived), folder (a path, with all below it), label
        (any of several, with commas between), owner and editor (keys of users), edited (a key
        of EDITED). What cannot be is no filter.
        folded: the name without case, state: active, archived or draft; to sort by.
        """
        found = self._in_state(filters.get("status", ""))
        if folder := filters.get("folder"):
            found = found.filter(in_folder(folder))
        if labels := filters.get("label"):
            found = found.with_texts().filter(labelled(labels))
        for name, field in (("owner", "created_by"), ("editor", "edited_by")):
            if (user := whole(filters.get(name, ""))) is not None:
                found = found.filter(**{field: user})
        if (edited := filters.get("edited", "")) in EDITED:
            since = timezone.now() - timedelta(days=abs(int(edited)))
            way = "lt" if edited.startswith("-") else "gte"
            found = found.filter(**{f"edited_at__{way}": since})
        state = Case(
            When(archived=True, then=Value("archived")),
            When(rule__isnull=True, then=Value("draft")),
            default=Value("active"),
        )
        return found.annotate(folded=Lower("name"), state=state)

    def _in_state(self, status: str) -> SegmentQuerySet:
        if status == "archived":
            return self.filter(archived=True)
        if status == "active":
            return self.active()
        if status == "draft":
            return self.live().filter(Q(rule__isnull=True) | Q(draft__isnull=False))
        return self.live()

    def with_texts(self) -> SegmentQuerySet:
        """What is stored as JSON, as text to search in."""
        return self.alias(
            label_text=LABEL_TEXT,
            rule_text=Cast("rule", TextField()),
            draft_text=Cast("draft", TextField()),
        )

    def searched(self, words: Iterable[Word]) -> SegmentQuerySet:
        """Those that hold each word somewhere: in what a person wrote, or in the rule."""
        found = self.with_texts()
        for word in words:
            holds = Q()
            for field in WRITTEN:
                holds |= Q(**{f"{field}__icontains": word.text})
            for text in word.in_rules:
                holds |= Q(rule_text__icontains=text) | Q(draft_text__icontains=text)
            found = found.filter(holds)
        return found

"""Rules of campaigns follow a segment's new name."""

from __future__ import annotations

from typing import Any

from campaigns.models import AttributeMapping, SubAudience
from segments import drafts


def follow(old: str, new: str, **about: Any) -> None:
    """A segment was renamed: ``segments.publishing.renamed``."""
    for part in SubAudience.objects.filter(rule__isnull=False):
        if (rule := drafts.naming(part.rule, old, new)) != part.rule:
            part.rule = rule
            part.save(update_fields=["rule"])
    for mapping in AttributeMapping.objects.filter(only_where__isnull=False):
        if (rule := drafts.naming(mapping.only_where, old, new)) != mapping.only_where:
            mapping.only_where = rule
            mapping.save(update_fields=["only_where"])

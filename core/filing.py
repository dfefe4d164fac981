"""What segments and campaigns are filed under, a folder and labels, as conditions of a query."""

from __future__ import annotations

import json

from django.db.models import Q, TextField
from django.db.models.functions import Cast

LABEL_TEXT = Cast("labels", TextField())  # annotated as label_text: what is searched in


def in_folder(path: str) -> Q:
    """In the folder, or in one below it. path: "Brand/Autumn"."""
    return Q(folder=path) | Q(folder__startswith=f"{path}/")


def labelled(labels: str) -> Q:
    """With any of the labels, which have commas between. Reads label_text."""
    holds = Q()
    for label in labels.split(","):
        holds |= Q(label_text__icontains=json.dumps(label))
    return holds

"""What segments and campaigns are filed under: a folder and labels."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.apps import apps
from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast

LABEL_TEXT = Cast("labels", TextField())  # annotated as label_text: what is searched in


class Filed(models.Model):
    """What lies in a folder and has labels.

    folder: the path to it, as "Brand/Autumn", '' for none.
    """

    folder = models.CharField(max_length=200, blank=True)
    labels = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True


def filed() -> list[type[Filed]]:
    """All models whose rows share the folders."""
    return [model for model in apps.get_models() if issubclass(model, Filed)]


def store(rows: Sequence[Filed], field: str) -> None:
    """Store that field of rows of one model, and nothing else of them."""
    if rows:
        type(rows[0])._default_manager.bulk_update(rows, [field])


def in_folder(path: str) -> Q:
    """In the folder, or in one below it. path: "Brand/Autumn"."""
    return Q(folder=path) | Q(folder__startswith=f"{path}/")


def labelled(labels: str) -> Q:
    """With any of the labels, which have commas between. Reads label_text."""
    holds = Q()
    for label in labels.split(","):
        holds |= Q(label_text__icontains=json.dumps(label))
    return holds

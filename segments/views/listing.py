"""The segments page, one segment's page, and what can be done with a whole segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.http import HttpRequest
from accounts.models import User
from core.errors import MusterError
from core.http import act, go, part_of
from core.links import Links
from core.listing import PAGE, Asked, Column, moment
from core.menus import Entry
from core.typed import whole
from segments import folders, labels, publishing, using
from segments.models import Segment
from segments.numbers import sizes
from segments.querysets import EDITED
from segments.searching import words
from segments.sheets.editor import words_of
from segments.sheets.options import Option
from segments.views.undo import done
from warehouse.catalogue import Catalogue, current
from warehouse.engines import newest

STATUSES = [("active", "Active"), ("draft", "Draft"), ("archived", "Archived")]
SEVERAL = "label"  # the filter that takes more than one
FILTERS = ("q", "status", "folder", "label", "owner", "editor", "edited")
COLUMNS = [
    Column("edited", "Edited", "edited_at", down=True, read=moment),
    Column("name", "Name", "folded"),
    Column("status", "Status", "state"),
]


@require_GET
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    asked = Asked.by(request.GET, COLUMNS, FILTERS)
    catalogue = current()
    found = Segment.objects.with_people().searched(words(asked.search, catalogue))
    page = asked.page(found.listed(asked.filters))
    changes, links = request.user.has_perm("segments.change_segment"), Links("segments")
    used = using.usages(page.rows)
    context: dict[str, Any] = {
        "rows": [row(each, used[each.pk], catalogue, changes, links) for each in page.rows],
        "counted": ",".join(str(each.pk) for each in page.rows),
        "page": page,
        "asked": asked,
    }
    if request.htmx:
        return TemplateResponse(request, "segments/index.html#rows", context)
    context |= {"filters": _filters(asked), "narrowed": len(asked.filters.keys() - {"q"})}
    return TemplateResponse(request, "segments/index.html", context)


def _filters(asked: Asked) -> list[dict[str, Any]]:
    """The filters beside the search: name, label, what says "all of them", and the choices."""
    people = User.objects.order_by("first_name", "email")
    made = people.filter(pk__in=Segment.objects.values("created_by"))
    edited = people.filter(pk__in=Segment.objects.values("edited_by"))
    choices = [
        ("status", "Status", "All", STATUSES),
        ("folder", "Folder", "All", [(each.path, each.words) for each in folders.tree()]),
        ("label", "Labels", "All", [(label, label) for label in labels.known(Segment)]),
        ("owner", "Owner", "Anyone", [(str(user.pk), str(user)) for user in made]),
        ("editor", "Edited by", "Anyone", [(str(user.pk), str(user)) for user in edited]),
        ("edited", "Edited", "Any time", [*EDITED.items()]),
    ]
    return [
        {
            "name": name,
            "label": label,
            "all": all_of_them,
            "options": list(_chosen(name, options, asked.filters.get(name, ""))),
            "several": name == SEVERAL,
        }
        for name, label, all_of_them, options in choices
    ]


def _chosen(name: str, offered: Iterable[tuple[str, str]], value: str) -> Iterator[Option]:
    values = value.split(",") if name == SEVERAL else [value]
    for each, text in offered:
        yield {"value": each, "text": text, "selected": each in values}


def row(
    segment: Segment, used: using.Usage, catalogue: Catalogue, changes: bool, links: Links
) -> dict[str, Any]:
    """A segment as the list shows it. changes: who looks may change it."""
    draft = segment.rule is None and not segment.archived
    return {
        "segment": segment,
        "state": "archived" if segment.archived else "draft" if draft else "active",
        "url": links.to("edit" if draft and changes else "detail", segment.pk),
        "sentence": words_of(segment.current_rule, catalogue),
        "folder": folders.words(segment.folder),
        "used": used,
        "used_url": f"{links.to('detail', segment.pk)}#used-title",
        "menu": menu(segment, links) if changes else (),
        "key": str(segment.pk),
        "menu_id": f"segment-menu-{segment.pk}",
    }


@require_GET
@part_of("segments:list")
def counts(request: HttpRequest) -> HttpResponse:
    """The numbers of the segments in the list, all in one query; a newer search stops it."""
    ids = map(whole, request.GET.get("ids", "").split(","))
    asked = [pk for pk in ids if pk is not None][:PAGE]
    context: dict[str, Any] = {}
    try:
        key = newest(f"list-{request.user.pk}")
        context["rows"] = sizes.sizes(Segment.objects.filter(pk__in=asked), key)
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "segments/counts.html", context)


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    try:
        publishing.archive(segment, request.user)
        done(request, f"“{segment}” is archived.", "archive", {pk: None})
    except MusterError as error:
        messages.error(request, str(error))
    return go(request, reverse("segments:list"))


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    return act(
        request,
        lambda: publishing.restore(segment, request.user),
        said=f"“{segment}” is restored.",
        then=reverse("segments:list"),
    )


def menu(segment: Segment, links: Links) -> list[Entry]:
    """What can be done with a segment in its state."""
    pk = segment.pk

    def dialog(action: str) -> str:
        return f"{reverse('segments:bulk', args=[action])}?s={pk}"

    gone = Entry("Delete", "trash-2", dialog=dialog("delete"), danger=True)
    if segment.archived:
        return [Entry("Restore", "archive-restore", post=links.to("restore", pk)), gone]
    entries = [
        Entry("Edit", "pencil", url=links.to("edit", pk)),
        Entry("Rename", "pencil-line", dialog=dialog("rename")),
        Entry("Duplicate", "copy", post=links.to("copy", pk)),
        Entry("Copy id", "hash", copies=str(pk)),
        Entry("View as SQL", "code", url=links.to("sql", pk)),
        *([Entry("History", "history", url=links.to("history", pk))] if segment.version else []),
        Entry("Move to a folder", "folder", dialog=dialog("move")),
        Entry("Labels", "tag", dialog=dialog("label")),
    ]
    if segment.active:
        compared = f"{reverse('segments:compare')}?s={pk}"
        use = f"{reverse('campaigns:new')}?segment={pk}"
        entries.append(Entry("Compare", "chart-column", url=compared))
        entries.append(Entry("Use in a campaign", "send", url=use))
        entries.append(Entry("Archive", "archive", post=links.to("archive", pk)))
    return [*entries, gone]

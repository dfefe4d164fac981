"""Edits of a segment's draft: each changes one thing of it and raises its revision.

``edit`` is the one way in: it takes the segment's row, merges with what others have edited
since the page was shown, and applies the operation, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction

from accounts.models import User
from core.edits import EditRefusedError, StaleEditError
from segments import drafts, folders, merging, publishing, revisions, sql_drafts
from segments.merging import ClashError
from segments.models import Segment
from segments.operations import OPERATIONS, changed, typed
from segments.operations.draft import Node
from segments.operations.typed import Values
from warehouse.catalogue import Catalogue


def create(by: User, folder: str = "") -> Segment:
    """A draft without a name, stored by its first edit. folder: the path of one that there is."""
    draft = drafts.with_ids(None)
    return Segment.objects.create(created_by=by, edited_by=by, draft=draft, folder=folder)


def edit(
    segment_id: int,
    op: str,
    node: str,
    values: Values,
    base: int | None,
    by: User,
    catalogue: Catalogue,
    *,
    key: str = "",
    insists: bool = False,
) -> Segment:
    """Apply one operation of the editor.

    op: one of WHOLE or WRITTEN or a key of OPERATIONS; node: the id of the criterion or group,
    "" for the segment itself and for SQL, which is one thing; values:
    what the controls sent; base: the revision that the edit was made on, None for the
    newest. key: the edit's own name, under which it is done once. insists: whether it is
    made although another person has edited the same thing.
    Raises ClashError, StaleEditError, EditRefusedError, Segment.DoesNotExist.
    """
    if op not in OPERATIONS and op not in _APPLY:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    try:
        with transaction.atomic():
            segment = Segment.objects.select_for_update().get(pk=segment_id)
            if not revisions.is_done(segment, key):
                if op not in WHOLE and drafts.is_sql(segment.current_rule) != (op in WRITTEN):
                    raise StaleEditError(_editor(segment), "segment")  # it was converted meanwhile
                asked = _Edit(op, node, values, base, insists, by, key)
                _APPLY.get(op, _rule)(segment, asked, catalogue)
    except IntegrityError as error:
        raise EditRefusedError("Another segment has this name. Choose another one.") from error
    return segment


@dataclass(frozen=True, slots=True)
class _Edit:
    op: str
    node: str
    values: Values
    base: int | None
    insists: bool
    by: User
    key: str

    def others(self, segment: Segment) -> list[revisions.Change]:
        """What others have changed since the page was shown. Raises StaleEditError."""
        base = segment.revision if self.base is None else self.base
        found = revisions.since(segment, base, self.key)
        if found is None:
            raise StaleEditError(_editor(segment), "segment")
        return found

    def clash(self, segment: Segment, gone: bool = False) -> ClashError:
        who = merging.YOU if segment.edited_by == self.by else _editor(segment)
        return ClashError(who, self.op, self.node, list(self.values), gone)


def _editor(segment: Segment) -> str:
    return str(segment.edited_by or "Someone")


def _rule(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """One thing of the rule; what others have edited since stays."""
    before = revisions.shown(segment)
    root = _merged(segment, before, asked, catalogue)
    if root != before:  # a control may say the same twice
        _show(segment, root, asked.by)
        revisions.record(segment, before, asked.op, asked.node, asked.by, asked.key)


def _merged(segment: Segment, now: Node, asked: _Edit, catalogue: Catalogue) -> Node:
    """The rule with the edit done, on top of what came after the page was shown."""
    others = asked.others(segment)
    if not others:
        return _done(now, asked, catalogue)
    gone = drafts.find(now, asked.node) is None
    if gone and asked.op == "remove":
        return now
    if asked.insists:
        base = revisions.at(segment, asked.base or 0)
        root = merging.put_back(now, base.state, asked.node) if gone and base else now
        return _done(root, asked, catalogue)
    clashes = (merging.clashes(e.before, e.after, asked.op, asked.node) for e in others)
    if any(clashes) and (gone or _done(now, asked, catalogue) != now):  # not the same twice
        raise asked.clash(segment, gone)
    return _done(now, asked, catalogue)


def _done(root: Node, asked: _Edit, catalogue: Catalogue) -> Node:
    return changed(root, asked.op, asked.node, asked.values, catalogue)


def _show(segment: Segment, root: Node, by: User) -> None:
    """Store the rule as the next revision; without a draft when it is the published one."""
    published = segment.rule is not None and root == drafts.with_ids(segment.rule)
    made = drafts.plain(root) if drafts.is_sql(root) else root
    segment.draft = None if published else made
    _store(segment, by)


def _store(segment: Segment, by: User) -> None:
    segment.revision += 1
    segment.edited_by = by
    segment.save()


# The segment as a whole


def _name(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    name, before = typed.first(asked.values), revisions.shown(segment)
    if name == segment.name:
        return
    if not asked.insists and any(each.control == "name " for each in asked.others(segment)):
        raise asked.clash(segment)
    publishing.rename(segment, name)
    _store(segment, asked.by)
    revisions.carry(segment, before, "name", asked.by, asked.key)


def _folder(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    path, before = typed.first(asked.values), revisions.shown(segment)
    if path == segment.folder:
        return
    if path and not any(each.path == path for each in folders.tree()):
        raise EditRefusedError("This folder is gone. Choose another one.")
    segment.folder = path
    _store(segment, asked.by)
    revisions.carry(segment, before, "folder", asked.by, asked.key)


def _discard(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """Back to what is published, without that to nothing."""
    before = revisions.shown(segment)
    nothing = sql_drafts.EMPTY if drafts.is_sql(segment.current_rule) else drafts.EMPTY
    if segment.draft is None or before == drafts.with_ids(nothing):
        return
    if not asked.insists and asked.others(segment):
        raise asked.clash(segment)
    _show(segment, drafts.with_ids(segment.rule or nothing), asked.by)
    revisions.record(segment, before, "discard", "", asked.by, asked.key)


def _step(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """Undo or redo."""
    if asked.others(segment):
        raise StaleEditError(_editor(segment), "segment")
    to = revisions.step(segment, asked.op, asked.by)
    if to is None:
        raise EditRefusedError(f"There is nothing of yours to {asked.op}.")
    _show(segment, to.state, asked.by)
    revisions.stepped(segment, asked.op, to, asked.by, asked.key)


# SQL


def _sql(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    _write(segment, sql_drafts.storable("".join(asked.values)), asked)


def _format(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """A clause a line, of what is stored: whoever wrote it last."""
    asked = replace(asked, base=None)
    _write(segment, sql_drafts.formatted(sql_drafts.text_of(segment)), asked)


def _write(segment: Segment, text: str, asked: _Edit) -> None:
    before = revisions.shown(segment)
    root = drafts.with_ids({"sql": text})
    if root == before:
        return
    base = segment.revision if asked.base is None else asked.base
    others = revisions.since(segment, base, asked.key)
    rewritten = others is None or any(each.before != each.after for each in others)
    if rewritten and not asked.insists:
        raise asked.clash(segment)
    _show(segment, root, asked.by)
    revisions.record(segment, before, asked.op, "", asked.by, asked.key)


_APPLY: dict[str, Callable[[Segment, _Edit, Catalogue], None]] = {
    "name": _name,
    "folder": _folder,
    "discard": _discard,
    "undo": _step,
    "redo": _step,
    "sql": _sql,
    "format": _format,
}
WRITTEN = ("sql", "format")  # operations of a segment in SQL
WHOLE = tuple(each for each in _APPLY if each not in WRITTEN)

"""Edits of a campaign: each changes one thing of it and raises its revision.

``carry_out`` is the one way in: it takes the campaign's row, merges with what others have
edited since the page was shown, and keeps what was made as the next revision, all in one
transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from campaigns import closed, merging, revisions, states, timing
from campaigns.merging import ClashError
from campaigns.models import Campaign, CampaignRevision, Status, SubAudience
from campaigns.operations import OPERATIONS, Values, part_of, set_segments, text_of, two_halves
from campaigns.states import State
from campaigns.timing import Timing
from core.edits import EditRefusedError, StaleEditError
from core.revisions import Made
from segments import drafts
from segments.operations import changed
from warehouse.catalogue import Catalogue

READ_ONLY = (Status.SCHEDULED,)
STEPS = ("undo", "redo")


def create(by: User, name: str = "", include: Values = ()) -> Campaign:
    """A new draft: the remaining audience members in two unnamed groups, half each.

    Raises EditRefusedError when another campaign has the name.
    """
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                name=text_of([name], 200), owner=by, edited_by=by, delivery={"when": "now"}
            )
            part = SubAudience.objects.create(campaign=campaign, remaining=True)
            two_halves(part)
            set_segments(campaign.include, include)
            revisions.keep(campaign)
            audit.record(by, audit.Action.CREATED, campaign)
    except IntegrityError as error:
        raise EditRefusedError(_taken("name")) from error
    return campaign


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit as the page sends it.

    op: a key of OPERATIONS, or one of ``merging.ASPECTS``; node: the key of the sub-audience or
    group, the id of a destination, '' for the campaign; values: what the control sent;
    base: the revision that it was made on, None for the newest. key: the edit's own name,
    under which it is done once; insists: the revision at which another person's edit of the
    same thing was seen, for it to be made all the same, else None. line: of a rule, its
    operation and line.
    """

    op: str
    node: str
    values: Values
    base: int | None
    by: User
    key: str = ""
    insists: int | None = None
    line: str = ""

    @property
    def made(self) -> Made:
        control = f"{self.op} {self.node} {self.line}".rstrip()
        typed = (self.line.partition(" ")[0] or self.op) in revisions.TYPED
        return Made(control, self.by, self.key, typed)


def edit(
    campaign_id: int,
    op: str,
    node: str,
    values: Values,
    base: int | None,
    by: User,
    *,
    key: str = "",
    insists: int | None = None,
) -> Campaign:
    """Apply one operation of the editor, undo or redo. The arguments are those of Edit.

    Raises ClashError, StaleEditError, EditRefusedError, Campaign.DoesNotExist.
    """
    asked = Edit(op, node, values, base, by, key, insists)
    if op in STEPS:
        return _step(campaign_id, asked)
    if op not in OPERATIONS:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    return carry_out(campaign_id, asked, lambda campaign: OPERATIONS[op](campaign, node, values))


def edit_rule(
    campaign_id: int,
    part: str,
    op: str,
    node: str,
    values: Values,
    base: int | None,
    by: User,
    tables: Catalogue,
    *,
    key: str = "",
    insists: int | None = None,
) -> Campaign:
    """Apply one operation of the segment editor to the own rule of a sub-audience.

    part: the key of the sub-audience; op, node, values: as ``segments.operations.changed`` takes
    them. Its segments give way to the rule. Raises as ``edit`` does.
    """

    def do(campaign: Campaign) -> None:
        row = part_of(campaign, part)
        if row.remaining:
            raise EditRefusedError("The remaining audience members are those that no rule takes.")
        root = drafts.numbered(row.rule, rule_id(row))
        made = changed(root, op, node, values, tables)
        row.rule = made if drafts.children(made) else None
        row.segments.clear()
        row.save()

    asked = Edit("rule", part, values, base, by, key, insists, line=f"{op} {node}")
    return carry_out(campaign_id, asked, do)


def edit_timing(
    campaign_id: int,
    said: Timing,
    now: datetime,
    base: int | None,
    by: User,
    *,
    key: str = "",
    insists: int | None = None,
) -> Campaign:
    """Store when it runs, as the editor's controls say it. Raises as ``edit`` does."""

    def do(campaign: Campaign) -> None:
        campaign.delivery = timing.delivery(said, campaign.delivery, now)
        campaign.messages_from = timing.messages_from(said, campaign.delivery, now)

    return carry_out(campaign_id, Edit("timing", "", [], base, by, key, insists), do)


def restore(campaign_id: int, number: int, by: User) -> Campaign:
    """Make the campaign what it was at the revision; Undo takes that back.

    Raises EditRefusedError, Campaign.DoesNotExist.
    """

    def do(campaign: Campaign) -> None:
        found = revisions.at(campaign, number)
        if found is None:
            raise EditRefusedError("This version is no longer kept.")
        states.put(campaign, found.state)

    return carry_out(campaign_id, Edit("restore", "", [], None, by), do)


def rule_id(part: SubAudience) -> str:
    """The id of the outermost group of its rule, before there is one."""
    return f"rule-{part.key}"


def carry_out(campaign_id: int, asked: Edit, do: Callable[[Campaign], object]) -> Campaign:
    """Do an edit to the locked campaign and store its next revision, on top of what others have
    edited since the page was shown; the campaign as it is then, loaded with its groups.

    Nothing is stored when nothing has changed: a control may say the same twice.
    Raises as ``edit`` does.
    """
    try:
        with _opened(campaign_id) as campaign:
            if revisions.is_done(campaign, asked.key):
                revisions.loaded(campaign)
                return campaign
            last = revisions.present(campaign)
            others = _others(campaign, asked)
            gone = bool(others) and merging.is_gone(last.state, asked.op, asked.node)
            if gone and asked.op in merging.REMOVES:
                revisions.loaded(campaign)
                return campaign
            if gone:
                _put_back(campaign, last, asked)
            do(campaign)
            now = revisions.loaded(campaign)
            against = _against(_unseen(campaign, others, asked), asked)
            # A place among other rows than the page showed may be where the row stands already.
            if now == last.state and not (against and asked.op == "move"):
                return campaign
            closed.refuse_changes(last.state, now, asked.by)
            if against:
                raise _clash(against[-1], asked, gone, last, now)
            _store(campaign, asked.by)
            revisions.record(campaign, last, now, asked.made)
    except IntegrityError as error:
        raise EditRefusedError(_taken(asked.op)) from error
    return campaign


def _step(campaign_id: int, asked: Edit) -> Campaign:
    """Undo or redo what this person did last."""
    try:
        with _opened(campaign_id) as campaign:
            if revisions.is_done(campaign, asked.key):
                revisions.loaded(campaign)
                return campaign
            last = revisions.present(campaign)
            if _others(campaign, asked):
                raise StaleEditError(_editor(campaign), "campaign")
            to = revisions.step(campaign, asked.op, asked.by)
            if to is None:
                raise EditRefusedError(f"There is nothing of yours to {asked.op}.")
            states.put(campaign, to.state)
            _store(campaign, asked.by)
            now = revisions.loaded(campaign)
            closed.refuse_changes(last.state, now, asked.by)
            revisions.stepped(campaign, last, now, asked.made, to)
    except IntegrityError as error:
        raise EditRefusedError(_taken("name")) from error
    return campaign


@contextmanager
def _opened(campaign_id: int) -> Iterator[Campaign]:
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        if read_only(campaign):
            raise EditRefusedError("Unschedule or restore this campaign to edit it.")
        yield campaign


def _store(campaign: Campaign, by: User) -> None:
    campaign.revision += 1
    campaign.edited_by = by
    campaign.save()
    audit.edited(by, campaign)


def _others(campaign: Campaign, asked: Edit) -> list[revisions.Change]:
    """What others have changed since the page was shown. Raises StaleEditError."""
    base = campaign.revision if asked.base is None else asked.base
    found = revisions.since(campaign, base, asked.key)
    if found is None:
        raise StaleEditError(_editor(campaign), "campaign")
    return found


def _unseen(
    campaign: Campaign, others: list[revisions.Change], asked: Edit
) -> list[revisions.Change]:
    """Those of the others' changes that came after what whoever insists has seen."""
    if asked.insists is None:
        return others
    later = revisions.since(campaign, asked.insists, asked.key)
    return others if later is None else later


def _against(others: Iterable[revisions.Change], asked: Edit) -> list[revisions.Change]:
    """Those of the others' changes that are about the same as this edit."""
    return [
        each
        for each in others
        if merging.clashes(each.before, each.after, asked.op, asked.node, asked.line)
        or merging.is_gone(each.after, asked.op, asked.node)
    ]


def _put_back(campaign: Campaign, last: CampaignRevision, asked: Edit) -> None:
    """What another person removed, for an edit of it to be shown or made."""
    base = revisions.at(campaign, campaign.revision if asked.base is None else asked.base)
    if base is not None:
        states.put(campaign, merging.put_back(last.state, base.state, asked.node))


def _clash(
    against: revisions.Change, asked: Edit, gone: bool, last: CampaignRevision, mine: State
) -> ClashError:
    by = User.objects.filter(pk=against.by or 0).first()
    who = merging.YOU if by == asked.by else str(by or "Someone")
    return ClashError(
        who,
        asked.op,
        asked.node,
        list(asked.values),
        gone=gone,
        now=last.state,
        mine=mine,
        revision=last.number,
    )


def _editor(campaign: Campaign) -> str:
    return str(campaign.edited_by or "Someone")


def read_only(campaign: Campaign) -> bool:
    """Whether it must be unscheduled or restored before it can be edited."""
    if campaign.archived or campaign.status in READ_ONLY:
        return True
    return campaign.next_due_at is not None or campaign.missed_at is not None


def _taken(op: str) -> str:
    return {
        "name": "Another campaign has this name. Choose one that tells them apart.",
        "part_name": "Another sub-audience here has this name.",
        "group_name": "Another group here has this name.",
    }.get(op, "This does not fit what is there already.")

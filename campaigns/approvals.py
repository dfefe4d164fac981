"""Whether another person has to agree to a launch, and what they said.

An approval covers the campaign as it stood when it was asked for: an edit of it, of a segment
in it, or of attributes that it follows voids it. It covers a margin more people than there
were, so that a schedule goes on while the data moves.
"""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import APPROVE
from campaigns import counting
from campaigns import definition as definitions
from campaigns.definition import Definition
from campaigns.models import Approval, ApprovalRule, Campaign
from core.errors import MusterError
from core.formats import counted, moment

State = Approval.State
SHORTEST = 3  # characters of the words with which something is declined


class ApprovalError(MusterError):
    """text: why it cannot be asked or answered, and what to do."""

    def __init__(self, text: str):
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text


def above() -> int | None:
    """How many people a launch may reach without approval; None without limit."""
    return ApprovalRule.objects.values_list("above", flat=True).first()


def needed(campaign: Campaign, definition: Definition, people: int) -> str:
    """Why the campaign, frozen so, cannot be launched to so many people yet; '' when it can."""
    limit = above()
    if limit is None or people <= limit:
        return ""
    now = f"It would be sent to {counted(people, 'person,people')}"
    asked = about(campaign, definition)
    covered = asked.filter(state=State.APPROVED).first()
    if covered and people <= covered.up_to:
        return ""
    last = asked.select_related("asked_by", "answered_by").first()
    if last is not None and last.state == State.ASKED:
        return f"Waiting for approval: {last.asked_by} asked on {moment(last.asked_at)}."
    if last is not None and last.state == State.DECLINED:
        return f"{last.answered_by} declined: “{last.answer}” Change the campaign, or ask again."
    if covered:
        return f"Needs approval again. {now}, and was approved for at most {covered.up_to:,}."
    return f"Needs approval. {now}; above {limit:,} another person has to agree."


def most(campaign: Campaign, definition: Definition) -> int | None:
    """How many people a run of it may be sent to at most; None without limit."""
    limit = above()
    if limit is None:
        return None
    covered = about(campaign, definition).filter(state=State.APPROVED).first()
    return max(limit, covered.up_to) if covered else limit


def about(campaign: Campaign, definition: Definition) -> QuerySet[Approval]:
    """What was asked about the campaign as it stands, the latest first."""
    rows = campaign.approvals.filter(
        revision=F("campaign__revision"), definition=_fingerprint(definition)
    )
    return rows.exclude(state=State.REPLACED)


def waiting() -> QuerySet[Approval]:
    """What waits for an answer: not what was edited since."""
    open_ones = Approval.objects.filter(state=State.ASKED, campaign__archived=False)
    return open_ones.filter(revision=F("campaign__revision"))


def ask(campaign_id: int, by: User, words: str = "") -> Approval:
    """Ask for the approval of a launch of the campaign as it stands.

    Raises ApprovalError where none is needed, WarehouseError when it cannot be counted.
    """
    campaign = Campaign.objects.with_groups().get(pk=campaign_id)
    definition = definitions.freeze(campaign)
    people = counting.figures(definition).to_send
    with transaction.atomic():
        now = Campaign.objects.select_for_update().get(pk=campaign_id)
        if now.revision != campaign.revision:
            raise ApprovalError("The campaign was edited meanwhile. Look again, then ask.")
        if not needed(campaign, definition, people):
            raise ApprovalError("This campaign needs no approval as it is. Launch it.")
        campaign.approvals.filter(state=State.ASKED).update(state=State.REPLACED)
        approval = campaign.approvals.create(
            revision=campaign.revision,
            definition=_fingerprint(definition),
            people=people,
            asked_by=by,
            asked_at=timezone.now(),
            words=words.strip(),
        )
        audit.record(by, audit.Action.ASKED, campaign, customers=people, reason=words.strip())
    return approval


def answer(approval: Approval, by: User, agrees: bool, words: str = "") -> None:
    """Approve, or decline with words. Raises ApprovalError."""
    words = words.strip()
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=approval.campaign_id)
        approval = campaign.approvals.get(pk=approval.pk)
        if text := hindrance(approval, by):
            raise ApprovalError(text)
        if not agrees and len(words) < SHORTEST:
            raise ApprovalError("Say why, so that it can be mended.")
        campaign.approvals.filter(state=State.APPROVED).update(state=State.REPLACED)
        approval.state = State.APPROVED if agrees else State.DECLINED
        approval.answered_by, approval.answered_at = by, timezone.now()
        approval.answer = words
        approval.save()
        action = audit.Action.APPROVED if agrees else audit.Action.DECLINED
        audit.record(by, action, campaign, customers=approval.people, reason=words)


def hindrance(approval: Approval, by: User) -> str:
    """Why this person cannot answer; '' when they can."""
    campaign = Campaign.objects.with_groups().get(pk=approval.campaign_id)
    if approval.state != State.ASKED:
        return "This was answered already, or asked anew. Look again."
    if not about(campaign, definitions.freeze(campaign)).filter(pk=approval.pk).exists():
        return "It was edited after it was asked about. It has to be asked about again."
    if not by.has_perm(APPROVE):
        return "Only an approver can answer this."
    if by.pk == approval.asked_by_id:
        return "You asked: another person has to answer."
    if _worked_on(campaign, by):
        return "You edited this campaign: another person has to answer."
    return ""


def _worked_on(campaign: Campaign, by: User) -> bool:
    """Whether they edited it last, or at any time since its last run."""
    edits = campaign.revisions.filter(author=by)
    if campaign.last_run_at is not None:
        edits = edits.filter(at__gt=campaign.last_run_at)
    return by.pk == campaign.edited_by_id or edits.exists()


def _fingerprint(definition: Definition) -> str:
    return hashlib.sha256(definitions.as_text(definition).encode()).hexdigest()

"""From a campaign to a run: everything that can stop it is said before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from campaigns import approvals, preflight
from campaigns import definition as definitions
from campaigns.definition import Definition
from campaigns.models import Campaign, Status
from core.errors import MusterError
from core.failpoints import hit
from core.fields import SecretLostError
from destinations import credentials
from destinations.errors import (
    CredentialRefusedError,
    DestinationError,
    HostNotAllowedError,
    TokenUnusableError,
)
from destinations.models import Destination
from runs import files, log, named, panels, trial
from runs.models import Run, RunState
from runs.tools import Tools, production
from runs.trial import Trial


class LaunchRefusedError(MusterError):
    """reasons: sentences, each of them a thing to mend."""

    def __init__(self, reasons: Sequence[str]):
        super().__init__(tuple(reasons))
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        return "\n".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Promise:
    """What whoever launches was shown: the number to send, counted on a data version."""

    to_send: int
    version: str


class RunGoingError(LaunchRefusedError):
    def __init__(self) -> None:
        super().__init__(
            ["A run of this campaign is still going. Wait until it has ended, or stop it."]
        )


class SampleSizeError(LaunchRefusedError):
    def __init__(self) -> None:
        super().__init__([f"A test goes to 1 to {trial.MOST} customers."])


class GroupGoneError(LaunchRefusedError):
    def __init__(self) -> None:
        super().__init__(["The treatment groups were changed meanwhile. Choose among them again."])


class NobodyReachedError(LaunchRefusedError):
    """name: of the panel."""

    def __init__(self, name: str) -> None:
        super().__init__([f'Nobody in "{name}" has what these destinations take.'])


def launch(
    campaign: Campaign,
    by: User | None = None,
    test: Trial | None = None,
    tools: Tools | None = None,
    promise: Promise | None = None,
) -> Run:
    """Store a run of a campaign and have it built.

    test: send to these only, on lists of their own. promise: another number
    to send than it names ends the run before anything is sent. Nobody is messaged by a run:
    it fills lists. Raises LaunchRefusedError with all reasons.
    """
    tools = tools or production()
    if test and test.panel is None and not 1 <= (test.customers or 0) <= trial.MOST:
        raise SampleSizeError()
    definition = checked(campaign, tools, by, test=test is not None)
    people = frozen(test, definition) if test else None
    try:
        run = store(campaign, definition, by, test, tools, promise=promise, people=people)
    except RunGoingError:
        if people:
            files.discard(people.members)
        raise
    hit("enqueue.before")
    tools.enqueue("build_run", run.pk, 0.0)
    hit("enqueue.after")
    return run


def frozen(test: Trial, definition: Definition) -> named.Frozen | None:
    """Whom a test to named people sends; None of a test to customers.

    Raises GroupGoneError, NobodyReachedError, SecretLostError.
    """
    if trial.unknown(test.groups, definition):
        raise GroupGoneError()
    if test.panel is None:
        return None
    people = panels.people(test.panel)
    if not named.reach(people, definition, test.groups).people:
        raise NobodyReachedError(test.panel.name)
    return named.freeze(people, definition, test.groups)


def checked(campaign: Campaign, tools: Tools, by: User | None, test: bool = False) -> Definition:
    """The campaign as it would run. Raises LaunchRefusedError with all that stops it.

    by: who launches it; None for a command.
    """
    campaign = Campaign.objects.with_groups().get(pk=campaign.pk)
    if reasons := [fault.text for fault in stops(campaign, by, test)]:
        raise LaunchRefusedError(reasons)
    if campaign.runs.going().exists():
        raise RunGoingError()
    definition = definitions.freeze(campaign)
    if reasons := refusals(definition, tools):
        raise LaunchRefusedError(reasons)
    return definition


def stops(campaign: Campaign, by: User | None, test: bool = False) -> list[preflight.Fault]:
    """What stops a launch of the campaign (``with_groups``) by somebody.

    A test needs no approval: it is small, and on lists of its own.
    """
    found = preflight.faults(campaign, look=True, by=by)
    return [fault for fault in found if not (test and fault.place == preflight.APPROVAL)]


def closed(definition: Definition, by: User | None) -> list[str]:
    """Why it is not theirs to send: destinations that are for others only."""
    used = [target.id for target in definition.targets]
    return [each.only_words for each in Destination.objects.closed_to(by).filter(pk__in=used)]


def refusals(definition: Definition, tools: Tools) -> list[str]:
    """Why destinations would take nothing. One that cannot be reached now is no reason: the
    run waits for it."""
    reasons = []
    used = Destination.objects.select_related("credential").in_bulk(
        [target.id for target in definition.targets]
    )
    for destination in used.values():
        try:
            tools.connect(destination).test()
        except (
            CredentialRefusedError,
            HostNotAllowedError,
            SecretLostError,
            TokenUnusableError,
        ) as error:
            if isinstance(error, CredentialRefusedError):
                credentials.refused(destination.credential, tools.now())
            reasons.append(f"{destination.name}: {error}")
        except DestinationError:
            continue
        else:
            credentials.works(destination.credential)
    return reasons


def store(
    campaign: Campaign,
    definition: Definition,
    by: User | None,
    test: Trial | None,
    tools: Tools,
    due_at: datetime | None = None,
    retry_of: Run | None = None,
    promise: Promise | None = None,
    people: named.Frozen | None = None,
) -> Run:
    """due_at: the due time of the schedule that starts it. retry_of: a run whose moment and
    audience it takes. promise: as ``launch`` takes it. people: whom a test to
    named people sends. Raises RunGoingError."""
    now = tools.now()
    try:
        with transaction.atomic():
            last = campaign.runs.aggregate(last=Max("number"))["last"] or 0
            run = Run.objects.create(
                campaign=campaign,
                number=last + 1,
                test=test is not None,
                test_size=test.customers if test else None,
                test_to=test.panel.name if test and test.panel else "",
                test_groups=list(test.groups) if test else [],
                definition=definitions.to_json(definition),
                moment=retry_of.moment if retry_of else now,
                snapshot=retry_of.snapshot if retry_of else "",
                data_version=retry_of.data_version if retry_of else "",
                members=people.members if people else "",
                built_at=now if retry_of or people else None,
                retry_of=retry_of,
                promised=promise.to_send if promise else None,
                promised_version=promise.version if promise else "",
                most=None if test or retry_of else approvals.most(campaign, definition),
                due_at=due_at,
                started_at=now,
                started_by=by,
                state=RunState.BUILDING,
            )
            if not run.test:
                Campaign.objects.filter(pk=campaign.pk).update(
                    status=Status.RUNNING, missed_at=None
                )
            whose = "its schedule" if due_at else by or "the command line"
            what = f"Retry of run {retry_of.number}, launched" if retry_of else "Launched"
            log.write(run, f"{what} by {whose}.", tools)
            audit.record(
                by,
                audit.Action.TESTED
                if run.test
                else audit.Action.RETRIED
                if retry_of
                else audit.Action.LAUNCHED,
                campaign,
                str(run),
                customers=people.people if people else run.test_size or run.promised,
                details=f"Revision {campaign.revision}"
                + (", to named people" if run.test_to else ""),
            )
    except IntegrityError:
        raise RunGoingError() from None
    return run

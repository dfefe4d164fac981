"""From a launched run to its deliveries: the audience is frozen, then split."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from campaigns import counting, figures, snapshot, split
from campaigns import definition as definitions
from campaigns.definition import Definition, Group, Part, Target
from campaigns.figures import Figures
from core.errors import MusterError
from core.failpoints import hit
from core.formats import count
from runs import backoff, files, finishing, leases, lists, log, named, progress, sample, trial
from runs.models import Delivery, Run, RunState
from runs.tools import Tools
from warehouse.errors import WarehouseUnavailableError

ATTEMPTS = 5
BROKE_DOWN = "Building this run broke down several times. Ask an admin to look at the worker."
SAME_NUMBER = "New data came after the launch; the number to send is the one that was promised."
logger = logging.getLogger(__name__)


class SumsError(MusterError):
    def __str__(self) -> str:
        return (
            "The numbers of this audience do not add up, so nothing was sent. "
            "Ask an admin to look at the customer tables."
        )


class MovedError(MusterError):
    """More or fewer people than whoever launched the run was shown."""

    def __init__(self, promised: int, found: int):
        super().__init__(promised, found)
        self.promised = promised
        self.found = found

    def __str__(self) -> str:
        return (
            f"The numbers moved after the launch: {count(self.promised)} -> {count(self.found)}. "
            "Nothing was sent. Look at the campaign, and launch it again."
        )


class UnapprovedError(MusterError):
    """More people than may be sent to without another person's approval."""

    def __init__(self, most: int, found: int):
        super().__init__(most, found)
        self.most = most
        self.found = found

    def __str__(self) -> str:
        return (
            f"It would be sent to {count(self.found)} people, and without another approval to at "
            f"most {count(self.most)}. Nothing was sent. Ask for approval, then launch it again."
        )


def build(run_id: int, tools: Tools) -> None:
    """Take a run from launch to its deliveries. Safe to call at any time."""
    run = Run.objects.claim(run_id, tools.now(), leases.until(tools))
    if run is None:
        return
    hit("build.claimed")
    with leases.kept(run, tools), suppress(leases.LeaseLostError):
        if run.attempt > ATTEMPTS:
            fail(run, BROKE_DOWN, tools)
        else:
            attempt(run, tools)


def attempt(run: Run, tools: Tools) -> None:
    try:
        if run.test_to:
            take_panel(run, tools)
        else:
            freeze_audience(run, tools)
            split_audience(run, tools)
    except leases.LeaseLostError:
        raise
    except WarehouseUnavailableError as error:
        again(run, str(error), tools)
    except MusterError as error:
        fail(run, str(error), tools)
    except Exception as error:
        # Only the kind of error: its text may hold a customer's values.
        logger.error("Building run %s broke down: %s", run.pk, type(error).__name__)
        again(run, BROKE_DOWN, tools)


def freeze_audience(run: Run, tools: Tools) -> None:
    """Write the snapshot, unless an earlier attempt has."""
    if run.snapshot:
        return
    name = files.fresh(f"runs/{run.pk}", "snapshot")
    definition = definitions.from_json(run.definition)
    target = files.path(name)
    version = snapshot.build(definition, run.moment, target, lambda point: hit(f"build.{point}"))
    keep(run, snapshot=name, data_version=version, built_at=tools.now())
    run.snapshot, run.data_version = name, version
    hit("build.committed")


def split_audience(run: Run, tools: Tools) -> None:
    """Write who is sent, and make the deliveries that follow from it."""
    definition = definitions.from_json(run.definition)
    name = files.fresh(f"runs/{run.pk}", "members")
    counted = split.split(files.path(run.snapshot), files.path(name), definition)
    if not counted.adds_up:
        raise SumsError()
    if run.promised is not None and run.promised != counted.to_send:
        counting.correct(definition, run.moment, replace(counted, data_version=run.data_version))
        raise MovedError(run.promised, counted.to_send)
    if run.most is not None and counted.to_send > run.most:
        raise UnapprovedError(run.most, counted.to_send)
    if run.promised_version and run.promised_version != run.data_version:
        log.write(run, SAME_NUMBER, tools)
    if run.test:
        name, counted = sample.narrow(run, name, counted)
    hit("split.written")
    begin(run, definition, name, counted, tools)


def take_panel(run: Run, tools: Tools) -> None:
    """Make the deliveries of a test whose people were frozen when it was launched."""
    definition = definitions.from_json(run.definition)
    counted = named.counted(run.members, definition)
    hit("split.written")
    begin(run, definition, run.members, counted, tools)


def begin(run: Run, definition: Definition, name: str, counted: Figures, tools: Tools) -> None:
    """Store what the run sends, and have each delivery prepared. name: the file of who."""
    made = store(run, definition, name, counted, tools)
    hit("split.committed")
    hit("enqueue.before")
    for pk in made:
        tools.enqueue("prepare_delivery", pk, 0.0)
    hit("enqueue.after")
    if not made:
        finishing.end_run(run.pk, tools)


def store(run: Run, definition: Definition, name: str, counted: Figures, tools: Tools) -> list[int]:
    """Store the figures and the deliveries together; the ids of the deliveries."""
    now = tools.now()
    with transaction.atomic():
        keep(
            run,
            state=RunState.SENDING,
            members=name,
            figures=figures.to_json(counted),
            split_at=now,
            lease_until=None,
            problem="",
        )
        deliveries = [
            delivery(run, definition, counted, place, tools)
            for place in places(definition)
            if trial.fills(run.test_groups, place[3])
        ]
        Delivery.objects.bulk_create(deliveries)
        log.write(run, built(run, counted), tools)
    return [each.pk for each in deliveries]


def built(run: Run, counted: Figures) -> str:
    if run.test_to:
        return f'Built: a test to "{run.test_to}", {counted.to_send:,} to send.'
    return f"Built: {counted.audience:,} customers, {counted.to_send:,} to send."


def places(definition: Definition) -> Iterator[tuple[int, int, Part, Group, Target]]:
    """Each treatment group that is sent somewhere, with where."""
    targets = {target.id: target for target in definition.targets}
    for part, group, destination in split.deliveries(definition):
        chosen = definition.parts[part]
        yield part, group, chosen, chosen.groups[group], targets[destination]


def delivery(
    run: Run,
    definition: Definition,
    counted: Figures,
    place: tuple[int, int, Part, Group, Target],
    tools: Tools,
) -> Delivery:
    part, group, in_part, treatment, target = place
    named = lists.name(definition, in_part, treatment, target, run.moment, test=run.test)
    of = counted.delivery(part, group, target.id)
    return Delivery(
        run=run,
        list=lists.of_group(
            run.campaign, definition, treatment, target, named, run.moment, test=run.test
        ),
        destination_id=target.id,
        part=part,
        group=group,
        sub_audience=in_part.name,
        treatment_group=treatment.name,
        segment_name=named,
        customers=of.customers,
        filtered=of.filtered,
        no_identifier=of.no_identifier,
        invalid=of.invalid,
        duplicate=of.duplicate,
        due_at=tools.now(),
    )


def keep(run: Run, **fields: object) -> None:
    """Change the run while it is this worker's. Raises LeaseLostError when it is not."""
    mine = Run.objects.filter(pk=run.pk, state=RunState.BUILDING, attempt=run.attempt)
    if not mine.update(**fields):
        raise leases.LeaseLostError()


def again(run: Run, problem: str, tools: Tools) -> None:
    """Try again in a while; problem: why the run has failed if that was one time too many."""
    if run.attempt >= ATTEMPTS:
        fail(run, problem, tools)
        return
    delay = backoff.retry(run.attempt + 2, tools.chance())
    retry_at = tools.now() + timedelta(seconds=delay)
    keep(run, retry_at=retry_at, lease_until=None, problem="Muster tries again by itself.")
    tools.enqueue("build_run", run.pk, delay)


def fail(run: Run, problem: str, tools: Tools) -> None:
    """End a run of which nothing was sent. Raises LeaseLostError when it is another's."""
    with transaction.atomic():
        keep(run, problem=problem, ended_at=tools.now(), lease_until=None)
        progress.move(run, RunState.FAILED, tools)
        log.write(run, f"Failed. {problem}", tools)

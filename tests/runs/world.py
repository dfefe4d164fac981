"""All processes of Muster in one: a clock, a bag for a broker, workers that may die.

The database, the files and Attentive's sandbox are the real ones.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from campaigns import definition as definitions
from campaigns import layout
from campaigns.definition import Definition, Group, Named, Part, Target
from campaigns.models import Campaign
from core.failpoints import Crash
from destinations import kinds
from destinations.models import Credential, Destination
from runs import (
    building,
    clearing,
    files,
    finishing,
    following,
    ledger,
    preparing,
    sending,
    stopping,
)
from runs.models import ENDED, Delivery, List, Run
from runs.reconcile import reconcile
from runs.tools import Tools
from warehouse.scratch import scratch

STEPS = {
    "build_run": building.build,
    "prepare_delivery": preparing.prepare,
    "send_batch": sending.send,
    "follow_batch": following.follow,
    "finish_delivery": finishing.finish,
    "remove_list": clearing.remove,
}
ROUNDS = 400


@dataclass
class World:
    destination: Destination
    clock: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)
    bag: list[tuple[datetime, str, int]] = field(default_factory=list)
    crashes: int = 0

    @property
    def tools(self) -> Tools:
        return Tools(lambda: self.clock, self.connect, self.enqueue, lambda: 0.5)

    def connect(self, destination: Destination):
        return kinds.connect(destination)

    def enqueue(self, task: str, pk: int, delay: float) -> None:
        self.bag.append((self.clock + timedelta(seconds=delay), task, pk))

    def work(self, messages: int | None = None, seconds: float = 1e8) -> None:
        """Take messages from the bag, moving the clock to the next one: all of them, or so
        many, or those of so many seconds."""
        end = self.clock + timedelta(seconds=seconds)
        while self.bag and (messages is None or messages > 0):
            self.bag.sort(key=lambda message: message[0])
            if self.bag[0][0] > end:
                return
            due, task, pk = self.bag.pop(0)
            self.clock = max(self.clock, due)
            self.do(task, pk)
            messages = None if messages is None else messages - 1

    def do(self, task: str, pk: int) -> None:
        try:
            STEPS[task](pk, self.tools)
        except Crash:
            self.crashes += 1

    def tick(self, seconds: float = 15) -> None:
        self.clock += timedelta(seconds=seconds)
        try:
            reconcile(self.tools)
        except Crash:
            self.crashes += 1

    def finish(self, run: Run) -> Run:
        """Work, and let the reconciler look for what was lost, until the run is over."""
        for _ in range(ROUNDS):
            self.work()
            run.refresh_from_db()
            if run.state in ENDED:
                return run
            self.tick()
        raise AssertionError(f"The run never ended: {run.state}, {run.problem}")

    def settle(self, run: Run) -> Run:
        """Work until nothing moves without a person, an admin or time."""
        for _ in range(8):
            self.work(seconds=60)
            self.tick()
        run.refresh_from_db()
        return run


def destination(url: str, token: str, **fields) -> Destination:
    credential = Credential.objects.create(name=f"Key {uuid.uuid4()}", secret={"token": token})
    return Destination.objects.create(
        name=f"Attentive {uuid.uuid4()}", credential=credential, base_url=url, **fields
    )


@dataclass
class Audience:
    """A campaign of one group (or with a held-out one), and the people it takes."""

    world: World
    campaign: Campaign
    control: int = 0  # percent
    identifier: str = "phone"

    @property
    def definition(self) -> Definition:
        groups = [Group("g1", "Everyone", 100 - self.control, False, (self.world.destination.pk,))]
        if self.control:
            groups.append(Group("g0", "Held out", self.control, True))
        rest = Part(f"p{self.campaign.key}", "Remaining audience members", "s", None, tuple(groups))
        target = Target(
            self.world.destination.pk,
            self.world.destination.name,
            "{campaign}_{group}",
            self.identifier,
            f"merged_customers.{self.identifier}",
        )
        return Definition(
            campaign=self.campaign.key,
            name=self.campaign.name,
            include=(Named("All", {"all": []}),),
            exclude=(),
            first_match_only=True,
            parts=(rest,),
            targets=(target,),
        )

    def run(self, people: dict[str, str | None], **fields) -> Run:
        """A run whose audience is frozen: customer id -> phone or email."""
        last = self.campaign.runs.count()
        run = Run.objects.create(
            campaign=self.campaign,
            number=last + 1,
            definition=definitions.to_json(self.definition),
            moment=self.world.clock,
            started_at=self.world.clock,
            **fields,
        )
        run.snapshot = snapshot(self.definition, people)
        run.save()
        self.world.enqueue("build_run", run.pk, 0.0)
        return run

    @property
    def list(self) -> List:
        return List.objects.get(campaign=self.campaign, test=False)

    def delivery(self, run: Run) -> Delivery:
        return Delivery.objects.get(run=run)


def snapshot(definition: Definition, people: dict[str, str | None]) -> str:
    name = files.fresh("runs/made", "snapshot")
    ids = list(people)
    columns = {
        layout.CUSTOMER: pa.array(ids, pa.string()),
        layout.EXCLUDED: pa.nulls(len(ids), pa.int32()),
        layout.PART: pa.array([0] * len(ids), pa.int32()),
        layout.value(0): pa.array(list(people.values()), pa.string()),
    }
    assert list(columns) == list(layout.columns(definition))
    with files.written(name) as rough:
        pq.write_table(pa.table(columns), rough)
    return name


def phones(numbers: Iterable[int]) -> dict[str, str]:
    """customer id -> a phone that is valid."""
    return {f"c{number:06}": phone(number) for number in numbers}


def phone(number: int) -> str:
    return f"+1415{2_000_000 + number}"


def held(filled: List) -> dict[str, str]:
    """identifier -> held or maybe, with what a delivery under way has done."""
    delivery = filled.deliveries.exclude(state__in=ENDED).exclude(file="").first()
    if delivery is None:
        if not filled.ledger:
            return {}
        rows = pq.read_table(files.path(filled.ledger)).to_pylist()
        return {row["identifier"]: row["state"] for row in rows if row["state"] != "gone"}
    delivery.list = filled
    with scratch() as duck:
        ledger.fold(duck, delivery)
        rows = duck.execute(ledger.FOLD, {"now": delivery.run.moment}).fetchall()
    return {identifier: state for identifier, state, *_ in rows if state != "gone"}


def stop(world: World, run: Run) -> None:
    stopping.stop(run, world.tools)

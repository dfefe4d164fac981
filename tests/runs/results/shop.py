"""A brand whose customers buy more where a campaign reached them, by as much as is planted."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pyarrow.parquet as pq
from django.utils import timezone

from campaigns.models import Campaign, SubAudience, TreatmentGroup
from destinations.models import DefaultAttributes, Destination
from runs import files
from runs.launch import launch
from runs.models import Run
from tests.fixtures.attentive import Sandbox
from tests.fixtures.warehouse import Fill
from tests.runs import brand
from tests.runs.world import World, destination, phone

PEOPLE = 4_000
PLAIN = 0.06  # of the customers buy in a week by themselves


def tables() -> dict[str, list[dict[str, object]]]:
    """Half of the customers are Gold; every tenth has no phone."""
    ids = [f"c{n:05}" for n in range(PEOPLE)]
    return {
        "customer_360": [
            {"customer_id": each, "tier": "Gold" if n % 2 else "Silver"}
            for n, each in enumerate(ids)
        ],
        "merged_customers": [
            {
                "customer_id": each,
                "email": f"{each}@home.example",
                "phone": None if n % 10 == 8 else phone(n),
            }
            for n, each in enumerate(ids)
        ],
    }


def campaign(destination: Destination) -> Campaign:
    """Gold and the rest, each with 30% held out."""
    DefaultAttributes.objects.create(
        destination=destination, identifier="phone", phone="merged_customers.phone"
    )
    made = Campaign.objects.create(name="Spring", delivery={"when": "now"})
    made.include.add(brand.segment("Everyone we know", brand.EVERYONE))
    for position, (name, rule) in enumerate([("Gold", brand.GOLD), ("", None)]):
        part = SubAudience.objects.create(
            campaign=made, name=name, rule=rule, position=position, seed=f"seed {position}"
        )
        if rule is None:
            SubAudience.objects.filter(pk=part.pk).update(remaining=True)
        TreatmentGroup.objects.create(sub_audience=part, name="Held out", split=30, control=True)
        sent = TreatmentGroup.objects.create(
            sub_audience=part, name=f"{name or 'Others'} text", split=70, position=1
        )
        sent.destinations.add(destination)
    return made


def measured_run(attentive: Sandbox, fill: Fill) -> Run:
    """A run of ten days ago that has ended; its Gold treatment bought more than twice as often."""
    fill(tables())
    began = timezone.now() - timedelta(days=10)
    world = World(destination(attentive.url, attentive.token), clock=began)
    run = world.finish(launch(campaign(world.destination), tools=world.tools))
    first = began.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    fill({"orders": orders(run, first, {0: 0.08})})
    return run


def orders(run: Run, first: datetime, effects: dict[int, float]) -> list[dict[str, object]]:
    """What the customers of a run bought in the week from ``first`` on.

    effects: by sub-audience, how many more of those in its treatment buy.
    """
    chance = random.Random(4)
    found = []
    rows = pq.read_table(files.path(run.members)).to_pylist()
    for row in sorted(rows, key=lambda each: each["customer_id"]):
        rate = PLAIN + (effects.get(row["part"], 0) if row["outcome"] == "send" else 0)
        for _ in range(chance.random() < rate):
            at = first + timedelta(hours=chance.randrange(7 * 24))
            value = chance.randint(1_000, 9_000) / 100
            found.append(order(len(found), row["customer_id"], at, value))
    return found


def order(number: int, customer: str, at: datetime, value: float) -> dict[str, object]:
    return {
        "order_id": f"o{number}",
        "customer_id": customer,
        "order_datetime": at,
        "order_value": value,
        "quantity": 2,
    }

"""campaign_editor_ms: the campaign editor's page and an edit, with 50 sub-audiences, 200 groups."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from benchmarks import page
from benchmarks.editor import GOAL, HTMX, slower
from benchmarks.figure import Figure, agree
from campaigns.models import Campaign, SubAudience, TreatmentGroup
from destinations.models import Credential, DefaultAttributes, Destination, Kind
from segments.models import Segment

PARTS = 50
GROUPS = 4  # of each, the first of them held out


def measure(customers: int) -> Figure:
    call_command("collectstatic", verbosity=0, interactive=False)
    client = Client()
    for name, value in page.fill().items():
        client.cookies[name] = value
    campaign = made()
    try:
        return slower("campaign_editor_ms", *asks(client, campaign), GOAL)
    finally:
        campaign.delete()


def made() -> Campaign:
    """A campaign to everyone, its sub-audiences with a rule each."""
    credential, _ = Credential.objects.get_or_create(
        name="Benchmark", defaults={"kind": Kind.ATTENTIVE_API}
    )
    destination, _ = Destination.objects.get_or_create(
        name="Benchmark", defaults={"kind": Kind.ATTENTIVE_API, "credential": credential}
    )
    DefaultAttributes.objects.get_or_create(
        destination=destination,
        defaults={"identifier": "phone", "phone": "merged_customers.phone"},
    )
    everyone, _ = Segment.objects.get_or_create(name="Benchmark", defaults={"rule": {"all": []}})
    campaign = Campaign.objects.create(name=f"Benchmark {uuid.uuid4().hex[:8]}", delivery={})
    campaign.include.add(everyone)
    for number in range(PARTS):
        rule = {
            "attribute": "customer_360.state",
            "operator": "is",
            "value": f"State {number}",
        }
        last = number == PARTS - 1
        part = SubAudience.objects.create(
            campaign=campaign,
            position=number,
            remaining=last,
            name="" if last else f"Part {number}",
            rule=None if last else rule,
        )
        for place in range(GROUPS):
            group = TreatmentGroup.objects.create(
                sub_audience=part,
                position=place,
                name=f"Part {number} text {place}",
                split=100 // GROUPS,
                control=place == 0,
            )
            if place:
                group.destinations.add(destination)
    return campaign


def asks(client: Client, campaign: Campaign) -> tuple[Callable[[], None], Callable[[], None]]:
    """What shows the page, and what gives one sub-audience another name."""
    address, ops = (reverse(f"campaigns:{each}", args=[campaign.pk]) for each in ("edit", "ops"))
    part = campaign.sub_audiences.all()[3]

    def show() -> None:
        agree(client.get(address).status_code, 200)

    def edit() -> None:
        campaign.refresh_from_db()
        sent = {"op": "part_name", "node": part.key, "value": f"Part {campaign.revision}x"}
        answer = client.post(ops, sent | {"base": campaign.revision}, headers=HTMX)
        agree(answer.status_code, 200)

    return show, edit

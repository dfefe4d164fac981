"""A small brand: customer tables, and a campaign over them with everything that can happen."""

from __future__ import annotations

from campaigns.models import Campaign, SubAudience, TreatmentGroup
from destinations.models import DefaultAttributes, Destination
from segments.models import Segment
from tests.runs.world import phone

GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
EVERYONE = {"all": []}
STAFF = {"attribute": "merged_customers.email", "operator": "ends_with", "value": "@brand.example"}


def tables(count: int = 120) -> dict[str, list[dict[str, object]]]:
    """Customers c000 and on: a third Gold; of ten one without phone, one without a valid
    one; c030 has the phone of c031; c000 to c004 are staff."""
    ids = [f"c{n:03}" for n in range(count)]
    return {
        "customer_360": [
            {"customer_id": each, "tier": "Gold" if n % 3 == 0 else "Silver"}
            for n, each in enumerate(ids)
        ],
        "merged_customers": [
            {
                "customer_id": each,
                "email": f"{each}@{'brand' if n < 5 else 'home'}.example",
                "phone": given(n),
            }
            for n, each in enumerate(ids)
        ],
    }


def given(n: int) -> str | None:
    if n % 10 == 8:
        return None
    if n % 10 == 9:
        return "12345"
    return phone(31) if n == 30 else phone(n)


def campaign(destination: Destination, name: str = "Autumn coffee") -> Campaign:
    """Everyone but staff: of the Gold 50% held out and 50% sent, of the rest all sent."""
    DefaultAttributes.objects.get_or_create(
        destination=destination,
        defaults={"identifier": "phone", "phone": "merged_customers.phone"},
    )
    made = Campaign.objects.create(name=name, delivery={"when": "now"})
    made.include.add(segment("Everyone we know", EVERYONE))
    made.exclude.add(segment("Staff", STAFF))
    gold = SubAudience.objects.create(campaign=made, name="Gold", rule=GOLD, seed="a")
    rest = SubAudience.objects.create(campaign=made, remaining=True, position=1, seed="b")
    TreatmentGroup.objects.create(sub_audience=gold, name="Gold held out", split=50, control=True)
    early = TreatmentGroup.objects.create(sub_audience=gold, name="Gold early access", split=50)
    all_others = TreatmentGroup.objects.create(sub_audience=rest, name="Everyone else", split=100)
    for group in (early, all_others):
        group.destinations.add(destination)
    return made


def segment(name: str, rule: object) -> Segment:
    found, _ = Segment.objects.get_or_create(name=name, defaults={"rule": rule, "version": 1})
    return found

"""editor_ms: the segment editor's page and one edit of it, with a rule of 200 lines."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from benchmarks import page
from benchmarks.figure import REPEATS, Figure, agree, seconds, shown
from segments.models import Segment

GOAL = 100.0
LINES = 200
HTMX = {"HX-Request": "true"}


def measure(customers: int) -> Figure:
    call_command("collectstatic", verbosity=0, interactive=False)
    segment = Segment.objects.create(draft={"all": [line(n) for n in range(LINES)]})
    client = Client()
    for name, value in page.fill().items():
        client.cookies[name] = value
    try:
        return slower("editor_ms", *asks(client, segment), GOAL)
    finally:
        segment.delete()


def slower(name: str, shows: Callable[[], None], edits: Callable[[], None], goal: float) -> Figure:
    """The slower of two requests is the figure; the other is told beside it."""
    shows()
    edits()
    times = {
        "page": median(seconds(shows) for _ in range(REPEATS + 1)),
        "edit": median(seconds(edits) for _ in range(REPEATS + 1)),
    }
    longer = max(times, key=times.__getitem__)
    told = ", ".join(f"{each} {shown(time)}" for each, time in times.items())
    return Figure(name, round(times[longer] * 1000, 1), "ms", told, goal)


def line(number: int) -> dict[str, object]:
    """Every fourth line is about purchases, the others about a column with values to pick."""
    id = f"line-{number}"
    if number % 4 == 0:
        return {
            "id": id,
            "event": "orders",
            "period": {"last": 90 + number, "unit": "days"},
            "operator": "at_least",
            "value": 1,
        }
    return {
        "id": id,
        "attribute": "customer_360.household_income",
        "operator": "is_in",
        "value": ["50-74K", "75-99K"],
    }


def asks(client: Client, segment: Segment) -> tuple[Callable[[], None], Callable[[], None]]:
    """What shows the page, and what edits one line of it."""
    address, ops = (reverse(f"segments:{name}", args=[segment.pk]) for name in ("edit", "ops"))

    def show() -> None:
        agree(client.get(address).status_code, 200)

    def edit() -> None:
        segment.refresh_from_db()
        sent = {"op": "value", "node": "line-4", "value": str(segment.revision % 9 + 1)}
        answer = client.post(ops, sent | {"base": segment.revision}, headers=HTMX)
        agree(answer.status_code, 200)

    return show, edit

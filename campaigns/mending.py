"""What stops a launch, each with the link to where it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from campaigns import preflight
from campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class Stop:
    """A fault with the link to where it is mended. place: whose it is, where that is a group's."""

    text: str
    url: str
    place: str = ""


def stops(faults: Iterable[preflight.Fault], campaign: Campaign) -> list[Stop]:
    """campaign: loaded with ``with_groups``."""
    faults = list(faults)
    places = _places(campaign) if any(fault.node for fault in faults) else {}
    return [
        Stop(fault.text, mend_url(fault, campaign), places.get(fault.node, "")) for fault in faults
    ]


def mend_url(fault: preflight.Fault, campaign: Campaign) -> str:
    """Where a fault is mended; on the editor itself an anchor."""
    if fault.other is not None:
        return reverse("campaigns:detail", args=[fault.other])
    if fault.place == preflight.ATTRIBUTES and fault.destination is not None:
        return reverse("campaigns:attributes", args=[campaign.pk, fault.destination])
    if fault.place == preflight.APPROVAL:
        return reverse("campaigns:approval", args=[campaign.pk])
    if fault.place == preflight.DESTINATIONS:
        return reverse("destinations:list")
    if fault.place == preflight.SEGMENTS:
        return f"{reverse('segments:list')}?{urlencode({'q': fault.segment})}"
    if fault.place == preflight.AUDIENCE:
        return "#name" if fault.path == "name" else "#audience"
    if fault.place == preflight.TIMING:
        return "#timing"
    if fault.node:
        kind = "group" if "treatment_groups" in fault.path else "part"
        return f"#{kind}-{fault.node}"
    return "#groups"


def _places(campaign: Campaign) -> dict[str, str]:
    """Key of a sub-audience or group -> its place: "Remaining audience members, group 1"."""
    found: dict[str, str] = {}
    for index, part in enumerate(campaign.sub_audiences.all(), 1):
        place = str(part) if part.remaining or part.name else f"Sub-audience {index}"
        found[part.key] = place
        for number, group in enumerate(part.groups.all(), 1):
            found[group.key] = f"{place}, group {number}"
    return found

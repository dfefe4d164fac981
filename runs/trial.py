"""What a test is: whom it goes to, and which test lists it fills."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from campaigns.definition import Definition, Group
from runs.models import Panel

MOST = 100  # people


@dataclass(frozen=True, slots=True)
class Trial:
    """customers: so many of the audience; None where it goes to the people of ``panel``.
    groups: keys of the treatment groups whose test lists it fills; empty for all."""

    customers: int | None = None
    panel: Panel | None = None
    groups: tuple[str, ...] = ()


def fills(groups: Collection[str], group: Group) -> bool:
    """Whether a test that names these groups fills the lists of this one."""
    return not group.control and (not groups or group.key in groups)


def unknown(groups: Collection[str], definition: Definition) -> bool:
    """Whether a group is named that the campaign sends nothing, or has no more."""
    sent = {group.key for part in definition.parts for group in part.groups if not group.control}
    return not sent.issuperset(groups)

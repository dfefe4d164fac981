"""The counted figures as the campaign's pages show them: rows, waterfalls, cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from campaigns import names
from campaigns.definition import Definition
from campaigns.figures import DeliveryFigures, Figures, Waterfall
from campaigns.looks import notes
from core.formats import count


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A row of the delivery summary. key: the group's. identifier: "phone", "email" or ""."""

    key: str
    list_name: str
    part: str
    group: str
    destination: str
    identifier: str
    figures: DeliveryFigures


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a waterfall: ``change`` people (negative, None in the first) leave ``left``.

    figure: what ``behind`` calls them. note: why, where there are reasons."""

    figure: str
    label: str
    change: int | None
    left: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fall:
    """From the included customers to those one destination is sent."""

    id: int
    destination: str
    steps: tuple[Step, ...]
    to_send: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """parts, groups: customers by the key of the sub-audience or group. notes: what each group
    can show, by its key. excluded: each exclusion by name, with the people whom it is the first
    to take out."""

    figures: Figures
    excluded: tuple[tuple[str, int], ...]
    parts: dict[str, int]
    groups: dict[str, int]
    notes: dict[str, str]
    deliveries: tuple[DeliveryRow, ...]
    falls: tuple[Fall, ...]

    @property
    def included(self) -> int:
        return self.figures.included

    @property
    def left_out(self) -> int:
        return -self.figures.left_out

    @property
    def audience(self) -> int:
        return self.figures.audience

    @property
    def of_places(self) -> bool:
        """Whether sums count places: a customer may be in several sub-audiences."""
        return self.figures.places != self.figures.audience

    @property
    def any_filtered(self) -> bool:
        return any(row.figures.filtered for row in self.deliveries)

    @property
    def together(self) -> DeliveryFigures:
        """The sums of the delivery summary's columns."""
        rows = [row.figures for row in self.deliveries]
        return DeliveryFigures(
            part=-1,
            group=-1,
            destination=0,
            customers=sum(row.customers for row in rows),
            filtered=sum(row.filtered for row in rows),
            no_identifier=sum(row.no_identifier for row in rows),
            invalid=sum(row.invalid for row in rows),
            duplicate=sum(row.duplicate for row in rows),
            to_send=sum(row.to_send for row in rows),
        )


def numbers(definition: Definition, figures: Figures, day: date) -> Numbers:
    """day: the one that a {date} in a list's name would be."""
    targets = {target.id: target for target in definition.targets}
    called = {
        (each.part, each.group, each.destination): each.name
        for each in names.list_names(definition, day)
    }
    return Numbers(
        figures=figures,
        excluded=tuple(
            (each.name, people)
            for each, people in zip(definition.exclude, figures.excluded, strict=True)
        ),
        notes=notes(definition, figures),
        parts={
            part.key: counted.customers
            for part, counted in zip(definition.parts, figures.parts, strict=True)
        },
        groups={
            definition.parts[each.part].groups[each.group].key: each.customers
            for each in figures.groups
        },
        deliveries=tuple(
            DeliveryRow(
                key=definition.parts[each.part].groups[each.group].key,
                list_name=called.get((each.part, each.group, each.destination), ""),
                part=definition.parts[each.part].name,
                group=definition.parts[each.part].groups[each.group].name,
                destination=targets[each.destination].name,
                identifier=targets[each.destination].identifier,
                figures=each,
            )
            for each in figures.deliveries
        ),
        falls=tuple(
            Fall(
                id=target.id,
                destination=target.name,
                steps=tuple(steps(figures.waterfall(target.id), target.identifier)),
                to_send=figures.waterfall(target.id).to_send,
            )
            for target in definition.targets
        ),
    )


def steps(fall: Waterfall, identifier: str) -> Iterable[Step]:
    """The waterfall's rows; those that take nobody out are left away."""
    named = identifier or "phone or email"
    left = fall.included
    yield Step("included", "Included", None, left)
    for figure, label, people in (
        ("left_out", "Left out", fall.excluded),
        ("control", "Control, held out", fall.control),
        ("no_group", "No group", fall.no_group),
        ("elsewhere", "Not sent here", fall.elsewhere),
        ("filtered", "Not opted in", fall.filtered),
        (
            "no_identifier",
            f"No {named}" if identifier else "Phone or email not chosen",
            fall.no_identifier,
        ),
        ("invalid", "Not valid", fall.invalid),
        ("duplicate", f"Same {named} as another", fall.duplicate),
    ):
        if figure == "control" and fall.places != fall.audience:
            places = fall.places - fall.audience
            yield Step("several", "In several sub-audiences", places, fall.places)
            left = fall.places
        if people:
            left -= people
            yield Step(figure, label, -people, left, reasons(fall) if figure == "invalid" else "")


def reasons(fall: Waterfall) -> str:
    """Why phones or emails are not valid: "12 too short, 3 not an address"."""
    return ", ".join(f"{count(people)} {reason}" for reason, people in fall.reasons.items())

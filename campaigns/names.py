"""What a list is called at the destination, and which names tell nobody anything."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from campaigns.definition import REMAINING, Definition, Part
from campaigns.models import TreatmentGroup
from destinations.validators import PLACEHOLDERS

LONGEST = 240  # Attentive API v2, segments: a name has 1 to 240 characters

# What a default name is made of: adjectives, then things, then a number or a letter.
_ADJECTIVES = frozenset({"untitled", "draft", "new", "test"})
_THINGS = frozenset({"campaign", "segment", "group", "recipient", "treatment"})


@dataclass(frozen=True, slots=True)
class ListName:
    """The list that one treatment group fills. part, group: indexes into the definition."""

    part: int
    group: int
    destination: int
    name: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Another campaign's group that fills a list."""

    campaign: int
    campaign_name: str
    group_name: str


def list_name(template: str, campaign: str, sub_audience: str, group: str, day: date) -> str:
    """The template with its fields filled in, without outer blanks.

    An unknown field stays as it is written; ``unknown_fields`` finds those.
    """
    values = {
        "campaign": campaign.strip(),
        "sub_audience": sub_audience.strip(),
        "group": group.strip(),
        "date": day.isoformat(),
    }
    return re.sub(r"\{(\w+)\}", lambda field: values.get(field[1], field[0]), template).strip()


def unknown_fields(template: str) -> list[str]:
    """Fields of a template that Muster cannot fill in."""
    return [name for name in re.findall(r"\{(.*?)\}", template) if name not in PLACEHOLDERS]


def comparable(name: str) -> str:
    """Two names are the same where this is: case and blanks do not tell names apart."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def list_names(definition: Definition, day: date) -> list[ListName]:
    """All lists that the campaign fills, in its order; groups without a name have none yet."""
    templates = {target.id: target.segment_name for target in definition.targets}
    return [
        ListName(
            part_index,
            group_index,
            destination,
            list_name(templates[destination], definition.name, part.name, group.name, day),
        )
        for part_index, part in enumerate(definition.parts)
        for group_index, group in enumerate(part.groups)
        if definition.name.strip() and group.name.strip() and not group.control
        for destination in group.destinations
        if destination in templates
    ]


def is_default(name: str) -> bool:
    """Whether the whole name is a default one, whatever case, blanks, punctuation and a last
    number or letter; or begins with "copy of"."""
    words = _words(name)
    if words[:2] == ["copy", "of"]:
        return True
    while len(words) > 1 and (words[-1].isdigit() or len(words[-1]) == 1):
        words.pop()
    words = [re.sub(r"\d+$", "", word) or word for word in words]
    while words and words[0] in _ADJECTIVES:
        words.pop(0)
        if not words:
            return True
    if words == ["control", "group"]:
        return True
    return bool(words) and all(word in _THINGS for word in words)


def name_fault(name: str) -> str | None:
    """Why a campaign's or group's name will not do, in words; None where it will."""
    text = name.strip()
    if not text:
        return "Give it a name."
    if is_default(text):
        return f"“{text}” tells nobody at Attentive what this list is."
    return None


def group_name_fault(name: str) -> str | None:
    """The same for a treatment group."""
    if name.strip().startswith("_"):
        return "A group's name cannot begin with “_”. Put a letter or a number first."
    return name_fault(name)


def list_name_fault(name: str) -> str | None:
    """Why a destination would refuse a list's name."""
    if not name:
        return "The list would have no name. Mend the destination's name template."
    if len(name) > LONGEST:
        return f"The list's name has {len(name)} characters; Attentive takes {LONGEST}. Shorten it."
    return None


def suggestion(part: Part, group: int, taken: Collection[str] = ()) -> str:
    """A telling name for a group without one: after its neighbours, else its part and split.

    taken: names that others have.
    """
    used = {comparable(name) for name in taken} | {
        comparable(each.name) for index, each in enumerate(part.groups) if index != group
    }
    for candidate in _candidates(part, group):
        if comparable(candidate) not in used and not is_default(candidate):
            return candidate
    return ""


def _candidates(part: Part, group: int) -> Iterable[str]:
    this = part.groups[group]
    whom = "Everyone else" if part.rule is None else part.name.strip() or "Sub-audience"
    if this.control:
        yield f"{whom} held out"
    else:
        # "Everyone text A" beside it: "Everyone text B".
        for each in part.groups:
            if match := re.fullmatch(r"(.+\s)([A-Y])", each.name.strip()):
                yield match[1] + chr(ord(match[2]) + 1)
    yield f"{whom} {this.split}%"
    yield from (f"{whom} {this.split}% {letter}" for letter in string.ascii_uppercase)


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFKC", name).casefold()
    return [word for word in re.split(r"[\W_]+", text) if word]


def doubles(names: Iterable[ListName]) -> list[tuple[ListName, ListName]]:
    """Pairs (later, first) of groups of one campaign that would fill the same list."""
    first: dict[tuple[int, str], ListName] = {}
    found = []
    for each in names:
        key = (each.destination, comparable(each.name))
        if key in first:
            found.append((each, first[key]))
        else:
            first[key] = each
    return found


Claims = Mapping[tuple[int, str], Claim]


def claims(besides: int | None, day: date) -> dict[tuple[int, str], Claim]:
    """(destination, comparable name) -> who fills that list, drafts too, in one query.

    besides: the campaign that asks.
    """
    rows = (
        TreatmentGroup.objects.filter(
            sub_audience__campaign__archived=False, control=False, destinations__isnull=False
        )
        .exclude(name="")
        .exclude(sub_audience__campaign__name="")
        .exclude(sub_audience__campaign=besides)
        .values_list(
            "sub_audience__campaign",
            "sub_audience__campaign__name",
            "sub_audience__name",
            "sub_audience__remaining",
            "name",
            "destinations",
            "destinations__segment_name",
        )
        .order_by("sub_audience__campaign", "pk")
    )
    found: dict[tuple[int, str], Claim] = {}
    for campaign, campaign_name, part, remaining, group, destination, template in rows:
        part_name = REMAINING if remaining else part
        name = list_name(template, campaign_name, part_name, group, day)
        found.setdefault((destination, comparable(name)), Claim(campaign, campaign_name, group))
    return found

"""The differences of two rules in words: what was added, and what has become what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core import formats
from segments import drafts
from segments.drafts import is_sql
from segments.rules import RuleError
from segments.wording import words
from segments.wording.difference import Node, Step, steps
from segments.wording.sentence import SHOWN, phrase
from warehouse.catalogue import Catalogue

NAMED = 3  # values that are named when a list has gained or lost some


@dataclass(frozen=True, slots=True)
class Part:
    """A difference in words: "Added: ", or "bought Coffee at least", "2" that becomes "3",
    "times". Either of old and new may be ''."""

    lead: str = ""
    before: str = ""
    old: str = ""
    new: str = ""
    after: str = ""

    def __str__(self) -> str:
        change = f"{self.old} \N{RIGHTWARDS ARROW} {self.new}" if self.old else self.new
        return " ".join(text for text in (self.lead, self.before, change, self.after) if text)


def parts(old: Any, new: Any, catalogue: Catalogue) -> list[Part]:
    """The differences of two rules, none when they say the same."""
    return [told(step, catalogue) for step in steps(old, new)]


def told(step: Step, catalogue: Catalogue) -> Part:
    """A step in words."""
    match step.kind:
        case "sql":
            text = "The query was changed" if is_sql(step.old) and is_sql(step.new) else ""
            return Part(text or "Criteria and SQL changed places")
        case "grouped":
            return Part("Lines are grouped otherwise")
        case "ordered":
            return Part("Lines are in another order")
        case "matching":
            old, new = drafts.word(step.old or {}), drafts.word(step.new or {})
            return Part("Match", "", old, new, f"of: {_said(step.new, catalogue)}")
        case "changed":
            return _changed(step, catalogue)
    leads = {
        ("added", False): "Added:",
        ("added", True): "Now left out:",
        ("removed", False): "Removed:",
        ("removed", True): "No longer left out:",
        ("off", False): "Switched off:",
        ("off", True): "Leaving out switched off:",
        ("on", False): "Put back:",
        ("on", True): "Leaving out put back:",
    }
    node = step.new if step.new is not None else step.old
    return Part(leads[step.kind, step.leaving], _said(node, catalogue))


def _said(node: Node | None, catalogue: Catalogue) -> str:
    try:
        return phrase(drafts.plain(node), catalogue)
    except (RuleError, TypeError):
        return _subject_words(node or {}, catalogue)


def _subject_words(node: Node, catalogue: Catalogue) -> str:
    """What a criterion is about, for one that cannot be read as a sentence."""
    if "event" in node:
        return words.lowered(words.table_label(catalogue.table(node["event"]), node["event"]))
    attribute = str(node.get("attribute") or node.get("segment") or "a line")
    found = catalogue.find(attribute)
    return words.lowered(words.column_label(found[1] if found else None, attribute))


def _changed(step: Step, catalogue: Catalogue) -> Part:
    old, new = step.old or {}, step.new or {}
    lead = "Left out:" if step.leaving else ""
    differ = {key for key in {*old, *new} - {"id", "off"} if old.get(key) != new.get(key)}
    lists: list[Any] = [node.get("value") for node in (old, new)]
    listed = differ == {"value"} and all(isinstance(value, list) for value in lists)
    if listed and max(len(value) for value in lists) > SHOWN:
        return Part(lead, f"{_subject_words(new, catalogue)}:", "", _values(*lists))
    before, after = _said(old, catalogue).split(), _said(new, catalogue).split()
    if before == after:
        return Part(lead, f"{' '.join(after)}:", "", _unsaid(differ))
    return Part(lead, *_middle(before, after))


def _values(old: list[Any], new: list[Any]) -> str:
    """Of long lists only what was gained and lost is named."""
    found = []
    for word, some, others in (("added", new, old), ("removed", old, new)):
        known = set(map(str, others))
        values = [str(value) for value in some if str(value) not in known]
        if values:
            more = len(values) - NAMED
            named = ", ".join(values[:NAMED])
            found.append(
                f"{word} {named}" + (f" and {formats.count(more)} more" if more > 0 else "")
            )
    return "; ".join(found) or "values in another order"


def _unsaid(differ: set[str]) -> str:
    if differ == {"ignore_case"}:
        return "upper and lower case"
    return "changed"


def _middle(old: list[str], new: list[str]) -> tuple[str, str, str, str]:
    """The words before, what became what, and the words after. Neither middle is empty."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start and start + end >= min(len(old), len(new)):
        start -= 1
    cut = [" ".join(side[start : len(side) - end]) for side in (old, new)]
    return " ".join(old[:start]), cut[0], cut[1], " ".join(old[len(old) - end :])

"""A rule as a sentence: "Customers who bought Coffee at least 3 times in the last 90 days"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core import formats
from segments.rules import parse
from segments.rules.nodes import (
    All,
    AnyOf,
    Attribute,
    Between,
    Event,
    InList,
    InSegment,
    Last,
    NoneOf,
    Relative,
    Rule,
    Scalar,
    Span,
    Sql,
    Value,
)
from segments.rules.operators import opposite
from segments.rules.values import day, moment
from segments.wording import words
from segments.wording.behaviours import SENT
from warehouse.catalogue import Catalogue

PRODUCT = ("category", "product_name", "brand")  # semantics that say what was bought
SHOWN = 5  # values of a list that are named


def sentence(json: Any, catalogue: Catalogue) -> str:
    """The rule in words, without what is off. Raises RuleError when it cannot be read."""
    return of_rule(parse(json), catalogue)


def phrase(json: Any, catalogue: Catalogue) -> str:
    """A criterion or a group as it stands in a sentence: "bought Coffee at least 3 times".

    Whether it is off is not told. Raises RuleError.
    """
    return _joined(_on(replace(parse(json), off=False)), catalogue)


def of_rule(rule: Rule, catalogue: Catalogue) -> str:
    rule = _on(rule)
    kept, left_out = _parts(rule)
    said = "" if kept is None or kept == All() else _joined(kept, catalogue)
    text = f"Customers who {said}" if said else "All customers"
    if isinstance(kept, AnyOf) and not kept.rules:
        text = "No customers"
    if left_out:
        text += f", but not {_those(left_out, catalogue)}"
    return f"{text}."


def _parts(rule: Rule) -> tuple[Rule | None, tuple[Rule, ...]]:
    """What is asked for, and the rules of the block that leaves people out."""
    if isinstance(rule, All) and rule.rules and isinstance(rule.rules[-1], NoneOf):
        rest = rule.rules[:-1]
        kept = rest[0] if len(rest) == 1 else All(rest)
        return (kept if rest else None), rule.rules[-1].rules
    if isinstance(rule, NoneOf):
        return None, rule.rules
    return rule, ()


def _those(rules: tuple[Rule, ...], catalogue: Catalogue) -> str:
    names = [rule.segment for rule in rules if isinstance(rule, InSegment)]
    if len(names) == len(rules):
        return f"anyone in {_list(names, 'or')}"
    return f"those who {_list(_phrases(rules, catalogue), 'or')}"


def _on(rule: Rule) -> Rule:
    """The rule without what is off."""
    if rule.off:
        return All()
    if isinstance(rule, All | AnyOf | NoneOf):
        return type(rule)(tuple(_on(each) for each in rule.rules if not each.off))
    return rule


def _joined(rule: Rule, catalogue: Catalogue) -> str:
    if isinstance(rule, All | AnyOf | NoneOf):
        return _group(rule, catalogue, nested=False)
    return _phrase(rule, catalogue)


def _group(rule: All | AnyOf | NoneOf, catalogue: Catalogue, nested: bool) -> str:
    phrases = _phrases(rule.rules, catalogue)
    if not phrases:
        return {All: "are customers", AnyOf: "match nothing", NoneOf: "are customers"}[type(rule)]
    text = _list(phrases, "and" if isinstance(rule, All) else "or")
    if isinstance(rule, NoneOf):
        return f"do not ({text})" if len(phrases) > 1 else f"are not among those who {text}"
    return f"({text})" if nested and len(phrases) > 1 else text


def _phrases(rules: tuple[Rule, ...], catalogue: Catalogue) -> list[str]:
    return [
        _group(each, catalogue, nested=True)
        if isinstance(each, All | AnyOf | NoneOf)
        else _phrase(each, catalogue)
        for each in rules
    ]


def _phrase(rule: Rule, catalogue: Catalogue) -> str:
    match rule:
        case InSegment(name):
            return f"are in {name}"
        case Sql():
            return "are given by a SQL query"
        case Event():
            return _event(rule, catalogue)
        case Attribute():
            label = words.lowered(_label(rule.attribute, catalogue))
            return _has(label, rule.operator, rule.value, _type(rule.attribute, catalogue))
    raise TypeError(rule)


def _has(label: str, operator: str, value: Value, type: str) -> str:
    match operator:
        case "is_blank":
            return f"have no {label}"
        case "is_not_blank":
            return f"have any {label}"
        case "is_true":
            return f"have {label}: yes"
        case "is_false":
            return f"have {label}: no"
    positive = opposite(operator, type)
    verb = "do not have" if positive else "have"
    said = comparison(positive or operator, value)
    link = " that" if (positive or operator) in _VERBS else ""
    return f"{verb} {label}{link} {said}"


_VERBS = {"contains", "starts_with", "ends_with", "matches"}


def comparison(operator: str, value: Value) -> str:
    """A positive operator with its value: "at least 5", "50-74K or 75-99K"."""
    text = shown(value)
    match operator:
        case "is" | "is_in":
            return text
        case "matches":
            return f"matches the pattern {text}"
        case "between" | "is_between" if isinstance(value, tuple):
            return f"between {shown(value[0])} and {shown(value[1])}"
        case "has_anniversary_in_next":
            return f"with an anniversary in the next {text}"
        case "has_anniversary_today":
            return "with an anniversary today"
    return f"{words.OPERATORS.get(operator, operator)} {text}".strip()


def shown(value: Value) -> str:
    match value:
        case None:
            return ""
        case tuple():
            named = [shown(each) for each in value[:SHOWN]]
            if len(value) == SHOWN + 1:
                named.append(shown(value[-1]))
            elif len(value) > SHOWN:
                named.append(f"{formats.count(len(value) - SHOWN)} more")
            return _list(named, "or")
        case Span(n, unit):
            return _span(n, unit)
        case InList(name):
            return f"any of the list {name}"
        case Relative(offset, ago):
            many = formats.counted(abs(offset), "day")
            return f"{many} ago" if ago else f"{many} from now"
    return _scalar(value)


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        if (at := moment(value)) is not None:
            return f"{_day(at.date())} {at:%H:%M}"
        if (on := day(value)) is not None:
            return _day(on)
        return value.strip() or '""'
    if isinstance(value, int | float):
        return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    return str(value)


def _day(value: Any) -> str:
    return f"{value.day} {formats.MONTHS[value.month - 1]} {value.year}"


def _span(n: int, unit: str) -> str:
    return formats.counted(n, unit.removesuffix("s"))


def _event(rule: Event, catalogue: Catalogue) -> str:
    table = catalogue.table(rule.event)
    label = words.lowered(words.table_label(table, rule.event))
    bought = words.is_purchase(table)
    plain = rule.which == "any" and rule.measure in _OF_SENT and rule.operator not in _BLANKS
    if rule.event.lower() == SENT and plain:
        return _sent(rule, catalogue)
    what, conditions = _where(rule.where, catalogue)
    none = rule.measure == "count" and rule.operator == "is" and rule.value == 0
    when = period(rule.period)
    thing = " ".join(part for part in (what if bought else label, conditions, when) if part)
    if rule.which != "any":
        which = {"first": "first", "last": "last", "repeat": "repeat"}[rule.which]
        name = "order" if bought else words.singular(label)
        about = f"of {what}" if what and bought else ""
        thing = " ".join(p for p in (f"{which} {name}", about, conditions, when) if p)
        lead = f"have a {thing}" if rule.which == "repeat" else f"have their {thing}"
        if none:
            return f"do not {lead}"
        return lead if _once(rule) else f"{lead}, {_measure(rule, catalogue)}"
    if rule.measure in ("first", "last") and rule.operator not in _BLANKS:
        thing = (what or "anything") if bought else words.singular(label)
        return _moment(rule, bought, " ".join(p for p in (thing, conditions) if p))
    if rule.measure == "count":
        verb = ("did not buy" if none else "bought") if bought else ("have no" if none else "have")
        if bought and not what:
            thing = f"anything {thing}".strip()
        times = "" if none or _once(rule) else f" {_times(rule)}"
        head = thing.removesuffix(when).strip() if when else thing
        return f"{verb} {head}{times}{f' {when}' if when else ''}".replace("  ", " ")
    about = f"of {thing}" if bought and what else f"over {label} {conditions} {when}"
    return f"have {_measure(rule, catalogue)} {about}".replace("  ", " ").strip()


_OF_SENT = {"count": "", "first": "first ", "last": "last "}
_BLANKS = ("is_blank", "is_not_blank")
_PLACES = {"campaign": "campaign", "sub_audience": "sub-audience", "treatment_group": "group"}


def _sent(rule: Event, catalogue: Catalogue) -> str:
    """What Muster itself did: "were in campaign Autumn", "were last sent in the last 30 days"."""
    where = rule.where
    rules = where.rules if isinstance(where, All) else () if where is None else (where,)
    places, others, verb = [], [], "in"
    for each in rules:
        column = each.attribute.rpartition(".")[2].lower() if isinstance(each, Attribute) else ""
        if isinstance(each, Attribute) and column in _PLACES and each.operator in ("is", "is_in"):
            places.append(f"{_PLACES[column]} {shown(each.value)}")
        elif isinstance(each, Attribute) and column == "control" and each.operator == "is_false":
            verb = "sent"
        else:
            others.append(each)
    _, conditions = _where(All(tuple(others)), catalogue)
    what = f"{_OF_SENT[rule.measure]}{verb} {' and '.join(places) or 'a campaign'}"
    if rule.measure != "count":
        positive = opposite(rule.operator, "time")
        how = comparison(positive or rule.operator, rule.value)
        said = f"were {'not ' if positive else ''}{what}", conditions, how
    elif rule.operator == "is" and rule.value == 0:
        said = f"were not {what}", conditions, ""
    else:
        said = f"were {what}", conditions, "" if _once(rule) else _times(rule)
    return " ".join(part for part in (*said, period(rule.period)) if part)


def _moment(rule: Event, bought: bool, thing: str) -> str:
    """When somebody did something first or last: "last bought Coffee in the last 30 days"."""
    positive = opposite(rule.operator, "time")
    how = comparison(positive or rule.operator, rule.value)
    among = f", of those {period(rule.period)}" if rule.period else ""
    if bought:
        verb = f"did not {rule.measure} buy" if positive else f"{rule.measure} bought"
    else:
        verb = f"{'did not have' if positive else 'had'} their {rule.measure}"
    return f"{verb} {thing} {how}{among}".strip()


def _once(rule: Event) -> bool:
    return rule.measure == "count" and rule.operator == "at_least" and rule.value == 1


def _times(rule: Event) -> str:
    positive = opposite(rule.operator, "number")
    if rule.operator in ("is", "is_not") and isinstance(rule.value, int | float):
        return f"{'not ' if positive else ''}exactly {formats.counted(int(rule.value), 'time')}"
    said = comparison(positive or rule.operator, rule.value)
    single = rule.value == 1
    return f"{'not ' if positive else ''}{said} {'time' if single else 'times'}"


def _measure(rule: Event, catalogue: Catalogue) -> str:
    if rule.measure == "count":
        return _times(rule)
    type = "number"
    if rule.measure in ("first", "last"):
        label = f"{rule.measure} time"
        type = "time"
    else:
        name = words.lowered(_label(rule.of, catalogue)) if rule.of else "value"
        label = f"{words.MEASURES[rule.measure]} {name}"
        if rule.measure == "most_frequent":
            type = _type(rule.of, catalogue)
    return _has(label, rule.operator, rule.value, type).removeprefix("have ")


def _where(where: Rule | None, catalogue: Catalogue) -> tuple[str, str]:
    """What was bought, and the other conditions."""
    if where is None:
        return "", ""
    rules = where.rules if isinstance(where, All) else (where,)
    what: list[str] = []
    others: list[str] = []
    for rule in rules:
        if isinstance(rule, Attribute) and _names_product(rule, catalogue):
            what.append(shown(rule.value))
        elif isinstance(rule, Attribute):
            label = words.lowered(_label(rule.attribute, catalogue))
            said = _has(label, rule.operator, rule.value, _type(rule.attribute, catalogue))
            said = said.replace("do not have ", "without ", 1).replace("have no ", "without ", 1)
            others.append(said.replace("have ", "with ", 1))
        else:
            others.append(f"where they {_joined(rule, catalogue)}")
    return ", ".join(what), " and ".join(others)


def _names_product(rule: Attribute, catalogue: Catalogue) -> bool:
    found = catalogue.find(rule.attribute)
    return rule.operator in ("is", "is_in") and found is not None and found[1].semantic in PRODUCT


def period(value: Last | Between | None) -> str:
    match value:
        case Last(n, unit):
            return f"in the last {_span(n, unit)}"
        case Between(start, "") if start:
            return f"since {_scalar(start)}"
        case Between("", end) if end:
            return f"until {_scalar(end)}"
        case Between(start, end) if start:
            return f"from {_scalar(start)} to {_scalar(end)}"
    return ""


def _label(attribute: str, catalogue: Catalogue) -> str:
    found = catalogue.find(attribute)
    return words.column_label(found[1] if found else None, attribute)


def _type(attribute: str, catalogue: Catalogue) -> str:
    found = catalogue.find(attribute)
    return found[1].type if found else "text"


def _list(phrases: list[str], word: str) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    if word == "and" or len(phrases) == 2:
        return f" {word} ".join(phrases)
    return f"{', '.join(phrases[:-1])} {word} {phrases[-1]}"

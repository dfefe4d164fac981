"""The segments that a rule names, in the place of their names: each opened once.

A small one's rule stands where its name stood. A large one stands apart: its name stays, and
its members are found once, however many rules name it. So what is compiled grows with what
was written, not with the ways through it.
"""

from __future__ import annotations

from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

from segments.compile.context import Context
from segments.rules import Fault, RuleError, check, parse, segment_names, to_json
from segments.rules.nodes import All, AnyOf, Event, InSegment, NoneOf, Rule

SMALL = 60  # nodes: up to so many are compiled again in each place


def closed(rule: Rule | Any, context: Context) -> Rule:
    """The rule, without what is off, that names no segments but those that stand apart.

    rule: nodes, or JSON. context.opened then has the rules of all that it named. Raises
    RuleError for a rule, or a segment that it names, which does not fit the catalogue.
    """
    json = to_json(rule) if isinstance(rule, Rule) else rule
    faults = check(json, context.catalogue, context.segments, context.lists)
    if faults:
        raise RuleError(faults)
    for name in _in_order(json, context):
        context.opened[name] = _segment(name, context)
    return _opened(parse(json), context)


def _in_order(json: Any, context: Context) -> list[str]:
    """The segments below a rule that are not opened yet, those first that others name.

    Those that there are: the one that names another finds the fault.
    """
    named: dict[str, set[str]] = {}
    waiting = list(segment_names(json))
    while waiting:
        name = waiting.pop()
        if name in context.segments and name not in named and name not in context.opened:
            named[name] = segment_names(context.segments[name])
            waiting += named[name]
    return [name for name in TopologicalSorter(named).static_order() if name in named]


def _segment(name: str, context: Context) -> Rule:
    json = context.segments[name]
    # Circles were looked for from the rule that all begins with.
    faults = check(json, context.catalogue, context.segments.keys(), context.lists)
    if faults:
        raise RuleError([Fault("", f'In segment "{name}": {fault.text}') for fault in faults])
    return _opened(parse(json), context)


def _opened(rule: Rule, context: Context) -> Rule:
    if rule.off:
        return All()
    match rule:
        case All(rules) | AnyOf(rules) | NoneOf(rules):
            kept = tuple(_opened(each, context) for each in rules if not each.off)
            return replace(rule, rules=kept)
        case InSegment(name):
            found = context.opened[name]
            return found if _size(found) <= SMALL else InSegment(name)
        case Event():
            where = None if rule.where is None else _opened(rule.where, context)
            return replace(rule, where=where)
    return rule


def _size(rule: Rule) -> int:
    """Its nodes; a segment that stands apart is one."""
    match rule:
        case All(rules) | AnyOf(rules) | NoneOf(rules):
            return 1 + sum(_size(each) for each in rules)
        case Event(where=where) if where is not None:
            return 1 + _size(where)
    return 1

"""A criterion about events: which of them, when, and what is measured."""

from __future__ import annotations

from core.edits import EditRefusedError
from segments import drafts
from segments.operations import defaults, typed
from segments.operations.draft import Draft, Node
from segments.operations.typed import Values
from segments.rules import type_of
from segments.rules.joins import paths
from segments.rules.operators import MEASURES, OF_A_NUMBER, OPERATORS, UNITS, WHICH


def event(draft: Draft, node: str, values: Values) -> None:
    """values: "event:TABLE"; what was asked of another table's events is dropped."""
    found, name = draft.node(node), typed.first(values).removeprefix("event:")
    if name and name != found.get("event"):
        found["event"] = name
        found.pop("where", None)
        found.pop("of", None)
        found.pop("measure", None)
        found.update(operator="at_least", value=1)


def which(draft: Draft, node: str, values: Values) -> None:
    draft.node(node)["which"] = typed.one_of(typed.first(values), WHICH)


def measure(draft: Draft, node: str, values: Values) -> None:
    found = draft.node(node)
    before = draft.result_type(found)
    found["measure"] = typed.one_of(typed.first(values), MEASURES)
    if found["measure"] not in (*OF_A_NUMBER, "most_frequent"):
        found.pop("of", None)
    _fit(draft, found, before)


def of(draft: Draft, node: str, values: Values) -> None:
    """values: "attribute:TABLE.COLUMN", the column that is measured."""
    found = draft.node(node)
    before = draft.result_type(found)
    found["of"] = typed.first(values).removeprefix("attribute:")
    _fit(draft, found, before)


def _fit(draft: Draft, found: Node, before: str) -> None:
    """Compare anew where the measure now gives another type."""
    type = draft.result_type(found)
    if type != before or found.get("operator") not in OPERATORS[type]:
        defaults.compare(found, type)


def period(draft: Draft, node: str, values: Values) -> None:
    """values: "all", or "last", n, unit, or "between", from, to."""
    found = draft.node(node)
    kind = typed.one_of(typed.at(values, 0), ("all", "last", "between"))
    old: Node = found.get("period") or {}
    was = "all" if not old else "last" if "last" in old else "between"
    if kind == "all":
        found.pop("period", None)
    elif kind != was:
        found["period"] = dict(defaults.PERIOD) if kind == "last" else {"from": "", "to": ""}
    elif kind == "last":
        found["period"] = {
            "last": typed.whole_number(typed.at(values, 1)),
            "unit": typed.one_of(typed.at(values, 2), UNITS),
        }
    else:
        found["period"] = {
            "from": typed.date(typed.at(values, 1)),
            "to": typed.date(typed.at(values, 2)),
        }


def narrow(draft: Draft, node: str, values: Values) -> None:
    """One more condition on an event's rows. node: the event, or a group of its conditions."""
    found, name = draft.node(node), typed.first(values).removeprefix("attribute:")
    event = draft.event(node)
    table = draft.catalogue.table(str(event.get("event", ""))) if event else None
    known = draft.catalogue.find(name)
    if table is None or known is None or known[0].name not in paths(table, draft.catalogue):
        raise EditRefusedError("Choose a column from the list.")
    made: Node = {"attribute": name, "id": drafts.new_id()}
    defaults.compare(made, type_of(*known))
    where = found if found is not event else found.get("where")
    if not where:
        found["where"] = {"all": [made], "id": drafts.new_id()}
    elif drafts.word(where):
        drafts.rules(where).append(made)
    else:
        found["where"] = {"all": [where, made], "id": drafts.new_id()}

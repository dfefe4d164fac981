"""A criterion: what it is about, how it compares, and with what."""

from __future__ import annotations

from typing import Any

from core.edits import EditRefusedError
from segments.operations import defaults, typed
from segments.operations.draft import Draft
from segments.operations.typed import Values
from segments.rules.operators import OPERATORS, UNITS, Shape


def attribute(draft: Draft, node: str, values: Values) -> None:
    """values: "attribute:TABLE.COLUMN"."""
    found, name = draft.node(node), typed.first(values).removeprefix("attribute:")
    if not name:
        return
    before = draft.result_type(found) if found.get("attribute") else ""
    found["attribute"] = name
    type = draft.type_of(name)
    if type != before or found.get("operator") not in OPERATORS[type]:
        defaults.compare(found, type)
    elif type == "text":
        found["value"] = [] if isinstance(found.get("value"), list) else ""


def operator(draft: Draft, node: str, values: Values) -> None:
    """values: an operator, or "OPERATOR list" to compare with an uploaded list."""
    found = draft.node(node)
    type = draft.result_type(found)
    word, _, listed = typed.first(values).partition(" ")
    operator = typed.one_of(word, OPERATORS[type])
    old = OPERATORS[type].get(str(found.get("operator")))
    found["operator"] = operator
    shape = OPERATORS[type][operator]
    was_list = isinstance(found.get("value"), dict) and "list" in found["value"]
    if listed and shape is Shape.MANY:
        found["value"] = found["value"] if was_list else {"list": ""}
    elif shape is not old or was_list:
        defaults.empty(found, shape, old)


def in_list(draft: Draft, node: str, values: Values) -> None:
    """Compare with an uploaded list instead of values of its own. values: the list's name."""
    found = draft.node(node)
    if found.get("operator") not in ("is_in", "is_not_in"):
        found["operator"] = "is_in"
    found["value"] = {"list": typed.first(values)}


def value(draft: Draft, node: str, values: Values) -> None:
    """What the controls of the value say, in their order on the page."""
    found = draft.node(node)
    type = draft.result_type(found)
    operator = str(found.get("operator") or ("at_least" if "event" in found else ""))
    found["operator"] = operator
    shape = OPERATORS[type].get(operator)
    if shape is None:
        raise EditRefusedError("Choose how it compares first.")
    if shape is Shape.MANY and isinstance(found.get("value"), dict):
        found["value"] = {"list": typed.first(values)}
    elif shape is Shape.MANY:
        listed = [text.strip() for text in values if text.strip()]
        found["value"] = [typed.single(text, type) for text in dict.fromkeys(listed)]
    elif shape is Shape.SPAN:
        found["value"] = {
            "n": typed.whole_number(typed.at(values, 0)),
            "unit": typed.one_of(typed.at(values, 1), UNITS),
        }
    elif shape is Shape.PAIR and type == "number":
        found["value"] = [typed.single(text, type) for text in values[:2]]
    elif shape is Shape.PAIR:
        found["value"] = [typed.when(*values[:2]), typed.when(*values[2:4])]
    elif shape is Shape.ONE and type in ("date", "time"):
        found["value"] = typed.when(*values[:2])
    elif shape is not Shape.NOTHING:
        found["value"] = typed.single(typed.at(values, 0), type)
    if "event" in found and found.get("measure", "count") == "count":
        _refuse_less_than_none(found.get("value"))


def _refuse_less_than_none(value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, int | float) and (each < 0 or each != int(each)):
            raise EditRefusedError(f"“{each}” is not a number of times. Write one such as 3.")


def case(draft: Draft, node: str, values: Values) -> None:
    """Whether upper and lower case are the same to it: the other of the two."""
    found = draft.node(node)
    if found.pop("ignore_case", True) is True:
        found["ignore_case"] = False


def segment(draft: Draft, node: str, values: Values) -> None:
    draft.node(node)["segment"] = typed.first(values).removeprefix("segment:")

"""One comparison, and the logic of groups: two values, never a third.

Inside, a null stands for false; whatever is turned round is made plain before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa

from segments import lists
from segments.compile import folding, ir, moments, numbers, text
from segments.compile.context import Context
from segments.compile.operands import Operand
from segments.rules.nodes import (
    All,
    AnyOf,
    Attribute,
    Criterion,
    InList,
    NoneOf,
    Rule,
    Value,
)
from segments.rules.operators import opposite

LONG = 200  # from so many values on, a table to join is quicker than literals


def strict(condition: ir.BooleanValue) -> ir.BooleanValue:
    """True or false, where null stands for false."""
    return condition.fill_null(False)


def combined(rule: Rule, single: Callable[[Criterion], ir.BooleanValue]) -> ir.BooleanValue:
    """A rule from its criteria. single: the condition of one."""
    match rule:
        case All(rules):
            return ibis.and_(*(combined(each, single) for each in rules))
        case AnyOf(rules):
            return ibis.or_(*(combined(each, single) for each in rules))
        case NoneOf(rules):
            return ~strict(ibis.or_(*(combined(each, single) for each in rules)))
        case _:
            return single(rule)


def attribute(rule: Attribute, operand: Operand, context: Context) -> ir.BooleanValue:
    positive = opposite(rule.operator, operand.type)
    condition = compare(operand, positive or rule.operator, rule.value, rule.ignore_case, context)
    return ~strict(condition) if positive else condition


def compare(
    operand: Operand, operator: str, value: Value, ignore_case: bool, context: Context
) -> ir.BooleanValue:
    """A positive operator of any type; null counts as false."""
    if operator == "is_blank":
        return text.is_blank(operand) if operand.type == "text" else operand.value.isnull()
    if operator == "is_in" and (isinstance(value, InList) or _is_long(value)):
        return _in_relation(operand, value, ignore_case, context)
    match operand.type:
        case "text":
            return text.compare(operand, operator, value, ignore_case)
        case "number":
            return numbers.compare(operand.value, operator, value)
        case "yes_no":
            return operand.value if operator == "is_true" else ~operand.value
    return moments.compare(operand, operator, value, context.clock)


def _is_long(value: Value) -> bool:
    return isinstance(value, tuple) and len(value) > LONG


def _in_relation(
    operand: Operand, value: Value, ignore_case: bool, context: Context
) -> ir.BooleanValue:
    """Whether the value is one of a table's."""
    if isinstance(value, InList):
        stored = Operand(_uploaded(value.name, context).value, "text")
        values = text.folded(stored, ignore_case)
        wanted = values.name("value").as_table()
        return text.folded(operand, ignore_case).isin(wanted.filter(wanted.value != "").value)
    if not isinstance(value, tuple):
        raise TypeError(value)
    if operand.type == "number":
        return operand.value.isin(
            _literals([numbers.writable(each) for each in value], context).value
        )
    fold = folding.folded if ignore_case else folding.trimmed
    values = sorted({fold(str(each)) for each in value} - {""})
    return text.folded(operand, ignore_case).isin(_literals(values, context).value)


def _uploaded(name: str, context: Context) -> ir.Table:
    digest = context.lists[name]
    table = f"list_{digest[:16]}"
    context.relations[table] = lambda key: lists.relation(digest)
    return ibis.table({"value": "string"}, name=table)


def _literals(values: list[Any], context: Context) -> ir.Table:
    column = pa.array(values)
    table = f"values_{hashlib.sha256(repr(values).encode()).hexdigest()[:16]}"
    context.relations[table] = pa.table({"value": column})
    return ibis.table(
        {"value": "string" if pa.types.is_string(column.type) else str(column.type)}, name=table
    )

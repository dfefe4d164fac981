"""Operators of text: white space around is ignored, and case where the rule says so."""

from __future__ import annotations

import ibis

from segments.compile import folding, ir
from segments.compile.functions import (
    muster_lower,
    muster_matches,
    muster_matches_any_case,
    muster_trim,
)
from segments.compile.operands import Operand


def trimmed(operand: Operand) -> ir.StringValue:
    return operand.value if "trimmed" in operand.facts else muster_trim(operand.value)


def folded(operand: Operand, ignore_case: bool) -> ir.StringValue:
    """What is compared: without white space around, in lower case where case is ignored."""
    return cased(trimmed(operand), operand, ignore_case)


def cased(text: ir.Value, operand: Operand, ignore_case: bool) -> ir.StringValue:
    return muster_lower(text) if ignore_case and "lower" not in operand.facts else text


def is_blank(operand: Operand) -> ir.BooleanValue:
    return operand.value.isnull() | (trimmed(operand) == "")


def compare(operand: Operand, operator: str, value: object, ignore_case: bool) -> ir.BooleanValue:
    """A positive operator; null counts as false.

    A blank never matches, so a blank value to compare with never does either, but
    for the parts of a text: each text that is not blank has them.
    """
    if operator == "matches":
        found = muster_matches_any_case if ignore_case else muster_matches
        text = trimmed(operand)
        return found(text, str(value)) & (text != "")
    fold = folding.folded if ignore_case else folding.trimmed
    if operator == "is_in":
        values = sorted({fold(str(each)) for each in value} - {""})  # type: ignore[attr-defined]
        return folded(operand, ignore_case).isin(values) if values else ibis.literal(False)
    wanted = fold(str(value))
    if operator == "is":
        return folded(operand, ignore_case) == wanted if wanted else ibis.literal(False)
    if not wanted:
        return ~is_blank(operand)
    if operator == "contains":  # white space around cannot hold a part that has none around it
        return cased(operand.value, operand, ignore_case).contains(wanted)
    text = folded(operand, ignore_case)
    return text.startswith(wanted) if operator == "starts_with" else text.endswith(wanted)

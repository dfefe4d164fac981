"""The rule language: JSON to frozen nodes and back, and every fault with its path."""

from segments.rules.checking import matches_blanks, result_type, type_of
from segments.rules.faults import Fault, RuleError
from segments.rules.naming import list_names, segment_names
from segments.rules.nodes import Rule, to_json
from segments.rules.reading import check, parse

__all__ = [
    "Fault",
    "Rule",
    "RuleError",
    "check",
    "list_names",
    "matches_blanks",
    "parse",
    "result_type",
    "segment_names",
    "to_json",
    "type_of",
]

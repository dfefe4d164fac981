"""The editor's operations on a rule: each changes one thing of it.

Nodes are named by ids, never by position.
"""

from __future__ import annotations

from collections.abc import Callable

from core.edits import EditRefusedError
from segments import drafts
from segments.operations import arranging, criteria, events, lines
from segments.operations.draft import Draft, Node
from segments.operations.typed import Values
from warehouse.catalogue import Catalogue

OPERATIONS: dict[str, Callable[[Draft, str, Values], None]] = {
    "add": lines.add,
    "criterion": lines.add_criterion,
    "add_group": lines.add_group,
    "remove": lines.remove,
    "off": lines.switch,
    "duplicate": lines.duplicate,
    "match": lines.match,
    "up": arranging.up,
    "down": arranging.down,
    "move": arranging.move,
    "into": arranging.into,
    "out": arranging.out,
    "wrap": arranging.wrap,
    "unwrap": arranging.unwrap,
    "no_blanks": arranging.without_blanks,
    "attribute": criteria.attribute,
    "operator": criteria.operator,
    "value": criteria.value,
    "list": criteria.in_list,
    "case": criteria.case,
    "segment": criteria.segment,
    "event": events.event,
    "which": events.which,
    "measure": events.measure,
    "of": events.of,
    "period": events.period,
    "filter": events.narrow,
}


def changed(root: Node, op: str, node: str, values: Values, catalogue: Catalogue) -> Node:
    """A copy of a rule whose nodes have ids, after one operation.

    op: a key of OPERATIONS; node: the id of the line or group; values: what its
    controls sent, in their order on the page. Raises EditRefusedError.
    """
    if op not in OPERATIONS:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    edited = drafts.copied(root)
    OPERATIONS[op](Draft(edited, catalogue), node, values)
    return edited

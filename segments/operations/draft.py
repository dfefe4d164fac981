"""The tree that an operation changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.edits import EditRefusedError
from segments import drafts
from segments.rules import result_type, type_of
from warehouse.catalogue import Catalogue

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule whose nodes have ids, to be changed in place, and what it is about."""

    root: Node
    catalogue: Catalogue

    def node(self, id: str) -> Node:
        """Raises EditRefusedError when there is no such node, any more."""
        found = drafts.find(self.root, id)
        if found is None:
            raise EditRefusedError("This line is gone. You now see the segment as it is.")
        return found

    def parent(self, id: str) -> Node | None:
        """The group that holds the node."""
        return next(
            (
                each
                for each in drafts.walk(self.root)
                if any(child.get("id") == id for child in drafts.children(each))
            ),
            None,
        )

    def event(self, id: str) -> Node | None:
        """The event that the node is, or is a condition of."""
        return next(
            (
                each
                for each in drafts.walk(self.root)
                if "event" in each and drafts.find(each, id) is not None
            ),
            None,
        )

    def type_of(self, attribute: str) -> str:
        """The type of "table.column". Raises EditRefusedError when there is no such column."""
        found = self.catalogue.find(attribute)
        if found is None:
            raise EditRefusedError("Choose an attribute from the list.")
        return type_of(*found)

    def result_type(self, node: Node) -> str:
        """The type of what a criterion compares, text where nobody knows."""
        return result_type(node, self.catalogue) or "text"

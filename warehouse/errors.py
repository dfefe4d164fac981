"""What can go wrong with the customer tables, in words a user can act on."""

from __future__ import annotations

from core.errors import MusterError


class WarehouseError(MusterError):
    """Anything the warehouse could not do."""


class EngineUnknownError(WarehouseError):
    def __init__(self, scheme: str):
        super().__init__(scheme)
        self.scheme = scheme

    def __str__(self) -> str:
        return (
            f'WAREHOUSE_URL begins with "{self.scheme}", which Muster does not know. '
            "Use duckdb:///FOLDER or postgres://USER:PASSWORD@HOST/DATABASE."
        )


class NotEmbeddedError(WarehouseError):
    """Something that only the embedded warehouse can do."""

    def __str__(self) -> str:
        return (
            "WAREHOUSE_URL names a database of its own. Load the tables there, "
            "then run sync_catalogue; load_tables fills the embedded warehouse only."
        )


class WarehouseUnavailableError(WarehouseError):
    """reason: without values of customers and without the address's password."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The warehouse did not answer: {self.reason}. Try again, or ask an admin."


class QueryFailedError(WarehouseError):
    """The engine refused the query. reason: without values of customers."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"The warehouse refused the query: {self.reason}. "
            "If a table or column has changed, ask an admin to sync the catalogue."
        )


class QueryTooLargeError(WarehouseError):
    def __str__(self) -> str:
        return (
            "The warehouse ran out of memory or disk space for this query. "
            "Narrow the rule, or ask an admin to give the machine more."
        )


class QueryCancelledError(Exception):
    """A newer question took the place of this one: nothing failed, and nobody waits."""


class ColumnUnknownError(WarehouseError):
    def __init__(self, table: str, column: str):
        super().__init__(table, column)
        self.table = table
        self.column = column

    def __str__(self) -> str:
        return (
            f'The catalogue has no column "{self.column}" in "{self.table}". '
            "Choose another one, or ask an admin to sync the catalogue."
        )


class TableRefusedError(WarehouseError):
    """A file that is not loaded. faults: sentences, each with its line where it has one."""

    def __init__(self, *faults: str):
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return " ".join(self.faults)

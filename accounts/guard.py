"""The database's own refusal to change what is in the audit, whoever asks it.

Only that an entry's person is gone may be written later: the account was deleted.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import AuditEntry

REFUSED = "What is in the audit stays as it was written."
TABLE = AuditEntry._meta.db_table
COLUMNS = ", ".join(
    f'"{field.column}"' for field in AuditEntry._meta.concrete_fields if field.name != "who"
)
EVENTS = {  # by trigger
    "audit_kept": f"UPDATE OF {COLUMNS}",
    "audit_person": "UPDATE OF who_id",
    "audit_stays": "DELETE",
}
CONDITIONS = {"audit_person": "WHEN (NEW.who_id IS NOT NULL)"}

SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refused}' USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER {name} BEFORE {event} ON {table}
FOR EACH ROW {condition} EXECUTE FUNCTION audit_refuses()
"""


def stand(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place, as they are written here."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        if postgresql:
            cursor.execute(POSTGRESQL_FUNCTION.format(refused=REFUSED))
        for name, event in EVENTS.items():
            on = f" ON {TABLE}" if postgresql else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
            statement = POSTGRESQL if postgresql else SQLITE
            condition = CONDITIONS.get(name, "")
            cursor.execute(
                statement.format(
                    name=name, event=event, table=TABLE, condition=condition, refused=REFUSED
                )
            )

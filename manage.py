#!/usr/bin/env python
"""Django's command line for Muster."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:
        # PostgreSQL says of a missing table what it says of wrong SQL.
        missing = type(error.__cause__).__name__ == "UndefinedTable"
        if "--traceback" in sys.argv or not (isinstance(error, OperationalError) or missing):
            raise
        said = str(error).strip().partition("\n")[0]
        sys.exit(f"The database: {said}. See DATABASE_URL; a new one wants manage.py migrate.")


if __name__ == "__main__":
    main()

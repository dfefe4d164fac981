#!/usr/bin/env python
"""Django's command line for Muster."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        said = str(error).strip().partition("\n")[0]
        sys.exit(f"The database: {said}. See DATABASE_URL; a new one wants manage.py migrate.")


if __name__ == "__main__":
    main()

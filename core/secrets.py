"""Secrets that nobody gave: made once, kept in a file only the owner can read."""

import os
from collections.abc import Callable
from pathlib import Path


def kept_secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """Return the secret kept as folder/name; the first caller makes it.

    Several processes may start at once: the file appears whole or not at all,
    and all of them read the one that won.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f".{name}.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another process was first; its secret is the one that counts
        finally:
            fresh.unlink()
    return path.read_text().strip()

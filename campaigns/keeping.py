"""Results that all processes share, as JSON under VAR_DIR. They hold counts, nobody's data."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

KEPT_DAYS = 7


def folder(name: str) -> Path:
    """A folder under VAR_DIR that only its owner can read."""
    path = Path(settings.VAR_DIR) / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def load(path: Path) -> dict[str, Any] | None:
    """What was stored, or None: not there yet, or damaged."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def store(path: Path, result: Mapping[str, Any]) -> None:
    """Replace the file as a whole, and remove from its folder what is too old to be asked for."""
    rough = path.with_name(f".{uuid.uuid4().hex}.tmp")
    rough.write_text(json.dumps(result))
    rough.replace(path)
    oldest = time.time() - KEPT_DAYS * 86_400
    for file in path.parent.iterdir():
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < oldest:
                file.unlink()

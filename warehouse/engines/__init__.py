"""The engine that holds the customer tables: the one that settings.WAREHOUSE_URL names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from warehouse.engines.base import Engine
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.engines.postgres import PostgresEngine
from warehouse.errors import EngineUnknownError, NotEmbeddedError


def engine() -> Engine:
    """The engine, one for each process and address.

    Raises EngineUnknownError for an address that no engine serves.
    """
    return made(settings.WAREHOUSE_URL)


def newest(key: str) -> str:
    """The key of a query that is about to be asked, once those under it have been stopped:
    its answer takes the place of theirs."""
    engine().cancel(key)
    return key


@cache
def made(url: str) -> Engine:
    scheme = urlsplit(url).scheme
    if scheme == "duckdb":
        return DuckDBEngine(folder(url))
    if scheme in {"postgres", "postgresql"}:
        return PostgresEngine(url)
    raise EngineUnknownError(scheme)


def embedded_folder() -> Path:
    """Where the embedded warehouse lies. Raises NotEmbeddedError when it is not in use."""
    if urlsplit(settings.WAREHOUSE_URL).scheme != "duckdb":
        raise NotEmbeddedError()
    return folder(settings.WAREHOUSE_URL)


def folder(url: str) -> Path:
    """The folder of an embedded warehouse: ``duckdb:///var/lib/muster/warehouse``."""
    parts = urlsplit(url)
    return Path(unquote(parts.netloc + parts.path)).resolve()

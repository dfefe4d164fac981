"""Names for Ibis expressions. To the type checker they are anything: Ibis makes the methods
of its types at run time, so that its own annotations refuse what works."""

from __future__ import annotations

from typing import Any, TypeAlias

Table: TypeAlias = Any
Value: TypeAlias = Any
BooleanValue: TypeAlias = Any
IntegerValue: TypeAlias = Any
StringValue: TypeAlias = Any

"""Objects of SDKs as plain JSON values, by their shape: nothing of any SDK is imported.

Pydantic models, dataclasses, mappings and sequences are taken apart; what is none of these becomes
its `str`. Bounded in depth and in size, because an agent's event may hold the whole agent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from typing import Any

DEPTH = 12
NODES = 20_000
TEXT_CHARS = 2_000
"""Most of the `str` of an object that is not understood."""


def is_structured(value: object) -> bool:
    """Whether `value` is a record: a mapping, a pydantic model or a dataclass."""
    return (
        isinstance(value, Mapping)
        or callable(getattr(type(value), "model_dump", None))
        or (dataclasses.is_dataclass(value) and not isinstance(value, type))
    )


def plain(value: object) -> Any:
    """`value` as JSON would have it."""
    return _Taking().take(value, DEPTH)


class _Taking:
    """Counts what was taken apart."""

    def __init__(self) -> None:
        self._left = NODES

    def take(self, value: object, depth: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, (str, bool, int, float)):
            return value.value if isinstance(value, Enum) else value
        if isinstance(value, Enum):
            return self.take(value.value, depth)
        if depth <= 0 or self._left <= 0:
            return "…"
        if isinstance(value, (bytes, bytearray)):
            return bytes(value).decode(errors="replace")
        if (fields := fields_of(value)) is not None:
            return {str(key): self.take(item, depth - 1) for key, item in fields.items()}
        if isinstance(value, (Sequence, Set)):
            return [self.take(item, depth - 1) for item in value]
        return str(value)[:TEXT_CHARS]


def fields_of(value: object) -> Mapping[Any, object] | None:
    """The named parts of a structured object; None if it has none."""
    if isinstance(value, Mapping):
        return value
    dump = getattr(type(value), "model_fields", None)
    if isinstance(dump, Mapping):
        extra = getattr(value, "model_extra", None) or {}
        own = {name: getattr(value, name, None) for name in dump}
        return {**own, **extra}
    if callable(getattr(type(value), "model_dump", None)):
        told = value.model_dump()  # type: ignore[attr-defined]
        return told if isinstance(told, Mapping) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    return None

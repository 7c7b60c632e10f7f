"""The named fields of a structured object: a mapping, a pydantic model or a dataclass."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


def fields_of(value: object) -> Mapping[Any, object] | None:
    """Return the fields of `value` by their Python names; None if it has no named fields."""
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping) and not isinstance(value, Mapping):
        own = {name: getattr(value, name, None) for name in fields}
        return {**own, **(getattr(value, "model_extra", None) or {})}
    return other_fields(value)


def other_fields(value: object) -> Mapping[Any, object] | None:
    """Return the fields of a value that is not a pydantic model; None if it has none."""
    if isinstance(value, Mapping):
        return value
    if callable(getattr(type(value), "model_dump", None)):
        dumped = value.model_dump()  # type: ignore[attr-defined]
        return dumped if isinstance(dumped, Mapping) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    return None

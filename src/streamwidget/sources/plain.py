"""Objects of SDKs as plain JSON values, by their shape: nothing of any SDK is imported.

Pydantic models, dataclasses, protobuf messages, mappings and sequences are taken apart; what is
none of these becomes its `str`. A field has the name that it has on the wire, its alias, and one
that is None and was never set is left out. Bounded in depth and in size, because an agent's event
may hold the whole agent.
"""

from __future__ import annotations

import base64
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
        or _is_protobuf(value)
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
            return _text(bytes(value))
        if _is_protobuf(value):
            return self._message(value, depth)
        if (fields := _wire_fields(value)) is not None:
            return {str(key): self.take(item, depth - 1) for key, item in fields.items()}
        if isinstance(value, (Sequence, Set)):
            return [self.take(item, depth - 1) for item in value]
        return str(value)[:TEXT_CHARS]

    def _message(self, message: Any, depth: int) -> Any:
        """A protobuf message as its JSON has it: names in camel case, defaults left out."""
        told = {field.json_name: (field, item) for field, item in message.ListFields()}
        if message.DESCRIPTOR.full_name in _JSON_MESSAGES:  # a JSON value, wrapped
            return self._json_value([item for _, item in told.values()], message, depth)
        return {name: self._field(*pair, depth - 1) for name, pair in told.items()}

    def _json_value(self, items: list[Any], message: Any, depth: int) -> Any:
        if message.DESCRIPTOR.full_name.endswith(".Value"):
            kind = message.WhichOneof("kind")
            chosen = None if kind in (None, "null_value") else getattr(message, kind)
            return self.take(chosen, depth - 1)
        whole = items[0] if items else {}
        if message.DESCRIPTOR.full_name.endswith(".Struct"):
            return {str(key): self.take(item, depth - 1) for key, item in dict(whole).items()}
        return [self.take(item, depth - 1) for item in whole]

    def _field(self, field: Any, item: Any, depth: int) -> Any:
        if field.enum_type is None:
            return self.take(item, depth)
        names = field.enum_type.values_by_number
        many = item if isinstance(item, Sequence) else None
        if many is None:
            return names[item].name if item in names else item
        return [names[one].name if one in names else one for one in many]


_JSON_MESSAGES = frozenset(f"google.protobuf.{name}" for name in ("Value", "Struct", "ListValue"))


def _is_protobuf(value: object) -> bool:
    return hasattr(type(value), "DESCRIPTOR") and callable(getattr(value, "ListFields", None))


def _text(raw: bytes) -> str:
    """UTF-8 as text, since some SDKs carry JSON so; other bytes as base64, as JSON would."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()


def fields_of(value: object) -> Mapping[Any, object] | None:
    """The named parts of a structured object, by their names in Python; None if it has none."""
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping) and not isinstance(value, Mapping):
        own = {name: getattr(value, name, None) for name in fields}
        return {**own, **(getattr(value, "model_extra", None) or {})}
    return _other_fields(value)


def _wire_fields(value: object) -> Mapping[Any, object] | None:
    """The same by their names on the wire, as far as they say something."""
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping) and not isinstance(value, Mapping):
        return {**_model_fields(value, fields), **(getattr(value, "model_extra", None) or {})}
    return _other_fields(value)


def _other_fields(value: object) -> Mapping[Any, object] | None:
    """The parts of what is no pydantic model with fields of its own."""
    if isinstance(value, Mapping):
        return value
    if callable(getattr(type(value), "model_dump", None)):
        told = value.model_dump()  # type: ignore[attr-defined]
        return told if isinstance(told, Mapping) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    return None


def _model_fields(value: object, fields: Mapping[Any, Any]) -> dict[str, object]:
    """The fields of a pydantic model that say something."""
    told = getattr(value, "model_fields_set", None)
    own: dict[str, object] = {}
    for name, info in fields.items():
        item = getattr(value, name, None)
        if item is None and told is not None and name not in told:
            continue
        alias = getattr(info, "serialization_alias", None) or getattr(info, "alias", None)
        own[alias or name] = item
    if "snapshot" in own and not _REPEATED.isdisjoint(own):
        del own["snapshot"]
    return own


_REPEATED = frozenset({"chunk", "text", "delta", "thinking", "partial_json", "citation"})
"""Beside one of these a `snapshot` is all that was said so far, as the helpers of SDKs repeat it:
to take it apart each time would be quadratic."""

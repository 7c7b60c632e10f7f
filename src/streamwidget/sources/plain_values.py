"""Objects of SDKs to plain JSON values, by their shape: no SDK is imported.

Pydantic models, dataclasses, protobuf messages, mappings, sequences and arrays are converted; any
other object becomes its `str`. Fields have their names on the wire (the alias); a field that is
None and was never set is left out. Bounded in depth and in size, because an agent's event may hold
the whole agent.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from enum import Enum
from typing import Any

from ..emit.named_fields import other_fields

DEPTH = 12
NODES = 20_000
TEXT_CHARS = 2_000
"""Most characters of the `str` of an unknown object."""


def is_structured(value: object) -> bool:
    """True if `value` is a record: a mapping, a pydantic model or a dataclass."""
    return (
        isinstance(value, Mapping)
        or callable(getattr(type(value), "model_dump", None))
        or _is_protobuf(value)
        or (dataclasses.is_dataclass(value) and not isinstance(value, type))
    )


def simple_record(value: object) -> Mapping[str, object] | None:
    """Return the fields of a named tuple, a row of a database or a holder of public attributes.

    None for everything else: what can be called or iterated is not a record.
    """
    kind = type(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return dict(zip(kind._fields, value, strict=False))
    if callable(getattr(kind, "keys", None)) and hasattr(kind, "__getitem__"):
        keys = value.keys()  # type: ignore[attr-defined]
        return {str(key): value[key] for key in keys}  # type: ignore[index]
    if isinstance(value, type | BaseException) or kind.__module__ in _NO_HOLDERS:
        return None
    if callable(value) or any(
        hasattr(kind, name) for name in ("__iter__", "__aiter__", "__next__")
    ):
        return None
    own = getattr(value, "__dict__", {})
    return {name: item for name, item in own.items() if not name.startswith("_")} or None


def sent_event(value: object) -> tuple[str, str] | None:
    """Return name and data of a server-sent event that a client has parsed; None for others."""
    name, data = getattr(value, "event", ""), getattr(value, "data", None)
    if not isinstance(data, str) or not isinstance(name, str | None):
        return None
    return "" if name in (None, "message") else name, data


_NO_HOLDERS = frozenset({"builtins", "functools", "threading", "asyncio", "datetime", "numpy"})


def plain(value: object) -> Any:
    """Return `value` as a JSON value; beyond the bounds "…" takes its place."""
    return _Conversion().take(value, DEPTH)


class _Conversion:
    """One conversion, with a count of the nodes that are left."""

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
        if isinstance(value, Decimal):
            return float(value) if value.is_finite() else str(value)
        if _is_array(value):
            return self.take(value.tolist(), depth)  # type: ignore[attr-defined]
        return str(value)[:TEXT_CHARS]

    def _message(self, message: Any, depth: int) -> Any:
        """Return a protobuf message as its JSON: names in camel case, defaults left out."""
        fields = {field.json_name: (field, item) for field, item in message.ListFields()}
        if message.DESCRIPTOR.full_name in _JSON_MESSAGES:  # a wrapped JSON value
            return self._json_value([item for _, item in fields.values()], message, depth)
        return {name: self._field(*pair, depth - 1) for name, pair in fields.items()}

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
        return [names[number].name if number in names else number for number in many]


def _is_array(value: object) -> bool:
    """True for scalars and arrays of numpy and others, by their methods, unless they are large."""
    size = getattr(value, "size", None)
    is_small = isinstance(size, int) and size <= NODES
    return is_small and callable(getattr(value, "tolist", None)) and hasattr(value, "shape")


_JSON_MESSAGES = frozenset(f"google.protobuf.{name}" for name in ("Value", "Struct", "ListValue"))


def _is_protobuf(value: object) -> bool:
    return hasattr(type(value), "DESCRIPTOR") and callable(getattr(value, "ListFields", None))


def _text(raw: bytes) -> str:
    """Return UTF-8 as text, because some SDKs hold JSON in bytes; other bytes as base64."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()


def _wire_fields(value: object) -> Mapping[Any, object] | None:
    """Return the fields of `value` by their names on the wire; None if it has none."""
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping) and not isinstance(value, Mapping):
        return {**_model_fields(value, fields), **(getattr(value, "model_extra", None) or {})}
    return other_fields(value)


def _model_fields(value: object, fields: Mapping[Any, Any]) -> dict[str, object]:
    """Return the fields of a pydantic model that are set or not None."""
    fields_set = getattr(value, "model_fields_set", None)
    own: dict[str, object] = {}
    for name, info in fields.items():
        item = getattr(value, name, None)
        if item is None and fields_set is not None and name not in fields_set:
            continue
        alias = getattr(info, "serialization_alias", None) or getattr(info, "alias", None)
        own[alias or name] = item
    if "snapshot" in own and not _REPEATED.isdisjoint(own):
        del own["snapshot"]
    return own


_REPEATED = frozenset({"chunk", "text", "delta", "thinking", "partial_json", "citation"})
"""Beside one of these, `snapshot` repeats everything so far, as in the helpers of SDKs: converting
it each time would be quadratic."""

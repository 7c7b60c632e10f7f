"""Schemas as the fields of a form: JSON Schema, pydantic models, dataclasses and plain types.

A form has flat fields: text, numbers, yes or no, and choices. Anything else is refused by name.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, Union, cast

from ..errors import UsageError, excerpt

Build: TypeAlias = Callable[[object], object]
FormField: TypeAlias = Mapping[str, object]
"""One field of a form, as `AskStart.fields` describes it."""
Fields: TypeAlias = tuple[FormField, ...]
_SCALARS: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}
_TYPES = frozenset(_SCALARS.values())
_UNIONS = (Union, getattr(types, "UnionType", Union))
_DECIMAL = ["number", "string"]
"""The alternatives that pydantic writes for a `Decimal`; a form takes the number."""
_COPIED = {
    "title": "title",
    "description": "description",
    "minimum": "minimum",
    "maximum": "maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_chars",
    "maxLength": "max_chars",
    "format": "format",
}
"""Keywords of JSON Schema that a field takes over, by their names there."""


def fields_of_schema(schema: object) -> tuple[Fields, Build | None]:
    """Return the fields of a schema, and the function that makes an answer of their values.

    Raises:
        UsageError: the schema is not one, or has a field that a form cannot show.
    """
    if isinstance(schema, Mapping):
        return _of_json_schema(schema), None
    if isinstance(schema, type) and callable(getattr(schema, "model_json_schema", None)):
        return _of_model(cast("Any", schema))
    if isinstance(schema, type) and dataclasses.is_dataclass(schema):
        return _of_dataclass(schema)
    if dataclasses.is_dataclass(schema) or hasattr(type(schema), "model_fields"):
        name = type(schema).__name__
        raise UsageError(f"The schema is one {name}: pass the class, schema={name}.")
    field = _of_type("", schema)
    return ({**field, "required": not _is_optional(schema)},), _build_of(schema)


# --- JSON Schema


def _of_json_schema(schema: Mapping[str, Any]) -> Fields:
    definitions = schema.get("$defs") or schema.get("definitions") or {}
    if schema.get("type") != "object" and "properties" not in schema:
        return (_json_field("", schema, definitions, required=True),)
    required = schema.get("required") or ()
    fields = tuple(
        _json_field(str(name), part, definitions, required=name in required)
        for name, part in (schema.get("properties") or {}).items()
    )
    if not fields:
        raise UsageError("The schema has no properties: a form needs at least one field.")
    return fields


def _json_field(
    name: str, schema: object, definitions: Mapping[str, Any], *, required: bool
) -> FormField:
    merged = _resolved(schema, definitions)
    kind, options = merged.get("type"), _json_options(merged)
    if isinstance(kind, (list, tuple)):
        kinds = [one for one in kind if one != "null"]
        kind = kinds[0] if len(kinds) == 1 else None
    if options and kind not in _TYPES:
        kind = _SCALARS.get(type(options[0][0]))
    if kind not in _TYPES:
        shown = "several types" if kind is None else f"the type {excerpt(str(kind), 40)!r}"
        raise UsageError(
            f"The field {name!r} of the schema has {shown}, which a form cannot show. Use string, "
            "number, integer, boolean or enum."
        )
    field: dict[str, object] = {"name": name, "type": kind}
    if isinstance(schema, Mapping) and "title" not in schema and "title" in merged:
        merged = {**merged, "title": as_words(name)}  # that of the class is not the field's own
    for keyword, own in _COPIED.items():
        if (value := merged.get(keyword)) is not None:
            field[own] = value
    for keyword, bound, mark in (
        ("exclusiveMinimum", "minimum", "above"),
        ("exclusiveMaximum", "maximum", "below"),
    ):
        value = merged.get(keyword)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            field |= {bound: value, mark: True}
    if merged.get("default") is not None:
        field["default"] = merged["default"]
    if options:
        field["options"] = options
    if merged.get("writeOnly") or merged.get("format") == "password":
        field["is_secret"] = True
    if required:
        field["required"] = True
    return field


def _resolved(schema: object, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with its reference and its one alternative to null merged into it."""
    merged: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}
    for _ in range(8):  # a reference may lead to another one, and to itself
        reference = merged.pop("$ref", None)
        inner = definitions.get(str(reference).rpartition("/")[2]) if reference else None
        for keyword in ("anyOf", "oneOf", "allOf"):
            rest = [one for one in merged.get(keyword) or () if one != {"type": "null"}]
            is_decimal = [one.get("type") for one in rest if isinstance(one, Mapping)] == _DECIMAL
            if inner is None and (len(rest) == 1 or is_decimal) and isinstance(rest[0], Mapping):
                inner = rest[0]
                del merged[keyword]
        if not isinstance(inner, Mapping):
            break
        merged = {**inner, **merged}
    return merged


def _json_options(schema: Mapping[str, Any]) -> list[list[object]]:
    """Return the pairs of a value and its label that an enumeration allows."""
    if "const" in schema and "enum" not in schema:
        return [[schema["const"], str(schema.get("title", schema["const"]))]]
    values = schema.get("enum")
    if isinstance(values, (list, tuple)):
        labels = schema.get("enumNames") or values
        pairs = zip(values, labels, strict=False)
        return [[value, str(label)] for value, label in pairs if value is not None]
    titled = [one for one in schema.get("oneOf") or schema.get("anyOf") or () if "const" in one]
    return [[one["const"], str(one.get("title", one["const"]))] for one in titled]


# --- classes and types of Python


def _of_model(model: Any) -> tuple[Fields, Build]:
    """Return the fields of a pydantic model; those of an `Enum` are labelled by its names."""
    hints: dict[str, object] = {}
    for name, one in model.model_fields.items():
        alias = getattr(one, "validation_alias", None)
        hints[alias if isinstance(alias, str) else name] = one.annotation
    fields = _of_json_schema(model.model_json_schema())
    return tuple(
        _labelled(one, hints.get(str(one["name"]))) for one in fields
    ), model.model_validate


def _labelled(field: FormField, hint: object) -> FormField:
    kind = _without_none(hint)
    if not (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        return field
    return {**field, "options": _of_type("", kind)["options"]}


def _of_dataclass(kind: type) -> tuple[Fields, Build]:
    hints = typing.get_type_hints(kind)
    shown = [one for one in dataclasses.fields(cast("Any", kind)) if one.init]
    fields: list[FormField] = []
    builds: dict[str, Build] = {}
    for one in shown:
        hint = hints[one.name]
        field = {**_of_type(one.name, hint), "title": as_words(one.name)}
        has_default = (
            one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING
        )
        if one.default is not dataclasses.MISSING and one.default is not None:
            default = one.default
            field["default"] = default.value if isinstance(default, enum.Enum) else default
        if not has_default and not _is_optional(hint):
            field["required"] = True
        fields.append(field)
        if (make := _build_of(hint)) is not None:
            builds[one.name] = make
    optional = {
        one.name
        for one in shown
        if _is_optional(hints[one.name])
        and one.default is dataclasses.MISSING
        and one.default_factory is dataclasses.MISSING
    }

    def build(values: object) -> object:
        given = cast("Mapping[str, object]", values)
        built = {name: builds.get(name, _same)(value) for name, value in given.items()}
        return kind(**(dict.fromkeys(optional) | built))

    return tuple(fields), build


def _of_type(name: str, hint: object) -> FormField:
    inner = _without_none(hint)
    field: dict[str, object] = {"name": name}
    if isinstance(inner, type) and inner in _SCALARS:
        return field | {"type": _SCALARS[inner]}
    options: Iterable[tuple[object, str]] = ()
    if typing.get_origin(inner) is typing.Literal:
        options = [(value, str(value)) for value in typing.get_args(inner)]
    elif isinstance(inner, type) and issubclass(inner, enum.Enum):
        options = [(member.value, as_words(member.name)) for member in inner]
    pairs = [[value, label] for value, label in options]
    kind = _SCALARS.get(type(pairs[0][0])) if pairs else None
    if kind is None:
        shown = getattr(inner, "__name__", str(inner))
        where = f"The field {name!r}" if name else "The schema"
        raise UsageError(
            f"{where} has the type {excerpt(shown, 40)}, which a form cannot show. Use str, int, "
            "float, bool, Literal, an Enum, a dataclass, a pydantic model or a JSON Schema."
        )
    return field | {"type": kind, "options": pairs}


def as_words(name: str) -> str:
    """Return the name of a field or a member as it is shown: `DARK_BLUE` as `Dark blue`."""
    words = name.replace("_", " ")
    return words.capitalize() if words.isupper() or words.islower() else words


def _without_none(hint: object) -> object:
    if typing.get_origin(hint) not in _UNIONS:
        return hint
    rest = [one for one in typing.get_args(hint) if one is not type(None)]
    return rest[0] if len(rest) == 1 else hint


def _is_optional(hint: object) -> bool:
    return typing.get_origin(hint) in _UNIONS and type(None) in typing.get_args(hint)


def _build_of(hint: object) -> Build | None:
    """Return the class that makes a member of its value; None if the value is the answer."""
    inner = _without_none(hint)
    if inner is float:
        return cast("Build", float)
    return inner if isinstance(inner, type) and issubclass(inner, enum.Enum) else None


def _same(value: object) -> object:
    return value

"""Ops: the edits that a patch is made of, as they stand on the wire (see ARCHITECTURE.md)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

Json: TypeAlias = "str | float | bool | list[Json] | dict[str, Json] | None"
Fields: TypeAlias = dict[str, Json]


class RunOp(TypedDict):
    """Merge facts of the run."""

    op: Literal["run"]
    fields: Fields


class AddOp(TypedDict):
    """Append a part; `part` has at least `id`, `kind` and `state`."""

    op: Literal["add"]
    part: Fields


class AppendOp(TypedDict):
    """Append to the `text` of a part."""

    op: Literal["append"]
    id: str
    text: str


class SetOp(TypedDict):
    """Merge fields into a part; `text` and `items` among them replace the whole."""

    op: Literal["set"]
    id: str
    fields: Fields


class ExtendOp(TypedDict):
    """Append to the `items` of a part."""

    op: Literal["extend"]
    id: str
    items: list[Json]


class PutOp(TypedDict):
    """Replace items of a part: pairs of a position, counted from the first ever, and the item."""

    op: Literal["put"]
    id: str
    items: list[tuple[int, Json]]


class RemoveOp(TypedDict):
    """Remove parts; ids that the document does not have are ignored."""

    op: Literal["remove"]
    ids: list[str]


Op: TypeAlias = RunOp | AddOp | AppendOp | SetOp | ExtendOp | PutOp | RemoveOp
Patch: TypeAlias = list[Op]


def add_op(part_id: str, kind: str, state: str, **fields: Any) -> AddOp:
    """Return the op that appends a part."""
    return {"op": "add", "part": {"id": part_id, "kind": kind, "state": state, **fields}}


def set_op(part_id: str, fields: Fields) -> SetOp:
    """Return the op that merges fields into a part."""
    return {"op": "set", "id": part_id, "fields": fields}

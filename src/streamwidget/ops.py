"""Ops: the edits that a patch is made of, as they stand on the wire (see ARCHITECTURE.md)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

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
    """Merge fields into a part."""

    op: Literal["set"]
    id: str
    fields: Fields


class RemoveOp(TypedDict):
    """Remove parts; ids that the document does not have are ignored."""

    op: Literal["remove"]
    ids: list[str]


Op: TypeAlias = RunOp | AddOp | AppendOp | SetOp | RemoveOp
Patch: TypeAlias = list[Op]

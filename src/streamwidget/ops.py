"""Ops: the edits that a patch is made of, as they stand on the wire (see ARCHITECTURE.md)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

Scalar: TypeAlias = str | float | bool | None
Fields: TypeAlias = dict[str, Scalar]


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


Op: TypeAlias = RunOp | AddOp | AppendOp | SetOp
Patch: TypeAlias = list[Op]

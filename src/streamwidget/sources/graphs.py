"""What LangGraph's `stream` and `astream` yield that is no object: tuples, told by their shape.

One mode gives its payload, several give `(mode, payload)`, and with `subgraphs=True` the namespace
comes before these; the payload of the mode `messages` is `(chunk, metadata)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MODES: Final = frozenset(
    {"values", "updates", "messages", "custom", "checkpoints", "tasks", "debug"}
)


def graph_record(item: object) -> tuple[str, object] | None:
    """Name and value of the record that a tuple stands for, as a LangGraph server would send it.

    None if it is no such tuple.
    """
    if not isinstance(item, tuple) or len(item) not in (2, 3):
        return None
    first, *rest = item
    if isinstance(first, tuple):  # the namespace of a subgraph, () for the graph itself
        if not all(isinstance(name, str) for name in first):
            return None
        return _behind("|".join(first), rest[0] if len(rest) == 1 else tuple(rest))
    if len(item) == 3:
        return None
    if isinstance(first, str):
        return (first, rest[0]) if first in MODES else None
    if isinstance(rest[0], Mapping) and "langgraph_node" in rest[0]:
        return "messages", list(item)
    return None


def _behind(namespace: str, payload: object) -> tuple[str, object] | None:
    """The record of `payload`, with the namespace behind its name."""
    named = graph_record(payload) if isinstance(payload, tuple) else ("", payload)
    if named is None:
        return None
    name, value = named
    return (f"{name}|{namespace}" if name and namespace else name), value

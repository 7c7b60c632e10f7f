"""Tuples from LangGraph's `stream` and `astream`, recognised by their shape.

A single mode yields its payload, several modes yield `(mode, payload)`; with `subgraphs=True` the
namespace precedes these. The payload of the mode `messages` is `(chunk, metadata)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MODES: Final = frozenset(
    {"values", "updates", "messages", "custom", "checkpoints", "tasks", "debug"}
)


def graph_record(item: object) -> tuple[str, object] | None:
    """Return the name and value of the record that a LangGraph server would send for this tuple.

    None if `item` is not such a tuple.
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
    """Return the record of `payload`, with the namespace appended to its name."""
    named = graph_record(payload) if isinstance(payload, tuple) else ("", payload)
    if named is None:
        return None
    name, value = named
    return (f"{name}|{namespace}" if name and namespace else name), value

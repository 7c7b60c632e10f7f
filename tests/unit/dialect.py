"""A stream of a real server in short, with what it amounts to.

A row is an object (its JSON is the data), a string (the data as it is), or a pair of an SSE event's
name and one of those. Left out of `wanted` is what is empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Any


@dataclass(frozen=True)
class Dialect:
    """One server's way to speak a vocabulary."""

    format: str
    rows: Sequence[Row]
    wanted: Mapping[str, Any]
    lines: bool = False
    """Lines of JSON, and not server-sent events."""

    @property
    def body(self) -> bytes:
        if self.lines:
            return b"".join(_data(row) + b"\n" for row in self.rows)
        return b"".join(map(_event, self.rows))

    @property
    def content_type(self) -> str:
        return "application/x-ndjson" if self.lines else "text/event-stream"


def _event(row: Row) -> bytes:
    name, row = row if isinstance(row, tuple) else ("", row)
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + _data(row) + b"\n\n"


def _data(row: Row) -> bytes:
    return (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)).encode()


def tokens(given: int | None, made: int | None) -> dict[str, int | None]:
    return {"input_tokens": given, "output_tokens": made}


HI = {"text": "Hi you", "status": "finished"}

"""One source read twice: by `collect`, and by a view; both have to say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from streamwidget import Result, StreamView, collect

TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Read:
    """A summary of the events of a source."""

    format: str | None
    status: str
    text: str
    reasoning: str
    calls: list[tuple[str, Any, Any]]
    """Name, arguments and result of each tool call."""
    usage: tuple[int | None, int | None] | None
    finish: str | None
    error: str | None
    parts: list[dict[str, Any]]
    """The other parts of the document, without times and ids."""


def read(make: Callable[[], object]) -> Read:
    """`make` gives a fresh source each time.

    Raises:
        AssertionError: `collect` and the view, or its snapshot, do not say the same.
    """
    read = told(collect(make(), timeout=TIMEOUT_S))
    view = StreamView(make())
    seen = told(view.wait(timeout=TIMEOUT_S))
    assert seen == read
    assert view.status == read.status
    shown = view.get_state()["snapshot"]["parts"]
    assert "".join(part["text"] for part in shown if part["kind"] == "text") == read.text
    assert [short(part) for part in shown if part["kind"] not in _OWN] == read.parts
    return read


def told(result: Result) -> Read:
    usage, error = result.usage, result.error
    return Read(
        result.document.format,
        result.status,
        result.text,
        result.reasoning,
        [(call.tool_name, call.arguments, call.result) for call in result.tool_calls],
        usage and (usage.input_tokens, usage.output_tokens),
        result.raw_finish_reason,
        error and error.message,
        [short(part.fields) for part in result.document.parts if part.kind not in _OWN],
    )


def short(part: dict[str, Any]) -> dict[str, Any]:
    """The fields of a part, without empty ones and those that differ from run to run."""
    keys = ("kind", "state", "name", "completed", "total", "message", "level", "url", "data")
    return {key: part[key] for key in keys if part.get(key) is not None}


_OWN = frozenset({"text", "reasoning", "tool-call"})

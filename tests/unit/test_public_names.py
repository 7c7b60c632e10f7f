"""The names that users import, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import streamwidget

NAMES = {
    "Budget",
    "CutError",
    "DecodeError",
    "Emitter",
    "LimitError",
    "Limits",
    "ProviderError",
    "ResponseError",
    "Result",
    "SourceError",
    "StopRequested",
    "StreamBoard",
    "StreamView",
    "StreamWidgetError",
    "Table",
    "TransportError",
    "UsageError",
    "acollect",
    "collect",
    "follow",
    "http",
    "logging_handler",
    "process",
    "register_format",
    "register_part",
    "register_source",
    "websocket",
}
VIEW_NAMES = {
    "cost",
    "document",
    "elapsed_s",
    "emit",
    "error",
    "events",
    "finish",
    "finish_reason",
    "first_token_s",
    "logs",
    "metrics",
    "outcome",
    "pause",
    "push_events",
    "reasoning",
    "replay",
    "result",
    "resume",
    "retry",
    "send",
    "sentence",
    "sources",
    "stalled_s",
    "status",
    "steps",
    "stop",
    "stop_times",
    "tables",
    "text",
    "to_html",
    "to_jsonl",
    "to_markdown",
    "token_count",
    "tool_calls",
    "usage",
    "values",
    "wait",
}


def test_the_package_exports_exactly_its_public_names() -> None:
    assert set(streamwidget.__all__) == NAMES
    assert all(hasattr(streamwidget, name) for name in NAMES)


def test_every_public_name_has_a_docstring() -> None:
    assert not [name for name in NAMES if not getattr(streamwidget, name).__doc__]


def test_the_view_has_its_public_names() -> None:
    assert not [name for name in VIEW_NAMES if not hasattr(streamwidget.StreamView, name)]
    assert hasattr(streamwidget.StreamView, "__await__")


def test_a_result_has_the_names_of_the_view() -> None:
    doing = {"emit", "finish", "push_events", "replay", "result", "send", "stop", "wait"}
    doing |= {"pause", "resume", "retry", "to_html", "to_jsonl", "to_markdown"}
    shared = VIEW_NAMES - doing - {"cost", "sentence", "stalled_s", "stop_times"}
    assert shared <= set(streamwidget.Result.__dataclass_fields__)


def test_importing_loads_no_extra_and_no_kernel() -> None:
    code = (
        "import sys, streamwidget;"
        "print([m for m in ('starlette','uvicorn','ipykernel','httpx2','jupyterlab')"
        " if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"

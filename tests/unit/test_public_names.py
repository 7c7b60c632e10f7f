"""The names that users import, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import streamwidget

NAMES = {
    "ToolCall",
    "TokenUsage",
    "Step",
    "SourceReference",
    "Series",
    "Record",
    "Position",
    "LogLine",
    "Budget",
    "IncompleteError",
    "DecodeError",
    "Emitter",
    "LimitError",
    "JournalLimits",
    "Limits",
    "Price",
    "Prices",
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
    "journals",
    "logging_handler",
    "process",
    "register_format",
    "register_part",
    "register_source",
    "websocket",
}
VIEW_NAMES = {
    "attach",
    "duration_s",
    "go_live",
    "starts_s",
    "next_mark",
    "seek",
    "speed",
    "cost",
    "document",
    "elapsed_s",
    "emit",
    "error",
    "events",
    "finish",
    "finish_reason",
    "first_token_s",
    "journal",
    "journal_path",
    "logs",
    "metrics",
    "live",
    "close",
    "pause",
    "push_events",
    "reasoning",
    "replay",
    "result",
    "resume",
    "retry",
    "send_message",
    "summary",
    "sources",
    "stalled_s",
    "status",
    "steps",
    "stop",
    "stop_times",
    "tables",
    "text",
    "to_ag_ui",
    "to_atif",
    "to_html",
    "to_otlp",
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
    doing = {
        "emit",
        "finish",
        "push_events",
        "replay",
        "result",
        "send_message",
        "stop",
        "wait",
        "live",
        "close",
    }
    doing |= {"pause", "resume", "retry", "to_html", "to_jsonl", "to_markdown"}
    doing |= {"attach", "journal", "journal_path", "duration_s", "next_mark", "seek", "speed"}
    shared = VIEW_NAMES - doing - {"cost", "stalled_s", "stop_times"}
    assert not [name for name in shared if not hasattr(streamwidget.Result, name)]


def test_the_public_names_are_listed_once_for_types_and_once_for_imports() -> None:
    assert set(streamwidget.__all__) == set(streamwidget._MODULE_OF)
    assert set(streamwidget.__all__) <= set(dir(streamwidget))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'StreamVeiw'"):
        streamwidget.StreamVeiw  # noqa: B018


EXTRAS = {"ipykernel", "jupyterlab", "numpy", "pandas", "pyarrow", "starlette", "uvicorn"}
CLIENTS = {"aiohttp", "httpx", "httpx2", "requests", "websockets"}
LATE = {"streamwidget.formats.registry", "streamwidget.export.as_html"}


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import streamwidget", EXTRAS | CLIENTS | LATE | {"anywidget", "asyncio", "ssl"}),
        ("from streamwidget import StreamView, collect", EXTRAS | CLIENTS | LATE),
        ("from streamwidget import http, process, follow", EXTRAS | CLIENTS),
        ("from streamwidget import *", EXTRAS),
    ],
)
def test_an_import_loads_only_what_it_needs(statement: str, absent: set[str]) -> None:
    code = f"import sys; {statement}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "streamwidget" in loaded
    assert not absent & set(loaded)

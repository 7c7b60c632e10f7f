"""The names that users import, and what importing them costs."""

from __future__ import annotations

import builtins
import inspect
import pkgutil
import subprocess
import sys
import typing
from collections import deque
from collections.abc import Iterator
from importlib import import_module

import pytest

import streamwidget

NAMES = {
    "Ask",
    "Attachment",
    "Message",
    "KnobHandle",
    "Reply",
    "UnansweredError",
    "Values",
    "ToolCallHandle",
    "TableHandle",
    "StopTimes",
    "StepEmitter",
    "Spent",
    "RecordedRuns",
    "RecordedRun",
    "Part",
    "LoggingHandler",
    "Journal",
    "Document",
    "Cost",
    "BudgetLimit",
    "ToolCall",
    "TokenUsage",
    "Step",
    "SourceReference",
    "Series",
    "Record",
    "Position",
    "LiveViews",
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
    "Chat",
    "Turn",
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
    "langgraph",
    "logging_handler",
    "process",
    "register_format",
    "register_part",
    "register_source",
    "tqdm",
    "trange",
    "websocket",
}
VIEW_NAMES = {
    "answer",
    "asks",
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


OPAQUE = {"AsyncSource", "Kind", "SyncSource", "WebSocketSource"}
"""Sources: a caller passes them on to a view, and reads nothing from them."""
OPS = {"AddOp", "AppendOp", "ExtendOp", "PutOp", "RemoveOp", "RunOp", "SetOp"}
"""The results of `Document.apply`, which only a run calls."""


class _AnyName(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls


class Library(metaclass=_AnyName):
    """Stands for an optional library, and for every class in it."""


class _Names(dict[str, object]):
    """The names of all modules of the package, and optional libraries under any other name."""

    def __missing__(self, name: str) -> object:
        if name.startswith("__") or hasattr(builtins, name):
            raise KeyError(name)
        return Library


def package_names() -> _Names:
    names = _Names()
    for module in pkgutil.walk_packages(streamwidget.__path__, "streamwidget."):
        if ".demo" not in module.name and not module.name.endswith("__main__"):
            names |= vars(import_module(module.name))
    return names


def classes_in(annotation: object) -> Iterator[type]:
    """Yield the classes of the package in an annotation, those in unions and containers too."""
    for kind in (annotation, typing.get_origin(annotation)):
        if isinstance(kind, type) and kind.__module__.startswith("streamwidget"):
            yield kind
    for inner in typing.get_args(annotation):
        yield from classes_in(inner)


def hints_of(value: object, names: _Names) -> dict[str, object]:
    """The annotations of a function or class; names are looked up in its module first."""
    scope = _Names(names)
    scope |= vars(sys.modules[str(getattr(value, "__module__", ""))])
    return typing.get_type_hints(value, scope, scope)


def received_from(value: object, names: _Names) -> Iterator[type]:
    """Yield the classes that a public class or function hands to its caller."""
    if not isinstance(value, type):
        yield from classes_in(hints_of(value, names).get("return"))
        return
    for name in [n for n in dir(value) if not n.startswith("_") or n in ("__iter__", "__enter__")]:
        member = inspect.getattr_static(value, name)
        function = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if str(getattr(function, "__module__", "")).startswith("streamwidget"):
            yield from classes_in(hints_of(inspect.unwrap(function), names).get("return"))
    for name, kind in hints_of(value, names).items():
        if not name.startswith("_"):
            yield from classes_in(kind)


def test_everything_that_a_caller_receives_is_public() -> None:
    names = package_names()
    known = {getattr(streamwidget, name) for name in streamwidget.__all__}
    seen, todo, private = set(known), deque(known), set()
    while todo:
        for kind in received_from(todo.popleft(), names):
            if kind not in seen and kind.__module__ != "streamwidget.events":
                seen.add(kind)
                todo.append(kind)
                private.add(kind.__name__)
    assert private == OPAQUE | OPS


def test_every_public_name_has_a_docstring() -> None:
    assert not [name for name in NAMES if not getattr(streamwidget, name).__doc__]


def test_the_view_has_its_public_names() -> None:
    assert not [name for name in VIEW_NAMES if not hasattr(streamwidget.StreamView, name)]
    assert hasattr(streamwidget.StreamView, "__await__")


def test_a_result_has_the_names_of_the_view() -> None:
    doing = {
        "answer",
        "asks",
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
    doing |= {"go_live", "starts_s"}
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

"""streamwidget: watch streams unfold in a notebook, and stop them when you have seen enough.

`StreamView(source)` in a cell shows a stream as it arrives; `collect(source)` runs one without a
widget. A name is imported when it is first used: `import streamwidget` itself loads nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .budget import Budget
    from .decode.records import Record
    from .document import SourceReference, Step, TokenUsage, ToolCall
    from .emit import Emitter
    from .errors import (
        DecodeError,
        IncompleteError,
        LimitError,
        ProviderError,
        ResponseError,
        SourceError,
        StopRequested,
        StreamWidgetError,
        TransportError,
        UsageError,
    )
    from .events import LogLine
    from .export.table import Table
    from .formats.custom_formats import register_format
    from .io.websocket import websocket
    from .journal.runs_table import journals
    from .limits import JournalLimits, Limits
    from .logs import logging_handler
    from .prices import Price, Prices
    from .resume.position import Position
    from .run import Result, acollect, collect
    from .run.data import Series
    from .sources.custom_sources import register_source
    from .sources.follow import follow
    from .sources.http import http
    from .sources.process import process
    from .widget import StreamBoard, StreamView
    from .widget.kinds import register_part

__version__ = "0.1.0.dev0"

_MODULES = {
    ".budget": ("Budget",),
    ".decode.records": ("Record",),
    ".document": ("SourceReference", "Step", "TokenUsage", "ToolCall"),
    ".emit": ("Emitter",),
    ".errors": (
        "DecodeError",
        "IncompleteError",
        "LimitError",
        "ProviderError",
        "ResponseError",
        "SourceError",
        "StopRequested",
        "StreamWidgetError",
        "TransportError",
        "UsageError",
    ),
    ".events": ("LogLine",),
    ".export.table": ("Table",),
    ".formats.custom_formats": ("register_format",),
    ".io.websocket": ("websocket",),
    ".journal.runs_table": ("journals",),
    ".limits": ("JournalLimits", "Limits"),
    ".logs": ("logging_handler",),
    ".prices": ("Price", "Prices"),
    ".resume.position": ("Position",),
    ".run": ("Result", "acollect", "collect"),
    ".run.data": ("Series",),
    ".sources.custom_sources": ("register_source",),
    ".sources.follow": ("follow",),
    ".sources.http": ("http",),
    ".sources.process": ("process",),
    ".widget": ("StreamBoard", "StreamView"),
    ".widget.kinds": ("register_part",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Budget",
    "DecodeError",
    "Emitter",
    "IncompleteError",
    "JournalLimits",
    "LimitError",
    "Limits",
    "LogLine",
    "Position",
    "Price",
    "Prices",
    "ProviderError",
    "Record",
    "ResponseError",
    "Result",
    "Series",
    "SourceError",
    "SourceReference",
    "Step",
    "StopRequested",
    "StreamBoard",
    "StreamView",
    "StreamWidgetError",
    "Table",
    "TokenUsage",
    "ToolCall",
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
]


def __getattr__(name: str) -> object:
    """Import a public name on its first use (PEP 562)."""
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module, __name__), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

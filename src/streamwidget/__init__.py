"""streamwidget: watch streams unfold in a notebook, and stop them when you have seen enough.

`StreamView(source)` in a cell shows a stream as it arrives; `collect(source)` runs one without a
widget. A name is imported when it is first used: `import streamwidget` itself loads nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .attachments import Attachment
    from .budget import Budget, BudgetLimit
    from .decode.records import Record
    from .document import Document, Part, SourceReference, Step, TokenUsage, ToolCall
    from .emit import (
        Ask,
        Emitter,
        KnobHandle,
        Reply,
        StepEmitter,
        TableHandle,
        ToolCallHandle,
    )
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
        UnansweredError,
        UsageError,
    )
    from .events import LogLine
    from .export.table import Table
    from .formats.custom_formats import register_format
    from .io.websocket import websocket
    from .journal.runs_table import RecordedRun, RecordedRuns, journals
    from .journal.writer import Journal
    from .ledger import Spent
    from .limits import JournalLimits, Limits
    from .logs import LoggingHandler, logging_handler
    from .message import Message
    from .prices import Cost, Price, Prices
    from .progress_bars import tqdm, trange
    from .resume.position import Position
    from .run import Result, acollect, collect
    from .run.clock import StopTimes
    from .run.data import Series, Values
    from .sources.custom_sources import register_source
    from .sources.follow import follow
    from .sources.graph_runs import langgraph
    from .sources.http import http
    from .sources.process import process
    from .widget import Chat, StreamBoard, StreamView, Turn
    from .widget.kinds import register_part
    from .widget.live_views import LiveViews

__version__ = "0.1.0.dev0"

_MODULES = {
    ".attachments": ("Attachment",),
    ".budget": (
        "Budget",
        "BudgetLimit",
    ),
    ".decode.records": ("Record",),
    ".document": (
        "Document",
        "Part",
        "SourceReference",
        "Step",
        "TokenUsage",
        "ToolCall",
    ),
    ".emit": (
        "Ask",
        "Emitter",
        "KnobHandle",
        "Reply",
        "StepEmitter",
        "TableHandle",
        "ToolCallHandle",
    ),
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
        "UnansweredError",
        "UsageError",
    ),
    ".events": ("LogLine",),
    ".export.table": ("Table",),
    ".formats.custom_formats": ("register_format",),
    ".io.websocket": ("websocket",),
    ".journal.writer": ("Journal",),
    ".journal.runs_table": (
        "RecordedRun",
        "RecordedRuns",
        "journals",
    ),
    ".ledger": ("Spent",),
    ".limits": ("JournalLimits", "Limits"),
    ".logs": (
        "LoggingHandler",
        "logging_handler",
    ),
    ".message": ("Message",),
    ".prices": (
        "Cost",
        "Price",
        "Prices",
    ),
    ".progress_bars": ("tqdm", "trange"),
    ".resume.position": ("Position",),
    ".run": (
        "Result",
        "acollect",
        "collect",
    ),
    ".run.clock": ("StopTimes",),
    ".run.data": (
        "Series",
        "Values",
    ),
    ".sources.custom_sources": ("register_source",),
    ".sources.follow": ("follow",),
    ".sources.graph_runs": ("langgraph",),
    ".sources.http": ("http",),
    ".sources.process": ("process",),
    ".widget": (
        "Chat",
        "StreamBoard",
        "StreamView",
        "Turn",
    ),
    ".widget.kinds": ("register_part",),
    ".widget.live_views": ("LiveViews",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Ask",
    "Attachment",
    "Budget",
    "BudgetLimit",
    "Chat",
    "Cost",
    "DecodeError",
    "Document",
    "Emitter",
    "IncompleteError",
    "Journal",
    "JournalLimits",
    "KnobHandle",
    "LimitError",
    "Limits",
    "LiveViews",
    "LogLine",
    "LoggingHandler",
    "Message",
    "Part",
    "Position",
    "Price",
    "Prices",
    "ProviderError",
    "Record",
    "RecordedRun",
    "RecordedRuns",
    "Reply",
    "ResponseError",
    "Result",
    "Series",
    "SourceError",
    "SourceReference",
    "Spent",
    "Step",
    "StepEmitter",
    "StopRequested",
    "StopTimes",
    "StreamBoard",
    "StreamView",
    "StreamWidgetError",
    "Table",
    "TableHandle",
    "TokenUsage",
    "ToolCall",
    "ToolCallHandle",
    "TransportError",
    "Turn",
    "UnansweredError",
    "UsageError",
    "Values",
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
]


def __getattr__(name: str) -> object:
    """Import a public name on its first use (PEP 562)."""
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module, __name__), name)
    return value


def load_ipython_extension(shell: object) -> None:
    """Register `%%stream`; called by `%load_ext streamwidget`."""
    import_module(".widget.cell_magic", __name__).register(shell)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

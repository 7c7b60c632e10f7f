"""streamwidget: watch streams unfold in a notebook, and stop them when you have seen enough.

`StreamView(source)` in a cell shows a stream as it arrives; `collect(source)` runs one without a
widget.
"""

from .budget import Budget
from .errors import (
    CutError,
    DecodeError,
    LimitError,
    ProviderError,
    ResponseError,
    SourceError,
    StopRequested,
    StreamWidgetError,
    TransportError,
    UsageError,
)
from .export.table import Table
from .formats.extending import register_format
from .limits import Limits
from .logs import logging_handler
from .run import Result, acollect, collect
from .sources.emitter import Emitter
from .sources.extending import register_source
from .sources.follow import follow
from .sources.http import http
from .sources.process import process
from .sources.websocket import websocket
from .widget import StreamBoard, StreamView
from .widget.kinds import register_part

__version__ = "0.1.0.dev0"

__all__ = [
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
]

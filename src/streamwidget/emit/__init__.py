"""The emitter that a job calls: steps, tables, values and artifacts. Calls become events.

Knows events and the document's cells; must not know sources, runs or widgets.
"""

from .emitter import Emitter, StepEmitter
from .event_sink import EventSink, stop_check
from .tables import TableHandle
from .tool_calls import ToolCallHandle

__all__ = [
    "Emitter",
    "EventSink",
    "StepEmitter",
    "TableHandle",
    "ToolCallHandle",
    "stop_check",
]

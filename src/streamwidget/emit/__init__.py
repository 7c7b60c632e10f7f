"""The emitter that a job calls: steps, tables, values and artifacts. Calls become events.

Knows events and the document's cells; must not know sources, runs or widgets.
"""

from .asking import Ask, Reply
from .emitter import Emitter, StepEmitter
from .event_sink import EventSink, stop_check
from .knobs import KnobHandle
from .reader_calls import Answer
from .tables import TableHandle
from .tool_calls import ToolCallHandle

__all__ = [
    "Answer",
    "Ask",
    "Emitter",
    "EventSink",
    "KnobHandle",
    "Reply",
    "StepEmitter",
    "TableHandle",
    "ToolCallHandle",
    "stop_check",
]

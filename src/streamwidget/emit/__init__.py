"""The emitter that a job calls: steps, tables, values and artifacts. Calls become events.

Knows events and the document's cells; must not know sources, runs or widgets.
"""

from .emitter import Emitter
from .event_sink import EventSink, stop_check

__all__ = ["Emitter", "EventSink", "stop_check"]

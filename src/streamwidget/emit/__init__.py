"""The emitter that a job calls: steps, tables, values and artifacts. Calls become events.

Knows events and the document's cells; must not know sources, runs or widgets.
"""

from .desk import Desk, stop_check
from .emitter import Emitter

__all__ = ["Desk", "Emitter", "stop_check"]

"""The widget: traits, messages and display. Wiring only; must not know framing or formats."""

from .board import StreamBoard
from .view import StreamView

__all__ = ["StreamBoard", "StreamView"]

"""The widget: traits, messages and display. Wiring only; must not know framing or formats."""

from .board import StreamBoard
from .chat import Chat, Turn
from .view import StreamView

__all__ = ["Chat", "StreamBoard", "StreamView", "Turn"]

"""`Chat`: a conversation whose answers are runs. Must not know framing or formats."""

from .chat_widget import Chat
from .turn import Turn

__all__ = ["Chat", "Turn"]

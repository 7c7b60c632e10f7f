"""The document: what a run has given so far, as an ordered list of parts.

Events become ops, ops change the document, here and in the front end alike. Knows events; must not
know asyncio, HTTP, traitlets or the time.
"""

from ..ops import Op
from .model import Document, Part
from .values import SourceReference, Step, TokenUsage, ToolCall

__all__ = ["Document", "Op", "Part", "SourceReference", "Step", "TokenUsage", "ToolCall"]

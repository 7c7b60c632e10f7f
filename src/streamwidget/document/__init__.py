"""The document: the state of a run so far, as an ordered list of parts.

Events become ops, and ops change the document, in Python and in the front end. Knows events; must
not know asyncio, HTTP, traitlets or the time.
"""

from ..ops import Op
from .model import Document
from .part import Part
from .values import SourceReference, Step, TokenUsage, ToolCall

__all__ = ["Document", "Op", "Part", "SourceReference", "Step", "TokenUsage", "ToolCall"]

"""Values that are read off the document: tool calls and usage. Frozen; equal by content."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..ops import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that the model asks for, as far as it has arrived."""

    tool_call_id: str | None
    """The wire's id; None where it has none."""
    tool_name: str
    arguments_text: str
    """JSON text so far."""
    result: str | None
    """What the tool gave, as text or JSON text; None while it is not known."""
    is_error: bool
    """Whether the result tells of a failure."""

    @property
    def arguments(self) -> Json:
        """The parsed arguments: `{}` where there are none, the text itself where it is no JSON."""
        if not self.arguments_text.strip():
            return {}
        try:
            value: Json = json.loads(self.arguments_text)
        except (ValueError, RecursionError):
            return self.arguments_text
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """Tokens of all model calls of a run together."""

    input_tokens: int | None
    """None if never reported."""
    output_tokens: int | None
    estimated: bool
    """True if a number is an estimate and not the provider's own."""

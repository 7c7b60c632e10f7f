"""Values that are read off the document: tool calls, usage, steps, sources, and growing JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..ops import Json
from .partial_json import PartialJson, Path


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A named stage of a run."""

    step_id: str
    name: str
    state: str
    """`running`, `done`, `failed` or `stopped`."""
    message: str | None
    """What came of it, in one line; None: nothing was said."""
    parent_id: str | None
    """The step around it; None: the run itself."""
    started_s: float | None
    """Seconds since the run began."""
    ended_s: float | None
    """None while it is running."""

    @property
    def duration_s(self) -> float | None:
        """None while it is running."""
        if self.started_s is None or self.ended_s is None:
            return None
        return self.ended_s - self.started_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReference:
    """Something that the text refers to."""

    number: int
    """From 1 on, in the order in which they came."""
    url: str | None
    title: str | None


class ValueData:
    """One JSON value that grows; never raises on what is no JSON."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_closed = False
        self._scanner = PartialJson()
        self._whole: Json = None
        self._is_json = False

    def feed(self, text: str) -> None:
        """More of its text; a value that was closed goes on growing."""
        self.is_closed = False
        self._scanner.feed(text)

    def close(self, text: str) -> bool:
        """The text is complete; whether it is JSON."""
        self.is_closed = True
        self._scanner.flush()
        try:
            self._whole = json.loads(text, parse_constant=_no_constant)
            self._is_json = True
        except (ValueError, RecursionError):
            self._is_json = False
            if self._scanner.value is None:
                self._scanner.feed(text)
        return self._is_json

    @property
    def value(self) -> Json:
        """A copy of the value so far: what of it is JSON."""
        if self.is_closed and self._is_json:
            return _copy(self._whole)
        return self._scanner.value

    @property
    def open_path(self) -> Path | None:
        """Where the scalar stands that may still grow; None: all that is there is certain."""
        return None if self.is_closed else self._scanner.open_path


def _copy(value: Json) -> Json:
    copied: Json = json.loads(json.dumps(value))
    return copied


def _no_constant(name: str) -> None:
    """Python reads NaN and Infinity; JSON has none."""
    raise ValueError(name)

"""Values read from a document: tool calls, usage, steps, citations, and growing JSON."""

from __future__ import annotations

import json
from copy import copy, deepcopy
from dataclasses import dataclass

from ..ops import Json
from .partial_json import PartialJson, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool call that the model requests, as far as it has arrived."""

    tool_call_id: str | None
    """The id of the call on the wire; None: the wire has none."""
    tool_name: str
    """Name of the tool; "" until it is known."""
    arguments_text: str
    """The arguments' JSON text so far."""
    result: str | None
    """The result as text or JSON text; None while there is none."""
    is_error: bool
    """True if the tool failed and the result describes the failure."""

    @property
    def arguments(self) -> Json:
        """The parsed arguments: `{}` if there are none, the text itself if it is not valid JSON."""
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
    """All input tokens, cached ones included. None: not reported."""
    output_tokens: int | None
    """All output tokens, reasoning included. None: not reported."""
    estimated: bool
    """True if a count is an estimate and was not reported by the provider."""
    model: str | None = None
    """Name of the model that answered last, in the provider's spelling. None: not reported."""
    cached_input_tokens: int | None = None
    """Input tokens that were read from a cache. None: not reported."""
    cache_write_input_tokens: int | None = None
    """Input tokens that were written to a cache. None: not reported."""
    reasoning_tokens: int | None = None
    """Output tokens that were spent on reasoning. None: not reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A named stage of a run."""

    step_id: str
    """Identifies this step within the run."""
    name: str
    """Title of the step."""
    state: str
    """`running`, `done`, `failed` or `stopped`."""
    message: str | None
    """The result of the step in one line; None: no message."""
    parent_id: str | None
    """The step that this one is nested in; None: the run itself."""
    started_s: float | None
    """Seconds since the run started; None: unknown."""
    ended_s: float | None
    """Seconds since the run started; None while the step is running."""

    @property
    def duration_s(self) -> float | None:
        """Seconds that the step took; None while it is running."""
        if self.started_s is None or self.ended_s is None:
            return None
        return self.ended_s - self.started_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReference:
    """A citation: a source that the answer quotes."""

    number: int
    """Counts from 1, in the order of the first citation."""
    url: str | None
    """Address of the source; None: it has none."""
    title: str | None
    """Title of the source; None: not reported."""


class ValueData:
    """One growing JSON value; never raises on invalid JSON."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner: object = None
        """The document that may change this value; others copy it first."""
        self.is_closed = False
        self._scanner = PartialJson()
        self._whole: Json = None
        self._is_json = False

    def copy(self) -> ValueData:
        """Return an independent value of the same content."""
        value = copy(self)
        value._scanner = deepcopy(self._scanner)
        return value

    def feed(self, text: str) -> None:
        """Take more text; a closed value opens again."""
        self.is_closed = False
        self._scanner.feed(text)

    def close(self, text: str) -> bool:
        """Complete the value with its whole text; True if it is valid JSON."""
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
        """A copy of the value so far: the part of the text that is valid JSON."""
        if self.is_closed and self._is_json:
            return _copy(self._whole)
        return self._scanner.value

    @property
    def open_path(self) -> Path | None:
        """Path of the scalar that may still grow; None: everything so far is final."""
        return None if self.is_closed else self._scanner.open_path


def _copy(value: Json) -> Json:
    copied: Json = json.loads(json.dumps(value))
    return copied


def _no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python would read and JSON does not have."""
    raise ValueError(name)

"""Canonical events: the one vocabulary that every format is translated into.

Frozen values with one tag each (`type`). Ids are chosen by whoever makes the event and are unique
within a run; a delta for a part that was never started opens it. `at_s` is seconds since the run
started, None until the run has stamped it. Knows neither formats nor clocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from .errors import Fault

StepState = Literal["done", "failed", "stopped"]
NoticeLevel = Literal["info", "warning"]
Outcome = Literal["complete", "failed", "cut", "stopped"]


@dataclass(frozen=True, slots=True)
class RunStart:
    """The run has begun: what it reads, and the format that was told or detected."""

    type: ClassVar[str] = "run-start"
    source: str
    format: str | None = None
    """Name of the format; None while it is not known yet (a later `run-start` tells it)."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The run is over; the last event of every run.

    A format gives it when it sees its end marker (`complete`) or when the bytes end without one
    (`cut`); the run then closes the source, stamps the event and puts it last.
    """

    type: ClassVar[str] = "run-end"
    outcome: Outcome
    finish_reason: str | None = None
    """`stop`, `length`, `content-filter`, `tool-calls`, `error` or `other`; None: not told."""
    at_s: float | None = None
    raw_finish_reason: str | None = None
    """The format's own word for it."""


@dataclass(frozen=True, slots=True)
class StepStart:
    """A named stage begins, inside the step `parent_id` if that is not None."""

    type: ClassVar[str] = "step-start"
    step_id: str
    name: str
    parent_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class StepEnd:
    type: ClassVar[str] = "step-end"
    step_id: str
    state: StepState = "done"
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class TextStart:
    type: ClassVar[str] = "text-start"
    part_id: str
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    type: ClassVar[str] = "text-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TextEnd:
    type: ClassVar[str] = "text-end"
    part_id: str


@dataclass(frozen=True, slots=True)
class ReasoningStart:
    type: ClassVar[str] = "reasoning-start"
    part_id: str
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    type: ClassVar[str] = "reasoning-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningEnd:
    type: ClassVar[str] = "reasoning-end"
    part_id: str


@dataclass(frozen=True, slots=True)
class ToolCallStart:
    """The model begins a tool call; `part_id` is ours, `tool_call_id` the wire's (may be None)."""

    type: ClassVar[str] = "tool-call-start"
    part_id: str
    tool_name: str = ""
    tool_call_id: str | None = None
    by_provider: bool = False
    """True for tools that the provider runs itself: nobody is asked to call them."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of the arguments' JSON text; `tool_name` where the wire tells it late."""

    type: ClassVar[str] = "tool-call-delta"
    part_id: str
    arguments_text: str
    tool_name: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCallEnd:
    """The arguments are complete.

    `arguments_text`, where it is not None, is authoritative and replaces what the deltas gave. The
    document parses it: `{}` for none, the text itself where it is no JSON.
    """

    type: ClassVar[str] = "tool-call-end"
    part_id: str
    arguments_text: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave for the call `part_id`; the same again replaces it (preliminary results)."""

    type: ClassVar[str] = "tool-result"
    part_id: str
    result: str
    """Text, or JSON text."""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that the text refers to: the `source` event."""

    type: ClassVar[str] = "source"
    url: str | None
    title: str | None = None
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call. The last one of a `call` counts; different calls add up."""

    type: ClassVar[str] = "usage"
    input_tokens: int | None
    output_tokens: int | None
    call: str = ""
    """Names the model call within the run."""
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Discards the parts since the last step began: what was said there is said anew."""

    type: ClassVar[str] = "reset"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is. The same `part_id` again replaces what was said before."""

    type: ClassVar[str] = "progress"
    part_id: str
    completed: float
    total: float | None = None
    """None: not known, the bar is indeterminate."""
    unit: str | None = None
    message: str | None = None
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know that is no failure."""

    type: ClassVar[str] = "notice"
    message: str
    level: NoticeLevel = "info"
    part_id: str | None = None
    """The same one again replaces what the notice said; None: a notice of its own."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something went wrong: the `error` event."""

    type: ClassVar[str] = "error"
    message: str
    fault: Fault
    error_type: str = "StreamWidgetError"
    retryable: bool = False
    code: str | None = None
    """The peer's own code; None if it gave none."""
    detail: str | None = None
    """More for the person who looks into it, such as the user's own traceback."""
    fatal: bool = True
    """False: the stream goes on and can still complete (a replaced byte, a warning)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record that no format understands, kept and shown folded."""

    type: ClassVar[str] = "unknown"
    name: str
    data: str
    """The record as JSON text or as it came."""


Event: TypeAlias = (
    RunStart
    | RunEnd
    | StepStart
    | StepEnd
    | TextStart
    | TextDelta
    | TextEnd
    | ReasoningStart
    | ReasoningDelta
    | ReasoningEnd
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | ToolResult
    | Citation
    | Usage
    | Reset
    | Progress
    | Notice
    | Failure
    | Unknown
)

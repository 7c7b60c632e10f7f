"""Canonical events: the one vocabulary that every format is translated into.

Frozen values with one tag each (`type`). Ids are chosen by whoever makes the event and are unique
within a run; a delta for a part that was never started opens it. `at_s` is seconds since the run
started, None until the run has stamped it. Tables, values and metrics are found again by their
`part_id`, and by their `name` for people. Knows neither formats nor clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from .errors import Fault

StepState = Literal["done", "failed", "stopped"]
NoticeLevel = Literal["info", "warning", "said"]
Outcome = Literal["complete", "failed", "cut", "stopped"]
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
RowsMode = Literal["append", "upsert", "replace"]


@dataclass(frozen=True, slots=True)
class RunStart:
    """The run has begun: what it reads, and the format that was told or detected."""

    type: ClassVar[str] = "run-start"
    source: str
    format: str | None = None
    """Name of the format; None while it is not known yet (a later `run-start` tells it)."""
    printed: bool = False
    """Whether raw text is what a program prints, which is shown as it is, and no Markdown."""


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
    message: str | None = None
    """What came of it, in one line; None: nothing to say."""


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
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    type: ClassVar[str] = "reasoning-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningEnd:
    type: ClassVar[str] = "reasoning-end"
    part_id: str
    at_s: float | None = None


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
    at_s: float | None = None


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
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave for the call `part_id`; the same again replaces it (preliminary results)."""

    type: ClassVar[str] = "tool-result"
    part_id: str
    result: str
    """Text, or JSON text."""
    is_error: bool = False
    at_s: float | None = None


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
    label: str | None = None
    """What is counted, as a heading that stays while the message changes."""
    at_s: float | None = None
    ended: bool = False
    """It is over, also where the total was not reached."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know that is no failure."""

    type: ClassVar[str] = "notice"
    message: str
    level: NoticeLevel = "info"
    at_s: float | None = None
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
    hint: str | None = None
    """What to do, in a sentence; None: what its fault suggests."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the table `part_id`; the first of a table makes it.

    `append` puts them after the others. `upsert` finds the row with the same `key` and replaces the
    columns that are named here, or appends the row if there is none. `replace` replaces all rows.
    """

    type: ClassVar[str] = "rows"
    part_id: str
    name: str
    columns: tuple[str, ...]
    """Names of the cells of each row; the table takes in those it does not have yet."""
    rows: tuple[tuple[object, ...], ...]
    """A shorter row has None in the columns that it does not reach."""
    mode: RowsMode = "append"
    key: str | None = None
    """The column that names a row, for `upsert`."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Units of columns, where they are known."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class RowsEnd:
    """The table has all its rows."""

    type: ClassVar[str] = "rows-end"
    part_id: str


@dataclass(frozen=True, slots=True)
class ValueStart:
    """One JSON value begins; of a value that had ended, a new one in its place."""

    type: ClassVar[str] = "value-start"
    part_id: str
    name: str
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class ValueDelta:
    """More of the value's JSON text."""

    type: ClassVar[str] = "value-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ValueEnd:
    """The value is complete; `text`, where it is not None, replaces what the deltas gave."""

    type: ClassVar[str] = "value-end"
    part_id: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One point of each of some series of the chart `part_id`."""

    type: ClassVar[str] = "metric"
    part_id: str
    name: str
    """Title of the chart."""
    points: tuple[tuple[str, float | None], ...]
    """The series and its y; None or a number that is not finite is a gap."""
    x: float | None = None
    """None: the number of points that the series had before, or `at_s` if `by_time`."""
    by_time: bool = False
    """Whether x is seconds since the run began."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the run's log: the `log` event."""

    type: ClassVar[str] = "log"
    message: str
    level: LogLevel = "info"
    logger: str = ""
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something with a rich representation; the same `part_id` again replaces what was shown."""

    type: ClassVar[str] = "artifact"
    part_id: str
    data: Mapping[str, str]
    """MIME type to its text; images and PDF in base64."""
    title: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    """MIME types that were left out because they were too large."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Custom:
    """A part of a kind that somebody registered; the same `part_id` again replaces its data."""

    type: ClassVar[str] = "custom"
    part_id: str
    name: str
    """The registered kind."""
    data: object
    """A JSON value."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record that no format understands, kept and shown folded."""

    type: ClassVar[str] = "unknown"
    name: str
    data: str
    """The record as JSON text or as it came."""
    at_s: float | None = None


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
    | Rows
    | RowsEnd
    | ValueStart
    | ValueDelta
    | ValueEnd
    | Metric
    | LogLine
    | Artifact
    | Custom
    | Unknown
)

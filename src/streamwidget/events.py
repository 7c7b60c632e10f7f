"""Canonical events: the one vocabulary that every format is translated into.

Events are frozen values, each with one tag (`type`). The producer of an event chooses its ids,
which are unique within a run. Some fields mean the same in every event:

* `part_id`: the part of the document that the event starts, extends, replaces or ends. A delta for
  a part that was never started opens the part.
* `step_id`: the step that the part belongs to; None: the run itself.
* `at_s`: seconds since the run started; None until the run has stamped the event.

Must not know formats or clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from .errors import Fault

StepState = Literal["done", "failed", "stopped"]
NoticeLevel = Literal["info", "warning", "sent"]
Outcome = Literal["complete", "failed", "cut", "stopped"]
"""How a format reports an end: with its end marker, by an error, without the marker, cancelled."""
Ending = Literal["finished", "incomplete", "stopped", "failed"]
"""The statuses that end a run."""
STATUS_OF: dict[Outcome, Ending] = {
    "complete": "finished",
    "cut": "incomplete",
    "stopped": "stopped",
    "failed": "failed",
}
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
RowsMode = Literal["append", "upsert", "replace"]
AskOutcome = Literal["answered", "timeout", "headless", "withdrawn", "stopped"]
"""How a question to the reader ended; all but `answered` are ends without an answer."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """The run has started: its source, and the format that was passed or detected."""

    type: ClassVar[str] = "run-start"
    source: str
    """The name of the source, for people: a URL without secrets, a command, a type name."""
    format: str | None = None
    """Name of the format; None while it is unknown (a later `run-start` names it)."""
    printed: bool = False
    """True if raw text is the output of a program: it is shown unchanged, not as Markdown."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The run has ended: the last event of every run.

    A format emits it at its end marker (`complete`) or when the input ends without one (`cut`). The
    run then closes the source, stamps the event and puts it last.
    """

    type: ClassVar[str] = "run-end"
    outcome: Outcome
    finish_reason: str | None = None
    """`stop`, `length`, `content-filter`, `tool-calls`, `error` or `other`; None: not reported."""
    at_s: float | None = None
    raw_finish_reason: str | None = None
    """The finish reason in the provider's spelling; None: not reported."""


@dataclass(frozen=True, slots=True)
class StepStart:
    """A named stage of the run starts."""

    type: ClassVar[str] = "step-start"
    step_id: str
    """Identifies this step within the run."""
    name: str
    """Title of the step, for people."""
    parent_id: str | None = None
    """The step that this one is nested in; None: the run itself."""
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A step ends. Ignored for a step that is not running."""

    type: ClassVar[str] = "step-end"
    step_id: str
    state: StepState = "done"
    at_s: float | None = None
    message: str | None = None
    """The result of the step in one line; None: no message."""


@dataclass(frozen=True, slots=True)
class TextStart:
    """A text part starts. Ignored if the part exists."""

    type: ClassVar[str] = "text-start"
    part_id: str
    step_id: str | None = None
    stream: Literal["stdout", "stderr"] | None = None
    """The stream that a job has printed the text to: it is shown unchanged, not as Markdown; None:
    the text was not printed."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of a part, in characters that UTF-8 can carry."""

    type: ClassVar[str] = "text-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class TextEnd:
    """A text part is complete. Ignored for a part that is not open."""

    type: ClassVar[str] = "text-end"
    part_id: str


@dataclass(frozen=True, slots=True)
class ReasoningStart:
    """A reasoning part starts. Ignored if the part exists."""

    type: ClassVar[str] = "reasoning-start"
    part_id: str
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More reasoning text of a part."""

    type: ClassVar[str] = "reasoning-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningEnd:
    """A reasoning part is complete. Ignored for a part that is not open."""

    type: ClassVar[str] = "reasoning-end"
    part_id: str
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class ToolCallStart:
    """The model starts a tool call."""

    type: ClassVar[str] = "tool-call-start"
    part_id: str
    tool_name: str = ""
    """Name of the tool; "" until it is known."""
    tool_call_id: str | None = None
    """The id of the call on the wire; None: the wire has none."""
    by_provider: bool = False
    """True if the provider runs the tool itself, so the caller is not asked to."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of the arguments of a tool call."""

    type: ClassVar[str] = "tool-call-delta"
    part_id: str
    arguments_text: str
    """A piece of the arguments' JSON text; may be empty."""
    tool_name: str | None = None
    """Name of the tool, where the wire sends it after the start; None: nothing new."""


@dataclass(frozen=True, slots=True)
class ToolCallEnd:
    """The arguments of a tool call are complete."""

    type: ClassVar[str] = "tool-call-end"
    part_id: str
    arguments_text: str | None = None
    """The complete JSON text, which replaces the deltas; None: the deltas are complete."""
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The result of the tool call `part_id`. A later result replaces an earlier, preliminary
    one."""

    type: ClassVar[str] = "tool-result"
    part_id: str
    result: str
    """Text, or JSON text."""
    is_error: bool = False
    """True if the tool failed and the result describes the failure."""
    at_s: float | None = None
    is_denied: bool = False
    """True if the reader has denied the call, so that the tool was not run."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that the answer quotes. A URL that was cited before keeps its number."""

    type: ClassVar[str] = "source"
    url: str | None
    """Address of the source; None: it has none, such as a file."""
    title: str | None = None
    """Title of the source; None: not reported."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call. The last count of a `call` wins; different calls add up.

    A count of None was not reported by the provider; it does not replace an earlier count.
    """

    type: ClassVar[str] = "usage"
    input_tokens: int | None
    """All input tokens, those read from or written to a cache included."""
    output_tokens: int | None
    """All output tokens, reasoning included."""
    call: str = ""
    """Identifies the model call within the run."""
    estimated: bool = False
    """True if a count is an estimate and was not reported by the provider."""
    model: str | None = None
    """Name of the model that answered, in the provider's spelling. None: not reported."""
    cached_input_tokens: int | None = None
    """Input tokens that were read from a cache. None: not reported."""
    cache_write_input_tokens: int | None = None
    """Input tokens that were written to a cache. None: not reported."""
    reasoning_tokens: int | None = None
    """Output tokens that the model spent on reasoning. None: not reported."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Discard the parts since the last step started, because the server will send them again."""

    type: ClassVar[str] = "reset"


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of some work. A later event with the same `part_id` replaces the earlier one."""

    type: ClassVar[str] = "progress"
    part_id: str
    completed: float
    """How much is done, in `unit`."""
    total: float | None = None
    """How much there is to do, in `unit`; None: unknown, the bar is indeterminate."""
    unit: str | None = None
    """Unit of both numbers, such as `B`; None: plain numbers."""
    message: str | None = None
    """The current activity; None: no message."""
    step_id: str | None = None
    label: str | None = None
    """Heading of the bar, which stays while the message changes; None: no heading."""
    at_s: float | None = None
    ended: bool = False
    """True if the work has ended, even if the total was not reached."""
    removed: bool = False
    """True if the bar should disappear."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for the reader that does not report a failure."""

    type: ClassVar[str] = "notice"
    message: str
    """The message, in one or a few sentences."""
    level: NoticeLevel = "info"
    """`info`, `warning`, or `sent` for a message that the reader sent."""
    at_s: float | None = None
    part_id: str | None = None
    """A later notice with the same id replaces this one; None: never replaced."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error. A fatal one ends the run."""

    type: ClassVar[str] = "error"
    message: str
    """The expected and the actual data, and the position. Never has credentials."""
    fault: Fault
    """Whose fault it is."""
    error_type: str = "StreamWidgetError"
    """Name of the exception's class."""
    retryable: bool = False
    """True if running the same request again may succeed."""
    code: str | None = None
    """The provider's error code; None: it sent none."""
    detail: str | None = None
    """Details for diagnosis, such as a traceback; None: no details."""
    fatal: bool = True
    """False: the stream continues and can still finish (a replaced byte, a warning)."""
    hint: str | None = None
    """The next thing to do, in one sentence; None: the default hint for its fault, if there is
    one."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the table `part_id`; the first event of a table creates it."""

    type: ClassVar[str] = "rows"
    part_id: str
    name: str
    """Title of the table."""
    columns: tuple[str, ...]
    """Column names, one for each cell of a row; unknown ones become new columns."""
    rows: tuple[tuple[object, ...], ...]
    """The rows, each with at most `len(columns)` cells; missing cells are None."""
    mode: RowsMode = "append"
    """`append` adds the rows at the end. `upsert` replaces the named cells of the row with the same
    `key`, or appends the row if there is none. `replace` replaces all rows of the table."""
    key: str | None = None
    """The column that identifies a row in `upsert`; None: unchanged."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Units by column name; columns without a known unit are left out."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class RowsEnd:
    """The table is complete. Ignored for a table that is not open."""

    type: ClassVar[str] = "rows-end"
    part_id: str


@dataclass(frozen=True, slots=True)
class ValueStart:
    """A JSON value starts. If the part holds a complete value, the new one replaces it."""

    type: ClassVar[str] = "value-start"
    part_id: str
    name: str
    """Title of the value."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class ValueDelta:
    """More of a value's JSON text."""

    type: ClassVar[str] = "value-delta"
    part_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ValueEnd:
    """A JSON value is complete."""

    type: ClassVar[str] = "value-end"
    part_id: str
    text: str | None = None
    """The complete JSON text, which replaces the deltas; None: the deltas are complete."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One point for each of several series of the chart `part_id`."""

    type: ClassVar[str] = "metric"
    part_id: str
    name: str
    """Title of the chart."""
    points: tuple[tuple[str, float | None], ...]
    """Pairs of a series name and its y; None or a number that is not finite is a gap."""
    x: float | None = None
    """Shared x of the points; None: the number of earlier points of the series, or `at_s` if
    `by_time`."""
    by_time: bool = False
    """True if x is seconds since the run started."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the run's log."""

    type: ClassVar[str] = "log"
    message: str
    """Text of the line."""
    level: LogLevel = "info"
    """Severity, as in Python's `logging`."""
    logger: str = ""
    """Name of the logger; "": none."""
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """An object with a rich representation, such as a figure; the same `part_id` replaces it."""

    type: ClassVar[str] = "artifact"
    part_id: str
    data: Mapping[str, str]
    """Representations by MIME type; images and PDF are in base64."""
    title: str | None = None
    """Caption; None: no caption."""
    metadata: Mapping[str, object] = field(default_factory=dict)
    """Metadata by MIME type, such as the width and height of an image in pixels."""
    omitted: tuple[str, ...] = ()
    """MIME types that were left out because they were too large."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Custom:
    """A part of a registered custom kind; the same `part_id` replaces its data."""

    type: ClassVar[str] = "custom"
    part_id: str
    name: str
    """The registered kind."""
    data: object
    """A JSON value."""
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class AskStart:
    """The job, or the peer, asks its reader. Ignored if the part exists."""

    type: ClassVar[str] = "ask-start"
    part_id: str
    question: str
    options: tuple[str, ...] = ()
    """The labels of the answers to choose from; empty: the answer is entered in `fields`."""
    fields: tuple[Mapping[str, object], ...] = ()
    """The fields of a form: `name` ("": the answer is the value itself), `type` (`string`,
    `number`, `integer`, `boolean`), `title`, and where they are known `description`, `required`,
    `default`, `options` (pairs of a value and its label), `minimum`, `maximum`, `multiple_of`,
    `min_chars`, `max_chars`, `format`, `is_secret`."""
    about_part_id: str | None = None
    """The tool call that is to be approved; None: the question is not about a call."""
    detail: str | None = None
    """Details of the question, as JSON or text, such as the arguments of the call."""
    default: object = None
    """The recorded answer if nobody answers; None: there is no default."""
    timeout_s: float | None = None
    """Seconds until the default is used; None: no limit."""
    decline: str | None = None
    """Label of a button beside the form, whose answer is null; None: there is none."""
    hint: str | None = None
    """How to answer where the page cannot, in one sentence; None: the page can answer."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class AskRejected:
    """An answer was not valid; the question stays open."""

    type: ClassVar[str] = "ask-rejected"
    part_id: str
    message: str
    """The reason, in one sentence."""
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class AskEnd:
    """A question is closed. Ignored for a question that is not open."""

    type: ClassVar[str] = "ask-end"
    part_id: str
    outcome: AskOutcome = "answered"
    answer: object = None
    """The answer, or the default that was used, as a JSON value; secrets are left out."""
    by_default: bool = False
    """True if the default was used."""
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Knob:
    """A control whose value the reader sets; a later event with the same `part_id` replaces it."""

    type: ClassVar[str] = "knob"
    part_id: str
    name: str
    value: float
    minimum: float | None = None
    """The least value; None: no bound."""
    maximum: float | None = None
    """The greatest value; None: no bound."""
    step: float | None = None
    """The distance of two values; None: any value."""
    is_log: bool = False
    """True if the slider is logarithmic."""
    by_reader: bool = False
    """True if the reader has set the value."""
    step_id: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record that the format does not understand. It is kept and shown folded."""

    type: ClassVar[str] = "unknown"
    name: str
    """Event type of the record, or a description of it."""
    data: str
    """The record as JSON text, or its raw text."""
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
    | AskStart
    | AskRejected
    | AskEnd
    | Knob
    | Unknown
)

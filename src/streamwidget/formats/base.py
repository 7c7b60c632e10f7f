"""The base of all formats: the verbs that a vocabulary uses to turn records into events.

A format derives from `BaseFormat` and turns each record into calls of these verbs:

| verb | event |
|---|---|
| `say`, `think`, `receive`, `snapshot` | text, reasoning of one flow |
| `call`, `arguments`, `end_call`, `result` | a tool call and its result |
| `cite` | a citation, once |
| `start_step`, `end_step` | a step; steps nest |
| `usage` | tokens of one model call |
| `progress`, `unknown` | a bar; a record that the vocabulary does not know |
| `fail` | a failure reported by the peer |
| `end` | the end of the run, once |

A flow is one message on the wire, addressed by its id; None is the flow of a wire without ids. Any
number of flows may be open. Each has at most one open part: other content of the same flow
(reasoning after text, a tool call) ends that part, other flows do not. A part belongs to the step
that was the innermost one when its flow began.

Must not know vocabularies, framings or clocks.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from ..characters import WholeCharacters
from ..decode.chain import record_of_text
from ..decode.records import NO_JSON, NewId, Record, parse
from ..errors import excerpt
from ..events import (
    Citation,
    Event,
    Notice,
    Outcome,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    StepEnd,
    StepStart,
    StepState,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Usage,
)
from .citations import cited_in, only_sources, sources_in
from .failures import failure_of, names_failure, reports_failure
from .fields import JsonObject
from .finish import FinishReason, is_cancelled, normalised
from .growth import Growth
from .json_end import JsonEnd
from .progress import ProgressBars
from .thinking import Piece, ThinkTags, may_begin
from .unknown import UnknownRecords
from .usage import usage_of

Kind = Literal["text", "reasoning"]

MAX_STEP_DEPTH: Final = 32
"""Deepest nesting of steps; a deeper one is shown beside its parent. Nobody reads deeper, and pages
and exports recurse."""


@dataclass(slots=True)
class OpenPart:
    """The open text or reasoning of a flow."""

    kind: Kind
    part_id: str
    step_id: str | None


@dataclass(slots=True)
class Call:
    """A tool call of the stream."""

    part_id: str
    tool_name: str
    tool_call_id: str | None
    step_id: str | None
    has_ended: bool = False
    has_result: bool = False
    has_text: bool = False
    """True once a piece of the arguments has arrived."""
    whole: str | None = None
    """The authoritative arguments; None: not received."""
    pieces: list[str] = field(default_factory=list)
    """The arguments received so far, in pieces."""
    chars_count: int = 0
    """Their length."""
    is_replaced: bool = False
    """True if `{}` arrived before the arguments, as from some servers."""
    json_end: JsonEnd = field(default_factory=JsonEnd)
    characters: WholeCharacters = field(default_factory=WholeCharacters)

    @property
    def is_whole(self) -> bool:
        """True if its arguments are whole JSON."""
        return self.json_end.reached

    @property
    def arguments_text(self) -> str:
        """The arguments so far."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Step:
    """A running step."""

    key: Hashable
    step_id: str
    parent: Step | None
    depth: int
    inner: dict[Hashable, None] = field(default_factory=dict)
    """Keys of the steps inside it."""
    flows: dict[Hashable, None] = field(default_factory=dict)
    """Flows whose open part belongs to it."""


class BaseFormat:
    """A decoder from records of one vocabulary to canonical events.

    `new_id` takes a prefix and returns an id that is unique in the run.
    """

    at_eof: ClassVar[Outcome] = "cut"
    """How the run ends if the input ends without an end marker."""
    error_reason_fails: ClassVar[bool] = True
    """True if an error as finish reason makes the run fail."""
    reads_on: ClassVar[bool] = True
    """True if content after the end marker counts; see `after_end`."""

    def __init__(self, new_id: NewId) -> None:
        self.new_id = new_id
        self.ended = False
        """True after the end marker or `flush`; see `after_end`."""
        self.failed = False
        """True once a failure was reported."""
        self.finish_reason: str | None = None
        """The last finish reason in the provider's spelling; None: not reported."""
        self.model: str | None = None
        """Name of the model that answers; None: unknown."""
        self.calls: dict[Hashable, Call] = {}
        """Tool calls, under every key that the wire uses for them."""
        self.last_call: Hashable | None = None
        """Key of the last started call."""
        self.steps: dict[Hashable, Step] = {}
        """Running steps by key, in the order of their starts."""
        self.bars = ProgressBars(new_id)
        self._steps_by_id: dict[str, Step] = {}
        self._open: dict[Hashable, OpenPart] = {}
        self._declared: dict[Hashable, str | None] = {}
        """Steps of the flows whose start and end the wire announces."""
        self._growth: dict[tuple[Kind, Hashable], Growth] = {}
        self._tags: dict[Hashable, ThinkTags] = {}
        self._with_text: set[tuple[Kind, Hashable]] = set()
        self._snapshots: dict[tuple[Kind, Hashable], str] = {}
        self._cited: dict[str, str | None] = {}
        """Titles of the citations by address, or by title if they have no address."""
        self._reported_failures: set[str] = set()
        self._reported: dict[str, Usage] = {}
        self._unknown_records = UnknownRecords(new_id)
        self._late_failure = False
        """True once a failure after the end marker was reported."""

    # --- the end of the input

    def outcome(self, *, half_record: bool = False) -> Outcome:
        """Return how the run would end if the input ended now; changes nothing.

        `half_record` is True if the input ended inside a record.
        """
        return "failed" if self.failed else self._outcome(half_record)

    def _outcome(self, half_record: bool) -> Outcome:
        """Return how the run ends with the input if nothing failed. Formats override it."""
        return "cut" if half_record else self.at_eof

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Return the events at the end of the input; none if the run has ended before."""
        return [] if self.ended else self.end(self.outcome(half_record=half_record))

    def after_end(self, record: Record, /) -> list[Event]:
        """Return what counts in a record after the end marker: a failure, once, and content.

        Some gateways put several answers into one stream, each with its end marker.
        """
        if record.data.strip() == "[DONE]":
            return []
        if not self._late_failure and (
            failure := self._failure_in(record.type, record.data, record.value)
        ):
            self._late_failure = True
            return failure
        if not self.reads_on:
            return []
        self.ended = False
        events = self.feed(record)
        self.ended = True
        return [event for event in events if isinstance(event, _CONTENT)]

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record. Formats override it."""
        raise NotImplementedError

    def rest(self) -> list[Event]:
        """Return the text that is held back, for a run that ends before its stream."""
        held = self._end_tags()
        return held + [event for pair in self._open.items() for event in self._held(*pair)]

    # --- text and reasoning

    @property
    def step_id(self) -> str | None:
        """Id of the innermost running step; None outside of steps."""
        step = next(reversed(self.steps.values()), None)
        return None if step is None else step.step_id

    def say(self, text: str, flow: Hashable = None, step_id: str | None = None) -> list[Event]:
        """Return the events of a piece of text.

        `step_id` is the step of a new part; None: the innermost one.
        """
        part = self._open.get(flow)
        if part is not None and part.kind == "text":
            return [TextDelta(part.part_id, text)] if text else []
        return self._begin("text", text, flow, step_id) if text else []

    def think(self, text: str, flow: Hashable = None, step_id: str | None = None) -> list[Event]:
        """Return the events of a piece of reasoning; see `say`."""
        part = self._open.get(flow)
        if part is not None and part.kind == "reasoning":
            return [ReasoningDelta(part.part_id, text)] if text else []
        return self._begin("reasoning", text, flow, step_id) if text else []

    def grow(
        self, kind: Kind, text: str, flow: Hashable = None, step_id: str | None = None
    ) -> list[Event]:
        """Return the events of a piece of either kind; see `say`."""
        return (self.say if kind == "text" else self.think)(text, flow, step_id)

    def snapshot(
        self, kind: Kind, text: str, flow: Hashable = None, step_id: str | None = None
    ) -> list[Event]:
        """Return the events for the new end of a text that is sent whole each time.

        None if deltas of that kind have arrived, because the text repeats them.
        """
        before = self._snapshots.get((kind, flow))
        if not text or (before is None and (kind, flow) in self._with_text):
            return []
        before = before or ""
        if text.startswith(before):
            self._snapshots[kind, flow] = text
            return self.grow(kind, text[len(before) :], flow, step_id)
        if before.startswith(text):
            return []
        self._snapshots[kind, flow] = before + text
        return self.grow(kind, text, flow, step_id)

    def receive(
        self, kind: Kind, text: str, flow: Hashable = None, step_id: str | None = None
    ) -> list[Event]:
        """Return what is new in a piece that may be the whole text so far; see `growth`."""
        growth = self._growth.get((kind, flow))
        if growth is None:
            growth = self._growth[kind, flow] = Growth()
        return self.grow(kind, growth.feed(text), flow, step_id)

    def sends_deltas(self, kind: Kind, flow: Hashable = None) -> bool:
        """True once it is known that pieces of the flow are deltas."""
        growth = self._growth.get((kind, flow))
        return growth is not None and growth.mode == "deltas"

    def has_said(self, kind: Kind, flow: Hashable = None) -> bool:
        """True if the flow has contained text of that kind."""
        return (kind, flow) in self._with_text

    @property
    def has_any_text(self) -> bool:
        """True if any flow has contained text that is not reasoning."""
        return any(kind == "text" for kind, _ in self._with_text)

    def declare(self, flow: Hashable, step_id: str | None = None) -> list[Event]:
        """Start a flow whose end the wire announces, so that the end of its step does not end
        it."""
        events = self.close(flow)
        self._declared[flow] = step_id or self.step_id
        return events

    def close(self, flow: Hashable = None) -> list[Event]:
        """End the open part of a flow, if there is one."""
        events = self._end_tags(flow) if flow in self._tags else []
        self._declared.pop(flow, None)
        return [*events, *self._close(flow)]

    def declared(self, flow: Hashable) -> Hashable:
        """Return `flow` if its start was announced, else None, the flow without an id."""
        return flow if flow in self._declared else None

    def close_undeclared(self) -> list[Event]:
        """End the open parts of all flows whose end the wire does not announce."""
        flows = [flow for flow in self._open if flow not in self._declared]
        return [event for flow in flows for event in self._close(flow)]

    def close_all(self) -> list[Event]:
        """End the open parts of all flows."""
        events = self._end_tags()
        return events + [event for flow in list(self._open) for event in self.close(flow)]

    def _close(self, flow: Hashable) -> list[Event]:
        part = self._open.pop(flow, None)
        if part is None:
            return []
        if (step := self._steps_by_id.get(part.step_id or "")) is not None:
            step.flows.pop(flow, None)
        end = TextEnd(part.part_id) if part.kind == "text" else ReasoningEnd(part.part_id)
        return [*self._held(flow, part), end]

    def _held(self, flow: Hashable, part: OpenPart) -> list[Event]:
        """Return the piece that is held back because it may be a snapshot."""
        growth = self._growth.get((part.kind, flow))
        rest = "" if growth is None else growth.flush()
        if not rest:
            return []
        return [(TextDelta if part.kind == "text" else ReasoningDelta)(part.part_id, rest)]

    def _begin(self, kind: Kind, text: str, flow: Hashable, step_id: str | None) -> list[Event]:
        """Open a part of the flow with its first piece."""
        if kind == "text" and (tags := self._open_tags(flow, text)) is not None:
            return self._read_tags(tags.feed(text), flow, step_id)
        events = self._close(flow)
        step_id = self._declared.get(flow, step_id or self.step_id)
        part = OpenPart(kind, self.new_id("t" if kind == "text" else "r"), step_id)
        self._open[flow] = part
        self._with_text.add((kind, flow))
        step = self._steps_by_id.get(step_id or "")
        if step is not None and flow not in self._declared:
            step.flows[flow] = None
        if kind == "text":
            return [*events, TextStart(part.part_id, step_id), TextDelta(part.part_id, text)]
        return [*events, ReasoningStart(part.part_id, step_id), ReasoningDelta(part.part_id, text)]

    def _open_tags(self, flow: Hashable, text: str) -> ThinkTags | None:
        """Return the tags that a text of the flow may begin with; None if there are none."""
        tags = self._tags.get(flow)
        if tags is None and may_begin(text) and not self.has_said("text", flow):
            tags = self._tags[flow] = ThinkTags()
        return None if tags is None or tags.is_over else tags

    def _read_tags(
        self, pieces: list[Piece], flow: Hashable, step_id: str | None = None
    ) -> list[Event]:
        return [e for kind, piece in pieces for e in self.grow(kind, piece, flow, step_id)]

    def _end_tags(self, *flows: Hashable) -> list[Event]:
        """Return what the tags of `flows`, or of all flows, hold back: their texts are over."""
        events: list[Event] = []
        for flow in flows or list(self._tags):
            pieces = self._tags[flow].flush()
            self._tags[flow].is_over = True
            events += self._read_tags(pieces, flow)
        return events

    # --- steps

    def start_step(self, key: Hashable, name: str, parent: Hashable = None) -> list[Event]:
        """Start the step `key` inside the running step `parent`; a step with the same key ends
        first.

        The open part of the flow without an id ends too.
        """
        events = [*self.end_step(key), *self.close()]
        outer = self.steps.get(parent)
        while outer is not None and outer.depth >= MAX_STEP_DEPTH:
            outer = outer.parent
        step = Step(key, self.new_id("s"), outer, outer.depth + 1 if outer else 1)
        self.steps[key] = self._steps_by_id[step.step_id] = step
        if outer is not None:
            outer.inner[key] = None
        events.append(StepStart(step.step_id, name, outer.step_id if outer else None))
        return events

    def end_step(self, key: Hashable, state: StepState = "done") -> list[Event]:
        """End a step after the steps and undeclared flows inside it; do nothing if it is not
        running."""
        if key not in self.steps:
            return []
        ending: list[Step] = [self.steps[key]]
        for step in ending:  # grows while it is iterated: a step, then those inside it
            ending += [self.steps[inner] for inner in step.inner]
        events = self.close()
        for step in reversed(ending):
            for flow in list(step.flows):
                events += self._close(flow)
            del self.steps[step.key], self._steps_by_id[step.step_id]
            if step.parent is not None:
                step.parent.inner.pop(step.key, None)
            events.append(StepEnd(step.step_id, state))
        return events

    @property
    def innermost(self) -> Hashable:
        """Key of the last started step that is running; None outside of steps."""
        return next(reversed(self.steps), None)

    def step_of(self, key: Hashable) -> str | None:
        """Return the id of a running step; None if no step with that key is running."""
        step = self.steps.get(key)
        return step.step_id if step else None

    # --- tool calls

    def call(
        self,
        key: Hashable,
        tool_name: str = "",
        tool_call_id: str | None = None,
        *,
        by_provider: bool = False,
        flow: Hashable = None,
        step_id: str | None = None,
    ) -> list[Event]:
        """Start the call `key`, or add a late name or id to a known one."""
        known = self.calls.get(key)
        if known is not None:
            return self._name(known, tool_name, tool_call_id)
        events = self._close(flow)
        step_id = step_id or self.step_id
        call = Call(self.new_id("c"), tool_name, tool_call_id, step_id)
        self.calls[key] = call
        self.last_call = key
        return [
            *events,
            ToolCallStart(call.part_id, tool_name, tool_call_id, by_provider, step_id),
        ]

    def _name(self, call: Call, tool_name: str, tool_call_id: str | None) -> list[Event]:
        if (call.tool_name or not tool_name) and (call.tool_call_id or not tool_call_id):
            return []
        call.tool_name = call.tool_name or tool_name
        call.tool_call_id = call.tool_call_id or tool_call_id
        return [ToolCallStart(call.part_id, call.tool_name, call.tool_call_id)]

    def is_over(self, key: Hashable) -> bool:
        """True if the call is complete and belongs to another step, or has its result.

        Providers number calls from 0 in each step, where the same key means another call.
        """
        call = self.calls.get(key)
        if call is None:
            return False
        return call.has_result or (call.has_ended and call.step_id != self.step_id)

    def forget(self, key: Hashable) -> None:
        """Forget a key, so that its next call is a new one."""
        self.calls.pop(key, None)

    def arguments(self, key: Hashable, text: str, *, is_json: bool = True) -> list[Event]:
        """Append to the arguments of a call; complete JSON is not extended.

        Starts the call if necessary. `is_json` is False for a tool that takes any text. Text after
        `{}` replaces it at the end of the call.
        """
        events = [] if key in self.calls else self.call(key)
        call = self.calls[key]
        text = call.characters.feed(text)
        if is_json and call.json_end.reached and _replaces_empty(call, text):
            call.pieces, call.chars_count, call.json_end = [], 0, JsonEnd()
            call.is_replaced = True
        if not text or (is_json and call.json_end.reached):
            return events
        if is_json and _begins_again(call, text):
            call.pieces, call.chars_count, call.json_end = [], 0, JsonEnd()
            call.is_replaced = True
        elif is_json:
            text = _beyond(call, text)
        if is_json:
            call.json_end.feed(text)
        call.pieces.append(text)
        call.chars_count += len(text)
        call.has_text, call.has_ended = True, False
        is_shown = text and not call.is_replaced
        return [*events, ToolCallDelta(call.part_id, text)] if is_shown else events

    def rename(self, key: Hashable, tool_name: str) -> list[Event]:
        """Add a piece to a call's name, or take a longer name, before its arguments begin."""
        call = self.calls[key]
        known = call.tool_name
        if call.has_text or known.startswith(tool_name):
            return []
        call.tool_name = tool_name if tool_name.startswith(known) else known + tool_name
        return [ToolCallStart(call.part_id, call.tool_name, call.tool_call_id)]

    def end_call(self, key: Hashable, arguments_text: str | None = None) -> list[Event]:
        """End a call; `arguments_text`, unless it is None, replaces the deltas.

        A second end has an effect only if it has different arguments.
        """
        call = self.calls.get(key)
        if call is None or (call.has_ended and arguments_text in (None, call.whole)):
            return []
        if call.is_replaced and arguments_text is None:
            arguments_text = call.arguments_text
        call.has_ended, call.whole = True, arguments_text
        return [ToolCallEnd(call.part_id, arguments_text)]

    def end_calls(self) -> list[Event]:
        """End all calls that have no end yet."""
        return [event for key in list(self.calls) for event in self.end_call(key)]

    def result(self, key: Hashable, result: str, *, is_error: bool = False) -> list[Event]:
        """Return the events of a tool's result; a call that is not in this stream has no name."""
        events = []
        if key not in self.calls:
            events = self.call(key, by_provider=True)
            self.calls[key].has_ended = True
        call = self.calls[key]
        call.has_result = True
        return [*events, ToolResult(call.part_id, result, is_error)]

    # --- citations, usage, progress, unknown records, failures

    def cite(self, url: str | None, title: str | None = None) -> list[Event]:
        """Cite a source once; again if its title arrives later."""
        key = url or title
        if not key or (key in self._cited and (self._cited[key] or not title)):
            return []
        self._cited[key] = title
        return [Citation(url or None, title, self.step_id)]

    def cite_all(self, value: object) -> list[Event]:
        """Cite every source in a list of any vendor's shape; see `citations`."""
        return [event for url, title in sources_in(value) for event in self.cite(url, title)]

    def cite_lists(self, record: JsonObject) -> list[Event]:
        """Cite the sources in the members of a record that list sources."""
        return [event for url, title in cited_in(record) for event in self.cite(url, title)]

    def usage(
        self,
        counts: JsonObject,
        call: str = "",
        *,
        cache_apart: bool = False,
        reasoning_apart: bool = False,
    ) -> list[Event]:
        """Report the tokens of a model call; none if they are unchanged. See `usage.usage_of`."""
        usage = usage_of(
            counts, call, self.model, cache_apart=cache_apart, reasoning_apart=reasoning_apart
        )
        if usage is None or self._reported.get(call) == usage:
            return []
        self._reported[call] = usage
        return [usage]

    def answered_by(self, model: str, call: str = "") -> list[Event]:
        """Report the name of the model that answers, once."""
        if not model or model == self.model:
            return []
        self.model = model
        return [Usage(None, None, call, model=model)]

    def progress(self, key: Hashable, data: object) -> list[Event]:
        """Return the progress in an application's own data; none if it holds no progress."""
        progress = self.bars.read(key, data, self.step_id)
        return [] if progress is None else [progress]

    def unknown(self, name: str, data: str) -> list[Event]:
        """Show a record that the vocabulary does not define, or the failure in it."""
        if not data.strip():
            return []
        value = parse(data)
        if failure := self._failure_in(name, data, value):
            return failure
        if sources := only_sources(value, name):
            return [event for url, title in sources for event in self.cite(url, title)]
        return self._unknown_records.show(name, data, value)

    def _failure_in(self, name: str, data: str, value: object) -> list[Event]:
        """Return the failure that a record of any vocabulary reports; none if it reports none."""
        if reports_failure(value) or names_failure(name):
            return self.fail(data if value is NO_JSON else value)
        if value is NO_JSON and (report := record_of_text(data.strip())).name:
            return self.fail(report.data)
        return []

    def fail(
        self, error: object, *, code: str | None = None, error_type: str | None = None
    ) -> list[Event]:
        """Report a failure of the peer once: an error object or a message. The run continues."""
        failure = failure_of(error, code=code, error_type=error_type)
        self.failed = True
        if failure.message in self._reported_failures:
            return []
        self._reported_failures.add(failure.message)
        return [failure]

    # --- the end

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run: `failed` after a failure, `cut` if the server cancelled the answer."""
        self.ended = True
        meaning = self.meaning()
        events = self.end_calls() if outcome == "complete" else self._replaced_calls()
        if meaning == "error" and self.error_reason_fails and not self.failed:
            events += self.fail(f"The provider ended the answer with {self.finish_reason!r}.")
        if is_cancelled(self.finish_reason):
            outcome = "cut"
        events += self.close_all()
        outcome = "failed" if self.failed else outcome
        return [*events, RunEnd(outcome, meaning, raw_finish_reason=self.finish_reason)]

    def _replaced_calls(self) -> list[Event]:
        """Return the ends of the calls whose arguments are not shown yet."""
        keys = [key for key, call in self.calls.items() if call.is_replaced]
        return [event for key in keys for event in self.end_call(key)]

    def meaning(self) -> FinishReason | None:
        """Return the normalised finish reason; None if there is none."""
        return normalised(self.finish_reason)


def _replaces_empty(call: Call, text: str) -> bool:
    return call.chars_count <= 4 and call.arguments_text.strip() == "{}" != text.strip() != ""


def _begins_again(call: Call, text: str) -> bool:
    """True if a piece is the whole arguments, written in another way than their beginning so far.

    Inside JSON an object cannot begin there, but in a string, which is open then.
    """
    if not call.chars_count or text[:1] != "{" or call.json_end.in_string:
        return False
    before = "".join(call.pieces)
    if before.lstrip()[:1] != "{" or before.rstrip()[-1:] in (":", "[", ","):
        return False
    return not text.startswith(before) and isinstance(parse(text), dict)


def _beyond(call: Call, text: str) -> str:
    """Return what a piece of arguments adds, which may be all of them so far with more.

    Inside JSON an object cannot begin where `{...` is not complete, but after `:`, `[` and `,`.
    """
    if not 0 < call.chars_count <= len(text) or not text.startswith(call.pieces[0]):
        return text
    before = "".join(call.pieces)
    begins_value = before.rstrip()[-1:] in (":", "[", ",")
    if begins_value or before.lstrip()[:1] != "{" or not text.startswith(before):
        return text
    return text[len(before) :]


_CONTENT: Final = (
    TextStart,
    TextDelta,
    TextEnd,
    ReasoningStart,
    ReasoningDelta,
    ReasoningEnd,
    ToolCallStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolResult,
    Citation,
)


def notice_of(message: str, level: str = "") -> Notice:
    """Return a notice; `level` is the severity in the peer's spelling."""
    is_warning = level.lower() in _WARNINGS
    return Notice(excerpt(message), "warning" if is_warning else "info")


_WARNINGS: Final = frozenset({"warning", "warn", "error", "critical", "alert", "emergency"})

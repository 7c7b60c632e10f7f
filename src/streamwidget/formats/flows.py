"""Texts and reasoning of a stream, and the steps that they belong to. A base of `BaseFormat`.

A flow is one message on the wire, addressed by its id; None is the flow of a wire without ids. Any
number of flows may be open. Each has at most one open part: other content of the same flow
(reasoning after text, a tool call) ends that part, other flows do not. A part belongs to the step
that was the innermost one when its flow began.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from io import StringIO
from typing import Final, Literal

from ..decode.records import NewId
from ..events import (
    Event,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    StepEnd,
    StepStart,
    StepState,
    TextDelta,
    TextEnd,
    TextStart,
)
from .growth import Growth, may_be_snapshot
from .thinking import Piece, ThinkTags, may_begin

Kind = Literal["text", "reasoning"]

MAX_STEP_DEPTH: Final = 32
"""Deepest nesting of steps; a deeper one is shown beside its parent. Nobody reads deeper, and pages
and exports recurse."""

REPEATED_CHARS: Final = 8
"""Shortest last piece that is taken for a repetition of the text before it: `ha` is not one."""


@dataclass(slots=True)
class OpenPart:
    """The open text or reasoning of a flow."""

    kind: Kind
    part_id: str
    step_id: str | None
    so_far: StringIO
    """All text of its kind in its flow."""


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


class Flows:
    """Keeps the open parts and the running steps; `new_id` as in `BaseFormat`."""

    def __init__(self, new_id: NewId) -> None:
        self.new_id = new_id
        self.steps: dict[Hashable, Step] = {}
        """Running steps by key, in the order of their starts."""
        self._steps_by_id: dict[str, Step] = {}
        self._open: dict[Hashable, OpenPart] = {}
        self._declared: dict[Hashable, str | None] = {}
        """Steps of the flows whose start and end the wire announces."""
        self._growth: dict[tuple[Kind, Hashable], Growth] = {}
        self._tags: dict[Hashable, ThinkTags] = {}
        self._texts: dict[tuple[Kind, Hashable], StringIO] = {}
        """The text of each flow so far, with which a whole text at its end is compared."""
        self._snapshots: dict[tuple[Kind, Hashable], str] = {}

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
            part.so_far.write(text)
            return [TextDelta(part.part_id, text)] if text else []
        return self._begin("text", text, flow, step_id) if text else []

    def think(self, text: str, flow: Hashable = None, step_id: str | None = None) -> list[Event]:
        """Return the events of a piece of reasoning; see `say`."""
        part = self._open.get(flow)
        if part is not None and part.kind == "reasoning":
            part.so_far.write(text)
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

        After deltas of that kind, it is what `complete` returns.
        """
        before = self._snapshots.get((kind, flow))
        if not text:
            return []
        if before is None and self.has_said(kind, flow):
            return self.complete(kind, text, flow, step_id)
        before = before or ""
        if text.startswith(before):
            self._snapshots[kind, flow] = text
            return self.grow(kind, text[len(before) :], flow, step_id)
        if before.startswith(text):
            return []
        self._snapshots[kind, flow] = before + text
        return self.grow(kind, text, flow, step_id)

    def complete(
        self, kind: Kind, whole: str, flow: Hashable = None, step_id: str | None = None
    ) -> list[Event]:
        """Return the events for what a whole text, sent at its end, has beyond its pieces.

        None if it is shorter, or another text; white space around it does not count.
        """
        events = self._end_tags(flow) if flow in self._tags else []
        if kind == "text" and may_begin(whole):
            whole = _without_thinking(whole)
        growth, so_far = self._growth.get((kind, flow)), self._texts.get((kind, flow))
        if growth is not None and (held := growth.resolve(whole)):
            events += self.grow(kind, held, flow, step_id)
        if so_far is None:
            return events + self.grow(kind, whole, flow, step_id)
        if len(whole) <= so_far.tell():
            return events
        before = so_far.getvalue()
        more = _beyond(before, whole) or _beyond(before.strip(), whole.strip())
        more = more.lstrip() if before[-1:].isspace() else more
        return events + self.grow(kind, more, flow, step_id)

    def last(
        self, kind: Kind, text: str, flow: Hashable = None, step_id: str | None = None
    ) -> list[Event]:
        """Return the events of a last piece, which may be the whole text once more."""
        so_far = self._texts.get((kind, flow))
        if so_far is not None and len(text) >= so_far.tell():
            before = so_far.getvalue()
            if may_be_snapshot(before, text) or (text == before and len(text) >= REPEATED_CHARS):
                return self.complete(kind, text, flow, step_id)
        grow = self.receive if (kind, flow) in self._growth else self.grow
        return grow(kind, text, flow, step_id)

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
        return (kind, flow) in self._texts

    def text_so_far(self, kind: Kind, flow: Hashable = None) -> str:
        """Return what the flow has contained of that kind."""
        so_far = self._texts.get((kind, flow))
        return "" if so_far is None else so_far.getvalue()

    def has_whole(self, kind: Kind, text: str) -> bool:
        """True if `text` is all that some flow has contained of that kind."""
        return any(
            kind == kind_ and so_far.tell() == len(text) and so_far.getvalue() == text
            for (kind_, _), so_far in self._texts.items()
        )

    def forget_texts(self) -> None:
        """Forget what the flows have contained, before an answer whose flows have the same keys."""
        self._texts.clear()

    @property
    def has_any_text(self) -> bool:
        """True if any flow has contained text that is not reasoning."""
        return any(kind == "text" for kind, _ in self._texts)

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
        so_far = self._texts.setdefault((kind, flow), StringIO())
        so_far.write(text)
        part = OpenPart(kind, self.new_id("t" if kind == "text" else "r"), step_id, so_far)
        self._open[flow] = part
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

    def rest(self) -> list[Event]:
        """Return the text that is held back, for a run that ends before its stream."""
        held = self._end_tags()
        return held + [event for pair in self._open.items() for event in self._held(*pair)]

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


def _without_thinking(whole: str) -> str:
    """Return the text after the reasoning in tags with which it begins."""
    tags = ThinkTags()
    return "".join(piece for kind, piece in [*tags.feed(whole), *tags.flush()] if kind == "text")


def _beyond(before: str, whole: str) -> str:
    """Return what `whole` has after `before`; "" if it begins otherwise."""
    return whole[len(before) :] if whole.startswith(before) else ""

"""Which part is open and which steps run: what formats share that have one text at a time.

Knows the canonical events only. A stretch of text is one part; it ends when something else begins
(reasoning, a step, a record that is shown by itself) and what follows is a new part.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Literal

from ..characters import WholeCharacters
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

Kind = Literal["text", "reasoning"]


class OpenParts:
    """Gives the events that open, grow and close parts and steps, with ids of the run."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self.new_id = new_id
        self._open: tuple[Kind, str, str | None] | None = None
        self._characters = WholeCharacters()
        # From the wire's name of a running step, in the order of their starts, to our id of it.
        self._steps: dict[Hashable, str] = {}
        self._parents: dict[Hashable, Hashable | None] = {}

    @property
    def innermost(self) -> Hashable | None:
        """The wire's name of the step that was started last and still runs; None outside steps."""
        return next(reversed(self._steps), None)

    def step_id(self, key: Hashable | None) -> str | None:
        """Our id of the running step `key`; None if there is none of that name."""
        return self._steps.get(key)

    def grow(self, kind: Kind, text: str, step_id: str | None) -> list[Event]:
        """A delta; opens a part of that kind in that step first unless it is the open one."""
        events: list[Event] = []
        if self._open is None or (self._open[0], self._open[2]) != (kind, step_id):
            events = self.close() if text else []
        text = self._characters.feed(text)
        if not text:
            return events
        if self._open is None:
            self._open = (kind, self.new_id("t" if kind == "text" else "r"), step_id)
            start = TextStart if kind == "text" else ReasoningStart
            events.append(start(self._open[1], step_id))
        events.append(_delta(self._open, text))
        return events

    def close(self) -> list[Event]:
        """The end of the open part, if one is."""
        if self._open is None:
            return []
        kind, part_id, _ = self._open
        rest = self._characters.flush()
        events: list[Event] = [_delta(self._open, rest)] if rest else []
        self._open = None
        return [*events, TextEnd(part_id) if kind == "text" else ReasoningEnd(part_id)]

    def start_step(self, key: Hashable, name: str, parent: Hashable | None) -> list[Event]:
        """Starts the step that the wire calls `key`; one of the same name ends first."""
        events = [*self.end_step(key, "done"), *self.close()]
        self._steps[key] = self.new_id("s")
        self._parents[key] = parent
        events.append(StepStart(self._steps[key], name, self._steps.get(parent)))
        return events

    def end_step(self, key: Hashable, state: StepState) -> list[Event]:
        """Ends the step and, before it, those inside it; nothing if it does not run."""
        if key not in self._steps:
            return []
        events = self.close()
        for inner in [k for k, parent in self._parents.items() if parent == key and k != key]:
            events += self.end_step(inner, state)
        self._parents.pop(key, None)
        events.append(StepEnd(self._steps.pop(key), state))
        return events


def _delta(part: tuple[Kind, str, str | None], text: str) -> Event:
    kind, part_id, _ = part
    return TextDelta(part_id, text) if kind == "text" else ReasoningDelta(part_id, text)

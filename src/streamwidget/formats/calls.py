"""Which tool calls a stream has made: what formats share that give arguments as text in pieces.

Knows the canonical events only. A call is found again by whatever the wire numbers it with.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from ..characters import WholeCharacters
from ..events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart
from .parts import OpenParts


@dataclass(slots=True)
class _Call:
    part_id: str
    name: str
    tool_call_id: str | None
    ended: bool = False
    has_text: bool = False
    told: str | None = None
    characters: WholeCharacters = field(default_factory=WholeCharacters)


class ToolCalls:
    """Gives the events that start, grow and end tool calls; a start closes the open text part."""

    def __init__(self, parts: OpenParts) -> None:
        self._parts = parts
        self._calls: dict[Hashable, _Call] = {}
        self._last: Hashable | None = None

    def __contains__(self, key: Hashable) -> bool:
        return key in self._calls

    @property
    def last(self) -> Hashable | None:
        """What the call that was started last is found by; None if there was none."""
        return self._last

    def part_id(self, key: Hashable) -> str | None:
        """Our id of the call; None if it was not started."""
        call = self._calls.get(key)
        return call.part_id if call else None

    def tool_call_id(self, key: Hashable) -> str | None:
        """The wire's id of the call; None if it has none or was not started."""
        call = self._calls.get(key)
        return call.tool_call_id if call else None

    def has_text(self, key: Hashable) -> bool:
        """Whether a piece of the arguments has come."""
        return key in self._calls and self._calls[key].has_text

    def start(
        self,
        key: Hashable,
        name: str,
        tool_call_id: str | None,
        *,
        by_provider: bool = False,
        step_id: str | None = None,
    ) -> list[Event]:
        """A new call under `key`; whatever was found by that key before is left as it is."""
        call = _Call(self._parts.new_id("c"), name, tool_call_id)
        self._calls[key] = call
        self._last = key
        start = ToolCallStart(call.part_id, name, tool_call_id, by_provider, step_id)
        return [*self._parts.close(), start]

    def tell(self, key: Hashable, name: str, tool_call_id: str | None) -> list[Event]:
        """A name or an id that the wire tells after the start; nothing if both were known."""
        call = self._calls[key]
        if (call.name or not name) and (call.tool_call_id or not tool_call_id):
            return []
        call.name = call.name or name
        call.tool_call_id = call.tool_call_id or tool_call_id
        return [ToolCallStart(call.part_id, call.name, call.tool_call_id)]

    def grow(self, key: Hashable, text: str) -> list[Event]:
        """More of the arguments; opens a call without a name if `key` is not known."""
        events = [] if key in self._calls else self.start(key, "", None)
        call = self._calls[key]
        text = call.characters.feed(text)
        if not text:
            return events
        call.has_text = True
        return [*events, ToolCallDelta(call.part_id, text)]

    def end(self, key: Hashable, arguments_text: str | None = None) -> list[Event]:
        """The end of a call; `arguments_text` is authoritative if not None.

        A second end says nothing, unless it tells other arguments.
        """
        call = self._calls.get(key)
        if call is None or (call.ended and arguments_text in (None, call.told)):
            return []
        call.ended, call.told = True, arguments_text
        rest = call.characters.flush()
        events: list[Event] = [ToolCallDelta(call.part_id, rest)] if rest else []
        return [*events, ToolCallEnd(call.part_id, arguments_text)]

    def end_all(self) -> list[Event]:
        """The ends of all calls that have none."""
        return [event for key in list(self._calls) for event in self.end(key)]

    def forget(self) -> None:
        """The wire begins to number anew: what was started is not found any more."""
        self._calls.clear()
        self._last = None

"""Tool calls of a stream: their names, arguments and results. A base of `BaseFormat`."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from ..characters import WholeCharacters
from ..decode.records import NewId, parse
from ..events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart, ToolResult
from .flows import Flows
from .json_end import JsonEnd


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


class ToolCalls(Flows):
    """Keeps the calls by their keys on the wire."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self.calls: dict[Hashable, Call] = {}
        """Tool calls, under every key that the wire uses for them."""
        self.last_call: Hashable | None = None
        """Key of the last started call."""

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

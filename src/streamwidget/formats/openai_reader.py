"""Reader for the events of OpenAI's responses, used by Responses, Realtime and the Agents SDK.

Knows the events inside one response and where the next one begins, not where a run ends.
`openai_responses` lists the records and their events.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Literal

from ..decode.records import NewId, Record
from ..events import Event, TextDelta
from .base import BaseFormat
from .fields import JsonObject, integer, json_text, mapping, objects, text, text_or_none
from .finish import FinishReason, normalised
from .flows import Kind
from .openai_items import QUIET, call_of, output_of, result_of

Place = tuple[str, Hashable, int]
"""Position of a text: its kind, the key of its item, and its number in the item."""


class ResponsesReader(BaseFormat):
    """Reads the events of successive responses; formats derive from it."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self.state: Literal["none", "open", "done"] = "none"
        """State of the last response: none has started, it is open, or it has ended."""
        self._reason: str | None = None
        self._response_id = ""
        self._response_count = 1
        self._keys: dict[str, Hashable] = {}
        """Keys of announced items by id."""

    def read(self, type_: str, value: JsonObject) -> list[Event] | None:
        """Return the events of one record; None if the vocabulary has no such type."""
        if type_ == "response.output_text.delta":
            index, at, more = (
                value.get("output_index"),
                value.get("content_index"),
                value.get("delta"),
            )
            item_id = value.get("item_id")
            if type(index) is int and type(at) is int and type(item_id) is str:
                place = ("text", self._keys.get(item_id, index), at)
                part = self._open.get(place)
                if part is not None and type(more) is str and more:
                    part.so_far.write(more)
                    return [TextDelta(part.part_id, more)]  # nearly all records
        handler = _HANDLERS.get(type_)
        if handler is None:
            return [] if _is_quiet(type_) else None
        events = handler(self, value)
        if self.state == "none" and type_ not in _STANDING_ALONE:
            self.state = "open"
        return events

    def meaning(self) -> FinishReason | None:
        """Return the normalised finish reason: the reason for an incomplete response, else its
        status."""
        return normalised(self._reason or self.finish_reason)

    def unknown_record(self, record: Record) -> list[Event]:
        """Show a record unchanged; none for an empty one."""
        return self.unknown(record.type or "record", record.data)

    # --- one response

    def _created(self, value: JsonObject) -> list[Event]:
        response = mapping(value, "response")
        if self.state != "open" or text(response, "id") != self._response_id:
            self._start(text(response, "id"))
        return self.answered_by(text(response, "model"))

    def _under_way(self, value: JsonObject) -> list[Event]:
        """Read `queued` and `in_progress`, with which a resumed response may begin."""
        response = mapping(value, "response")
        if self.state != "open":
            self._start(text(response, "id"))
        return self.answered_by(text(response, "model"))

    def _start(self, response_id: str) -> None:
        """Start the numbering again; a response that is announced twice stays the same."""
        self._response_id = response_id
        self._response_count += self.state != "none"
        self.state = "open"
        for key in [key for key in self.calls if not isinstance(key, str)]:
            self.forget(key)
        self.last_call = None
        self.forget_texts()
        self._keys.clear()

    def _terminal(self, value: JsonObject) -> list[Event]:
        response = mapping(value, "response")
        if self.state == "done" and text(response, "id") != self._response_id:
            self._start(text(response, "id"))
        events = self.answered_by(text(response, "model"))
        for at, item in enumerate(objects(response, "output")):
            events += self._item_done({"output_index": at, "item": item, "is_final": True})
        self.state = "done"
        status = text_or_none(response, "status")
        self.finish_reason = status or text(value, "type").removeprefix("response.") or None
        self._reason = text_or_none(mapping(response, "incomplete_details"), "reason")
        if response.get("error"):
            events += self.fail(response["error"])
        events += [*self.close_all(), *self.end_calls()]
        # our own number: the Agents SDK gives all responses of other APIs the same id
        return events + self.usage(mapping(response, "usage"), f"response {self._response_count}")

    def whole_response(self, response: JsonObject) -> list[Event]:
        """Return the events of a response that arrived as one JSON object."""
        status = text(response, "status")
        if status in ("failed", "cancelled") or response.get("error"):
            return self._failed({"response": response})
        return self._terminal({"response": response})

    def _failed(self, value: JsonObject) -> list[Event]:
        response = mapping(value, "response")
        events = self._terminal(value)
        ended = "was cancelled" if self.finish_reason == "cancelled" else "has failed"
        return events + self.fail(response.get("error") or f"The response {ended}.")

    def _done(self, value: JsonObject) -> list[Event]:
        """Read `response.done` of a Realtime session, whose status says how it ended."""
        details = mapping(mapping(value, "response"), "status_details")
        events = self._terminal(value)
        self._reason = text_or_none(details, "reason")
        if self.finish_reason == "failed":
            return events + self.fail(details.get("error") or "The response has failed.")
        return events

    def _error(self, value: JsonObject) -> list[Event]:
        return self.fail(value)

    # --- text

    def whole(self, kind: Kind, place: Place, whole: str, *, is_other: bool = False) -> list[Event]:
        """Return the events for the new content of the whole text at `place`.

        `is_other` is True if the text so far at that place belongs to another item.
        """
        if not whole or (kind == "text" and self.has_whole(kind, whole)):
            return []  # perhaps under the id of another item: relays rename them
        if is_other and self.text_so_far(kind, place) not in ("", whole):
            place = (place[0], ("other", place[1]), place[2])
        return self.complete(kind, whole, place)

    # --- items

    def key_of(self, value: JsonObject) -> Hashable:
        """Return the key of an item: that of its announced id, else its position in the output."""
        item_id = text(value, "item_id") or text(mapping(value, "item"), "id")
        if item_id in self._keys:
            return self._keys[item_id]
        index = integer(value, "output_index")
        return item_id if index is None else index

    def _part_added(self, value: JsonObject) -> list[Event]:
        """End the open part of the item, because its next part starts."""
        return self._close_item(self.key_of(value))

    def _part_done(self, value: JsonObject) -> list[Event]:
        """Return the new content of a complete part, and end it."""
        part, key = mapping(value, "part"), self.key_of(value)
        place: Place = ("text", key, integer(value, "content_index") or 0)
        if text(part, "type") in ("output_text", "text", "refusal", "audio"):
            events = self.whole("text", place, text(part, "text", "refusal", "transcript"))
        elif text(part, "type") == "reasoning_text":
            events = self.whole("reasoning", ("content", *place[1:]), text(part, "text"))
        else:
            events = []
        for note in objects(part, "annotations"):
            events += self._cite(note)
        return events + self._close_item(key)

    def _close_item(self, key: Hashable) -> list[Event]:
        flows = [flow for flow in self._open if isinstance(flow, tuple) and flow[1] == key]
        return [event for flow in flows for event in self.close(flow)]

    def _item_added(self, value: JsonObject) -> list[Event]:
        item = mapping(value, "item")
        item_id, index = text(item, "id"), integer(value, "output_index")
        if item_id and item_id not in self._keys:
            is_taken = index is None or index in self._keys.values()
            self._keys[item_id] = item_id if is_taken else index
        return self._call(item, self.key_of(value))

    def _call(self, item: JsonObject, key: Hashable) -> list[Event]:
        call = call_of(item)
        if call is None:
            return []
        if key in self.calls:
            return self.call(key, call.name, call.tool_call_id)
        ids = [call_id for call_id in (text(item, "call_id"), text(item, "id")) if call_id]
        for call_id in ids:
            if call_id in self.calls and self.state == "open":
                self.calls[key] = self.calls[call_id]
                return []
        events = self.call(key, call.name, call.tool_call_id, by_provider=call.by_provider)
        self.calls |= dict.fromkeys(ids, self.calls[key])
        return events

    def _item_done(self, value: JsonObject) -> list[Event]:
        item, key = mapping(value, "item"), self.key_of(value)
        kind = text(item, "type")
        if kind in ("message", "reasoning"):
            read = self._message_done if kind == "message" else self._reasoning_done
            is_other = value.get("is_final") is True and self._is_other(item, key)
            return read(item, key, is_other=is_other) + self._close_item(key)
        if output := output_of(item):
            return self.result(text(item, "call_id", "id"), output.text, is_error=output.is_error)
        if (call := call_of(item)) is not None:
            return self._call_done(item, key, call.arguments_text, value.get("is_final") is True)
        if kind in QUIET or not item or value.get("is_final") is True:
            return []
        return self.unknown(kind or "item", json_text(item))

    def _is_other(self, item: JsonObject, key: Hashable) -> bool:
        """True if that key belongs to another, announced item."""
        return text(item, "id") not in self._keys and key in self._keys.values()

    def _call_done(
        self, item: JsonObject, key: Hashable, arguments: str | None, is_final: bool
    ) -> list[Event]:
        ids = [call_id for call_id in (text(item, "call_id"), text(item, "id")) if call_id]
        known = next((call_id for call_id in ids if call_id in self.calls), None)
        if is_final and known is not None:
            key = known
        elif is_final and ids and key in self.calls and self.calls[key].tool_call_id:
            key = ids[0]
        events = self._call(item, key) + self.end_call(key, arguments)
        result = result_of(item)
        if result is None or (is_final and self.calls[key].has_result):
            return events
        return [*events, *self.result(key, result.text, is_error=result.is_error)]

    def _message_done(self, item: JsonObject, key: Hashable, *, is_other: bool) -> list[Event]:
        events: list[Event] = []
        for at, part in enumerate(objects(item, "content")):
            shown = text(part, "text", "refusal", "transcript")
            events += self.whole("text", ("text", key, at), shown, is_other=is_other)
            for note in objects(part, "annotations"):
                events += self._cite(note)
        return events

    def _reasoning_done(self, item: JsonObject, key: Hashable, *, is_other: bool) -> list[Event]:
        events: list[Event] = []
        for kind in ("summary", "content"):
            for at, part in enumerate(objects(item, kind)):
                shown = text(part, "text")
                events += self.whole("reasoning", (kind, key, at), shown, is_other=is_other)
        return events

    # --- arguments and sources

    def _arguments_delta(self, value: JsonObject) -> list[Event]:
        is_json = "custom" not in text(value, "type") and "code" not in text(value, "type")
        return self.arguments(self.key_of(value), text(value, "delta"), is_json=is_json)

    def _arguments_done(self, value: JsonObject) -> list[Event]:
        key = self.key_of(value)
        whole = value.get("arguments", value.get("input", value.get("code")))
        call_id = text_or_none(value, "call_id")
        events = self.call(key, text(value, "name"), call_id)
        if call_id:
            self.calls.setdefault(call_id, self.calls[key])
        return events + self.end_call(key, json_text(whole) if whole else None)

    def _annotation(self, value: JsonObject) -> list[Event]:
        return self._cite(mapping(value, "annotation"))

    def _cite(self, note: JsonObject) -> list[Event]:
        return self.cite(
            text_or_none(note, "url"), text_or_none(note, "title", "filename", "file_id")
        )


Handler = Callable[[ResponsesReader, JsonObject], "list[Event]"]


def _delta(kind: Kind, name: str, index: str) -> Handler:
    def read(reader: ResponsesReader, value: JsonObject) -> list[Event]:
        more = text(value, "delta") or text(mapping(value, "delta"), "text")
        return reader.grow(kind, more, (name, reader.key_of(value), integer(value, index) or 0))

    return read


def _whole(kind: Kind, name: str, index: str) -> Handler:
    def read(reader: ResponsesReader, value: JsonObject) -> list[Event]:
        whole = text(value, "text", "refusal", "transcript")
        place = (name, reader.key_of(value), integer(value, index) or 0)
        return reader.whole(kind, place, whole) + reader.close(place)

    return read


_QUIET_STARTS: Final = (
    "response.web_search_call.",
    "response.file_search_call.",
    "response.code_interpreter_call.",
    "response.image_generation_call.",
    "response.mcp_call.",
    "response.mcp_list_tools.",
    "response.shell_call",
    "response.apply_patch_call",
    "response.computer_call",
    "response.audio.",
    "response.output_audio.",
)
_STANDING_ALONE: Final = frozenset({"error", "response.output_item.done"})
_QUIET: Final = frozenset({"keepalive", "ping", "heartbeat"})


def _is_quiet(type_: str) -> bool:
    """True for a type without a handler that has no content for a reader."""
    return type_ in _QUIET or type_.startswith(_QUIET_STARTS)


_TEXT: Final = _delta("text", "text", "content_index")
_TEXT_DONE: Final = _whole("text", "text", "content_index")
_SUMMARY: Final = _delta("reasoning", "summary", "summary_index")
_REASONING: Final = _delta("reasoning", "content", "content_index")
_HANDLERS: Final[dict[str, Handler]] = {
    f"response.{name}": handler
    for names, handler in (
        ("created", ResponsesReader._created),
        ("queued in_progress", ResponsesReader._under_way),
        ("completed incomplete", ResponsesReader._terminal),
        ("failed cancelled", ResponsesReader._failed),
        ("done", ResponsesReader._done),
        ("output_item.added", ResponsesReader._item_added),
        ("output_item.done", ResponsesReader._item_done),
        ("content_part.added", ResponsesReader._part_added),
        ("content_part.done", ResponsesReader._part_done),
        ("reasoning_summary_part.added reasoning_summary_part.done", ResponsesReader._part_added),
        ("output_text.delta text.delta refusal.delta", _TEXT),
        ("audio.transcript.delta audio_transcript.delta output_audio_transcript.delta", _TEXT),
        ("output_text.done text.done refusal.done", _TEXT_DONE),
        ("audio.transcript.done audio_transcript.done output_audio_transcript.done", _TEXT_DONE),
        ("reasoning_summary_text.delta reasoning_summary.delta", _SUMMARY),
        ("reasoning_summary_text.done", _whole("reasoning", "summary", "summary_index")),
        ("reasoning_text.delta reasoning.delta", _REASONING),
        ("reasoning_text.done", _whole("reasoning", "content", "content_index")),
        (
            "function_call_arguments.delta mcp_call_arguments.delta",
            ResponsesReader._arguments_delta,
        ),
        ("custom_tool_call_input.delta", ResponsesReader._arguments_delta),
        ("code_interpreter_call_code.delta", ResponsesReader._arguments_delta),
        ("function_call_arguments.done mcp_call_arguments.done", ResponsesReader._arguments_done),
        ("custom_tool_call_input.done", ResponsesReader._arguments_done),
        ("code_interpreter_call_code.done", ResponsesReader._arguments_done),
        ("output_text.annotation.added", ResponsesReader._annotation),
    )
    for name in names.split()
} | {"error": ResponsesReader._error}

"""Reads the events of OpenAI's responses: what Responses, Realtime and the Agents SDK share.

Knows the events inside one response and where the next one begins, not where a run ends. Which
record becomes what is told in `openai_responses`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Literal

from ..events import Citation, Event, Outcome, RunEnd, ToolResult, Unknown, Usage
from .calls import ToolCalls
from .failures import provider_failure
from .fields import JsonObject, integer, json_text, mapping, objects, text, text_or_none
from .finish import normalised, run_end
from .openai_items import QUIET, ItemResult, call_of, output_of, result_of
from .parts import Kind, OpenParts
from .records import NewId, Record

Place = tuple[str, Hashable, Hashable]
"""Where a text stands: what it is, its item, and its number in that."""


class ResponsesReader:
    """Reads the events of one response after another; whoever owns it says when the run ends."""

    def __init__(self, new_id: NewId) -> None:
        self.parts = OpenParts(new_id)
        self.calls = ToolCalls(self.parts)
        self.part_ids: dict[str, str] = {}
        """From the wire's id of a call, in all responses, to our part."""
        self.step_id: str | None = None
        """The step that what comes belongs to; None outside steps."""
        self.has_failed = False
        self.state: Literal["none", "open", "done"] = "none"
        """Of the last response: none has begun yet, it is under way, or it has ended."""
        self.finish: str | None = None
        """The last response's status, once it has ended."""
        self._reason: str | None = None
        self._response_id = ""
        self._response_count = 1
        self._shown: set[Place] = set()
        self._cited: set[tuple[str | None, str | None]] = set()
        self._told: set[str] = set()

    def read(self, type_: str, value: JsonObject) -> list[Event] | None:
        """The events of one record; None if the vocabulary has no such type."""
        handler = _HANDLERS.get(type_)
        if handler is None:
            return [] if _is_quiet(type_) else None
        events = handler(self, value)
        if self.state == "none" and type_ not in _STANDING_ALONE:
            self.state = "open"
        return events

    def run_end(self, outcome: Outcome) -> RunEnd:
        """The end of the run: `failed` if a failure was told."""
        if self.has_failed:
            return run_end("failed", self.finish)
        reason = self._reason or self.finish
        return RunEnd(outcome, normalised(reason), raw_finish_reason=self.finish)

    def unknown(self, record: Record) -> list[Event]:
        """A record that is shown as it came; nothing for an empty one."""
        if not record.data.strip():
            return []
        return [*self.parts.close(), Unknown(record.type or "record", record.data)]

    def fail(self, value: object) -> list[Event]:
        """A failure of the provider, told once."""
        failure = provider_failure(value)
        self.has_failed = True
        if failure.message in self._told:
            return []
        self._told.add(failure.message)
        return [*self.parts.close(), failure]

    def result(self, call_id: str, result: ItemResult) -> list[Event]:
        """What a tool gave for the call that the wire calls `call_id`, known or not."""
        part_id = self.part_ids.get(call_id)
        if part_id is None:
            part_id = self.part_ids[call_id] = self.parts.new_id("c")
        return [*self.parts.close(), ToolResult(part_id, result.text, result.is_error)]

    # --- one response

    def _created(self, value: JsonObject) -> list[Event]:
        response_id = text(mapping(value, "response"), "id")
        if self.state != "open" or response_id != self._response_id:
            self._begin(response_id)
        return []

    def _under_way(self, value: JsonObject) -> list[Event]:
        """`queued` and `in_progress`: where a resumed response may begin."""
        if self.state != "open":
            self._begin(text(mapping(value, "response"), "id"))
        return []

    def _begin(self, response_id: str) -> None:
        """Numbers begin anew; a response that is told twice stays the same."""
        self._response_id = response_id
        self._response_count += self.state != "none"
        self.state = "open"
        self.calls.forget()
        self._shown.clear()

    def _terminal(self, value: JsonObject) -> list[Event]:
        response = mapping(value, "response")
        if self.state == "done" and text(response, "id") != self._response_id:
            self._begin(text(response, "id"))
        events: list[Event] = []
        if not self._shown:
            for at, item in enumerate(objects(response, "output")):
                events += self._item_done({"output_index": at, "item": item})
        self.state = "done"
        status = text_or_none(response, "status")
        self.finish = status or text(value, "type").removeprefix("response.") or None
        self._reason = text_or_none(mapping(response, "incomplete_details"), "reason")
        return [*events, *self.parts.close(), *self.calls.end_all(), *self._usage(response)]

    def _failed(self, value: JsonObject) -> list[Event]:
        response = mapping(value, "response")
        events = self._terminal(value)
        ended = "was cancelled" if self.finish == "cancelled" else "has failed"
        error = response.get("error") or {"message": f"The response {ended}."}
        return events + self.fail(error)

    def response_done(self, value: JsonObject) -> list[Event]:
        """`response.done` of a Realtime session: what ended it is in the status."""
        details = mapping(mapping(value, "response"), "status_details")
        events = self._terminal(value)
        self._reason = text_or_none(details, "reason")
        if self.finish == "failed":
            told = details.get("error") or {"message": "The response has failed."}
            return events + self.fail(told)
        return events

    def _usage(self, response: JsonObject) -> list[Event]:
        usage = mapping(response, "usage")
        given = integer(usage, "input_tokens", "prompt_tokens")
        made = integer(usage, "output_tokens", "completion_tokens")
        if given is None and made is None:
            return []
        # counted by us: the Agents SDK gives all responses of other APIs one and the same id
        return [Usage(given, made, call=f"response {self._response_count}")]

    # --- text

    def grow(self, kind: Kind, place: Place, more: str) -> list[Event]:
        """A piece of the text at `place`."""
        if not more:
            return []
        self._shown.add(place)
        return self.parts.grow(kind, more, self.step_id)

    def whole(self, kind: Kind, place: Place, more: str) -> list[Event]:
        """The whole text at `place`: what came in pieces is not shown again."""
        return [] if place in self._shown else self.grow(kind, place, more)

    def _close(self, _value: JsonObject) -> list[Event]:
        return self.parts.close()

    # --- items

    def _item_added(self, value: JsonObject) -> list[Event]:
        item, key = mapping(value, "item"), _key(value)
        events = self.parts.close()
        call = call_of(item)
        if call is None or key in self.calls:
            return events
        self._shown.add(("call", key, None))
        events += self.calls.start(
            key,
            call.name,
            call.tool_call_id,
            by_provider=call.by_provider,
            step_id=self.step_id,
        )
        for call_id in (text(item, "call_id"), text(item, "id")):
            if call_id:
                self.part_ids[call_id] = self.calls.part_id(key) or ""
        return events

    def _item_done(self, value: JsonObject) -> list[Event]:
        item, key = mapping(value, "item"), _key(value)
        kind = text(item, "type")
        if kind == "message":
            return self._message_done(item, key) + self.parts.close()
        if kind == "reasoning":
            return self._reasoning_done(item, key) + self.parts.close()
        if output := output_of(item):
            return self.result(text(item, "call_id", "id"), output)
        call = call_of(item)
        if call is not None:
            events = self._item_added(value) + self.calls.end(key, call.arguments_text)
            result = result_of(item)
            part_id = self.calls.part_id(key) or ""
            return (
                [*events, ToolResult(part_id, result.text, result.is_error)] if result else events
            )
        if kind in QUIET or not item:
            return []
        return [*self.parts.close(), Unknown(kind or "item", json_text(item))]

    def _message_done(self, item: JsonObject, key: Hashable) -> list[Event]:
        events: list[Event] = []
        for at, part in enumerate(objects(item, "content")):
            shown = text(part, "text", "refusal", "transcript")
            events += self.whole("text", ("text", key, at), shown)
            for note in objects(part, "annotations"):
                events += self.cite(note)
        return events

    def _reasoning_done(self, item: JsonObject, key: Hashable) -> list[Event]:
        events: list[Event] = []
        for kind in ("summary", "content"):
            for at, part in enumerate(objects(item, kind)):
                events += self.whole("reasoning", (kind, key, at), text(part, "text"))
        return events

    # --- arguments and sources

    def _arguments_delta(self, value: JsonObject) -> list[Event]:
        key = _key(value)
        self._shown.add(("call", key, None))
        return self.calls.grow(key, text(value, "delta"))

    def _arguments_done(self, value: JsonObject) -> list[Event]:
        key, told = _key(value), value.get("arguments", value.get("input", value.get("code")))
        if key not in self.calls:  # it stands on its own; `output_item.done` would come too late
            self._shown.add(("call", key, None))
            call_id = text_or_none(value, "call_id")
            events = self.calls.start(key, text(value, "name"), call_id, step_id=self.step_id)
        else:
            events = self.calls.tell(key, text(value, "name"), text_or_none(value, "call_id"))
        return events + self.calls.end(key, json_text(told) if told else None)

    def _annotation(self, value: JsonObject) -> list[Event]:
        return self.cite(mapping(value, "annotation"))

    def cite(self, note: JsonObject) -> list[Event]:
        """A source, once."""
        url, title = text_or_none(note, "url"), text_or_none(note, "title", "filename", "file_id")
        if not (url or title) or (url, title) in self._cited:
            return []
        self._cited.add((url, title))
        return [Citation(url, title, self.step_id)]


def _key(value: JsonObject) -> Hashable:
    """What numbers an item: its place in the output, else its id."""
    index = integer(value, "output_index")
    return text(value, "item_id") or text(mapping(value, "item"), "id") if index is None else index


Handler = Callable[[ResponsesReader, JsonObject], "list[Event]"]


def _delta(kind: Kind, name: str, index: str) -> Handler:
    def read(reader: ResponsesReader, value: JsonObject) -> list[Event]:
        more = text(value, "delta") or text(mapping(value, "delta"), "text")
        return reader.grow(kind, (name, _key(value), integer(value, index) or 0), more)

    return read


def _whole(kind: Kind, name: str, index: str) -> Handler:
    def read(reader: ResponsesReader, value: JsonObject) -> list[Event]:
        more = text(value, "text", "refusal", "transcript")
        place = (name, _key(value), integer(value, index) or 0)
        return reader.whole(kind, place, more) + reader.parts.close()

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
    """Whether a type without a handler says nothing to a reader."""
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
        ("done", ResponsesReader.response_done),
        ("output_item.added", ResponsesReader._item_added),
        ("output_item.done", ResponsesReader._item_done),
        ("content_part.added content_part.done", ResponsesReader._close),
        ("reasoning_summary_part.added reasoning_summary_part.done", ResponsesReader._close),
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
} | {"error": ResponsesReader.fail}

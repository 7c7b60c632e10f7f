"""The vocabulary of OpenAI Chat Completions and of the many servers that use it.

Azure, OpenRouter, Groq, Kimi, Mistral, TGI, vLLM and others differ in small ways; all are read.
Each choice of each message is a text; see `openai_messages`. A record is one chunk:

| record | becomes |
|---|---|
| `choices[].delta.content`, a string or a list of parts; `refusal`; `audio.transcript` | text |
| `choices[].text` of the older Completions, if there was no delta | text |
| `choices[].message`, complete or growing | content that the deltas did not have |
| `reasoning_content`, `reasoning`, else `reasoning_details[]`; a part `thinking` | reasoning |
| `tool_calls[]`, see `openai_calls`; the old `function_call` | a tool call |
| `annotations[]`, `citations[]`, `search_results[]` and similar | citations, each once |
| `usage`, also in `x_groq` or in the choice | usage; the last one counts |
| `{"type": "chunk", "chunk": ...}`, `{"data": ...}` of the SDKs' helpers | the chunk in it |
| `error` that is not empty, at any level; `event: error` | a failure |
| `{"object": "error", "message": ...}` | a failure |
| `finish_reason` | ends the tool calls; the run continues, some relays send it in every chunk |
| `[DONE]` | the end |
| a content part of another kind, a record of another shape | unknown; the text continues |

The end marker is `[DONE]`. If the input ends without it, a `finish_reason` takes its place, because
some servers (TGI) send none; without either the stream is cut. After an error it has failed.

Source: OpenAI API reference, "The chat completion chunk object"; the servers' own references.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from ..decode.records import NO_JSON, NewId, Record, record_of_value
from ..events import Event, Outcome, TextDelta
from .base import BaseFormat
from .citations import SOURCE_LISTS, source_in
from .failures import envelope_error, nested_error
from .fields import (
    JsonObject,
    as_sequence,
    code,
    integer,
    json_text,
    mapping,
    objects,
    sequence,
    text,
)
from .openai_calls import OpenAICalls
from .openai_messages import Messages

NAME: Final = "openai-chat"

_OBJECTS: Final = frozenset({"chat.completion.chunk", "chat.completion", "text_completion"})
_KEYS: Final = frozenset({"choices", "usage", "x_groq", "citations", "prompt_filter_results"})
_REPEATED: Final = ("content.", "refusal.", "logprobs.", "tool_calls.function.")
"""Events of OpenAI's helper that repeat the chunk before them."""
_KEEP_ALIVE: Final = frozenset({"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"})
_OF_A_DELTA: Final = frozenset(
    {"content", "role", "tool_calls", "reasoning_content", "reasoning", "refusal", "function_call"}
)
_BESIDE_TEXT: Final = frozenset({*SOURCE_LISTS, "context", "executed_tools"})
_PLAIN_CHUNK: Final = frozenset(
    {"id", "object", "created", "model", "choices", "system_fingerprint", "service_tier", "p"}
    | {"usage", "obfuscation", "provider"}
)
_PLAIN_CHOICE: Final = frozenset(
    {"index", "delta", "finish_reason", "logprobs", "native_finish_reason"}
)
_OLD_CHOICE: Final = frozenset({"text", "index", "finish_reason", "logprobs"})
_PLAIN_DELTA: Final = frozenset({"content", "role"})


def recognises(record: Record) -> bool:
    """True if the record is a chunk: `choices` with a delta, or with a known `object`."""
    chunk = _unwrapped(record.object)
    choices = chunk.get("choices")
    if not isinstance(choices, list):
        return False
    if text(chunk, "object") in _OBJECTS or "prompt_filter_results" in chunk:
        return True
    return bool(choices) and all(_is_choice(choice) for choice in choices)


def _unwrapped(value: JsonObject) -> JsonObject:
    """Return the chunk inside an event of an SDK's helper (OpenAI's, Mistral's), else `value`."""
    if value.get("type") == "chunk":
        return mapping(value, "chunk") or value
    return mapping(value, "data") if len(value) == 1 and "data" in value else value


def _is_choice(choice: object) -> bool:
    if not isinstance(choice, dict):
        return False
    if isinstance(choice.get("text"), str):  # the older Completions
        return choice.keys() <= _OLD_CHOICE or {"index", "finish_reason"} <= choice.keys()
    if isinstance(message := choice.get("message"), dict):
        return "content" in message and "role" in message
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return False
    return "index" in choice or "finish_reason" in choice or not _OF_A_DELTA.isdisjoint(delta)


class OpenAIChatFormat(BaseFormat):
    """A decoder from chunks to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._calls = OpenAICalls(self)
        self._with_deltas: set[Hashable] = set()
        """Choices that have had deltas."""
        self._plain_part: object = None
        """The text of the last plain chunk: its pieces are known to be deltas."""
        self._messages = Messages()
        self._flow: Hashable = None
        """The flow of the choice that is read: of one message, and one index in it."""
        self._first: Hashable = None
        """The flow of the first choice of the message that is read."""
        self._id: object = None
        """The id of the last chunk with choices; None: it had none."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended:
            return []
        chunk = record.value
        part = self._open.get(self._first)
        if part is not None and part.kind == "text" and type(chunk) is dict:
            more = _plain_text(chunk, self._id)
            if more and (self._plain_part is part or self.sends_deltas("text", self._first)):
                self._plain_part = part  # nearly all of nearly all streams
                part.so_far.write(more)
                return [TextDelta(part.part_id, more)]
        if record.data.lstrip().startswith("[DONE]"):
            return [*self._waiting(), *self.end("complete")]
        if record.name == "error":
            return self.fail(record.data if record.value is NO_JSON else record.value)
        if not record.object:
            return self._other(record)
        if record.type.startswith(_REPEATED):
            return []
        chunk = _unwrapped(record.object)
        if len(ready := self._messages.feed(chunk)) == 1:
            return self._chunk(chunk, record)
        return [event for one in ready for event in self._chunk(one, record)]

    def _waiting(self) -> list[Event]:
        """Return the events of the chunks whose message was not known yet."""
        chunks = [(chunk, record_of_value(chunk)) for chunk in self._messages.flush()]
        return [event for pair in chunks for event in self._chunk(*pair)]

    def _outcome(self, half_record: bool) -> Outcome:
        has_reason = self.finish_reason is not None or any(
            code(choice, "finish_reason")
            for chunk in self._messages.waiting
            for choice in objects(chunk, "choices")
        )
        return "complete" if has_reason and not half_record else "cut"

    def rest(self) -> list[Event]:
        """Return what is held back, for a run that ends before its stream."""
        return [*self._waiting(), *super().rest()]

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Return the events at the end of the input; none if the run has ended before."""
        waiting = [] if self.ended else self._waiting()
        return [*waiting, *super().flush(half_record=half_record)]

    # --- one chunk

    def _chunk(self, chunk: JsonObject, record: Record) -> list[Event]:
        known = text(chunk, "object") in _OBJECTS or not _KEYS.isdisjoint(chunk)
        events = self.answered_by(text(chunk, "model")) if known else []
        if chunk.get("choices"):
            self._messages.read(chunk)
            self._first, self._id = self._messages.flow(None), chunk.get("id")
        for choice in objects(chunk, "choices"):
            self._flow = self._messages.flow(integer(choice, "index"))
            events += self._choice(choice, has_error=bool(chunk.get("error")))
        events += self.cite_lists(chunk) if known else []
        events += self.usage(mapping(chunk, "usage"))
        events += self.usage(mapping(mapping(chunk, "x_groq"), "usage"))
        if chunk.get("error") or text(chunk, "object") == "error" or envelope_error(chunk):
            return events + self.fail(chunk)
        if (error := nested_error(chunk)) is not None:
            return events + self.fail(error)
        return events if known else self._other(record)

    def _choice(self, choice: JsonObject, *, has_error: bool) -> list[Event]:
        """Read a choice; `has_error` is True if the chunk already reports the error of the
        choice."""
        events = self._text_of(choice)
        events += self.cite_lists(choice)
        events += self.usage(mapping(choice, "usage"))
        if choice.get("error") and not has_error:
            events += self.fail(choice["error"])
        if finish := code(choice, "finish_reason"):
            self.finish_reason = finish
            events += self.end_calls()
        return events

    def _text_of(self, choice: JsonObject) -> list[Event]:
        events: list[Event] = []
        if delta := mapping(choice, "delta"):
            self._with_deltas.add(self._flow)
            events = self._delta(delta)
        elif isinstance(choice.get("text"), str):  # the older Completions
            return [] if self._flow in self._with_deltas else self._say(choice["text"])
        message = mapping(choice, "message")
        return events + self._message(message) if message else events

    def _message(self, message: JsonObject) -> list[Event]:
        """Return the new content of a complete or growing message."""
        flow = self._flow
        events = self.snapshot("reasoning", _reasoning(message), flow)
        content = message.get("content")
        if isinstance(content, str):
            events += self.snapshot("text", content, flow)
        elif not self.has_said("text", flow):
            events += self._content(content)
        rest = {key: message[key] for key in message if key in _BESIDE_TEXT}
        if not self.calls:
            rest |= {key: message[key] for key in ("tool_calls", "function_call") if key in message}
        if not self.has_said("text", flow):
            rest |= {key: message[key] for key in ("refusal", "audio") if key in message}
        return events + self._delta(rest)

    def _delta(self, delta: JsonObject) -> list[Event]:
        events = self.receive("reasoning", _reasoning(delta), self._flow)
        events += self._content(delta.get("content"))
        events += self._say(text(delta, "refusal"))
        events += self._say(text(mapping(delta, "audio"), "transcript"))
        for call in objects(delta, "tool_calls") or [mapping(delta, "tool_calls")]:
            events += self._calls.fragment(call, self._flow) if call else []
        if legacy := mapping(delta, "function_call"):
            events += self._calls.grow(("function_call", self._flow), legacy, None)
        events += self.cite_lists(delta)
        events += self.cite_lists(mapping(delta, "context"))  # Azure's own data
        for tool in objects(delta, "executed_tools"):  # Groq
            events += self.cite_lists(tool)
        return events

    # --- text and reasoning

    def _say(self, more: str) -> list[Event]:
        return self.receive("text", more, self._flow)

    def _content(self, content: object) -> list[Event]:
        if isinstance(content, str):
            return self._say(content)
        return [event for part in as_sequence(content) for event in self._part(part)]

    def _part(self, part: object) -> list[Event]:
        """Return the events of one element of a content list, as Mistral sends them."""
        if isinstance(part, str):
            return self._say(part)
        match text(part, "type"):
            case "text" | "output_text" | "":
                return self._say(text(part, "text"))
            case "thinking":
                return self.receive("reasoning", _thinking(part), self._flow)
            case "reference":
                return []
            case kind if text(part, "url") and kind.endswith(("reference", "citation", "source")):
                return self.cite(*source_in(part))
            case kind:
                return self.unknown(kind, json_text(part))

    # --- the rest

    def _other(self, record: Record) -> list[Event]:
        """Show a record that is not a chunk, unless it is a keep-alive."""
        if record.type.lower() in _KEEP_ALIVE:
            return []
        return self.unknown(record.type or "record", record.data)


def _plain_text(chunk: dict[str, object], id_: object) -> str | None:
    """Return the text of a chunk with the id `id_` that has only text; None for other records."""
    if chunk.get("id") != id_ or not chunk.keys() <= _PLAIN_CHUNK or chunk.get("usage"):
        return None
    choices = chunk.get("choices")
    if type(choices) is not list or len(choices) != 1 or type(choice := choices[0]) is not dict:
        return None
    if not choice.keys() <= _PLAIN_CHOICE or choice.get("finish_reason") or choice.get("index"):
        return None
    delta = choice.get("delta")
    if type(delta) is not dict or not delta.keys() <= _PLAIN_DELTA:
        return None
    content = delta.get("content")
    return content if type(content) is str else None


def _reasoning(delta: JsonObject) -> str:
    """Return the reasoning of a delta; OpenRouter sends the same text under two keys."""
    reasoning = text(delta, "reasoning_content", "reasoning", "reasoning_text")
    if reasoning:
        return reasoning
    details = objects(delta, "reasoning_details")
    return "".join(text(detail, "text", "summary") for detail in details)


def _thinking(part: object) -> str:
    """Return the text of a `thinking` part: a string, or a list of text parts."""
    whole = text(part, "thinking")
    return whole or "".join(text(inner, "text") for inner in sequence(part, "thinking"))

"""The vocabulary of OpenAI Chat Completions and of the many servers that speak it.

Azure, OpenRouter, Groq, Kimi, Mistral, TGI, vLLM and others differ in small ways; all are read.
Only choice 0 is shown. A record is one chunk:

| record | becomes |
|---|---|
| `choices[0].delta.content`, a string or a list of parts; `refusal`; `audio.transcript` | text |
| `choices[0].text` of the older Completions, where no delta came before | text |
| `reasoning_content`, `reasoning`, else `reasoning_details[]`; a part `thinking` | reasoning |
| `tool_calls[]` by `index`, else by `id`, else by order; the old `function_call` | a tool call |
| `delta.annotations[]`, top-level `citations[]` | a source, once |
| `usage`, also in `x_groq` or in the choice | usage; the last one counts |
| `{"type": "chunk", "chunk": ...}`, `{"data": ...}` of the SDKs' helpers | the chunk in it |
| `error` that is not empty, at the top or in the choice; `event: error` | a failure |
| `{"object": "error", "message": ...}` | a failure |
| `finish_reason` | ends the tool calls; the run goes on, it may be repeated |
| `[DONE]` | the end |
| a content part of another kind, a record of another shape | unknown |

The end marker is `[DONE]`. When the bytes end without it, a `finish_reason` stands for it, because
some servers (TGI) send none; without either the stream is cut. After an error it has failed.

Source: OpenAI API reference, "The chat completion chunk object"; the servers' own references.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from ..events import Citation, Event, Outcome, Unknown, Usage
from .calls import ToolCalls
from .failures import provider_failure
from .fields import (
    JsonObject,
    as_sequence,
    as_text,
    code,
    integer,
    json_text,
    mapping,
    objects,
    sequence,
    text,
    text_or_none,
)
from .finish import run_end
from .parts import Kind, OpenParts
from .records import NO_JSON, NewId, Record

NAME: Final = "openai-chat"

_OBJECTS: Final = frozenset({"chat.completion.chunk", "chat.completion", "text_completion"})
_KEYS: Final = frozenset({"choices", "usage", "x_groq", "citations", "prompt_filter_results"})
_REPEATED: Final = ("content.", "refusal.", "logprobs.", "tool_calls.function.")
"""Events of OpenAI's helper that say again what the chunk before them said."""
_KEEP_ALIVE: Final = frozenset({"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"})


def recognises(record: Record) -> bool:
    """Whether the record is a chunk: `choices` with a delta in it, or with the object's name."""
    chunk = _unwrapped(record.object)
    choices = chunk.get("choices")
    if not isinstance(choices, list):
        return False
    if text(chunk, "object") in _OBJECTS or "prompt_filter_results" in chunk:
        return True
    return bool(choices) and all(_is_choice(choice) for choice in choices)


def _unwrapped(value: JsonObject) -> JsonObject:
    """The chunk inside an event of an SDK's helper (OpenAI's, Mistral's), else `value`."""
    if value.get("type") == "chunk":
        return mapping(value, "chunk") or value
    return mapping(value, "data") if set(value) == {"data"} else value


def _is_choice(choice: object) -> bool:
    if not isinstance(choice, dict):
        return False
    if isinstance(choice.get("text"), str):  # the older Completions
        return "index" in choice and "finish_reason" in choice
    return isinstance(choice.get("delta"), dict) and (
        "index" in choice or "finish_reason" in choice
    )


class OpenAIChatFormat:
    """Chunks to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._parts = OpenParts(new_id)
        self._calls = ToolCalls(self._parts)
        self._cited: set[tuple[str | None, str | None]] = set()
        self._finish: str | None = None
        self._failed = False
        self._has_deltas = False
        self._unnumbered_count = 0
        self.ended = False

    def feed(self, record: Record, /) -> list[Event]:
        if self.ended:
            return []
        if record.data.lstrip().startswith("[DONE]"):
            return self._end("complete")
        if record.name == "error":
            return self._error(record.data if record.value is NO_JSON else record.value)
        if not record.object:
            return self._other(record)
        if record.type.startswith(_REPEATED):
            return []
        return self._chunk(_unwrapped(record.object), record)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """See the top for what the end of the bytes means."""
        if self.ended:
            return []
        done = self._finish is not None and not half_record
        return self._end("complete") if done else self._end("cut")

    def _end(self, outcome: Outcome) -> list[Event]:
        self.ended = True
        ends = self._calls.end_all() if outcome == "complete" else []
        outcome = "failed" if self._failed else outcome
        return [*self._parts.close(), *ends, run_end(outcome, self._finish)]

    # --- one chunk

    def _chunk(self, chunk: JsonObject, record: Record) -> list[Event]:
        events: list[Event] = []
        for choice in objects(chunk, "choices"):
            if (integer(choice, "index") or 0) == 0:
                events += self._choice(choice, told=bool(chunk.get("error")))
        for cited in sequence(chunk, "citations"):
            events += self._cite(as_text(cited), None)
        events += self._usage(chunk) or self._usage(mapping(chunk, "x_groq"))
        if chunk.get("error") or text(chunk, "object") == "error":
            return events + self._error(chunk)
        known = text(chunk, "object") in _OBJECTS or not _KEYS.isdisjoint(chunk)
        return events if known else self._other(record)

    def _choice(self, choice: JsonObject, *, told: bool) -> list[Event]:
        """`told`: the chunk has an error of its own, which is this one's."""
        events = self._delta(self._delta_of(choice))
        events += self._usage(choice)
        if choice.get("error") and not told:
            events += self._error(choice)
        if finish := code(choice, "finish_reason"):
            self._finish = finish
            events += [*self._parts.close(), *self._calls.end_all()]
        return events

    def _delta_of(self, choice: JsonObject) -> JsonObject:
        """The delta; a whole message stands for it only where no delta came before."""
        if delta := mapping(choice, "delta"):
            self._has_deltas = True
            return delta
        if self._has_deltas:
            return {}
        if text(choice, "text"):  # the older Completions
            return {"content": choice["text"]}
        return mapping(choice, "message")

    def _delta(self, delta: JsonObject) -> list[Event]:
        events = self._grow("reasoning", _reasoning(delta))
        events += self._content(delta.get("content"))
        events += self._grow("text", text(delta, "refusal"))
        events += self._grow("text", text(mapping(delta, "audio"), "transcript"))
        for call in objects(delta, "tool_calls"):
            events += self._call(call)
        if legacy := mapping(delta, "function_call"):
            events += self._fragment("function_call", legacy, None)
        for note in objects(delta, "annotations"):
            cited = mapping(note, "url_citation") or note
            events += self._cite(text(cited, "url"), text_or_none(cited, "title"))
        return events

    # --- text and reasoning

    def _content(self, content: object) -> list[Event]:
        if isinstance(content, str):
            return self._grow("text", content)
        events: list[Event] = []
        for part in as_sequence(content):
            events += self._part(part)
        return events

    def _part(self, part: object) -> list[Event]:
        """One element of a content list, as Mistral sends them."""
        if isinstance(part, str):
            return self._grow("text", part)
        match text(part, "type"):
            case "text" | "output_text" | "":
                return self._grow("text", text(part, "text"))
            case "thinking":
                return self._grow("reasoning", _thinking(part))
            case "reference":
                return []
            case kind:
                return [*self._parts.close(), Unknown(kind, json_text(part))]

    def _grow(self, kind: Kind, more: str) -> list[Event]:
        return self._parts.grow(kind, more, None) if more else []

    # --- tool calls

    def _call(self, call: JsonObject) -> list[Event]:
        function = mapping(call, "function") or mapping(call, "custom")
        return self._fragment(self._key(call, function), function, text_or_none(call, "id"))

    def _key(self, call: JsonObject, function: JsonObject) -> Hashable:
        """What numbers the call: its index, else its id; else a name begins a new one."""
        call_id, name = text(call, "id"), text(function, "name")
        index = integer(call, "index")
        if index is not None:
            return self._key_of_index(("index", index), call_id, name)
        if call_id:
            return ("id", call_id)
        if self._calls.last is not None and not name:
            return self._calls.last
        self._unnumbered_count += 1
        return ("unnumbered", self._unnumbered_count)

    def _key_of_index(self, key: tuple[str, int], call_id: str, name: str) -> Hashable:
        """The index; some servers number all calls 0, so another id and a name are another call."""
        known = self._calls.tool_call_id(key)
        if call_id and known == call_id:
            return key
        if call_id and name and known:
            return (*key, call_id)
        last = self._calls.last
        return last if isinstance(last, tuple) and last[:2] == key else key

    def _fragment(self, key: Hashable, function: JsonObject, call_id: str | None) -> list[Event]:
        name = text(function, "name")
        known = key in self._calls
        start = self._calls.tell if known else self._calls.start
        events = start(key, name, call_id)
        arguments = function.get("arguments", function.get("input"))
        if arguments is None or arguments == "":
            return events
        return events + self._calls.grow(key, json_text(arguments))

    # --- the rest

    def _cite(self, url: str, title: str | None) -> list[Event]:
        if not (url or title) or (url, title) in self._cited:
            return []
        self._cited.add((url, title))
        return [Citation(url or None, title)]

    def _usage(self, holder: JsonObject) -> list[Event]:
        usage = mapping(holder, "usage")
        given = integer(usage, "prompt_tokens", "input_tokens")
        made = integer(usage, "completion_tokens", "output_tokens")
        return [] if given is None and made is None else [Usage(given, made)]

    def _error(self, value: object) -> list[Event]:
        self._failed = True
        return [*self._parts.close(), provider_failure(value)]

    def _other(self, record: Record) -> list[Event]:
        """A record that is no chunk: shown, unless it only keeps the connection alive."""
        if not record.data.strip() or record.type.lower() in _KEEP_ALIVE:
            return []
        return [*self._parts.close(), Unknown(record.type or "record", record.data)]


def _reasoning(delta: JsonObject) -> str:
    """The reasoning of a delta, once: OpenRouter sends the same text under two keys."""
    told = text(delta, "reasoning_content", "reasoning", "reasoning_text")
    if told:
        return told
    details = objects(delta, "reasoning_details")
    return "".join(text(detail, "text", "summary") for detail in details)


def _thinking(part: object) -> str:
    """The text of a `thinking` part: a string, or a list of text parts."""
    whole = text(part, "thinking")
    return whole or "".join(text(inner, "text") for inner in sequence(part, "thinking"))

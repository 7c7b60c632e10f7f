"""Tool calls of chat completions: which call a fragment belongs to.

Servers identify calls in many ways: by `index`, by `id`, by both, by order alone; with the id in
the first fragment only, in each, or another in each; one call at several indexes, or all calls at
index 0. The rules, in their order:

| fragment | belongs to |
|---|---|
| an index and the id of the call there, or no id | that call |
| an index, and an id that is known elsewhere | that other call |
| an index, a new id and a name | a new call |
| no index, an id | the call of that id |
| neither | the last call; a name begins a new one |
| a name and whole arguments, where the call has other whole arguments | a new call |
"""

from __future__ import annotations

import json
from collections.abc import Hashable

from ..events import Event
from .base import BaseFormat
from .calls import Call
from .fields import JsonObject, code, integer, json_text, mapping, text


class OpenAICalls:
    """Turns fragments into events of `format`."""

    def __init__(self, format: BaseFormat) -> None:
        self._format = format
        self._unnumbered_count = 0

    def fragment(self, call: JsonObject, choice: Hashable = None) -> list[Event]:
        """Return the events of one element of `tool_calls`; `choice` is the answer it is in."""
        function = mapping(call, "function") or mapping(call, "custom") or call
        call_id = code(call, "id")
        return self.grow(self._key(call, function, call_id or "", choice), function, call_id)

    def grow(self, key: Hashable, function: JsonObject, call_id: str | None) -> list[Event]:
        """Return the events of a fragment of the call `key`."""
        format, name = self._format, text(function, "name")
        known = format.calls.get(key)
        events = format.call(key, name, call_id)
        if known is not None and name:
            events += format.rename(key, name)
        if call_id:
            format.calls.setdefault(("id", call_id), format.calls[key])
        arguments = function.get("arguments", function.get("input"))
        if arguments is None or arguments == "":
            return events
        is_json = "input" not in function or "arguments" in function
        return events + format.arguments(key, json_text(arguments), is_json=is_json)

    def _key(
        self, call: JsonObject, function: JsonObject, call_id: str, choice: Hashable
    ) -> Hashable:
        index = integer(call, "index")
        if index is None and text(call, "index").isdecimal():
            index = int(text(call, "index")[:9])
        key: Hashable
        if index is not None:
            key = self._of_index(("index", choice, index), function, call_id)
        elif call_id:
            key = ("id", call_id)
        elif self._format.last_call is not None and not text(function, "name"):
            return self._format.last_call
        else:
            self._unnumbered_count += 1
            return ("unnumbered", self._unnumbered_count)
        known = self._format.calls.get(key)
        if known is not None and _begins_another(known, function):
            self._format.forget(key)
            self._format.forget(("id", call_id))
        return key

    def _of_index(self, key: Hashable, function: JsonObject, call_id: str) -> Hashable:
        """Return the key of a numbered call, once it names the call that the fragment is of."""
        calls, name = self._format.calls, text(function, "name")
        at_index = calls.get(key)
        if not call_id or (at_index is not None and at_index.tool_call_id == call_id):
            return key
        same_id = calls.get(("id", call_id))
        if same_id is not None and not _is_another(same_id.tool_name, name):
            if not (same_id.is_whole and function.get("arguments") and name):
                calls[key] = same_id
        elif at_index is not None and at_index.tool_call_id and name:
            self._format.forget(key)
        return key


def _is_another(known_name: str, name: str) -> bool:
    return bool(known_name and name and known_name != name)


def _begins_another(known: Call, function: JsonObject) -> bool:
    """True if a fragment with a name has other whole arguments than the whole call known."""
    if not known.is_whole or not text(function, "name"):
        return False
    arguments = json_text(function.get("arguments") or "")
    value, before = _object_in(arguments), _object_in(known.arguments_text)
    return value is not None and value != before and known.arguments_text.strip() != "{}"


def _object_in(arguments: str) -> object:
    """Return the JSON object that `arguments` is; None if it is not one."""
    if not arguments.lstrip().startswith("{"):
        return None
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return None

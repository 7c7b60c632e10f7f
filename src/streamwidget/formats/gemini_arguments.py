"""Gemini's tool arguments in patches: `{"jsonPath": "$.a[0].b", "stringValue": "…"}` one by one.

Knows the patches of one call. They are kept twice: as a value, which is the final result, and as
JSON text that only grows, so that long arguments are visible while they arrive. The two agree if
the patches are in the order of the text; otherwise the value is authoritative.

Source: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling,
"Streaming function call arguments".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise, takewhile
from typing import Any, Final

from ..characters import clean
from ..decode.records import parse
from .fields import JsonObject, as_mapping, as_number, json_text, text

Token = str | int
_MISSING: Final = object()

MAX_DEPTH: Final = 64
"""A deeper path is ignored: `json` recurses, and real arguments are not nested so deeply."""

_STEP: Final = re.compile(
    r"""\.([^.\[\]]+) | \[(\d{1,9})\] | \['((?:[^'\\]|\\.)*)'\] | \["((?:[^"\\]|\\.)*)"\]""",
    re.VERBOSE,
)


class PartialArguments:
    """The arguments of one call; `initial` are those that arrived complete."""

    def __init__(self, initial: JsonObject) -> None:
        self._value: dict[str, Any] = dict(as_mapping(parse(json_text(initial))))  # a copy
        self._writer = _Writer()
        self._growing: tuple[Token, ...] | None = None  # the string that the next patch continues

    def apply(self, patch: JsonObject) -> str:
        """Apply a patch and return the JSON text that it adds."""
        path = path_of(text(patch, "jsonPath"))
        value = _value_of(patch)
        if value is _MISSING or not 0 < len(path) <= MAX_DEPTH or isinstance(path[0], int):
            return ""
        continues = isinstance(value, str) and self._growing == path
        will_continue = isinstance(value, str) and patch.get("willContinue") is True
        _put(self._value, path, value, continues=continues)
        self._growing = path if will_continue else None
        return self._writer.write(path, value, continues=continues, will_continue=will_continue)

    def close(self) -> str:
        """Return the JSON text that closes everything open."""
        self._growing = None
        return self._writer.close()

    def to_text(self) -> str:
        """Return the arguments so far as complete JSON text."""
        return clean(json_text(self._value))


class _Text:
    """A growing string: joining it with every patch would be quadratic."""

    def __init__(self, first: str) -> None:
        self.pieces = [first]

    def __str__(self) -> str:
        return "".join(self.pieces)


class _Writer:
    """Writes patches as JSON text; closes the containers they leave and opens those they enter."""

    def __init__(self) -> None:
        self._path: list[Token] = []  # open containers inside the root
        self._closers: list[str] = []
        self._filled = False  # True if the innermost one already has a member
        self._in_string = False

    def write(
        self, path: tuple[Token, ...], value: Any, *, continues: bool, will_continue: bool
    ) -> str:
        out = "" if continues else self._enter(path)
        written = json.dumps(value, ensure_ascii=False)
        if isinstance(value, str):
            written = written[1:-1] + ("" if will_continue else '"')
            written = written if continues else '"' + written
        self._in_string = will_continue
        self._filled = True
        return out + written

    def close(self) -> str:
        """Return the text that closes everything open; "" if nothing was written."""
        ends = ['"'] if self._in_string else []
        ends += [*reversed(self._closers), "}"] if self._filled else []
        self._in_string = False
        self._path.clear()
        self._closers.clear()
        return "".join(ends)

    def _enter(self, path: tuple[Token, ...]) -> str:
        """Return the text between the last value and the one at `path`."""
        out = '"' if self._in_string else ""
        *parents, last = path
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(self._path, parents, strict=False))
        common = sum(1 for _ in pairs)
        while len(self._path) > common:
            self._path.pop()
            out += self._closers.pop()
        if not self._filled:
            out += "{"
        for token, inner in zip(parents[common:], path[common + 1 :], strict=True):
            out += self._key(token) + ("[" if isinstance(inner, int) else "{")
            self._path.append(token)
            self._closers.append("]" if isinstance(inner, int) else "}")
            self._filled = False
        return out + self._key(last)

    def _key(self, token: Token) -> str:
        """Return a comma after an earlier member, and the key inside an object."""
        comma = ", " if self._filled else ""
        return comma + (
            "" if isinstance(token, int) else json.dumps(token, ensure_ascii=False) + ": "
        )


def path_of(path: str) -> tuple[Token, ...]:
    """Return the names and indices of a JSONPath without wildcards; empty for any other path."""
    at = 1
    tokens: list[Token] = []
    while path.startswith("$") and at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return ()
        name, index, *quoted = step.groups()
        tokens.append(int(index) if index else name or _unescaped(quoted[0] or quoted[1] or ""))
        at = step.end()
    return tuple(tokens)


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _value_of(patch: Mapping[str, Any]) -> Any:
    """Return the value of a patch; `_MISSING` if it has none of a known type."""
    if isinstance(patch.get("stringValue"), str):
        return patch["stringValue"]
    if as_number(patch.get("numberValue")) is not None:
        return patch["numberValue"]
    if isinstance(patch.get("boolValue"), bool):
        return patch["boolValue"]
    return None if "nullValue" in patch else _MISSING


def _put(root: dict[str, Any], path: tuple[Token, ...], value: Any, *, continues: bool) -> None:
    """Set or extend the value at `path`, and create missing containers."""
    holder: Any = root
    for token, inner in pairwise(path):
        kind: type = list if isinstance(inner, int) else dict
        child = _get(holder, token)
        if not isinstance(child, kind):
            child = _set(holder, token, kind())
        holder = child
    last = path[-1]
    before = _get(holder, last)
    if continues and isinstance(before, _Text):
        before.pieces.append(value)
    else:
        _set(holder, last, _Text(value) if isinstance(value, str) else value)


def _get(holder: Any, token: Token) -> Any:
    if isinstance(holder, list):
        return holder[token] if isinstance(token, int) and token < len(holder) else None
    return holder.get(token)


def _set(holder: Any, token: Token, value: Any) -> Any:
    """Set and return `value`; any index beyond the end of a list appends."""
    if isinstance(holder, list) and isinstance(token, int) and token >= len(holder):
        holder.append(value)
    else:
        holder[token] = value
    return value

"""Events as text for a terminal: a pure decoder, `feed(event)` and `flush()`.

Streamed content is hostile: control characters other than line ends and tabs are dropped, so that
text cannot move the cursor, change a color or the title of the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .. import events as ev
from ..errors import excerpt
from ..export.addresses import harmless
from ..export.tree import ask_words, knob_words, number, progress_words

Style = Literal["text", "quiet", "step", "good", "bad", "warning", "status"]

_PROGRESS = ("completed", "total", "unit", "label", "message")
_ANSWER = ("answer", "by_default")
DEPTH_COUNT = 8
"""Levels of steps that are indented."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, or a whole line; a `status` is replaced by the next one."""

    text: str
    style: Style = "text"
    is_line: bool = True
    at_line_start: bool = False
    """True if a part of a line must not follow other text on its line."""


class Transcript:
    """Turns the events of one run into pieces."""

    def __init__(self) -> None:
        self._speaker = ""
        """The part whose text was written last."""
        self._depth: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._arguments: dict[str, list[str]] = {}
        self._values: dict[str, list[str]] = {}
        self._finished: dict[str, str] = {}
        """By part, the words of progress that has finished."""

    def feed(self, event: ev.Event) -> list[Piece]:
        """Return the pieces that `event` adds."""
        write = _WRITERS.get(type(event))
        return write(self, event) if write else []

    # --- text

    def _text(self, event: Any) -> list[Piece]:
        return self._say(event.part_id, event.text, "text")

    def _thought(self, event: Any) -> list[Piece]:
        return self._say(event.part_id, event.text, "quiet")

    def _say(self, part_id: str, text: str, style: Style) -> list[Piece]:
        text = harmless(text)
        if not text:
            return []
        is_new, self._speaker = self._speaker != part_id, part_id
        return [Piece(text, style, is_line=False, at_line_start=is_new)]

    def _line(self, text: str, style: Style, step_id: str | None = None) -> list[Piece]:
        indent = "  " * min(self._depth.get(step_id or "", -1) + 1, DEPTH_COUNT)
        return [Piece(f"{indent}{' '.join(harmless(text).split())}", style)]

    # --- steps and progress

    def _step_start(self, event: Any) -> list[Piece]:
        self._depth[event.step_id] = self._depth.get(event.parent_id or "", -1) + 1
        self._names[event.step_id] = event.name
        return self._line(f"> {event.name}", "step", event.parent_id)

    def _step_end(self, event: Any) -> list[Piece]:
        name = self._names.get(event.step_id, "step")
        words = f"{name}: {event.message}" if event.message else name
        style: Style = "bad" if event.state == "failed" else "good"
        return self._line(f"{event.state}: {words}", style, event.step_id)

    def _progress(self, event: Any) -> list[Piece]:
        words = progress_words({name: getattr(event, name) for name in _PROGRESS})
        if not event.ended and (event.total is None or event.completed < event.total):
            self._finished.pop(event.part_id, None)
            return [Piece(" ".join(harmless(words).split()), "status")]
        if self._finished.get(event.part_id) == words:
            return []  # a bar that reaches its total reports its end too
        self._finished[event.part_id] = words
        return [Piece("", "status"), *self._line(words, "quiet", event.step_id)]

    def _metric(self, event: Any) -> list[Piece]:
        points = ", ".join(f"{name or event.name} {number(y)}" for name, y in event.points)
        return [Piece(" ".join(harmless(points).split()), "status")]

    # --- tools, values, messages

    def _call_start(self, event: Any) -> list[Piece]:
        self._names[event.part_id] = event.tool_name
        self._arguments[event.part_id] = []
        return []

    def _call_delta(self, event: Any) -> list[Piece]:
        self._arguments.setdefault(event.part_id, []).append(event.arguments_text)
        if event.tool_name:
            self._names[event.part_id] = event.tool_name
        return []

    def _call_end(self, event: Any) -> list[Piece]:
        pieces = self._arguments.pop(event.part_id, [])
        arguments = event.arguments_text if event.arguments_text is not None else "".join(pieces)
        name = self._names.get(event.part_id) or "unnamed"
        return self._line(f"call {name}({excerpt(arguments)})", "step")

    def _result(self, event: Any) -> list[Piece]:
        name = self._names.get(event.part_id) or "unnamed"
        if event.is_denied:
            return self._line(f"denied: {name}", "warning")
        word = "error of" if event.is_error else "result of"
        style: Style = "bad" if event.is_error else "quiet"
        return self._line(f"{word} {name}: {excerpt(event.result)}", style)

    def _value_start(self, event: Any) -> list[Piece]:
        self._names[event.part_id] = event.name
        return []

    def _value_delta(self, event: Any) -> list[Piece]:
        self._values.setdefault(event.part_id, []).append(event.text)
        return []

    def _value_end(self, event: Any) -> list[Piece]:
        text = "".join(self._values.pop(event.part_id, [])) if event.text is None else event.text
        return self._line(f"{self._names.get(event.part_id, 'value')} = {excerpt(text)}", "text")

    def _notice(self, event: Any) -> list[Piece]:
        if event.level == "warning":
            return self._line(f"warning: {event.message}", "warning")
        return self._line(event.message, "quiet")

    def _failure(self, event: Any) -> list[Piece]:
        lines = self._line(f"error ({event.fault}): {event.message}", "bad")
        return [*lines, *(self._line(event.hint, "quiet") if event.hint else [])]

    def _log(self, event: Any) -> list[Piece]:
        logger = f"{event.logger}: " if event.logger else ""
        return self._line(f"{event.level.upper()} {logger}{event.message}", "quiet")

    def _ask(self, event: Any) -> list[Piece]:
        self._names[event.part_id] = event.question
        options = f" ({', '.join(event.options)})" if event.options else ""
        return self._line(f"? {event.question}{options}", "step", event.step_id)

    def _ask_end(self, event: Any) -> list[Piece]:
        words = ask_words({"outcome": event.outcome, **{n: getattr(event, n) for n in _ANSWER}})
        return self._line(words, "quiet")

    def _knob(self, event: Any) -> list[Piece]:
        return self._line(knob_words({"name": event.name, "value": event.value}), "quiet")

    def _artifact(self, event: Any) -> list[Piece]:
        words = event.data.get("text/plain") or ", ".join(event.data)
        return self._line(f"{event.title or 'artifact'}: {excerpt(words)}", "quiet")


_WRITERS: dict[type, Callable[[Transcript, Any], list[Piece]]] = {
    ev.TextDelta: Transcript._text,
    ev.ReasoningDelta: Transcript._thought,
    ev.StepStart: Transcript._step_start,
    ev.StepEnd: Transcript._step_end,
    ev.Progress: Transcript._progress,
    ev.Metric: Transcript._metric,
    ev.ToolCallStart: Transcript._call_start,
    ev.ToolCallDelta: Transcript._call_delta,
    ev.ToolCallEnd: Transcript._call_end,
    ev.ToolResult: Transcript._result,
    ev.ValueStart: Transcript._value_start,
    ev.ValueDelta: Transcript._value_delta,
    ev.ValueEnd: Transcript._value_end,
    ev.Notice: Transcript._notice,
    ev.Failure: Transcript._failure,
    ev.LogLine: Transcript._log,
    ev.Artifact: Transcript._artifact,
    ev.AskStart: Transcript._ask,
    ev.AskEnd: Transcript._ask_end,
    ev.Knob: Transcript._knob,
}

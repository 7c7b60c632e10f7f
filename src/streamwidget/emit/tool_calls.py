"""The handle of one tool call."""

from __future__ import annotations

from types import TracebackType

from ..errors import StopRequested
from ..events import ToolCallDelta, ToolCallEnd, ToolResult
from . import convert
from .event_sink import EventSink


class ToolCallHandle:
    """A tool call in progress; its methods may be called from any thread."""

    def __init__(self, sink: EventSink, part_id: str) -> None:
        self._sink = sink
        self._part_id = part_id
        self._is_over = False

    def write(self, arguments_text: str) -> None:
        """Append to the JSON text of the arguments.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `arguments_text` is not a `str`.
        """
        text = convert.exact_text("tool_call.write", arguments_text)
        self._sink.send(ToolCallDelta(self._part_id, text))

    def result(self, value: object) -> None:
        """Set the result of the tool: text or any JSON value. A later result replaces it.

        Raises:
            StopRequested: a stop was requested.
            UsageError: `value` cannot be written as JSON.
        """
        text = str(value) if isinstance(value, str) else convert.json_text("result", value)
        self._is_over = True
        self._sink.send(ToolResult(self._part_id, text))

    def error(self, message: object) -> None:
        """Report that the tool failed, by a message or the exception itself.

        Raises:
            TypeError: `message` is None, bytes, or has no usable `str()`.
        """
        text = convert.message_text("tool_call.error", message)
        self._is_over = True
        self._sink.push([ToolResult(self._part_id, text, is_error=True)])

    def __enter__(self) -> ToolCallHandle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, StopRequested):
            self.error(error)
        elif not self._is_over and error is None:
            self._sink.push([ToolCallEnd(self._part_id)])

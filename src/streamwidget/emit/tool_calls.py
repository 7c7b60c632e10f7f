"""The handle of one tool call."""

from __future__ import annotations

from types import TracebackType
from typing import cast

from ..catalogue import denied_words
from ..errors import StopRequested
from ..events import ToolCallDelta, ToolCallEnd, ToolResult
from . import convert
from .asking import MISSING
from .event_sink import EventSink
from .reader_calls import Answer, ask_reader

APPROVAL = {"Approve": True, "Deny": False}
"""The answers to the question whether a tool may be called."""


class ToolCallHandle:
    """A tool call in progress; its methods may be called from any thread."""

    def __init__(
        self,
        sink: EventSink,
        part_id: str,
        tool_name: str = "",
        step_id: str | None = None,
        arguments: str = "",
    ) -> None:
        self._sink = sink
        self._part_id = part_id
        self._tool_name = tool_name
        self._step_id = step_id
        self._arguments = arguments
        self._is_over = False

    def write(self, arguments_text: str) -> None:
        """Append to the JSON text of the arguments.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `arguments_text` is not a `str`.
        """
        text = convert.exact_text("tool_call.write", arguments_text)
        self._arguments += text
        self._sink.send(ToolCallDelta(self._part_id, text))

    def approve(
        self,
        question: object | None = None,
        *,
        timeout: float | None = None,
        default: object = MISSING,
    ) -> bool:
        """Ask the reader whether the tool may be called; True if it may.

        The question is shown below the call, with its arguments. A denied call is shown as denied,
        and needs no `result`. In a coroutine, write `await call.approve()`: see `Emitter.ask`.

        Args:
            question: None: "Allow this call of search?", with the name of the tool.
            timeout: seconds to wait; None: no limit.
            default: True or False: the answer if nobody answers.

        Raises:
            StopRequested: a stop was requested.
            UnansweredError: nobody has answered, and there is no `default`.
        """
        answer = ask_reader(
            self._sink,
            question or f"Allow this call of {self._tool_name or 'the tool'}?",
            APPROVAL,
            timeout=timeout,
            default=default,
            step_id=self._step_id,
            about_part_id=self._part_id,
            detail=self._arguments or None,
        )
        if isinstance(answer, Answer):
            return cast("bool", answer.then(self._decided))
        return self._decided(answer)

    def _decided(self, answer: object) -> bool:
        if not answer:
            self._is_over = True
            self._sink.push([ToolResult(self._part_id, denied_words(), True, is_denied=True)])
        return bool(answer)

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

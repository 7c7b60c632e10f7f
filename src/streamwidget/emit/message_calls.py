"""The calls of an emitter for text, messages, citations and usage."""

from __future__ import annotations

from ..events import Citation, Failure, LogLevel, LogLine, Notice, NoticeLevel, Usage
from . import convert
from .emitter_base import EmitterBase


class MessageCalls(EmitterBase):
    """Text, reasoning, messages, log lines, citations and usage."""

    def text(self, text: str) -> None:
        """Append to the text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is not a `str`.
        """
        if type(text) is not str:
            text = convert.exact_text("emit.text", text)
        self._sink.grow("text", text, self._step())

    def reasoning(self, text: str) -> None:
        """Append to the reasoning, which is shown folded.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is not a `str`.
        """
        if type(text) is not str:
            text = convert.exact_text("emit.reasoning", text)
        self._sink.grow("reasoning", text, self._step())

    def notice(self, message: object, level: NoticeLevel = "info") -> None:
        """Show a message that is not a failure; an exception or a path is shown as text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `message` is None, bytes, or has no usable `str()`.
            UsageError: there is no such level.
        """
        text = convert.message_text("emit.notice", message)
        self._sink.send_below(self._step(), Notice(text, convert.notice_level(level)))

    def error(
        self, message: object, hint: object | None = None, *, detail: object | None = None
    ) -> None:
        """Show an error; the run continues. To end the run, raise an exception.

        Args:
            message: text, or the exception itself.
            hint: what the reader can do about it, in one sentence.
            detail: details for diagnosis, such as a traceback; shown folded.

        Raises:
            StopRequested: a stop was requested.
            TypeError: an argument is bytes, or has no usable `str()`.
        """
        step_id = self._step()
        failure = Failure(
            convert.message_text("emit.error", message),
            "source",
            error_type=type(message).__name__
            if isinstance(message, BaseException)
            else "StreamWidgetError",
            detail=convert.optional_text("emit.error(detail=)", detail),
            fatal=False,
            hint=convert.optional_text("emit.error(hint=)", hint),
            step_id=step_id,
        )
        self._sink.send_below(step_id, failure)

    def log(self, message: object, level: LogLevel | int = "info", *, logger: str = "") -> None:
        """Add a line to the log, which is shown separately from the text.

        `level` is a name or a number of `logging`.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `message` is None, bytes, or has no usable `str()`.
            UsageError: there is no such level.
        """
        text = convert.message_text("emit.log", message)
        name = convert.message_text("emit.log(logger=)", logger)
        self._sink.send(LogLine(text, convert.log_level(level), name))

    def source(self, url: object, title: object | None = None) -> None:
        """Cite a source; citations are numbered in order, and a known `url` keeps its number.

        `url` may be a path.

        Raises:
            StopRequested: a stop was requested.
            TypeError: an argument is bytes, or has no usable `str()`.
        """
        address = convert.message_text("emit.source", url)
        name = convert.optional_text("emit.source(title=)", title)
        self._sink.send(Citation(address, name, self._step()))

    def usage(
        self,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        *,
        call: str = "",
        estimated: bool = False,
    ) -> None:
        """Report the tokens of one model call; the last report of a `call` wins, different calls
        add up.

        Raises:
            StopRequested: a stop was requested.
            TypeError: a count is not a number.
            UsageError: a count is negative or not finite.
        """
        usage = Usage(
            convert.token_count("emit.usage(input_tokens=)", input_tokens),
            convert.token_count("emit.usage(output_tokens=)", output_tokens),
            convert.message_text("emit.usage(call=)", call),
            bool(estimated),
        )
        self._sink.send(usage)

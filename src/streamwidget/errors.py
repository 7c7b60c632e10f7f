"""The error tree, split by whose fault a failure is.

    StreamWidgetError
    ├── TransportError   could not connect, or the connection was lost    (retry may help)
    ├── ResponseError    the response was not a stream: status, content type, empty body
    ├── DecodeError      the data violates the framing, the encoding or the format
    ├── LimitError       a bound of `Limits` was exceeded; the error names it
    ├── IncompleteError  the stream ended early, without its end marker   (retry may help)
    ├── ProviderError    the peer reported a failure inside the stream
    ├── SourceError      the user's own function or iterator raised; `__cause__` has it
    ├── UnansweredError  a job asked its reader, got no answer and had no default
    └── UsageError       the caller used this package incorrectly

    StopRequested        not an error: raised in a producer after a stop was requested

Every message is a sentence that a person can act on, and quotes at most 200 characters of the data.
Credentials (headers, query strings, user info) never enter a message.
This module must not know the rest of the package.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Fault = Literal[
    "transport",
    "response",
    "decode",
    "limit",
    "incomplete",
    "provider",
    "source",
    "unanswered",
    "usage",
]

EXCERPT_CHARS = 200
GROUP_ERRORS = 10_000
"""Most errors of a group that are looked at."""


class StreamWidgetError(Exception):
    """Base class of all errors of this package; `retryable` is True if a retry may help."""

    fault: ClassVar[Fault] = "usage"
    """Whose fault it is."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the attributes: `__init__` of most classes takes keywords."""
        return _rebuilt, (type(self), self.args), vars(self)


class TransportError(StreamWidgetError):
    """The connection could not be made, or was lost before the stream had ended."""

    fault = "transport"

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message, retryable=retryable)


class ResponseError(StreamWidgetError):
    """The server sent a response that is not a stream: wrong status, wrong content type, empty."""

    fault = "response"

    def __init__(
        self, message: str, *, status_code: int | None = None, retryable: bool = False
    ) -> None:
        super().__init__(message, retryable=retryable)
        self.status_code = status_code


class DecodeError(StreamWidgetError):
    """The data violates the framing, the character encoding or the format."""

    fault = "decode"


class LimitError(StreamWidgetError):
    """A bound of `Limits` was exceeded; `bound` is its name there, `limit` its value.

    Both are None in a replayed run, because a recording has only the message.
    """

    fault = "limit"

    def __init__(self, message: str, *, bound: str | None, limit: float | None) -> None:
        super().__init__(message)
        self.bound = bound
        self.limit = limit


class IncompleteError(StreamWidgetError):
    """The stream ended cleanly but without its end marker, or the peer ended it early."""

    fault = "incomplete"

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message, retryable=retryable)


class ProviderError(StreamWidgetError):
    """The peer reported a failure inside the stream; `code` is its error code, or None."""

    fault = "provider"

    def __init__(self, message: str, *, code: str | None = None, retryable: bool = False) -> None:
        super().__init__(message, retryable=retryable)
        self.code = code


class SourceError(StreamWidgetError):
    """The user's own source raised; `__cause__` is that exception, `detail` its traceback."""

    fault = "source"

    def __init__(self, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.detail = detail


class UnansweredError(StreamWidgetError):
    """A job asked its reader and got no answer, and the question has no default.

    `reason` is `timeout`, `headless` (nobody can answer: no page, no terminal) or `withdrawn` (the
    run has ended).
    """

    fault = "unanswered"

    def __init__(self, message: str, *, reason: str = "withdrawn") -> None:
        super().__init__(message)
        self.reason = reason


class UsageError(StreamWidgetError):
    """The caller used this package incorrectly; the message says what to do instead."""

    fault = "usage"


class StopRequested(BaseException):
    """Raised inside a producer at its next call of the emitter after a stop was requested.

    Not an `Exception`, for the same reason as `asyncio.CancelledError`: a producer's broad
    `except Exception` must not swallow the stop.
    """

    def _render_traceback_(self) -> list[str]:  # IPython prints this in place of a traceback
        return [f"Stopped: {self}" if str(self) else "Stopped by you."]


def text_of(error: BaseException) -> str:
    """Return `str(error)`; for a group of errors, with the first error inside it.

    Raises:
        Exception: `str` of the error runs foreign code, which may fail itself.
    """
    inner = _inner_errors(error)
    if not inner:
        return str(error)
    first = inner[0]
    shown = ": ".join(filter(None, (type(first).__name__, str(first))))
    more = f" (and {len(inner) - 1:,} more)" if len(inner) > 1 else ""
    return f"{getattr(error, 'message', None) or error}: {shown}{more}"


def _inner_errors(group: BaseException) -> list[BaseException]:
    """Return the errors in an `ExceptionGroup` and in the groups inside it; none if it is not one.

    By its attribute: Python 3.10 has no such class, but a package and trio have.
    """
    found: list[BaseException] = []
    pending = [group]
    for _ in range(GROUP_ERRORS):
        if not pending:
            break
        error = pending.pop()
        inside = getattr(error, "exceptions", None)
        if isinstance(inside, (tuple, list)) and inside and isinstance(inside[0], BaseException):
            pending += reversed(inside)
        elif error is not group:
            found.append(error)
    return found


def _rebuilt(kind: type[StreamWidgetError], args: tuple[object, ...]) -> StreamWidgetError:
    """Return an error without its attributes, which pickle sets afterwards."""
    return kind.__new__(kind, *args)


def excerpt(text: str, limit_chars: int = EXCERPT_CHARS) -> str:
    """Return `text` on one line, cut to `limit_chars` characters with an ellipsis."""
    line = " ".join(text[: limit_chars * 4].split())
    return line if len(line) <= limit_chars else line[: limit_chars - 1] + "…"

"""The summary of a run, and exceptions as errors of this package. Pure."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from ..budget import words_of
from ..catalogue import estimate_sign, fault_words, kept_words, stop_cause_words
from ..errors import (
    LimitError,
    ProviderError,
    SourceError,
    StreamWidgetError,
    excerpt,
    text_of,
)
from ..events import Failure
from ..formats.finish import is_cancelled
from ..io.redaction import without_secrets
from ..phrases import counted, duration
from .clock import Tokens
from .states import Status, StopCause

_PACKAGE = str(Path(__file__).resolve().parents[1])
DETAIL_CHARS = 20_000
"""Most characters of a traceback that are kept: recursion errors have a thousand frames."""

_OTHER_LOOP = ("different loop", "different event loop", "bound to a different")


def end_sentence(
    status: Status,
    tokens: Tokens,
    elapsed_s: float,
    error: StreamWidgetError | None,
    noun: str,
    obstacle: str | None,
    cause: StopCause,
) -> str:
    """Return one sentence about how the run ended.

    `cause` is who or what stopped it. `obstacle` is a clause that says why its producer was
    abandoned; None: the producer closed.
    """
    if status == "stopped":
        closing = obstacle or f"the {noun} was closed"
        after = amount(tokens) if tokens.count else duration(elapsed_s)
        return f"Stopped by {_cause_words(cause)} after {after}; {closing}."
    if status in ("failed", "incomplete") and error is not None:
        kept = f" after {amount(tokens)}. {kept_words()}" if tokens.count else "."
        return f"{fault_words(error.fault)}{kept}"
    if not tokens.count:
        return f"Finished in {duration(elapsed_s)}."
    return f"Finished: {amount(tokens)} in {duration(elapsed_s)}."


def _cause_words(cause: StopCause) -> str:
    bound = "" if cause.limit is None else words_of(cause.limit, cause.unit or "")
    return stop_cause_words(cause.code, bound)


def amount(tokens: Tokens) -> str:
    """Return `1,204 tokens`, with the sign of an estimate if the number is one."""
    sign = estimate_sign() if tokens.is_estimated else ""
    return f"{sign}{counted(tokens.count, 'token')}"


def failure_of(error: StreamWidgetError) -> Failure:
    """Return the event for an error."""
    cause = error.__cause__
    theirs = error.fault == "source" and cause is not None
    return Failure(
        message=error.message,
        fault=error.fault,
        error_type=StreamWidgetError.__name__ if cause is None else type(cause).__name__,
        hint="The traceback shows the line of your code that raised." if theirs else None,
        retryable=error.retryable,
        code=getattr(error, "code", None),
        detail=getattr(error, "detail", None),
    )


def error_of(failure: Failure) -> StreamWidgetError:
    """Return the error for a failure that the stream reported."""
    error_type = _ERROR_OF.get(failure.fault, StreamWidgetError)
    if error_type is LimitError:
        return LimitError(failure.message, bound=None, limit=None)
    if error_type is ProviderError:
        return ProviderError(failure.message, code=failure.code, retryable=failure.retryable)
    return error_type(failure.message)


def _unchanged(text: str) -> str:
    return text


def source_error(exception: BaseException, hide: Callable[[str], str] = _unchanged) -> SourceError:
    """Return an exception of the user as a `SourceError`, with the user's own frames.

    `hide` returns a text without the secrets of the run's request.
    """
    text = excerpt(hide(without_secrets(_text_of(exception))))
    message = f"{type(exception).__name__}{': ' if text else ''}{text}"
    if isinstance(exception, RuntimeError) and any(hint in text for hint in _OTHER_LOOP):
        message += (
            ". The stream belongs to another event loop: pass a function that opens it, "
            "StreamView(lambda: open_the_stream())."
        )
    error = SourceError(message, detail=hide(users_traceback(exception)))
    error.__cause__ = exception
    return error


def _text_of(exception: BaseException) -> str:
    """Return the text of an exception, whose `str()` is the user's code and may fail itself."""
    try:
        return text_of(exception)
    except Exception as error:
        return f"its str() failed: {type(error).__name__}"


def users_traceback(exception: BaseException) -> str:
    """Return the traceback without the frames of this package, cut in the middle if it is long."""
    whole = traceback.TracebackException.from_exception(exception)
    pending: list[traceback.TracebackException | None] = [whole]
    while pending:
        part = pending.pop()
        if part is not None:
            own = [frame for frame in part.stack if not frame.filename.startswith(_PACKAGE)]
            part.stack = traceback.StackSummary.from_list(own)
            pending += [
                part.__cause__,
                part.__context__,
                *(getattr(part, "exceptions", None) or ()),
            ]
    text = without_secrets("".join(whole.format()))
    half = DETAIL_CHARS // 2
    return text if len(text) <= DETAIL_CHARS else f"{text[:half]}\n  ...\n{text[-half:]}"


def _errors_by_fault() -> dict[str, type[StreamWidgetError]]:
    return {kind.fault: kind for kind in StreamWidgetError.__subclasses__()}


_ERROR_OF = _errors_by_fault()


def cut_sentence(reason: str | None, format_name: str | None, advice: str) -> str:
    """Return why an answer without its end marker is incomplete.

    `reason` is the finish reason in the provider's spelling, `format_name` the name of the format
    (each None: unknown), `advice` a sentence or "".
    """
    if is_cancelled(reason):
        return f"The server ended the answer early ({reason})."
    of_format = f" of its format ({format_name})" if format_name else ""
    message = f"The stream ended without the end marker{of_format}. It is probably incomplete."
    return f"{message} {advice}".rstrip()

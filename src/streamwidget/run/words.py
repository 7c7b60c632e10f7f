"""How the end of a run is told, and how an exception becomes an error of ours. Pure."""

from __future__ import annotations

import traceback
from pathlib import Path

from ..errors import Fault, ProviderError, SourceError, StreamWidgetError, excerpt
from ..events import Failure
from .clock import Stats
from .states import Status

_PACKAGE = str(Path(__file__).resolve().parents[1])
DETAIL_CHARS = 20_000
"""Most of a traceback that is kept: recursion errors have a thousand frames."""

_WHAT_HAPPENED: dict[Fault, str] = {
    "transport": "The connection broke",
    "response": "The server did not answer with a stream",
    "decode": "The stream could not be read",
    "limit": "A limit was passed",
    "cut": "The stream ended without its end marker",
    "provider": "The provider reported an error",
    "source": "Your source failed",
    "usage": "This cannot be streamed",
}
_OTHER_LOOP = ("different loop", "different event loop", "bound to a different")


def end_sentence(
    status: Status,
    stats: Stats,
    error: StreamWidgetError | None,
    noun: str,
    closed: bool,
    by: str = "you",
) -> str:
    """One honest sentence about how the run ended; `by` is who stopped it, if it was stopped."""
    if status == "stopped":
        told = f"the {noun} was closed" if closed else f"the {noun} has not let go yet"
        after = amount(stats) if stats.token_count else seconds(stats.elapsed_s)
        return f"Stopped by {by} after {after}; {told}."
    if status == "failed" and error is not None:
        kept = f" after {amount(stats)}; what arrived is kept" if stats.token_count else ""
        return f"{_WHAT_HAPPENED[error.fault]}{kept}."
    if not stats.token_count:
        return f"Finished in {seconds(stats.elapsed_s)}."
    return f"Finished: {amount(stats)} in {seconds(stats.elapsed_s)}."


def amount(stats: Stats) -> str:
    """`1,204 tokens`, marked `about` where the number is an estimate."""
    about = "about " if stats.tokens_estimated else ""
    return f"{about}{stats.token_count:,} token{'' if stats.token_count == 1 else 's'}"


def seconds(value_s: float) -> str:
    """A duration for people: `0.42 s`, `12.3 s`, `2 min 5 s`, `1 h 2 min`."""
    if value_s < 10:
        return f"{value_s:.2f} s"
    if value_s < 60:
        return f"{value_s:.1f} s"
    minutes, rest_s = divmod(round(value_s), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s} s"
    return f"{minutes // 60} h {minutes % 60} min"


def failure_of(error: StreamWidgetError) -> Failure:
    """The event that tells of an error; a class of ours would say no more than `fault` does."""
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
    """The error that tells of a failure which came inside the stream."""
    error_type = _ERROR_OF.get(failure.fault, StreamWidgetError)
    if error_type is ProviderError:
        return ProviderError(failure.message, code=failure.code, retryable=failure.retryable)
    return error_type(failure.message)


def source_error(exception: BaseException) -> SourceError:
    """The user's own exception as an error of ours, with the traceback of the user's frames."""
    said = excerpt(str(exception))
    message = f"{type(exception).__name__}{': ' if said else ''}{said}"
    if isinstance(exception, RuntimeError) and any(hint in said for hint in _OTHER_LOOP):
        message += (
            ". The stream belongs to another event loop: pass a function that opens it, "
            "StreamView(lambda: open_the_stream())."
        )
    error = SourceError(message, detail=users_traceback(exception))
    error.__cause__ = exception
    return error


def users_traceback(exception: BaseException) -> str:
    """The traceback without this package's own frames, cut in the middle if it is very long."""
    told = traceback.TracebackException.from_exception(exception)
    pending: list[traceback.TracebackException | None] = [told]
    while pending:
        part = pending.pop()
        if part is not None:
            own = [frame for frame in part.stack if not frame.filename.startswith(_PACKAGE)]
            part.stack = traceback.StackSummary.from_list(own)
            pending += [part.__cause__, part.__context__]
    text = "".join(told.format())
    half = DETAIL_CHARS // 2
    return text if len(text) <= DETAIL_CHARS else f"{text[:half]}\n  ...\n{text[-half:]}"


def _errors_by_fault() -> dict[str, type[StreamWidgetError]]:
    return {kind.fault: kind for kind in StreamWidgetError.__subclasses__()}


_ERROR_OF = {
    fault: kind
    for fault, kind in _errors_by_fault().items()
    if fault != "limit"  # needs the bound's name, which a failure inside a stream has not
}

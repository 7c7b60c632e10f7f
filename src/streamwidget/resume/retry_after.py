"""The headers of a response to a resume, and the advice on resuming. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime

from ..decode.sniff import media_type
from ..io.http_errors import Head
from ..io.request import HttpRequest


def retry_after_s(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, as a number or as a date; None if absent.

    `now_s` is the current time in seconds since 1970; None: the clock of this computer.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    if date.tzinfo is None:  # "-0000": HTTP dates are always in UTC
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, date.timestamp() - (time.time() if now_s is None else now_s))


def other_type(wanted_type: str, head: Head) -> str | None:
    """Return the media type of a response that cannot continue a stream of `wanted_type`.

    None: it can, as far as its type shows.
    """
    media = media_type(head.content_type)
    can = not media or not wanted_type or media in (wanted_type, "text/event-stream")
    return None if can else media


# How a stream without resume= could have been resumed.

_BACKGROUND = "Create it with background: true and store: true, and with"
_ASKING_FOR: dict[str, tuple[str, str]] = {
    "openai-responses": ("openai-responses", _BACKGROUND),
    "gemini-interactions": ("gemini-interactions", _BACKGROUND),
    "langgraph": ("langgraph", "Create the run with stream_resumable: true, and with"),
    "langgraph-protocol": ("langgraph", "With"),
    "ai-sdk-ui": ("resumable-stream", "If the server keeps its streams (resumable-stream), with"),
}


def advice(
    request: HttpRequest | None,
    format_name: str | None,
    last_event_id: str,
    headers: Mapping[str, str],
) -> str:
    """Return a sentence: whether and how the stream could be resumed."""
    how, first = "", "With"
    if "stream-next-offset" in headers:
        how = "durable-streams"
    elif format_name in _ASKING_FOR:
        how, first = _ASKING_FOR[format_name]
    elif format_name == "mcp":
        how = "mcp" if last_event_id else ""
    elif last_event_id and (request is None or request.method == "GET"):
        how = "last-event-id"
    elif last_event_id:
        return (
            "Its events have IDs. If the server can continue after one, pass a function that "
            "returns the request (resume=lambda position: http(...))."
        )
    if how:
        return f"{first} http(..., resume={how!r}) it would resume automatically."
    again = "requests a new answer" if request and request.method != "GET" else "starts over"
    return f"The stream has no position to resume from; running it again {again}."

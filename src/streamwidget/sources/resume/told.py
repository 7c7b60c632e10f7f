"""What a server asks for, and what a person is told of drops. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...formats.sniff import media_type
from ..request import HttpRequest
from .design import Reply


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks to wait; None if it is absent, or a date."""
    told = headers.get("retry-after", "").strip()
    return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def unlike_words(wanted_type: str, reply: Reply) -> str:
    """Why an answer cannot be the rest of a stream of that type; "" if it can."""
    told = media_type(reply.headers.get("content-type"))
    if not told or not wanted_type or told in (wanted_type, "text/event-stream"):
        return ""
    return f"was answered with {told}, not with {wanted_type}."


def drop_words(count: int, after: str, resumed_s: float) -> str:
    """`The connection dropped after 1,204 events; resumed 0.4 s later.`"""
    where = f"after {after}" if after and not after.startswith("0 ") else "before the first event"
    if count == 1:
        return f"The connection dropped {where}; resumed {resumed_s:.1f} s later."
    return f"The connection dropped {count:,} times, last {where}; resumed {resumed_s:.1f} s later."


def missing_words(count: int) -> str:
    were = "event was" if count == 1 else "events were"
    return (
        f"{count:,} {were} lost: the server went on later than where the connection dropped. "
        "The text may have a gap here."
    )


# Whether and how a stream could have been resumed that was not declared to be.

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
    """Whether the stream could be resumed where it broke, and how that is declared."""
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
            "Its events have ids: if the server can go on after one, a function that names the "
            "request (resume=lambda position: http('GET', ...)) resumes it."
        )
    if how:
        return f"{first} http(..., resume={how!r}) it would go on where it broke."
    anew = "asks for a new answer" if request and request.method != "GET" else "starts anew"
    return f"It gave no position to resume from; running it again {anew}."

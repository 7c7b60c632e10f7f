"""The end or failure of a WebSocket as an error of this package. No I/O."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from ..errors import (
    DecodeError,
    LimitError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    excerpt,
)
from ..limits import Limits
from ..phrases import counted
from .http_errors import proxy_error

if TYPE_CHECKING:
    from websockets.exceptions import ConnectionClosedError

TOO_BIG: Final = 1009
PEER_BROKE_RULES: Final = frozenset({1002, 1007})
PING_TIMEOUT: Final = 1011
CLOSE_CODES: Final[dict[int, str]] = {
    1002: "protocol error",
    1003: "unsupported data",
    1007: "invalid data",
    1008: "policy violation",
    1009: "message too big",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
}
"""Meanings of close codes for failures. Source: IANA, WebSocket Close Code Number Registry."""

FINAL_CODES: Final = frozenset({1002, 1003, 1007, 1008, 1009})
"""Codes after which the same messages would fail again."""


def closed(error: Any, url: str, limits: Limits, message_count: int) -> StreamWidgetError:
    """Return the error for a close that was not clean."""
    closed: ConnectionClosedError = error
    came, sent = closed.rcvd, closed.sent
    if came is not None and not (sent is not None and closed.rcvd_then_sent is False):
        meaning = CLOSE_CODES.get(came.code)
        code = f"{came.code}, {meaning}" if meaning else str(came.code)
        reason = f": “{excerpt(came.reason)}”" if came.reason else ""
        return TransportError(
            f"The server closed the connection to {url} (code {code}){reason}.",
            retryable=came.code not in FINAL_CODES,
        )
    if sent is not None and sent.code == TOO_BIG:
        return LimitError(
            f"A message from {url} is longer than record_bytes = {limits.record_bytes:,} bytes. "
            "Raise that limit, or make the server send smaller messages.",
            bound="record_bytes",
            limit=limits.record_bytes,
        )
    if sent is not None and sent.code in PEER_BROKE_RULES:
        return _rules_broken(url, message_count, sent.reason or CLOSE_CODES[sent.code])
    if sent is not None and sent.code == PING_TIMEOUT:
        return TransportError(
            f"The connection to {url} was lost after {counted(message_count, 'message')}: "
            "the server no longer answers pings."
        )
    return TransportError(
        f"The connection to {url} was lost after {counted(message_count, 'message')}, before a "
        "clean close."
    )


def _rules_broken(url: str, message_count: int, reason: str) -> DecodeError:
    return DecodeError(
        f"Message {message_count + 1:,} from {url} violates the WebSocket protocol "
        f"({excerpt(reason)})."
    )


def unanswered(url: str) -> TransportError:
    """Return the error for a connection that was lost before the handshake was answered."""
    return TransportError(
        f"The connection was lost before GET {url} got a response. "
        "Check that the server accepts WebSockets at this URL."
    )


def no_handshake(error: Exception, url: str) -> StreamWidgetError:
    """Return the error for an answer that is not a WebSocket handshake."""
    if any(class_.__name__ == "ProxyError" for class_ in type(error).__mro__):
        return proxy_error(url)
    return ResponseError(
        f"The response to GET {url} is not a WebSocket handshake. Check the subprotocols, and "
        "that the server accepts WebSockets at this URL."
    )


def status_words(code: int) -> str:
    """Return an HTTP status code with its reason phrase."""
    with contextlib.suppress(ValueError):
        return f"{code} {HTTPStatus(code).phrase}"
    return str(code)

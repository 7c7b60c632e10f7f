"""Where a redirect may lead, and what may be sent there. Pure.

Another origin, or http after https, gets neither the body nor any header that could identify the
caller. Only a redirect from http to https of the same host counts as the same origin.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import TransportError
from .redaction import is_url, safe_url

MOST: Final = 20
"""Redirects that are followed; browsers and HTTP clients stop at 20 too."""

SAFE_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "host",
        "last-event-id",
        "range",
        "user-agent",
    }
)
"""Headers that may go to another origin. None of them identifies the caller."""

_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), port or _PORTS.get(scheme)


def is_trusted(old: str, new: str) -> bool:
    """True if the request to `old` may be sent unchanged to `new`."""
    before, after = origin_of(old), origin_of(new)
    secured = {("http", 80): ("https", 443), ("ws", 80): ("wss", 443)}
    upgraded = secured.get((before[0], before[2] or 0)) == (after[0], after[2])
    return before == after or (before[1] == after[1] and upgraded)


def check_target(method: str, url: str, target: str) -> None:
    """Raise a TransportError if `target` is not a URL that can be requested."""
    if not is_url(target):
        raise TransportError(
            f"{method} {safe_url(url)} was redirected to an invalid URL "
            f"({safe_url(target)[:200]}): its host or its port is not valid. Check the server.",
            retryable=False,
        )


def next_request(request: Any, response: Any) -> Any:
    """Return the request (of httpx or httpx2) that follows the redirect `response` of `request`.

    Raises:
        TransportError: the redirect leads to an invalid URL.
    """
    target = str(response.headers.get("location", ""))
    follow_up = response.next_request
    if follow_up is None:
        check_target(request.method, str(request.url), target)
        return None
    check_target(request.method, str(request.url), str(follow_up.url))
    if is_trusted(str(request.url), str(follow_up.url)):
        return follow_up
    headers = {name: value for name, value in follow_up.headers.items() if name in SAFE_HEADERS}
    extensions = dict(follow_up.extensions)
    return type(follow_up)(follow_up.method, follow_up.url, headers=headers, extensions=extensions)

"""Error messages for HTTP responses that are not a stream, and for failed connections.

Pure, and imports no client: classes of httpx and httpx2 are recognised by their names.
No sentence holds headers, query or user info of the request.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from ..decode.loose import title_of
from ..decode.sniff import media_type
from ..errors import (
    DecodeError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    UsageError,
    excerpt,
)
from ..formats.generic import error_of, parse_json
from .decompress import CodingError
from .redaction import Redaction, is_url, safe_url, without_secrets

HINTS: Final[dict[int, str]] = {
    401: "Check the credentials.",
    403: "Check the credentials and what they allow.",
    404: "Check the URL.",
    405: "Check the method (GET, POST).",
    408: "Try again.",
    413: "Send less.",
    422: "Check the body of the request.",
    429: "Wait before trying again.",
}
RETRYABLE: Final = frozenset({408, 425, 429})
NO_CONTENT: Final = frozenset({204, 205, 304})

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_NO_STREAM: Final = (
    ("image/", "an image"),
    ("audio/", "audio"),
    ("video/", "a video"),
    ("font/", "a font"),
    ("application/pdf", "a PDF file"),
    ("application/zip", "a ZIP archive"),
    ("application/gzip", "a gzip archive"),
)


def headers_of(pairs: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Return the headers of a response by their names in lower case; of equals, the last one."""
    return {str(name).lower(): str(value) for name, value in pairs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The status and headers of an HTTP response."""

    method: str
    url: str
    """The URL that responded, after redirects. It may contain secrets, so it is never shown."""
    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Values by header name in lower case."""
    redaction: Redaction = field(default_factory=Redaction)
    """Hides the secrets of the request where the response echoes them."""

    @property
    def content_type(self) -> str | None:
        """The value of the `Content-Type` header; None if there is none."""
        return self.headers.get("content-type")

    @property
    def is_stream(self) -> bool:
        """True if the body is to be read as a stream."""
        return (
            200 <= self.status_code < 300
            and self.status_code not in NO_CONTENT
            and not self._is_page
            and self._other_kind() is None
        )

    @property
    def _is_page(self) -> bool:
        return media_type(self.content_type) in _PAGES

    def error(self, body: bytes) -> ResponseError:
        """Return the error for a response that is not a stream; `body` is its beginning."""
        status = self.status_code
        retryable = status in RETRYABLE or status >= 500
        return ResponseError(self._sentence(body), status_code=status, retryable=retryable)

    def page_error(self, body: bytes) -> ResponseError:
        """Return the error for an HTML page, which begins with `body`, in place of a stream."""
        return ResponseError(self._page_sentence(body), status_code=self.status_code)

    def _page_sentence(self, body: bytes) -> str:
        return (
            f"{self.method} {safe_url(self.url)} returned an HTML page{self._quote(body)}, not a "
            "stream. Check the URL, and that you are signed in."
        )

    def _sentence(self, body: bytes) -> str:
        request = f"{self.method} {safe_url(self.url)}"
        if self.status_code in NO_CONTENT:
            return f"{request} returned {self._status()}: there is nothing to stream."
        if 300 <= self.status_code < 400:
            location = self.headers.get("location")
            to = f" to {_shown(location)}" if location else ""
            return f"{request} was redirected{to} ({self._status()}). Pass the new URL."
        if self.status_code >= 400:
            hint = HINTS.get(
                self.status_code, "Try again later." if self.status_code >= 500 else ""
            )
            return f"{request} returned {self._status()}{self._quote(body)}. {hint}".rstrip()
        if self._is_page:
            return self._page_sentence(body)
        return f"{request} returned {self._other_kind()}, not a stream. Check the URL."

    def _status(self) -> str:
        try:
            return f"{self.status_code} {HTTPStatus(self.status_code).phrase}"
        except ValueError:
            return str(self.status_code)

    def _other_kind(self) -> str | None:
        type_ = media_type(self.content_type)
        return next((kind for start, kind in _NO_STREAM if type_.startswith(start)), None)

    def _quote(self, body: bytes) -> str:
        text = body.decode(errors="replace").strip()
        value = parse_json(text)
        if isinstance(value, dict):
            text = error_of(value)[0]
        elif "<" in text[:200]:
            text = title_of(text)
        text = excerpt(self.redaction(without_secrets(text)))
        return f" (“{text}”)" if text else ""


def _shown(location: str) -> str:
    relative = "://" not in location
    return safe_url(location) if relative or is_url(location) else "an invalid URL"


def translate(
    error: Exception, method: str, url: str, byte_count: int | None
) -> StreamWidgetError | None:
    """Return the error of this package for an error of an HTTP client; None for any other.

    `byte_count` is the number of bytes of the body received; None: the response had not begun.
    """
    if isinstance(error, CodingError):
        return _bad_coding(error, f"{method} {safe_url(url)}", safe_url(url), byte_count)
    if type(error).__module__.partition(".")[0] not in {"httpx", "httpx2", "httpcore", "httpcore2"}:
        return None
    for class_ in type(error).__mro__:
        make = _SENTENCES.get(class_.__name__)
        if make is not None:
            return make(error, f"{method} {safe_url(url)}", safe_url(url), byte_count)
    return None


class FetchFailed(Exception):
    """The browser could not connect. Pages learn neither the cause nor the target of a redirect."""

    def __init__(self, *, redirected: bool = False) -> None:
        super().__init__()
        self.redirected = redirected


def connect_error(error: Exception, url: str) -> TransportError:
    """Return the error for a failed connection to `url`, by `error` and its causes."""
    for cause in _causes(error):
        if isinstance(cause, FetchFailed) and cause.redirected:
            return TransportError(
                f"{url} was redirected, and a browser does not tell where to. Pass the address "
                "that answers: what this request carries must not go elsewhere unseen.",
                retryable=False,
            )
        if isinstance(cause, FetchFailed):
            return TransportError(
                f"The browser got no answer from {url} that this page may read. Is the server "
                "running, and does it allow other origins (CORS: Access-Control-Allow-Origin)?"
            )
        if isinstance(cause, socket.gaierror):
            return TransportError(
                f"Could not connect to {url}: unknown host name. Check the spelling, and your "
                "network connection."
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TransportError(
                f"Could not connect to {url}: its TLS certificate was not accepted "
                f"({cause.verify_message}). Check the URL, and that this computer trusts its "
                "issuer.",
                retryable=False,
            )
        if isinstance(cause, ssl.SSLError):
            return TransportError(
                f"Could not connect to {url}: the TLS handshake failed. "
                "Check that the server uses https on this port.",
                retryable=False,
            )
        if isinstance(cause, ConnectionRefusedError):
            return TransportError(
                f"Could not connect to {url}: connection refused. Check that the server is running."
            )
    return TransportError(
        f"Could not connect to {url}: no route to the host. Check your network "
        "connection and the URL."
    )


def connect_timeout_error(url: str) -> TransportError:
    """Return the error for a connection to `url` that timed out."""
    return TransportError(
        f"Could not connect to {url} in time. Check that the server can be reached "
        "from here, or whether a proxy is needed."
    )


def _read_timeout(_e: Exception, request: str, _url: str, count: int | None) -> StreamWidgetError:
    missing = "response" if count is None else f"further data after {count:,} bytes"
    return TransportError(
        f"{request} sent no {missing} within the read timeout of the client. "
        "Pass a client with a longer timeout; models can be silent for minutes."
    )


def _pool_timeout(_e: Exception, request: str, _url: str, _count: int | None) -> StreamWidgetError:
    return TransportError(
        f"{request} got no connection: all connections of the client are in use. "
        "Close other streams, or allow the client more connections."
    )


def _broken(error: Exception, request: str, url: str, count: int | None) -> StreamWidgetError:
    if "location header" in str(error):
        return TransportError(
            f"{request} was redirected to an invalid URL: its host or its port is "
            "not valid. Check the server.",
            retryable=False,
        )
    if count is None:
        return TransportError(
            f"The connection was lost before {request} got a response. Check that the server uses "
            "HTTP on this port."
        )
    return TransportError(
        f"The connection to {url} was lost after {count:,} bytes, before the stream had ended."
    )


def proxy_error(url: str) -> TransportError:
    """Return the error for a proxy that refused a connection to `url`."""
    return TransportError(
        f"Could not connect to {url}: the proxy refused the connection. Check the proxy settings "
        "(HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."
    )


def _redirects(_error: Exception, request: str, _url: str, _count: int | None) -> StreamWidgetError:
    return ResponseError(f"{request} was redirected too many times. Check the URL.")


def _bad_url(_error: Exception, _request: str, url: str, _count: int | None) -> StreamWidgetError:
    return UsageError(
        f"{excerpt(url)!r} cannot be requested: pass a URL that begins with http:// or https://."
    )


def _bad_request(
    _error: Exception, request: str, _url: str, _count: int | None
) -> StreamWidgetError:
    return UsageError(f"{request} could not be sent: check the method and the headers.")


def _bad_coding(_error: Exception, request: str, _url: str, count: int | None) -> StreamWidgetError:
    return DecodeError(
        f"{request}: the body does not follow its Content-Encoding (after {count or 0:,} bytes). "
        "Check the server or the proxy that compresses it."
    )


def _used_up(_error: Exception, request: str, _url: str, _count: int | None) -> StreamWidgetError:
    return UsageError(
        f"The response to {request} has already been read or closed. Pass one that is still open, "
        "or the URL."
    )


Sentence = Callable[[Exception, str, str, "int | None"], StreamWidgetError]

_SENTENCES: Final[dict[str, Sentence]] = {
    "ConnectError": lambda error, _request, url, _count: connect_error(error, url),
    "ConnectTimeout": lambda _error, _request, url, _count: connect_timeout_error(url),
    "ReadTimeout": _read_timeout,
    "PoolTimeout": _pool_timeout,
    "ProxyError": lambda _error, _request, url, _count: proxy_error(url),
    "TooManyRedirects": _redirects,
    "UnsupportedProtocol": _bad_url,
    "InvalidURL": _bad_url,
    "LocalProtocolError": _bad_request,
    "DecodingError": _bad_coding,
    "StreamError": _used_up,
    "TransportError": _broken,  # ReadError, WriteError, RemoteProtocolError, WriteTimeout, ...
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and all its causes, also those in exception groups."""
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        todo += [cause.__context__, cause.__cause__, *getattr(cause, "exceptions", ())]

"""HTTP answers that are no stream, and what went wrong on the way, as sentences to act on.

Pure, and imports no client: classes of httpx and httpx2 are recognised by their names.
No sentence holds headers, query or user info of the request.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

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
from ..framing.html_title import title_of
from .decompress import CodingError
from .redaction import Redaction, is_url, safe_url, without_secrets

HINTS: Final[dict[int, str]] = {
    401: "Check the credentials.",
    403: "Check the credentials and what they allow.",
    404: "Is the address right?",
    405: "Is it the right method (GET, POST)?",
    408: "Try again.",
    413: "Send less.",
    422: "Check what is sent.",
    429: "Wait before trying again.",
}
RETRYABLE: Final = frozenset({408, 425, 429})
NO_CONTENT: Final = frozenset({204, 205, 304})

_NO_STREAM: Final = (
    ("text/html", "an HTML page"),
    ("application/xhtml+xml", "an HTML page"),
    ("image/", "an image"),
    ("audio/", "audio"),
    ("video/", "a video"),
    ("font/", "a font"),
    ("application/pdf", "a PDF file"),
    ("application/zip", "a ZIP archive"),
    ("application/gzip", "a gzip archive"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """An HTTP answer before its body."""

    method: str
    url: str
    """The address that answered, after redirects, with all its secrets: never to be shown."""
    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in lower case."""
    redaction: Redaction = field(default_factory=Redaction)
    """Hides the secrets of the request where the answer echoes them."""

    @property
    def content_type(self) -> str | None:
        """The value of the `Content-Type` header; None if there is none."""
        return self.headers.get("content-type")

    @property
    def is_stream(self) -> bool:
        """True if its body is worth reading as a stream."""
        return (
            200 <= self.status_code < 300
            and self.status_code not in NO_CONTENT
            and self._other_kind() is None
        )

    def error(self, body: bytes) -> ResponseError:
        """Why it is no stream; `body` is the beginning of its body, quoted if it helps."""
        status = self.status_code
        retryable = status in RETRYABLE or status >= 500
        return ResponseError(self._sentence(body), status_code=status, retryable=retryable)

    def page_error(self, body: bytes) -> ResponseError:
        """Why an HTML page that came as a stream, with its beginning, is not one."""
        return ResponseError(
            self._other_sentence("an HTML page" + self._quote(body)), status_code=self.status_code
        )

    def _other_sentence(self, kind: str) -> str:
        return (
            f"{self.method} {safe_url(self.url)} was answered with {kind}, not with a stream. "
            "Is the address right, and are you signed in?"
        )

    def _sentence(self, body: bytes) -> str:
        asked = f"{self.method} {safe_url(self.url)}"
        if self.status_code in NO_CONTENT:
            return f"{asked} was answered with {self._status()}: there is nothing to stream."
        if 300 <= self.status_code < 400:
            location = self.headers.get("location")
            to = f" to {_shown(location)}" if location else ""
            return f"{asked} was redirected{to} ({self._status()}). Pass the new address."
        if self.status_code >= 400:
            hint = HINTS.get(
                self.status_code, "Try again later." if self.status_code >= 500 else ""
            )
            return f"{asked} was answered with {self._status()}{self._quote(body)}. {hint}".rstrip()
        quote = self._quote(body) if "HTML" in str(self._other_kind()) else ""
        return self._other_sentence(f"{self._other_kind()}{quote}")

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
    return safe_url(location) if relative or is_url(location) else "an address that is not valid"


def translate(
    error: Exception, method: str, url: str, byte_count: int | None
) -> StreamWidgetError | None:
    """The error of this package for one of an HTTP client; None if it is none of those.

    `byte_count` is how many bytes of the body had come; None: the answer had not begun.
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


def connect_error(error: Exception, url: str) -> TransportError:
    """The error for a connection to `url` that could not be made, by `error` and its causes."""
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return TransportError(
                f"Could not connect to {url}: the host name is not known. Is it spelled right, "
                "and are you online?"
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TransportError(
                f"Could not connect to {url}: its TLS certificate was not accepted "
                f"({cause.verify_message}). Is the address right, and is it trusted here?",
                retryable=False,
            )
        if isinstance(cause, ssl.SSLError):
            return TransportError(
                f"Could not connect to {url}: no TLS connection could be made. "
                "Does the server speak https at this port?",
                retryable=False,
            )
        if isinstance(cause, ConnectionRefusedError):
            return TransportError(
                f"Could not connect to {url}: connection refused. Is the server running?"
            )
    return TransportError(
        f"Could not connect to {url}: the network has no route to it. Are you online, "
        "and is the address right?"
    )


def connect_timeout_error(url: str) -> TransportError:
    """The error for a connection to `url` that took too long to make."""
    return TransportError(
        f"Could not connect to {url} in time. Is the server reachable from here, "
        "or is a proxy needed?"
    )


def _read_timeout(_e: Exception, asked: str, _url: str, count: int | None) -> StreamWidgetError:
    said = "answer" if count is None else f"further data after {count:,} bytes"
    return TransportError(
        f"{asked} gave no {said} within the read timeout of the client. "
        "Pass a client with a longer one; models can be silent for minutes."
    )


def _pool_timeout(_e: Exception, asked: str, _url: str, _count: int | None) -> StreamWidgetError:
    return TransportError(
        f"{asked} got no free connection: all connections of the client are in use. "
        "Close other streams, or allow it more connections."
    )


def _broken(error: Exception, asked: str, url: str, count: int | None) -> StreamWidgetError:
    if "location header" in str(error):
        return TransportError(
            f"{asked} was redirected to an address that does not exist: its host or its port is "
            "not valid. Check the server.",
            retryable=False,
        )
    if count is None:
        return TransportError(
            f"The connection broke before {asked} was answered. Does the server speak HTTP?"
        )
    return TransportError(
        f"The connection to {url} broke after {count:,} bytes, before the stream had ended."
    )


def proxy_error(url: str) -> TransportError:
    """The error for a proxy that did not let a connection to `url` through."""
    return TransportError(
        f"Could not connect to {url}: the proxy refused. Check the proxy settings "
        "(HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."
    )


def _redirects(_error: Exception, asked: str, _url: str, _count: int | None) -> StreamWidgetError:
    return ResponseError(f"{asked} was redirected too many times. Is the address right?")


def _bad_url(_error: Exception, _asked: str, url: str, _count: int | None) -> StreamWidgetError:
    return UsageError(
        f"{excerpt(url)!r} cannot be requested: pass an address that begins with http:// or https://."
    )


def _bad_request(_error: Exception, asked: str, _url: str, _count: int | None) -> StreamWidgetError:
    return UsageError(f"{asked} could not be sent: check the method and the headers.")


def _bad_coding(_error: Exception, asked: str, _url: str, count: int | None) -> StreamWidgetError:
    return DecodeError(
        f"{asked}: the body does not follow its Content-Encoding (after {count or 0:,} bytes). "
        "Check the server or the proxy that compresses it."
    )


def _used_up(_error: Exception, asked: str, _url: str, _count: int | None) -> StreamWidgetError:
    return UsageError(
        f"The response to {asked} was read or closed already. Pass one that is still open, "
        "or the address."
    )


Sentence = Callable[[Exception, str, str, "int | None"], StreamWidgetError]

_SENTENCES: Final[dict[str, Sentence]] = {
    "ConnectError": lambda error, _asked, url, _count: connect_error(error, url),
    "ConnectTimeout": lambda _error, _asked, url, _count: connect_timeout_error(url),
    "ReadTimeout": _read_timeout,
    "PoolTimeout": _pool_timeout,
    "ProxyError": lambda _error, _asked, url, _count: proxy_error(url),
    "TooManyRedirects": _redirects,
    "UnsupportedProtocol": _bad_url,
    "InvalidURL": _bad_url,
    "LocalProtocolError": _bad_request,
    "DecodingError": _bad_coding,
    "StreamError": _used_up,
    "TransportError": _broken,  # ReadError, WriteError, RemoteProtocolError, WriteTimeout, ...
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and all that caused it; groups of errors are gone through."""
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        todo += [cause.__context__, cause.__cause__, *getattr(cause, "exceptions", ())]

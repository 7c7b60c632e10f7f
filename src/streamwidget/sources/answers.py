"""HTTP answers that are no stream, and what went wrong on the way, as sentences to act on.

Pure, and imports no client: httpx and httpx2 have classes of the same names, told by those names.
No sentence holds headers, query or user info of the request.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from ..errors import (
    DecodeError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    UsageError,
    excerpt,
    safe_url,
)
from ..formats.generic import error_of, parse_json
from ..formats.sniff import media_type

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
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
SECRET_CHARS: Final = 8
"""Shorter values are not looked for: hiding every `1` would make an answer unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of an answer before its body; `secrets` are never quoted from the body."""

    method: str
    url: str
    """Made safe to show."""
    status_code: int
    content_type: str | None = None
    location: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def is_stream(self) -> bool:
        """Whether its body is worth reading as a stream."""
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

    def _sentence(self, body: bytes) -> str:
        asked = f"{self.method} {self.url}"
        if self.status_code in NO_CONTENT:
            return f"{asked} was answered with {self._status()}: there is nothing to stream."
        if 300 <= self.status_code < 400:
            to = f" to {_shown(self.location)}" if self.location else ""
            return f"{asked} was redirected{to} ({self._status()}). Pass the new address."
        if self.status_code >= 400:
            hint = HINTS.get(
                self.status_code, "Try again later." if self.status_code >= 500 else ""
            )
            return f"{asked} was answered with {self._status()}{self._quote(body)}. {hint}".rstrip()
        quote = self._quote(body) if "HTML" in str(self._other_kind()) else ""
        return (
            f"{asked} was answered with {self._other_kind()}{quote}, not with a stream. "
            "Is the address right, and are you signed in?"
        )

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
            title = _TITLE.search(text)
            text = title[1] if title else ""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        text = excerpt(text)
        return f" (“{text}”)" if text else ""


def _shown(location: str) -> str:
    try:
        return safe_url(location)
    except ValueError:
        return "something that is no address"


def secrets_of(url: str, headers: Iterator[tuple[str, str]]) -> tuple[str, ...]:
    """Values of a request that an answer may echo and that must not be shown, longest first."""
    query = url.partition("?")[2].partition("#")[0]
    values = [pair.partition("=")[2] for pair in query.split("&")]
    values += re.findall(r"://[^/@]*:([^/@]*)@", url)
    for name, value in headers:
        if re.search(r"auth|key|token|secret|cookie|password", name, re.IGNORECASE):
            values += [
                value,
                *value.split(),
                *(part.partition("=")[2] for part in value.split(";")),
            ]
    return tuple(sorted({v for v in values if len(v) >= SECRET_CHARS}, key=len, reverse=True))


def translate(
    error: Exception, method: str, url: str, byte_count: int | None
) -> StreamWidgetError | None:
    """The error of this package for one of an HTTP client; None if it is none of those.

    `byte_count` is how many bytes of the body had come; None: the answer had not begun.
    """
    if type(error).__module__.partition(".")[0] not in {"httpx", "httpx2", "httpcore", "httpcore2"}:
        return None
    for class_ in type(error).__mro__:
        make = _SENTENCES.get(class_.__name__)
        if make is not None:
            return make(error, f"{method} {safe_url(url)}", safe_url(url), byte_count)
    return None


def _connect(error: Exception, _asked: str, url: str, _count: int | None) -> StreamWidgetError:
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
        f"Could not connect to {url}: the network gave no way to it. Are you online, "
        "and is the address right?"
    )


def _connect_timeout(_e: Exception, _asked: str, url: str, _count: int | None) -> StreamWidgetError:
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


def _broken(_error: Exception, asked: str, url: str, count: int | None) -> StreamWidgetError:
    if count is None:
        return TransportError(
            f"The connection broke before {asked} was answered. Does the server speak HTTP?"
        )
    return TransportError(
        f"The connection to {url} broke after {count:,} bytes, before the stream had ended."
    )


def _proxy(_error: Exception, _asked: str, url: str, _count: int | None) -> StreamWidgetError:
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
    "ConnectError": _connect,
    "ConnectTimeout": _connect_timeout,
    "ReadTimeout": _read_timeout,
    "PoolTimeout": _pool_timeout,
    "ProxyError": _proxy,
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

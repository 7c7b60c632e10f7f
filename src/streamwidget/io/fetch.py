"""HTTP where Python runs in a browser: httpx hands its requests to the browser's `fetch`.

The browser has rules that no client can change: it gives access only to servers that allow the
page's origin (CORS), decodes compressed bodies, and follows redirects itself.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx

from .http_errors import FetchFailed
from .redirects import SAFE_HEADERS

_THE_BROWSERS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
"""Headers that the browser sets itself. It drops some of them if a client sets them;
for others it sends a preflight request first."""
_UNDONE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers of a response that do not apply to the body, which the browser has decoded."""


def fetch_client() -> httpx.AsyncClient:
    """Return a client whose requests the browser sends."""
    return httpx.AsyncClient(transport=_Fetch(), trust_env=False)


class _Fetch(httpx.AsyncBaseTransport):
    """Sends one request with `fetch`; closing the response, or a cancellation, aborts it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        js: Any = importlib.import_module("js")
        body = await request.aread()
        abort = js.AbortController.new()
        options = _object(
            js,
            method=request.method,
            headers=_headers(js, request),
            body=_bytes(js, body) if body else None,
            signal=abort.signal,
            cache="no-store",
            redirect="manual" if _may_identify_user(request) else "follow",
        )
        timeout_s = request.extensions.get("timeout", {}).get("read")
        try:
            answer = await asyncio.wait_for(js.fetch(str(request.url), options), timeout_s)
        except asyncio.TimeoutError:
            abort.abort()
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        except asyncio.CancelledError:
            abort.abort()
            raise
        except Exception:
            raise httpx.ConnectError("fetch failed", request=request) from FetchFailed()
        if answer.type == "opaqueredirect":
            abort.abort()
            raise httpx.ConnectError("redirected", request=request) from FetchFailed(
                redirected=True
            )
        return httpx.Response(
            answer.status,
            headers=[pair for pair in _pairs(answer) if pair[0].lower() not in _UNDONE],
            stream=_Body(request, answer, abort, timeout_s),
            request=request,
        )


class _Body(httpx.AsyncByteStream):
    """The body of a response, read as it arrives."""

    def __init__(
        self, request: httpx.Request, answer: Any, abort: Any, timeout_s: float | None
    ) -> None:
        self._request, self._abort, self._timeout_s = request, abort, timeout_s
        self._reader = answer.body.getReader() if answer.body else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._reader is not None:
            try:
                read = await asyncio.wait_for(self._reader.read(), self._timeout_s)
            except asyncio.TimeoutError:
                raise httpx.ReadTimeout("silent for too long", request=self._request) from None
            except Exception as error:
                raise httpx.ReadError("the body was cut", request=self._request) from error
            if read.done:
                return
            yield read.value.to_bytes()

    async def aclose(self) -> None:
        with suppress(Exception):
            self._abort.abort()


def _may_identify_user(request: httpx.Request) -> bool:
    """True if another origin must not get the request: it has a body, or unknown headers."""
    names = {name.lower() for name in request.headers}
    return bool(request.content) or bool(names - SAFE_HEADERS - _THE_BROWSERS)


def _headers(js: Any, request: httpx.Request) -> Any:
    headers = js.Headers.new()
    for name, value in request.headers.multi_items():
        if name.lower() not in _THE_BROWSERS:
            headers.append(name, value)
    return headers


def _pairs(answer: Any) -> list[tuple[str, str]]:
    return [(str(pair[0]), str(pair[1])) for pair in answer.headers.entries()]


def _object(js: Any, **members: Any) -> Any:
    made = js.Object.new()
    for name, value in members.items():
        if value is not None:
            setattr(made, name, value)
    return made


def _bytes(js: Any, body: bytes) -> Any:
    made = js.Uint8Array.new(len(body))
    made.assign(body)
    return made

"""HTTP responses as sources: from a URL, a request, or an open response.

Checks the arguments; `io` has the connections, and `resume` continues a dropped stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import IncompleteError, UsageError, excerpt
from ..io.httpx import AsyncHttp, SyncHttp
from ..io.open_responses import opened_response
from ..io.read_loop import MakeExchange
from ..io.redaction import bad_header, is_url, safe_url
from ..io.request import HttpRequest, header_items, library_of
from ..io.source import AsyncSource, Context, Source
from ..resume.design import CannotResume, Design
from ..resume.designs import Resume, design_maker
from ..resume.position import Position
from ..resume.session import Session


def http(
    url: object,
    *,
    method: str | None = None,
    json: object = None,
    data: object = None,
    params: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    auth: object = None,
    timeout: float | None = None,
    client: object = None,
    resume: Resume = None,
) -> Source:
    """Return a source that requests `url` when its run starts; each new run requests it again.

    `http(url)` is a GET, `http(url, json={...})` a POST unless `method` says otherwise;
    `http(request)` sends a request of httpx or httpx2. `json` is sent as JSON; `data` is a form if
    it is a mapping, else the body itself (str, bytes, or an iterator of bytes). `params`, `headers`
    and `auth` are those of httpx.

    `timeout` is the longest silence in seconds, while connecting and while reading. None: the
    timeout of `client`; without a client, `limits.connect_timeout_s` to connect and no limit on
    reading, because models can be silent for minutes. A client with its library's default of 5 s
    counts as a client without a timeout: pass `timeout=5` to limit the silence to 5 s.

    `client` is a client of httpx or httpx2, synchronous or not, which stays open; None: each run
    opens a new client. Redirects are followed; a redirect to another origin, or from https to http,
    gets neither the body nor headers that could identify the caller.

    `resume` declares how a dropped stream continues; None: the run fails, and no request is
    repeated. A name declares what the server supports:

    | `resume=` | the request that continues the stream |
    |---|---|
    | `"last-event-id"` | the same GET with `Last-Event-ID`, as browsers' EventSource does |
    | `"openai-responses"` | `GET .../responses/{id}?stream=true&starting_after=` |
    | `"gemini-interactions"` | `GET .../interactions/{id}?stream=true&last_event_id=` |
    | `"langgraph"` | what `Location` names, with `Last-Event-ID`; subscriptions with `since` |
    | `"durable-streams"` | the same address with `offset=` and `live=` |
    | `"resumable-stream"` | `?resumeAt=` of the same GET; after a POST, `GET .../{id}/stream` |
    | `"mcp"` | GET with `Last-Event-ID` and the session's headers (MCP up to 2025-11-25) |

    A function is called with the position (`last_event_id`, `records_count`, `bytes`, `chars`,
    `cursor`) and returns the next request (of httpx or httpx2, or `http(...)`), or None to end the
    run. `Limits.resume_attempts_count` limits the attempts that bring nothing new.

    Raises:
        UsageError: `url` is not a URL, or the other arguments are not valid for it; `resume` is
        unknown,
            or not possible for this request.
    """
    if _kind(url) == "Request":
        ready: Any = url
        verb, address = ready.method, str(ready.url)
        request = HttpRequest(verb, address, {}, auth, ready=ready, timeout_s=timeout)
        return _source(request, client, resume)
    if not isinstance(url, str) and not hasattr(url, "raw_path"):  # an httpx.URL
        raise UsageError(
            f"http() takes a URL or a request of httpx, not a {type(url).__name__}. "
            "Example: http('https://...')."
        )
    _check_headers(headers)
    body = {"data": data} if data is None or isinstance(data, Mapping) else {"content": data}
    sent = {"json": json, **body, "headers": headers, "params": params}
    options = {name: value for name, value in sent.items() if value is not None}
    verb = method or ("GET" if json is None and data is None else "POST")
    request = HttpRequest(verb.upper(), _checked(str(url)), options, auth, timeout_s=timeout)
    return _source(request, client, resume)


def http_source_from_url(url: str) -> AsyncSource:
    """Return a restartable source that sends a GET to `url`.

    Raises:
        UsageError: `url` is not a URL.
    """
    return AsyncHttp(HttpRequest("GET", _checked(url)), None, Session)


def http_source_from_request(request: object, client: object = None) -> Source:
    """Return a source that sends a request of httpx or httpx2; `client` None: with a new client."""
    return http(request, client=client)


def open_response(response: object) -> Source:
    """Return a source that reads an open streaming response of httpx or httpx2, once.

    Raises:
        UsageError: `response` is not such a response, or was already read or closed.
    """
    if _kind(response) != "Response":
        raise UsageError(
            f"A {type(response).__name__} is not a response of httpx or httpx2. "
            "Pass one from client.stream(...) or client.send(..., stream=True)."
        )
    opened: Any = response
    if not hasattr(opened, "_content") and (opened.is_closed or opened.is_stream_consumed):
        raise UsageError(
            "The response has already been read or closed. Pass one that is still open "
            "(inside `with client.stream(...)`), or the URL."
        )
    is_async = hasattr(opened.stream, "__aiter__") and not hasattr(opened.stream, "__iter__")
    if is_async and not hasattr(opened, "_content"):
        return AsyncHttp(None, None, Session, opened)
    return SyncHttp(None, None, Session, opened)


def open_other_response(response: object) -> Source | None:
    """Return a source that reads an open response of requests or aiohttp, once; None for others.

    Raises:
        UsageError: the response was already read or closed.
    """
    return opened_response(response, Session)


def _checked(url: str) -> str:
    """Return `url`; one without a scheme may be relative to the base address of a client."""
    if "://" in url and not is_url(url) and not url.endswith("://"):
        raise UsageError(f"{excerpt(safe_url(url))!r} has an invalid host or port. Check the URL.")
    return url


def _check_headers(headers: object) -> None:
    name = bad_header(header_items(headers))
    if name is not None:
        raise UsageError(
            f"The header {name!r} has a line break or a non-ASCII character, which HTTP cannot "
            "carry. Check the value, for example with .strip()."
        )


@dataclass(frozen=True, slots=True)
class _Resumed:
    """Makes the exchanges of a source with a design, from its start or from `place` on."""

    design: Callable[[], Design]
    place: Position | None = None

    def __call__(self, request: HttpRequest | None, name: str, context: Context) -> Session:
        return Session(request, name, context, self.design(), place=self.place)


def continued(source: AsyncHttp | SyncHttp, place: Position) -> tuple[Source, bool]:
    """Return a source that continues the stream of `source` at a position that was recorded.

    The second value is True if the server sends the stream from its start again.

    Raises:
        IncompleteError: no request would continue it.
    """
    exchanges = source.make_exchange
    assert isinstance(exchanges, _Resumed)
    design, starts_over = exchanges.design(), place == Position()
    if design.name != "function":
        design.continue_at(place)
        try:
            starts_over = design.ask(place).start == "from-start"
        except CannotResume as reason:
            raise IncompleteError(str(reason)) from None
    return source.with_exchange(_Resumed(exchanges.design, place)), starts_over


def can_continue(source: object) -> bool:
    """True if `source` was made by `http(..., resume=...)`."""
    return isinstance(source, (AsyncHttp, SyncHttp)) and isinstance(source.make_exchange, _Resumed)


def _source(request: HttpRequest, client: object, resume: Resume) -> Source:
    make_design = design_maker(resume, request, _request_of)
    exchange: MakeExchange = Session if make_design is None else _Resumed(make_design)
    if client is None:
        return AsyncHttp(request, None, exchange)
    if library_of(client) not in {"httpx", "httpx2"} and not hasattr(client, "build_request"):
        raise UsageError(
            f"client= is a {type(client).__name__}. Pass a client of httpx or httpx2, or None."
        )
    make = AsyncHttp if hasattr(client, "aclose") else SyncHttp
    return make(request, client, exchange)


def _request_of(value: object) -> HttpRequest | None:
    """Return the request that a user's function returned; None if it is not one."""
    if isinstance(value, (AsyncHttp, SyncHttp)):
        return value.request
    if _kind(value) != "Request":
        return None
    ready: Any = value
    return HttpRequest(ready.method, str(ready.url), ready=ready)


def _kind(value: object) -> str | None:
    """Return `Request` or `Response` for those of httpx and httpx2; None for other objects."""
    if library_of(value) not in {"httpx", "httpx2"}:
        return None
    names = {class_.__name__ for class_ in type(value).__mro__}
    return next((kind for kind in ("Request", "Response") if kind in names), None)

"""HTTP answers as sources: by address, by request, or an answer that is open already.

Knows what can be passed; `connections` has the sockets, and `resume` what to do when one drops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import UsageError, safe_url
from .base import AsyncSource, Source
from .connections import AsyncHttp, SyncHttp
from .request import HttpRequest, library_of
from .resume.designs import Resume, design_maker


def http(
    method: object,
    url: object = None,
    *,
    json: object = None,
    data: Mapping[str, object] | None = None,
    content: object = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    params: Mapping[str, object] | None = None,
    auth: object = None,
    client: object = None,
    follow_redirects: bool = True,
    resume: Resume = None,
) -> Source:
    """A source that requests `url` when its run starts; each new run asks again.

    `http("POST", url, json={...})`, or `http(request)` with a request of httpx or httpx2. The other
    arguments are those of httpx. `client` is a client of httpx or httpx2, synchronous or not, which
    stays open; without one, a client of our own is opened for each run, with `limits.
    connect_timeout_s` and no read timeout, because models are silent for minutes. A client whose
    timeout was left at its library's 5 s default gets the same; another one is respected.

    `resume` declares how the stream goes on where its connection dropped; None: it does not, and
    nothing is ever asked twice. A name says what the server understands:

    | `resume=` | what is asked |
    |---|---|
    | `"last-event-id"` | the same GET with `Last-Event-ID`, as browsers' EventSource does |
    | `"openai-responses"` | `GET .../responses/{id}?stream=true&starting_after=` |
    | `"gemini-interactions"` | `GET .../interactions/{id}?stream=true&last_event_id=` |
    | `"langgraph"` | what `Location` names, with `Last-Event-ID`; subscriptions with `since` |
    | `"durable-streams"` | the same address with `offset=` and `live=` |
    | `"resumable-stream"` | `?resumeAt=` of the same GET; after a POST, `GET .../{id}/stream` |
    | `"mcp"` | GET with `Last-Event-ID` and the session's headers (MCP up to 2025-11-25) |

    A function is called with the position (`last_event_id`, `records_count`, `bytes`, `chars`,
    `cursor`) and gives the request to go on with (of httpx or httpx2, or `http(...)`), or None to
    give up. Attempts that bring nothing new are bounded by `Limits.resume_attempts_count`.

    Raises:
        UsageError: there is no address, or it is none; `resume` is not known, or not possible for
            such a request.
    """
    request = url if url is not None and not isinstance(url, str) else method
    if _kind(request) == "Request":
        made: Any = request
        told = HttpRequest(
            made.method, str(made.url), {}, auth, follow_redirects=follow_redirects, ready=made
        )
        return _source(told, client, resume)
    if not isinstance(method, str) or url is None:
        raise UsageError("http() needs a method and an address: http('GET', 'https://...').")
    sent = {"json": json, "data": data, "content": content, "headers": headers, "params": params}
    options = {name: value for name, value in sent.items() if value is not None}
    address = _checked(str(url))
    told = HttpRequest(method.upper(), address, options, auth, follow_redirects)
    return _source(told, client, resume)


def http_source_from_url(url: str) -> AsyncSource:
    """A GET of `url`, restartable.

    Raises:
        UsageError: `url` is no address.
    """
    return AsyncHttp(HttpRequest("GET", _checked(url)), None)


def http_source_from_request(request: object, client: object = None) -> Source:
    """A source that sends a request of httpx or httpx2; None: with a client of our own."""
    return http(request, client=client)


def open_response(response: object) -> Source:
    """A source that reads a streaming response of httpx or httpx2 that is open already, once.

    Raises:
        UsageError: it is no such response, or it was read or closed already.
    """
    if _kind(response) != "Response":
        raise UsageError(
            f"A {type(response).__name__} is no response of httpx or httpx2: "
            "pass one that was opened with client.stream(...) or client.send(..., stream=True)."
        )
    opened: Any = response
    if not hasattr(opened, "_content") and (opened.is_closed or opened.is_stream_consumed):
        raise UsageError(
            "The response was read or closed already. Pass one that is still open "
            "(inside `with client.stream(...)`), or the address."
        )
    is_async = hasattr(opened.stream, "__aiter__") and not hasattr(opened.stream, "__iter__")
    if is_async and not hasattr(opened, "_content"):
        return AsyncHttp(None, None, opened)
    return SyncHttp(None, None, opened)


def _checked(url: str) -> str:
    try:
        safe_url(url)
    except ValueError as error:
        raise UsageError(f"That is not an address that can be requested: {error}.") from None
    return url


def _source(request: HttpRequest, client: object, resume: Resume) -> Source:
    design = design_maker(resume, request, _request_of)
    if client is None:
        return AsyncHttp(request, None, design=design)
    if library_of(client) not in {"httpx", "httpx2"} and not hasattr(client, "build_request"):
        raise UsageError(
            f"client= is a {type(client).__name__}: pass a client of httpx or httpx2, or none."
        )
    make = AsyncHttp if hasattr(client, "aclose") else SyncHttp
    return make(request, client, design=design)


def _request_of(value: object) -> HttpRequest | None:
    """What a user's function gave, as a request; None if it is none."""
    if isinstance(value, (AsyncHttp, SyncHttp)):
        return value.request
    if _kind(value) != "Request":
        return None
    made: Any = value
    return HttpRequest(made.method, str(made.url), ready=made)


def _kind(value: object) -> str | None:
    """`Request` or `Response` for those of httpx and httpx2."""
    if library_of(value) not in {"httpx", "httpx2"}:
        return None
    names = {class_.__name__ for class_ in type(value).__mro__}
    return next((kind for kind in ("Request", "Response") if kind in names), None)

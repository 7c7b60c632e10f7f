"""Redirects to another origin send nothing that identifies the caller."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import httpx
import pytest
from faults import Answer, Request, ThreadedServer

from streamwidget import Result, acollect, collect, http, websocket
from streamwidget.errors import TransportError
from streamwidget.io.redirects import is_trusted
from unit.http_peer import SECRET, Peer, answer, failure_of
from unit.waiting import WAIT_S

HEADERS = {
    "Authorization": f"Bearer {SECRET}",
    "x-api-key": SECRET,
    "api-key": SECRET,
    "x-goog-api-key": SECRET,
    "X-Auth-Token": SECRET,
    "Proxy-Authorization": SECRET,
    "Cookie": f"a={SECRET}",
    "X-Anything": SECRET,
    "Accept-Language": "de",
}
OK = Answer(b'data: {"content": "hello"}\n\ndata: [DONE]\n\n')

TRUST: dict[str, tuple[str, str, bool]] = {
    "same": ("https://h/a", "https://h:443/b", True),
    "port": ("https://h/a", "https://h:8443/a", False),
    "host": ("https://h/a", "https://h.evil/a", False),
    "to http": ("https://h/a", "http://h/a", False),
    "to http, same port": ("https://h:8000/a", "http://h:8000/a", False),
    "to https": ("http://h/a", "https://h/a", True),
    "to https elsewhere": ("http://h/a", "https://g/a", False),
    "to https, other port": ("http://h:8000/a", "https://h/a", False),
    "case": ("HTTP://H/a", "http://h:80/a", True),
    "ws to wss": ("ws://h/a", "wss://h/a", True),
    "wss to ws": ("wss://h/a", "ws://h/a", False),
}


@pytest.mark.parametrize(("old", "new", "trusted"), TRUST.values(), ids=TRUST.keys())
def test_which_redirects_keep_the_credentials(old: str, new: str, trusted: bool) -> None:
    assert is_trusted(old, new) is trusted


def everything(request: Request) -> str:
    return f"{request.headers} {request.body!r} {request.query}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["own client", "client", "async client", "auth of the client"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_of_the_caller_goes_to_another_origin(
    status: int, kind: str, method: str, library: Any
) -> None:
    def redirect(_: Request) -> Answer:
        return Answer(status=status, headers={"Location": f"{other.url}/there"})

    body = {"json": {"key": SECRET}} if method == "POST" else {}
    with ThreadedServer(lambda _: OK) as other, ThreadedServer(redirect) as server:

        async def main() -> Result:
            options: dict[str, Any] = {"headers": HEADERS, "cookies": {"c": SECRET}}
            if kind == "auth of the client":
                options = {"auth": ("me", SECRET), "params": {"p": SECRET}}
            if kind == "own client":
                return await acollect(http(server.url, method=method, headers=HEADERS, **body))
            if kind == "client":
                client = library.Client(**options)
                source = http(server.url, method=method, client=client, **body)
                with client:
                    return await asyncio.to_thread(collect, source)
            async with library.AsyncClient(**options) as client:
                return await acollect(http(server.url, method=method, client=client, **body))

        result = asyncio.run(main())
        assert result.text == "hello"
        assert SECRET in everything(server.requests[0]) or "auth" in kind
        (arrived,) = other.requests
        assert SECRET not in everything(arrived)
        assert arrived.body == b""
        assert "authorization" not in arrived.headers
        if kind in ("own client", "client"):
            assert arrived.headers["accept-language"] == "de"


def test_the_same_origin_gets_all_of_it_again() -> None:
    def serve(request: Request) -> Answer:
        if request.path == "/there":
            return OK
        return Answer(status=307, headers={"Location": "/there"})

    with ThreadedServer(serve) as server:
        source = http(
            server.url, method="POST", json={"a": 1}, headers={"x-api-key": "k"}, auth=("u", "p")
        )
        assert collect(source).text == "hello"
        arrived = server.requests[-1]
        assert (arrived.method, arrived.json) == ("POST", {"a": 1})
        assert arrived.headers["x-api-key"] == "k"
        assert "authorization" in arrived.headers


def test_back_at_the_first_origin_the_credentials_stay_away() -> None:
    def serve(request: Request) -> Answer:
        if request.path == "/back":
            return OK
        return Answer(status=307, headers={"Location": f"{other.url}/"})

    def bounce(_: Request) -> Answer:
        return Answer(status=307, headers={"Location": f"{server.url}/back"})

    with ThreadedServer(bounce) as other, ThreadedServer(serve) as server:
        assert collect(http(server.url, headers=HEADERS)).text == "hello"
        assert SECRET not in everything(server.requests[-1])


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://[::1/"]
)
def test_an_impossible_address_is_a_transport_error(location: str, library: Any) -> None:
    raw = answer(b"", f"Location: {location}", "Content-Length: 0", status="307 X")
    with Peer(raw) as peer, library.Client() as client:
        for chosen in (None, client):
            error = failure_of(http(peer.url, client=chosen))
            assert isinstance(error, TransportError), error
            assert "was redirected to an invalid URL" in error.message
            assert not error.retryable


def test_redirects_without_end_are_reported() -> None:
    with ThreadedServer(lambda _: Answer(status=302, headers={"Location": "/again"})) as server:
        assert "redirected more than 20 times" in str(collect(server.url).error)
        assert len(server.requests) == 21


@contextlib.contextmanager
def websocket_servers() -> Any:
    """The address of a server that redirects to another one, and what the other one received."""
    from websockets.sync.server import serve

    seen: list[str] = []

    def handler(connection: Any) -> None:
        seen.append(f"{connection.request.headers} {connection.request.path}")
        with contextlib.suppress(Exception):
            seen.append(str(connection.recv(timeout=0.3)))
        connection.send("hello")

    with serve(handler, "127.0.0.1", 0) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        target = f"ws://127.0.0.1:{other.socket.getsockname()[1]}/there"
        raw = answer(b"", f"Location: {target}", "Content-Length: 0", status="307 X")
        with Peer(raw) as peer:
            yield peer.url.replace("http", "ws"), seen


def test_a_websocket_takes_no_headers_along() -> None:
    with websocket_servers() as (url, seen):
        result = collect(
            websocket(url, headers=HEADERS, subprotocols=["realtime", f"key.{SECRET}"]),
            timeout=WAIT_S,
        )
        assert result.text == "hello"
        assert SECRET not in str(seen)


def test_a_websocket_takes_no_first_messages_along() -> None:
    with websocket_servers() as (url, seen):
        error = collect(websocket(url, send=[SECRET]), timeout=WAIT_S).error
        assert isinstance(error, TransportError)
        assert "another origin" in error.message
        assert SECRET not in str(seen) + error.message


def test_httpx_itself_would_have_sent_the_key() -> None:
    """Why redirects are not left to the client: it knows `Authorization` and `Cookie` only."""

    def redirect(_: Request) -> Answer:
        return Answer(status=307, headers={"Location": other.url})

    with ThreadedServer(lambda _: OK) as other, ThreadedServer(redirect) as server:
        httpx.post(server.url, headers={"x-api-key": SECRET}, follow_redirects=True)
        assert SECRET in everything(other.requests[0])

"""Credentials stay out of all that is shown: addresses, errors, echoes, close reasons, logs."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import requests

from streamwidget import (
    Result,
    StreamView,
    acollect,
    collect,
    http,
    logging_handler,
    process,
    websocket,
)
from streamwidget.errors import StreamWidgetError, UsageError
from streamwidget.io.redaction import Redaction, safe_url, secrets_of, without_secrets
from unit.http_peer import SECRET, Peer, answer, refusing_port
from unit.test_websocket import sending, serving
from unit.waiting import WAIT_S

ADDRESSES: dict[str, tuple[str, str]] = {
    "plain": ("https://h.example:8000/a/b?key=S#S", "https://h.example:8000/a/b"),
    "user info": ("https://u:S@h.example/a", "https://h.example/a"),
    "upper case": ("HTTP://u:S@h.example/a", "HTTP://h.example/a"),
    "another scheme": ("ftp://u:S@h.example/a", "ftp://h.example/a"),
    "no scheme": ("u:S@h.example/a", "h.example/a"),
    "no scheme, no path": ("u:S@h.example", "h.example"),
    "one slash": ("http:/u:S@h.example/a", "http:/h.example/a"),
    "backslashes": ("http:\\\\u:S@h.example\\a", "http:\\\\h.example\\a"),
    "slash in the password": ("http://u:a/S@h.example/b", "http://h.example/b"),
    "slash in a token": ("http://a/S@h.example/b", "http://h.example/b"),
    "at sign in the password": ("http://u:S@S@h.example/b", "http://h.example/b"),
    "NFKC host": ("http://u:S@ho\u2100st/b", "http://ho\u2100st/b"),
    "half an IPv6 address": ("http://u:S@[::1/b", "http://[::1/b"),
    "IPv6": ("http://u:S@[::1]:80/b", "http://[::1]:80/b"),
    "at sign in the path": ("https://h.example/m/m@001:go?k=S", "https://h.example/m/m@001:go"),
    "at sign, local": ("http://localhost:8000/@me", "http://localhost:8000/@me"),
    "only a query": ("?key=S", ""),
    "white space": (" http://u:S@h.example/a ", "http://h.example/a"),
}


@pytest.mark.parametrize(("url", "shown"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address_is_shown_without_credentials(url: str, shown: str) -> None:
    assert safe_url(url) == shown


LINES: dict[str, tuple[str, str]] = {
    "httpx": (
        'HTTP Request: GET https://h/a?api_key=S "HTTP/1.1 200 OK"',
        'HTTP Request: GET https://h/a "HTTP/1.1 200 OK"',
    ),
    "requests": (
        "HTTPConnectionPool(host='h', port=9): Max retries exceeded with url: /x?key=S (Caused by)",
        "HTTPConnectionPool(host='h', port=9): Max retries exceeded with url: /x (Caused by)",
    ),
    "in quotes": ("for url 'https://u:S@h/x?k=S'", "for url 'https://h/x'"),
    "a question": ("Is a=b? Or c=d?", "Is a=b? Or c=d?"),
}


@pytest.mark.parametrize(("line", "shown"), LINES.values(), ids=LINES.keys())
def test_lines_of_other_libraries_lose_their_queries(line: str, shown: str) -> None:
    assert without_secrets(line) == shown


BASIC = base64.b64encode(f"robert:{SECRET}".encode()).decode()
REQUESTS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "bearer": ({"headers": [("Authorization", f"Bearer {SECRET}")]}, (SECRET,)),
    "basic": ({"headers": [("Authorization", f"Basic {BASIC}")]}, (SECRET, BASIC, "robert")),
    "a name nobody knows": ({"headers": [("X-Session-Thing", SECRET)]}, (SECRET,)),
    "cookie": ({"headers": [("Cookie", f"a=1; sid={SECRET}")]}, (SECRET,)),
    "query": (
        {"url": f"http://h/?q={quote(SECRET + '/+')}"},
        (SECRET + "/+", quote(SECRET + "/+")),
    ),
    "user info": ({"url": f"http://{SECRET}@h/"}, (SECRET,)),
    "pair": ({"auth": ("robert", SECRET)}, (SECRET, "robert", BASIC)),
    "JSON": ({"body": {"a": [{"apiKey": SECRET}]}}, (SECRET,)),
    "JSON below a secret name": ({"body": {"credentials": {"x": [SECRET]}}}, (SECRET,)),
    "JSON text": ({"body": json.dumps({"password": SECRET}).encode()}, (SECRET,)),
    "form": ({"body": f"a=b&client_secret={SECRET}"}, (SECRET,)),
}


@pytest.mark.parametrize(("request_", "values"), REQUESTS.values(), ids=REQUESTS.keys())
@pytest.mark.parametrize(
    "echo",
    [str, quote, lambda s: json.dumps(s)[1:-1], lambda s: base64.b64encode(s.encode()).decode()],
)
def test_a_secret_is_hidden_however_it_is_echoed(
    request_: dict[str, Any], values: tuple[str, ...], echo: Callable[[str], str]
) -> None:
    hide = Redaction(secrets_of(**request_))
    for value in values:
        if value == BASIC and echo is not str:
            continue
        assert echo(value).rstrip("=") not in hide(f"bad: '{echo(value)}'.")


def test_what_is_not_secret_stays_readable() -> None:
    hide = Redaction(
        secrets_of(
            "http://h/?model=m",
            [("User-Agent", "python-something"), ("Content-Type", "application/json")],
            body={"model": "claude-opus-4", "max_tokens": 100, "prompt": "a long prompt"},
        )
    )
    text = "claude-opus-4: a long prompt of application/json by python-something: 100"
    assert hide(text) == text


def shown_by(error: StreamWidgetError | None) -> str:
    assert error is not None
    return f"{error} {error!r} {error.message} {getattr(error, 'detail', '')}"


def refusal_of(make: Callable[[], object]) -> str:
    try:
        return repr(make())
    except UsageError as error:
        return shown_by(error)


STREAM_ERRORS: dict[str, bytes] = {
    "in the stream": answer(
        f'data: {{"error": {{"message": "bad key {SECRET}", "code": "{SECRET}"}}}}\n\n'.encode(),
        "Content-Type: text/event-stream",
    ),
    "status 200": answer(
        f'{{"error": {{"message": "bad key {SECRET}"}}}}'.encode(), "Content-Type: application/json"
    ),
    "the last event, cut": answer(
        f'data: {{"error": {{"message": "bad key {SECRET}"}}}}'.encode(),
        "Content-Type: text/event-stream",
    ),
    "echoed body": answer(f"you sent {SECRET}".encode(), status="400 X"),
    "HTML page": answer(
        f"<!doctype html><title>{SECRET} is wrong</title>".encode(), "Content-Type: text/plain"
    ),
}


@pytest.mark.parametrize("raw", STREAM_ERRORS.values(), ids=STREAM_ERRORS.keys())
@pytest.mark.parametrize(
    "how",
    [
        {"headers": {"X-Session": SECRET}},
        {"headers": {"X-Credential": f"v1 {SECRET}"}},
        {"auth": ("me", SECRET)},
        {"auth": (SECRET, "")},
        {"params": {"k": SECRET}},
        {"json": {"api_key": SECRET}},
    ],
    ids=str,
)
def test_no_error_repeats_a_secret_of_its_request(raw: bytes, how: dict[str, Any]) -> None:
    with Peer(raw) as peer, httpx.Client() as client:
        for chosen in (None, client):
            result = collect(http(peer.url, method="POST", client=chosen, **how))
            assert result.status == "failed"
            assert SECRET not in shown_by(result.error)
            assert SECRET not in json.dumps(result.document.snapshot(), default=str)


def test_open_responses_of_other_libraries_hide_them_too() -> None:
    with Peer(STREAM_ERRORS["in the stream"]) as peer:
        opened = requests.post(peer.url, stream=True, headers={"X-Session": SECRET}, timeout=WAIT_S)
        assert SECRET not in shown_by(collect(opened).error)


@pytest.mark.parametrize(
    "address",
    [
        f"HTTP://user:{SECRET}@127.0.0.1:PORT/",
        f"ftp://user:{SECRET}@h.example/",
        f"user:{SECRET}@h.example/",
        f"http:\\\\user:{SECRET}@h.example\\",
        f"http://user:{SECRET}@ho\u2100st/",
        f"http://user:a/{SECRET}@h.example/",
        f"ws://user:{SECRET}@ho\u2100st/",
        f"WS://user:{SECRET}@127.0.0.1:PORT/",
        f"h.example/?key={SECRET}",
    ],
)
def test_errors_about_addresses_quote_no_password(address: str) -> None:
    with refusing_port() as port:
        address = address.replace("PORT", str(port))
        result = collect(address)
    assert SECRET not in shown_by(result.error)
    for make in (lambda: http(address), lambda: websocket(address)):
        assert SECRET not in refusal_of(make)


def test_a_close_reason_is_redacted() -> None:
    async def main() -> Result:
        async with serving(sending("hi", code=1008, reason=f"bad key {SECRET}")) as url:
            return await acollect(websocket(url, headers={"X-Key-Of-Mine": SECRET}))

    result = asyncio.run(main())
    assert "policy violation" in shown_by(result.error)
    assert SECRET not in shown_by(result.error)


@pytest.mark.parametrize("value", [f"{SECRET}\n", f"{SECRET}\r\nX: y", f"{SECRET}é"])
def test_a_header_that_http_cannot_carry_is_refused_without_its_value(
    value: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for call in (
        lambda: websocket("ws://127.0.0.1:9/", headers={"Authorization": value}),
        lambda: http("http://127.0.0.1:9/", headers={"Authorization": value}),
    ):
        with pytest.raises(UsageError, match="'Authorization'") as raised:
            call()
        assert SECRET not in shown_by(raised.value)
    assert SECRET not in "".join(capfd.readouterr())


def test_websocket_logs_nothing_of_its_headers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Peer(answer(b"", status="401 X")) as peer:
        url = peer.url.replace("http", "ws")
        collect(websocket(url, headers={"Authorization": f"Bearer {SECRET}"}))
    assert SECRET not in caplog.text


def test_log_lines_of_clients_show_no_query() -> None:
    view = StreamView(lambda: "text")
    view.wait(WAIT_S)
    lines: list[str] = []

    class Target(StreamView):
        def push_events(self, events: Any) -> None:
            lines.extend(event.message for event in events)

    with (
        Peer(answer(b"ok", "Content-Type: text/plain")) as peer,
        logging_handler(Target(lambda: "text")),
    ):
        collect(f"{peer.url}/path?key={SECRET}")
        httpx.get(f"{peer.url}/path?key={SECRET}")
    assert any("/path" in line for line in lines)
    assert SECRET not in "".join(lines)


def test_errors_of_the_users_own_calls_show_no_query() -> None:
    def job(emit: Any) -> None:
        with refusing_port() as port:
            requests.get(f"http://127.0.0.1:{port}/x?key={SECRET}", timeout=WAIT_S)

    def other(emit: Any) -> None:
        raise ValueError(f"no answer from https://me:{SECRET}@h.example/x?key={SECRET}")

    for each in (job, other):
        assert SECRET not in shown_by(collect(each).error)


@pytest.mark.parametrize(
    ("command", "title"),
    [
        (f'AUTH="Bearer {SECRET}" true', "true"),
        (f"AUTH='a b {SECRET}' A=1 /usr/bin/true x", "true"),
        (f"AUTH=$(echo {SECRET} x) true", "command"),
        (f"AUTH=`echo {SECRET}` true", "command"),
        (f'AUTH="{SECRET}', "command"),
        (f"(AUTH='x {SECRET}' true)", "true"),
        ("cd x; ls", "cd"),
    ],
)
def test_the_title_of_a_command_is_its_program(command: str, title: str) -> None:
    name = process(command, shell=True).name
    assert SECRET not in name
    assert name in (title, "command")

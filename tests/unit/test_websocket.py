"""WebSocket sources against a real server: how connections begin, end, break and are stopped."""

from __future__ import annotations

import asyncio
import contextlib
import http as http_status
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from streamwidget.document import Document
from streamwidget.errors import (
    DecodeError,
    LimitError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    UsageError,
)
from streamwidget.events import Event, RunEnd, RunStart, TextDelta, Unknown
from streamwidget.io.source import AsyncSource, Context, SyncSource
from streamwidget.io.websocket import WebSocketSource, websocket
from streamwidget.limits import Limits
from streamwidget.run import Run, begin
from streamwidget.widget import StreamView
from streamwidget.widget.port import Port
from streamwidget.widget.status import status_of
from unit.http_peer import Peer, answer, context, read, refusing_port, text_of
from unit.waiting import WAIT_S, measured_again

SECRET = "sk-very-secret"

Handler = Callable[[ServerConnection], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[str]:
    """The address of a server that is closed afterwards."""
    server: Server
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def sending(*messages: str | bytes, code: int = 1000, reason: str = "") -> Handler:
    """A handler that sends the messages and closes with the code."""

    async def handler(connection: ServerConnection) -> None:
        for message in messages:
            await connection.send(message)
        await connection.close(code, reason)

    return handler


def collect(
    handler: Handler, run_context: Context | None = None, path: str = "/", **options: Any
) -> list[Event]:
    """All events of one run against a server with that handler."""

    async def main() -> list[Event]:
        async with serving(handler) as url:
            return await asyncio.wait_for(read(websocket(url + path, **options), run_context), 10)

    return asyncio.run(main())


def failure_of(source: WebSocketSource, run_context: Context | None = None) -> Awaitable[Any]:
    """The error that the source raises; it must not show a secret."""

    async def run() -> StreamWidgetError:
        with pytest.raises(StreamWidgetError) as raised:
            await asyncio.wait_for(read(source, run_context), 10)
        assert SECRET not in str(raised.value)
        assert SECRET not in source.name + repr(source)
        return raised.value

    return run()


def failure_against(
    handler: Handler, run_context: Context | None = None, **options: Any
) -> StreamWidgetError:
    async def main() -> StreamWidgetError:
        async with serving(handler, **options) as url:
            address = url.replace("//", f"//user:{SECRET}@") + f"/live?key={SECRET}"
            headers = {"X-Api-Key": SECRET}
            error = await failure_of(websocket(address, headers=headers), run_context)
            assert isinstance(error, StreamWidgetError)
            return error

    return asyncio.run(main())


# --- messages


def test_source_is_asynchronous_and_restartable() -> None:
    source = websocket(f"ws://user:{SECRET}@host/live?key={SECRET}")
    assert isinstance(source, AsyncSource)
    assert not isinstance(source, SyncSource)
    assert source.restartable
    assert source.home_loop is None
    assert source.kind.noun == "connection"
    assert source.name == "ws://host/live"


def test_plain_messages_are_one_text() -> None:
    events = collect(sending("Hel", "", "lo", " 42"))
    assert text_of(events) == "Hello 42"
    assert events[-1] == RunEnd("complete")


def test_json_objects_are_records_of_their_vocabulary() -> None:
    deltas = [
        {"id": "c", "object": "chat.completion.chunk", "choices": [choice]}
        for choice in (
            {"index": 0, "delta": {"content": "Hel"}},
            {"index": 0, "delta": {"content": "lo"}, "finish_reason": "stop"},
        )
    ]
    events = collect(sending(*map(json.dumps, deltas)))
    assert [event.format for event in events if isinstance(event, RunStart)] == ["openai-chat"]
    assert text_of(events) == "Hello"
    assert isinstance(events[-1], RunEnd)


def test_binary_json_is_read_and_other_bytes_are_kept() -> None:
    record = {"type": "response", "content": "Hello"}
    events = collect(sending(json.dumps(record).encode(), b"\xff\x00\x01"))
    assert text_of(events) == "Hello"
    assert Unknown("binary message", "3 bytes") in events


def test_passed_format_wins() -> None:
    assert text_of(collect(sending('{"a": 1}'), format="text")) == '{"a": 1}'
    assert text_of(collect(sending('{"a": 1}'), context(format="text"))) == '{"a": 1}'


def test_end_marker_ends_the_reading_of_a_connection_that_stays_open() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"type": "response", "content": "Hi"}))
        await connection.send(json.dumps({"type": "end", "finish_reason": "stop"}))
        await connection.wait_closed()

    events = collect(handler)
    assert text_of(events) == "Hi"
    assert events[-1] == RunEnd("complete", "stop", raw_finish_reason="stop")


def test_close_before_the_end_marker_means_what_the_format_says() -> None:
    start = {"type": "start"}
    events = collect(sending(json.dumps(start), json.dumps({"type": "response", "content": "Hi"})))
    assert text_of(events) == "Hi"
    assert isinstance(events[-1], RunEnd)


@pytest.mark.parametrize("code", [1000, 1001])
def test_close_in_good_order_is_the_end(code: int) -> None:
    assert collect(sending("Hello", code=code))[-1] == RunEnd("complete")


def test_close_before_the_first_messages_were_sent_is_an_end_too() -> None:
    events = collect(sending("Hello"), send=["x" * 1000] * 50)
    assert text_of(events) == "Hello"
    assert events[-1] == RunEnd("complete")


def test_first_messages_headers_and_subprotocols_are_sent_in_each_run() -> None:
    seen: list[Any] = []

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append((connection.request.headers["X-Api-Key"], connection.subprotocol))
        seen.extend([await connection.recv() for _ in range(3)])
        await connection.send("ok")

    async def main() -> None:
        async with serving(handler, subprotocols=["chat"]) as url:
            source = websocket(
                url,
                headers={"X-Api-Key": SECRET},
                subprotocols=["chat"],
                send=["Hi", b"\x00", {"type": "é"}],
            )
            for _ in range(2):
                assert text_of(await read(source)) == "ok"

    asyncio.run(main())
    assert seen == [(SECRET, "chat"), "Hi", b"\x00", '{"type": "é"}'] * 2


@pytest.mark.parametrize("send", ["Hi", {"a": 1}])
def test_one_first_message_needs_no_list(send: Any) -> None:
    async def echo(connection: ServerConnection) -> None:
        await connection.send(f"<{await connection.recv()!s}>")

    run_context = send if isinstance(send, str) else json.dumps(send)
    assert text_of(collect(echo, send=send)) == f"<{run_context}>"


# --- send


def test_send_reaches_the_server_from_any_thread_in_order() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send("ready ")
        for _ in range(20):
            await connection.send(await connection.recv())

    async def main() -> str:
        async with serving(handler) as url:
            source, text = websocket(url), ""
            with pytest.raises(UsageError, match="is not open"):
                source.send("too early")

            def talk() -> None:
                for n in range(20):
                    source.send(f"{n} ")

            async for batch in source.stream(context()):
                if not text:
                    threading.Thread(target=talk).start()
                text += text_of(list(batch))
            with pytest.raises(UsageError, match="is not open"):
                source.send("too late")
            return text

    assert asyncio.run(main()) == "ready " + "".join(f"{n} " for n in range(20))


# --- failures


@pytest.mark.parametrize(
    ("code", "reason", "sentence", "retryable"),
    [
        (1011, "out of memory", "(code 1011, internal error): “out of memory”.", True),
        (1008, "", "(code 1008, policy violation).", False),
        (1009, "", "(code 1009, message too big).", False),
        (4001, "no credit", "(code 4001): “no credit”.", True),
    ],
)
def test_other_close_code_is_reported(
    code: int, reason: str, sentence: str, retryable: bool
) -> None:
    error = failure_against(sending("Hello", code=code, reason=reason))
    assert isinstance(error, TransportError)
    assert sentence in error.message
    assert error.retryable is retryable


def test_what_came_before_a_bad_close_is_kept() -> None:
    async def main() -> str:
        text = ""
        async with serving(sending("Hel", "lo", code=1011)) as url:
            with pytest.raises(TransportError):
                async for batch in websocket(url).stream(context()):
                    text += text_of(list(batch))
        return text

    assert asyncio.run(main()) == "Hello"


def test_dropped_connection_is_reported() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send("Hello")
        await connection.ping()
        connection.transport.abort()

    error = failure_against(handler)
    assert isinstance(error, TransportError)
    assert error.retryable
    assert "was lost after " in error.message


def test_passed_bound_is_named() -> None:
    run_context = context(limits=Limits(record_bytes=1000))
    error = failure_against(sending("x" * 1001), run_context)
    assert isinstance(error, LimitError)
    assert (error.bound, error.limit) == ("record_bytes", 1000)
    assert "record_bytes = 1,000 bytes" in error.message


def test_message_of_the_bound_s_length_passes() -> None:
    run_context = context(limits=Limits(record_bytes=1000))
    assert text_of(collect(sending("x" * 1000), run_context)) == "x" * 1000


def test_broken_rules_are_a_decode_error() -> None:
    async def handler(connection: ServerConnection) -> None:
        connection.transport.write(b"\x81\x01\xff")  # a text message that is not UTF-8
        await connection.wait_closed()

    error = failure_against(handler)
    assert isinstance(error, DecodeError)
    assert "violates the WebSocket protocol" in error.message


def test_silent_close_is_reported() -> None:
    error = failure_against(sending())
    assert isinstance(error, ResponseError)
    assert "closed without sending anything" in error.message


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (401, f"Bad key {SECRET}", "401 Unauthorized (“Bad key …”). Check the credentials."),
        (404, "", "404 Not Found. Check the URL."),
        (503, "busy", "503 Service Unavailable (“busy”). Try again later."),
    ],
)
def test_refused_handshake_is_reported(status: int, body: str, sentence: str) -> None:
    def refuse(connection: ServerConnection, _request: Any) -> Any:
        return connection.respond(http_status.HTTPStatus(status), body)

    error = failure_against(sending(), process_request=refuse)
    assert isinstance(error, ResponseError)
    assert sentence in error.message
    assert error.status_code == status


RAW_ANSWERS: dict[str, tuple[bytes, type[StreamWidgetError], str]] = {
    "page": (
        answer(b"hi", "Content-Length: 2", "Content-Type: text/html"),
        ResponseError,
        "returned 200 OK, not a WebSocket",
    ),
    "no key": (
        answer(b"", "Upgrade: websocket", "Connection: Upgrade", status="101 Switching"),
        ResponseError,
        "is not a WebSocket handshake",
    ),
    "not HTTP": (b"220 smtp ready\r\n\r\n", TransportError, "Check that the server accepts"),
    "closed at once": (b"", TransportError, "The connection was lost before GET"),
}


@pytest.mark.parametrize(("raw", "kind", "sentence"), RAW_ANSWERS.values(), ids=RAW_ANSWERS.keys())
def test_answer_that_is_not_a_handshake_is_reported(
    raw: bytes, kind: type[StreamWidgetError], sentence: str
) -> None:
    with Peer(raw) as peer:
        url = peer.url.replace("http://", f"ws://user:{SECRET}@") + f"/?key={SECRET}"
        error = asyncio.run(_error(websocket(url)))
    assert type(error) is kind
    assert sentence in error.message


async def _error(source: WebSocketSource, run_context: Context | None = None) -> StreamWidgetError:
    error = await failure_of(source, run_context)
    assert isinstance(error, StreamWidgetError)
    return error


def test_refused_connection_asks_whether_the_server_runs() -> None:
    with refusing_port() as port:
        url = f"ws://127.0.0.1:{port}"
        error = asyncio.run(_error(websocket(f"{url}/a?key={SECRET}")))
    assert isinstance(error, TransportError)
    sentence = (
        f"Could not connect to {url}/a: connection refused. Check that the server is running."
    )
    assert error.message == sentence


def test_silent_server_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
        run_context = context(limits=Limits(connect_timeout_s=0.1))
        error = asyncio.run(_error(websocket(url), run_context))
    assert isinstance(error, TransportError)
    assert "in time" in error.message


@pytest.mark.parametrize(
    "call",
    [
        lambda: websocket("http://x/"),
        lambda: websocket("ws://[::1"),
        lambda: websocket("ws:///path"),
        lambda: websocket("ws://x/", format="nonsense"),
        lambda: websocket("ws://x/", send=[3]),  # type: ignore[list-item]
        lambda: websocket("ws://x/", send={"a": object()}),
    ],
)
def test_nonsense_is_refused_at_once(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        call()


# --- stop


class Watched:
    """A handler that tells when it is open and when the client has left it."""

    def __init__(self, *messages: str) -> None:
        self.open = asyncio.Event()
        self.left = asyncio.Event()
        self.code: int | None = None
        self._messages = messages

    async def __call__(self, connection: ServerConnection) -> None:
        for message in self._messages:
            await connection.send(message)
        self.open.set()
        with contextlib.suppress(ConnectionClosed):
            await connection.recv()
        await connection.wait_closed()
        self.code = connection.protocol.close_code
        self.left.set()


def test_cancelling_closes_a_silent_connection_in_good_order() -> None:
    async def main() -> None:
        watched, begun = Watched("Hello"), asyncio.Event()
        async with serving(watched) as url:
            source = websocket(url)

            async def run() -> None:
                async with contextlib.aclosing(source.stream(context())) as stream:
                    async for _ in stream:
                        begun.set()  # from here on the server is silent

            task = asyncio.ensure_future(run())
            await asyncio.wait_for(begun.wait(), 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(watched.left.wait(), 5)
            assert watched.code == 1000
            with pytest.raises(UsageError):
                source.send("late")

    asyncio.run(main())


def test_leaving_the_stream_closes_the_connection() -> None:
    async def main() -> None:
        watched = Watched("Hello")
        async with serving(watched) as url:
            stream: Any = websocket(url).stream(context())
            await anext(stream)
            await stream.aclose()
            await asyncio.wait_for(watched.left.wait(), 5)

    asyncio.run(main())


@measured_again
def test_peer_that_does_not_answer_the_close_is_cut_off() -> None:
    """The server's side is paused, so it reads nothing; the client's end must not wait for it."""

    async def main() -> None:
        watched = Watched("Hello")

        async def handler(connection: ServerConnection) -> None:
            await connection.send("Hello")
            connection.transport.pause_reading()
            watched.open.set()
            await asyncio.wait_for(watched.left.wait(), 5)
            connection.transport.abort()

        async with serving(handler) as url:
            run_context = context(limits=Limits(close_timeout_s=0.4))
            stream: Any = websocket(url).stream(run_context)
            await anext(stream)
            await asyncio.wait_for(watched.open.wait(), 5)
            begun = asyncio.get_running_loop().time()
            await stream.aclose()
            assert asyncio.get_running_loop().time() - begun < 1
            watched.left.set()

    asyncio.run(main())


def test_cancelling_while_connecting_closes_the_connection() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
            task = asyncio.ensure_future(read(websocket(url)))
            loop = asyncio.get_running_loop()
            connection, _ = await asyncio.wait_for(loop.sock_accept(listening), 5)
            with connection:
                request = await loop.sock_recv(connection, 65536)
                assert b"Upgrade: websocket" in request
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await asyncio.wait_for(loop.sock_recv(connection, 1), 5) == b""

    asyncio.run(main())


# --- a conversation through a view


def test_view_sends_and_shows_the_messages_between_the_answers() -> None:
    async def teacher(connection: ServerConnection) -> None:
        await connection.send("Qubits are")
        await connection.send(" small.")
        question = await connection.recv()
        await connection.send(f"You asked {question!s}")

    async def main() -> None:
        async with serving(teacher) as url:
            view = StreamView(websocket(url))
            async for event in view:
                if isinstance(event, TextDelta) and event.text == " small.":
                    view.send_message("go deeper")
            shown = [(p.kind, p.text or p.fields.get("message")) for p in view.document.parts]
            assert shown == [
                ("text", "Qubits are small."),
                ("notice", "You: go deeper"),
                ("text", "You asked go deeper"),
            ]
            with pytest.raises(UsageError, match="not open"):
                view.send_message("too late")

    asyncio.run(main())


def test_a_quick_answer_does_not_overtake_the_question() -> None:
    run = Run()
    answering = threading.Event()

    def answer() -> None:
        answering.set()
        run.push([TextDelta("a", "Because.")])

    answerer = threading.Thread(target=answer)

    def sender(_: object) -> None:
        answerer.start()
        assert answering.wait(WAIT_S)
        answerer.join(0.2)  # it had its chance

    run.start("a test")
    run.sender = sender
    run.send_message("Why?")
    answerer.join(WAIT_S)
    assert [part.kind for part in run.document.parts] == ["notice", "text"]


def test_view_whose_source_takes_no_messages_says_so() -> None:
    with pytest.raises(UsageError, match="does not take messages"):
        StreamView(["a"]).send_message("Hi")


def test_page_sends_through_the_port_once_however_often_it_says_so() -> None:
    async def echo(connection: ServerConnection) -> None:
        await connection.send(f"<{await connection.recv()!s}>")

    async def main() -> None:
        async with serving(echo) as url:
            run = Run()
            port = Port(run, run_id="a.1", title="")
            begin(run, websocket(url))
            while not (source_is_open := run.can_send and _is_open(run)):
                await asyncio.sleep(0.005)
            assert source_is_open
            assert status_of(port)["can_send"] is True
            for run_id in ("a.0", "a.1", "a.1"):
                port.on_command(
                    {"cmd": "send", "run_id": run_id, "request_id": run_id, "text": "Hi"}
                )
            await asyncio.to_thread(run.finished.wait, 10)
            assert run.document.text == "<Hi>"
            assert status_of(port)["can_send"] is False

    asyncio.run(main())


def _is_open(run: Run) -> bool:
    return getattr(run.sender.__self__, "_open", None) is not None  # type: ignore[union-attr]


def test_an_answer_stands_after_its_question_though_the_format_continues_in_its_part() -> None:
    async def answering(connection: ServerConnection) -> None:
        await connection.send('{"type": "response", "content": "Ask. "}')
        async for asked in connection:
            await connection.send(json.dumps({"type": "response", "content": f"On {asked}. "}))
            if asked == "bye":
                return

    async def main() -> None:
        questions = iter(["one", "two", "bye"])
        async with serving(answering) as url:
            view = StreamView(websocket(url))
            async for event in view:
                if isinstance(event, TextDelta) and event.text.startswith(
                    ("Ask", "On one", "On two")
                ):
                    view.send_message(next(questions))
            shown = [(p.kind, p.text or p.fields.get("message")) for p in view.document.parts]
            assert shown == [
                ("text", "Ask. "),
                ("notice", "You: one"),
                ("text", "On one. "),
                ("notice", "You: two"),
                ("text", "On two. "),
                ("notice", "You: bye"),
                ("text", "On bye. "),
            ]
            assert view.text == "Ask. On one. On two. On bye. "
            replayed = Document()
            for event in view.events:
                replayed.apply(event)
            assert replayed == view.document

    asyncio.run(main())

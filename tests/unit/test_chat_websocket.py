"""A chat over a WebSocket: one connection for all turns, and an end marker for each answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import ipywidgets
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from streamwidget import Chat, UsageError, websocket
from streamwidget.events import RunEnd
from unit.waiting import WAIT_S, until

Handler = Callable[[ServerConnection], Awaitable[None]]


class Server:
    """A WebSocket server on another thread, with what it has received."""

    def __init__(self, answer: Callable[[ServerConnection, Any], Awaitable[None]]) -> None:
        self.received: list[Any] = []
        self.connections_count = self.closed_count = 0
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.url = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(WAIT_S)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        async with serve(self._handle, "127.0.0.1", 0) as server:
            self.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            self._ready.set()
            await self._over.wait()

    async def _handle(self, connection: ServerConnection) -> None:
        self.connections_count += 1
        try:
            with contextlib.suppress(ConnectionClosed):
                async for message in connection:
                    self.received.append(json.loads(message))
                    await self._answer(connection, self.received[-1])
        finally:
            self.closed_count += 1

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(WAIT_S)


async def words(connection: ServerConnection, question: Any) -> None:
    for word in ("You ", "asked ", str(question["question"])):
        await connection.send(json.dumps({"type": "token", "text": word}))
    await connection.send(json.dumps({"type": "done"}))


async def endless(connection: ServerConnection, question: Any) -> None:
    while True:
        await connection.send(json.dumps({"type": "token", "text": "on "}))
        await asyncio.sleep(0.005)


async def once(connection: ServerConnection, question: Any) -> None:
    await words(connection, question)
    await connection.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def make(answer: Any = words) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield make
    ipywidgets.Widget.close_all()
    for server in servers:
        server.end()


def encode(message: str) -> dict[str, str]:
    return {"question": message}


def decode(record: Any) -> object:
    return RunEnd("complete") if record["type"] == "done" else record["text"]


def test_the_end_marker_ends_the_turn_and_the_connection_serves_the_next(start: Any) -> None:
    server = start()
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    for text in ("one", "two", "three"):
        result = chat.ask(text).wait(WAIT_S)
        assert (result.text, result.status) == (f"You asked {text}", "finished")
    assert server.received == [{"question": text} for text in ("one", "two", "three")]
    assert server.connections_count == 1
    chat.close()
    until(lambda: server.closed_count == 1, "closing the chat closes its connection")


def test_without_decode_the_messages_are_records_of_the_format(start: Any) -> None:
    async def answer(connection: ServerConnection, question: Any) -> None:
        for text in ("Hel", "lo"):
            delta = {"type": "response.output_text.delta", "item_id": "m", "delta": text}
            await connection.send(json.dumps(delta))
        end = {"type": "response.completed", "response": {"status": "completed"}}
        await connection.send(json.dumps(end))

    server = start(answer)
    chat = Chat(websocket(server.url, format="openai-responses"), encode=encode)
    for text in ("one", "two"):
        result = chat.ask(text).wait(WAIT_S)
        assert (result.text, result.status) == ("Hello", "finished")
    assert server.connections_count == 1


def test_encode_gets_the_history_if_it_takes_it(start: Any) -> None:
    server = start()

    def with_history(message: str, history: list[Any]) -> dict[str, Any]:
        return {"question": message, "before": [one["content"] for one in history]}

    chat = Chat(websocket(server.url), encode=with_history, decode=decode)
    chat.ask("one").wait(WAIT_S)
    chat.ask("two").wait(WAIT_S)
    assert [one["before"] for one in server.received] == [[], ["one", "You asked one"]]


def test_an_interrupt_closes_the_connection_and_the_next_question_connects_again(
    start: Any,
) -> None:
    server = start(endless)
    chat = Chat(websocket(server.url), encode=encode, decode=decode, when_busy="interrupt")
    first = chat.ask("one")
    until(lambda: first.text)
    second = chat.ask("two")
    assert first.wait(WAIT_S).status == "stopped"
    until(lambda: second.text)
    assert first.text.startswith("on ")
    until(lambda: server.closed_count == 1)
    assert server.connections_count == 2
    second.stop()
    second.wait(WAIT_S)


def test_a_server_that_closes_after_each_answer_is_connected_to_again(start: Any) -> None:
    server = start(once)
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    for text in ("one", "two"):
        assert chat.ask(text).wait(WAIT_S).text == f"You asked {text}"
        until(lambda: server.closed_count == server.connections_count)
    assert server.connections_count == 2


def test_a_connection_that_breaks_fails_one_turn_and_keeps_its_text(start: Any) -> None:
    async def breaks(connection: ServerConnection, question: Any) -> None:
        await connection.send(json.dumps({"type": "token", "text": "half"}))
        if question["question"] == "one":
            await connection.close(1011, "out of memory")
        else:
            await connection.send(json.dumps({"type": "done"}))

    server = start(breaks)
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    failed = chat.ask("one").wait(WAIT_S)
    assert (failed.text, failed.status) == ("half", "failed")
    assert failed.error is not None
    assert "out of memory" in failed.error.message
    assert chat.ask("two").wait(WAIT_S).status == "finished"


def test_what_decode_raises_or_returns_wrongly_fails_the_turn(start: Any) -> None:
    server = start()
    chat = Chat(websocket(server.url), encode=encode, decode=lambda record: 5)
    error = chat.ask("one").wait(WAIT_S).error
    assert error is not None
    assert "decode returned a int" in error.message
    chat = Chat(websocket(server.url), encode=lambda message: object(), decode=decode)
    error = chat.ask("one").wait(WAIT_S).error
    assert error is not None
    assert "A object cannot be sent" in error.message


def test_encode_and_decode_are_for_a_websocket_only() -> None:
    with pytest.raises(UsageError, match="are for a WebSocket"):
        Chat(lambda message: "x", decode=decode)

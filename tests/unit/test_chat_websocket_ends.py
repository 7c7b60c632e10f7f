"""A chat over a WebSocket whose peer sends between the turns, or closes in the wrong place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest
from websockets.asyncio.server import ServerConnection

from streamwidget import Chat, Turn, websocket
from streamwidget.sources.unsolicited import KEPT_CHARS
from unit.test_chat_websocket import Server, decode, encode, words
from unit.waiting import WAIT_S, until

DONE = json.dumps({"type": "done"})


def token(text: str) -> str:
    return json.dumps({"type": "token", "text": text})


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def make(answer: Any) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield make
    ipywidgets.Widget.close_all()
    for server in servers:
        server.end()


def late(*messages: str | bytes) -> Any:
    """An answer after whose end marker these messages follow."""

    async def answer(connection: ServerConnection, question: Any) -> None:
        await words(connection, question)
        for message in messages:
            await connection.send(message)

    return answer


def opened(chat: Chat) -> Any:
    """The connection of the chat; a test must not wait for it by time."""
    return chat._scheduler._answerer._open[1]  # type: ignore[attr-defined]


def notices(turn: Turn) -> list[str]:
    return [
        part["message"] for part in turn.document.snapshot()["parts"] if part["kind"] == "notice"
    ]


def received(chat: Chat, count: int) -> bool:
    return bool(chat._scheduler._answerer.unsolicited.count >= count)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("messages", "noted"),
    [
        ([DONE], 1),
        ([DONE, DONE, DONE], 3),
        ([token("late")], 1),
        ([token("late"), DONE], 2),
        ([token(f"late {at}") for at in range(40)], 40),  # more than the library holds back
        (["plain text"], 1),
        ([b"\xff\x00"], 1),
        ([""], 1),
        ([json.dumps({"type": "nonsense"})], 1),  # for which decode raises
        ([token("")], 0),  # decode returns "": a sign of life
    ],
)
def test_what_arrives_between_two_questions_is_in_no_answer(
    start: Any, messages: list[Any], noted: int
) -> None:
    server = start(late(*messages))
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    for at, text in enumerate(("one", "two", "three")):
        turn = chat.ask(text)
        result = turn.wait(WAIT_S)
        assert (result.text, result.status) == (f"You asked {text}", "finished")
        expected = noted if at else 0
        assert len(notices(turn)) == (1 if expected else 0)
        assert len(turn.logs) == expected
        until(lambda: received(chat, noted))
        if not noted:
            until(lambda: not opened(chat).recv_messages.frames)
    assert server.connections_count == 1


def test_what_arrived_is_counted_once_and_kept_in_the_log_of_the_next_answer(start: Any) -> None:
    server = start(late(token("<b>late</b>"), DONE))
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    chat.ask("one").wait(WAIT_S)
    until(lambda: received(chat, 2))
    turn = chat.ask("two")
    turn.wait(WAIT_S)
    assert notices(turn) == [
        "2 messages arrived while no question was open. They are in the log, not in an answer."
    ]
    assert [line.message for line in turn.logs] == [token("<b>late</b>"), DONE]
    assert "late" not in chat.history()[-1]["content"]
    assert "2 messages arrived" in chat.to_markdown()


def test_a_flood_between_two_questions_is_counted_and_its_first_messages_are_kept(
    start: Any,
) -> None:
    size = KEPT_CHARS // 4
    server = start(late(*[token("x" * size)] * 12))
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    chat.ask("one").wait(WAIT_S)
    until(lambda: received(chat, 12))
    turn = chat.ask("two")
    assert turn.wait(WAIT_S).text == "You asked two"
    assert notices(turn) == [
        "12 messages arrived while no question was open. The first 3 are in the log, and no "
        "message is in an answer."
    ]
    assert len(turn.logs) == 3


def test_without_decode_a_second_end_marker_is_in_no_answer(start: Any) -> None:
    end = json.dumps({"type": "response.completed", "response": {"status": "completed"}})

    async def answer(connection: ServerConnection, question: Any) -> None:
        text = str(question["question"])
        delta = {"type": "response.output_text.delta", "item_id": "m", "delta": text}
        for message in (json.dumps(delta), end, end):
            await connection.send(message)

    server = start(answer)
    chat = Chat(websocket(server.url, format="openai-responses"), encode=encode)
    for text in ("one", "two", "three"):
        result = chat.ask(text).wait(WAIT_S)
        assert (result.text, result.status) == (text, "finished")
        until(lambda: received(chat, 1))
    assert server.connections_count == 1


# --- the peer closes


def closes(code: int, *messages: str) -> Any:
    """A peer that closes after these messages; the second connection answers as it should."""
    count = 0

    async def answer(connection: ServerConnection, question: Any) -> None:
        nonlocal count
        count += 1
        if count > 1:
            await words(connection, question)
            return
        for message in messages:
            await connection.send(message)
        await connection.close(code)

    return answer


@pytest.mark.parametrize(
    ("code", "messages", "status", "sentence"),
    [
        (1000, [token("half")], "incomplete", "closed the connection before the end marker"),
        (1001, [token("half")], "incomplete", "closed the connection before the end marker"),
        (1000, [], "failed", "was closed without sending anything"),
        (1000, [token("")], "incomplete", "closed the connection before the end marker"),
        (1011, [token("half")], "failed", "code 1011, internal error"),
        (1011, [], "failed", "code 1011, internal error"),
        (1000, [token("half"), DONE], "finished", ""),
        (1011, [token("half"), DONE], "finished", ""),
    ],
)
def test_an_answer_without_its_end_marker_is_not_finished(
    start: Any, code: int, messages: list[str], status: str, sentence: str
) -> None:
    server = start(closes(code, *messages))
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    result = chat.ask("one").wait(WAIT_S)
    assert result.status == status
    assert result.text == "".join(json.loads(one).get("text", "") for one in messages)
    assert sentence in ("" if result.error is None else result.error.message)
    again = chat.ask("two").wait(WAIT_S)
    assert (again.text, again.status) == ("You asked two", "finished"), again.error


@pytest.mark.parametrize("code", [1000, 1001, 1011])
def test_a_peer_that_closes_between_two_questions_is_connected_to_again(
    start: Any, code: int
) -> None:
    async def answer(connection: ServerConnection, question: Any) -> None:
        await words(connection, question)
        await asyncio.sleep(0)
        await connection.close(code)

    server = start(answer)
    chat = Chat(websocket(server.url), encode=encode, decode=decode)
    for text in ("one", "two", "three"):
        result = chat.ask(text).wait(WAIT_S)
        assert (result.text, result.status) == (f"You asked {text}", "finished"), result.error
        until(lambda: server.closed_count == server.connections_count)
    assert server.connections_count == 3

"""`Chat` without a notebook around it: order of the answers, history, stops, and what pages get."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import ipywidgets
import pytest

from streamwidget import Chat, Emitter, Result, UsageError
from streamwidget.demo.serve import DemoServer
from streamwidget.sources.answering import answering
from unit.chat_page import Held, Page, streaming
from unit.waiting import WAIT_S, measured_again, until


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


def echo(message: str, history: list[dict[str, str]]) -> Iterator[str]:
    yield f"{len(history)} before: "
    yield message


@pytest.fixture
def held() -> Iterator[Held]:
    answer = Held()
    yield answer
    answer.may_end.set()


# --- asking


def test_each_answer_gets_its_question_and_the_turns_before_it() -> None:
    chat = Chat(echo)
    assert chat.ask("one").wait(WAIT_S).text == "0 before: one"
    assert chat.ask("two").wait(WAIT_S).text == "2 before: two"
    assert chat.history() == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "0 before: one"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": "2 before: two"},
    ]
    assert [turn.question for turn in chat.turns] == ["one", "two"]
    assert [turn.status for turn in chat.turns] == ["finished", "finished"]
    assert not chat.busy


async def _text(message: str) -> str:
    return f"async {message}"


async def _tokens(message: str) -> AsyncIterator[str]:
    yield "tokens "
    yield message


def _job(message: str, history: list[Any], emit: Emitter) -> None:
    with emit.step("Search"):
        emit.text(f"job {message}")


async def _async_job(message: str, history: list[Any], emit: Emitter) -> None:
    emit.text(f"async job {message}")


class _Method:
    def answer(self, message: str, history: list[Any]) -> list[str]:
        return ["method ", message]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda message: [message], "hi"),
        (lambda message, history: f"text {message}", "text hi"),
        (lambda message, *others: ["others ", str(len(others))], "others 1"),
        (lambda message, history=None: [f"{history}"], "[]"),
        (_text, "async hi"),
        (_tokens, "tokens hi"),
        (_job, "job hi"),
        (_async_job, "async job hi"),
        (_Method().answer, "method hi"),
    ],
)
def test_an_answer_is_anything_that_a_view_takes(answer: Any, text: str) -> None:
    result = Chat(answer).ask("hi").wait(WAIT_S)
    assert (result.text, result.status) == (text, "finished")


def test_an_answer_can_be_a_request(server: DemoServer) -> None:
    chat = Chat(lambda message, history: f"{server.address}/tokens?count=5&rate=1000")
    result = chat.ask("hi").wait(WAIT_S)
    assert result.status == "finished", result.error
    assert result.text


def test_a_turn_can_be_awaited() -> None:
    async def ask() -> Result:
        return await Chat(echo).ask("one")

    assert asyncio.run(ask()).text == "0 before: one"


def test_an_answer_that_fails_is_a_failed_turn_and_the_chat_continues() -> None:
    def answer(message: str) -> list[str]:
        if message == "bad":
            raise ValueError("no such model")
        return ["fine"]

    chat = Chat(answer)
    failed = chat.ask("bad").wait(WAIT_S)
    assert failed.status == "failed"
    assert failed.error is not None
    assert "no such model" in failed.error.message
    assert chat.ask("good").wait(WAIT_S).text == "fine"
    assert chat.history() == [
        {"role": "user", "content": "good"},
        {"role": "assistant", "content": "fine"},
    ]


def test_an_answer_that_returns_none_says_what_to_return() -> None:
    result = Chat(lambda message: None).ask("hi").wait(WAIT_S)
    assert result.error is not None
    assert result.error.message.startswith("answer returned None. Return a text or a stream")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Chat("https://example.org"), "A chat takes a function, not str"),  # type: ignore[arg-type]
        (lambda: Chat(lambda: "x"), "answer takes 0 arguments"),
        (lambda: Chat(lambda a, b, c, d: "x"), "answer takes 4 arguments"),
        (lambda: Chat(echo, when_busy="drop"), "when_busy='drop' is unknown"),  # type: ignore[arg-type]
        (lambda: Chat(echo, history="xml"), "history='xml' is unknown"),  # type: ignore[arg-type]
        (lambda: Chat(echo, height=0), "height must be"),
        (lambda: Chat(echo, persist="widget"), "A chat keeps a record"),
        (lambda: Chat(echo, on_rerun="x"), "on_rerun must be"),  # type: ignore[arg-type]
        (lambda: Chat(echo).ask("  \n"), "The question is empty"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_sentence(make: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        make()


def test_the_number_of_arguments_decides_what_is_passed() -> None:
    facts = answering(lambda message, history, emit=None: None)
    assert (facts.takes_history, facts.takes_emitter) == (True, True)
    facts = answering(lambda message, temperature=1.0: None)
    assert (facts.takes_history, facts.takes_emitter) == (False, False)


# --- asking while an answer streams


def test_a_question_waits_for_the_answer_before_it(held: Held) -> None:
    chat = Chat(held)
    first, second = chat.ask("one"), chat.ask("two")
    streaming(first)
    assert (first.status, second.status) == ("streaming", "idle")
    assert chat.busy
    held.may_end.set()
    assert second.wait(WAIT_S).text == "two: done"
    assert first.text == "one: done"
    assert second.parent is first


def test_the_time_that_a_question_waits_is_not_part_of_its_answer(held: Held) -> None:
    chat = Chat(held)
    first, second = chat.ask("one"), chat.ask("two")
    streaming(first)
    waited = threading.Event()
    waited.wait(0.3)
    held.may_end.set()
    second.wait(WAIT_S)
    assert second.elapsed_s < first.elapsed_s


def test_an_interrupt_keeps_the_partial_answer_and_asks_the_new_question(held: Held) -> None:
    chat = Chat(held, when_busy="interrupt")
    first = chat.ask("one")
    streaming(first)
    second = chat.ask("two")
    assert first.wait(WAIT_S).status == "stopped"
    streaming(second)
    assert held.closed == 1
    assert first.text == "one:"
    assert chat.history("gemini")[1] == {"role": "model", "parts": [{"text": "one:"}]}
    held.may_end.set()
    assert second.wait(WAIT_S).status == "finished"


def test_a_chat_can_refuse_questions_while_it_answers(held: Held) -> None:
    chat = Chat(held, when_busy="refuse")
    first = chat.ask("one")
    streaming(first)
    with pytest.raises(UsageError, match="An answer is streaming"):
        chat.ask("two")
    held.may_end.set()
    first.wait(WAIT_S)
    assert chat.ask("three").wait(WAIT_S).text == "three: done"
    assert [turn.question for turn in chat.turns] == ["one", "three"]


def test_a_question_that_is_stopped_while_it_waits_is_never_asked(held: Held) -> None:
    chat = Chat(held)
    first, second, third = (chat.ask(text) for text in ("one", "two", "three"))
    streaming(first)
    second.stop()
    assert second.wait(WAIT_S).status == "stopped"
    held.may_end.set()
    assert third.wait(WAIT_S).text == "three: done"
    assert second.text == ""
    assert [message["content"] for message in chat.history()][::2] == ["one", "three"]


def test_a_stopped_answer_makes_room_for_the_next(held: Held) -> None:
    chat = Chat(held)
    first, second = chat.ask("one"), chat.ask("two")
    streaming(first)
    first.stop()
    streaming(second)
    assert first.status == "stopped"
    held.may_end.set()
    assert second.wait(WAIT_S).status == "finished"


def test_stopping_a_chat_stops_the_answer_and_what_waits(held: Held) -> None:
    chat = Chat(held)
    turns = [chat.ask(text) for text in ("one", "two", "three")]
    streaming(turns[0])
    chat.stop()
    assert [turn.wait(WAIT_S).status for turn in turns] == ["stopped"] * 3
    until(lambda: not chat.busy)
    assert held.closed == 1


def test_many_questions_are_answered_one_at_a_time_in_their_order() -> None:
    live = most = 0
    lock = threading.Lock()
    order: list[str] = []

    def answer(message: str) -> Iterator[str]:
        nonlocal live, most
        with lock:
            live, most = live + 1, max(most, live + 1)
            order.append(message)
        yield message
        with lock:
            live -= 1

    chat = Chat(answer)
    turns = [chat.ask(str(number)) for number in range(50)]
    turns[-1].wait(WAIT_S)
    assert (order, most) == ([str(number) for number in range(50)], 1)


# --- retry, edit, and the way back


def test_a_retry_is_another_version_and_the_first_can_be_shown_again() -> None:
    answers = iter(["no", "yes"])
    chat = Chat(lambda message: [next(answers)])
    first = chat.ask("sure?")
    first.wait(WAIT_S)
    second = first.retry()
    assert second.wait(WAIT_S).text == "yes"
    assert [turn.text for turn in chat.turns] == ["yes"]
    assert chat.versions(second) == [first, second]
    chat.show(first)
    assert [turn.text for turn in chat.turns] == ["no"]
    assert chat.history()[1] == {"role": "assistant", "content": "no"}


def test_an_edited_question_begins_another_branch_with_the_turns_before_it() -> None:
    chat = Chat(echo)
    one, two, three = (chat.ask(text) for text in ("one", "two", "three"))
    three.wait(WAIT_S)
    edited = chat.ask("two again", instead=two)
    assert edited.wait(WAIT_S).text == "2 before: two again"
    after = chat.ask("four")
    assert after.wait(WAIT_S).text == "4 before: four"
    assert chat.turns == [one, edited, after]
    chat.show(two)
    assert chat.turns == [one, two, three], "on to the turns that were shown after it"
    chat.show(edited)
    assert chat.turns == [one, edited, after]
    assert chat.ask("five").wait(WAIT_S).text == "6 before: five"


def test_the_first_question_can_be_edited_too() -> None:
    chat = Chat(echo)
    first = chat.ask("one")
    first.wait(WAIT_S)
    chat.ask("uno", instead=first).wait(WAIT_S)
    assert [turn.question for turn in chat.turns] == ["uno"]


def test_a_turn_of_another_chat_is_refused() -> None:
    chat, other = Chat(echo), Chat(echo)
    turn = other.ask("one")
    turn.wait(WAIT_S)
    for call in (lambda: chat.show(turn), lambda: chat.ask("two", instead=turn)):
        with pytest.raises(UsageError, match="is not a turn of this chat"):
            call()


def test_a_retry_while_an_answer_streams_follows_when_busy(held: Held) -> None:
    chat = Chat(held, when_busy="interrupt")
    first = chat.ask("one")
    streaming(first)
    second = first.retry()
    assert first.wait(WAIT_S).status == "stopped"
    streaming(second)
    assert chat.turns == [second]


def test_a_page_can_edit_retry_and_show_a_version() -> None:
    chat = Chat(echo)
    page = Page(chat)
    page.command("ask", text="one")
    until(lambda: page.turns.get("1", {}).get("state") == "finished")
    page.command("ask", text="uno", instead="1")
    until(lambda: page.turns.get("2", {}).get("state") == "finished")
    assert (page.turns["2"]["parent"], page.leaf) == (None, "2")
    page.command("show", turn="1")
    until(lambda: page.leaf == "1")
    page.command("retry", run="1")
    until(lambda: page.turns.get("3", {}).get("state") == "finished")
    assert (page.turns["3"]["question"], page.leaf) == ("one", "3")
    page.command("show", turn="nobody")
    assert chat.ask("still").wait(WAIT_S).status == "finished"


# --- what models take


def test_history_has_the_shape_that_each_library_takes() -> None:
    chat = Chat(echo)
    chat.ask("one").wait(WAIT_S)
    answer = "0 before: one"
    assert chat.history("anthropic") == chat.history("openai")
    assert chat.history("gemini") == [
        {"role": "user", "parts": [{"text": "one"}]},
        {"role": "model", "parts": [{"text": answer}]},
    ]
    assert chat.history("langchain") == [("user", "one"), ("assistant", answer)]
    messages = pytest.importorskip("pydantic_ai.messages")
    asked, answered = chat.history("pydantic-ai")
    assert isinstance(asked, messages.ModelRequest)
    assert isinstance(answered, messages.ModelResponse)
    assert (asked.parts[0].content, answered.parts[0].content) == ("one", answer)


def test_the_answer_gets_the_shape_that_the_chat_was_created_with() -> None:
    shapes: list[Any] = []

    def answer(message: str, history: list[Any]) -> list[str]:
        shapes.append(history)
        return ["x"]

    chat = Chat(answer, history="langchain")
    chat.ask("one").wait(WAIT_S)
    chat.ask("two").wait(WAIT_S)
    assert shapes == [[], [("user", "one"), ("assistant", "x")]]
    assert chat.history() == chat.history("langchain")


# --- exports and the record


def test_a_chat_as_markdown_has_its_questions_as_quotations() -> None:
    chat = Chat(echo, title="Two questions")
    chat.ask("one\nline").wait(WAIT_S)
    text = chat.to_markdown()
    assert text.startswith("# Two questions\n")
    assert "1 turn." in text
    assert "> one\n> line\n\n0 before: one\nline" in text


def test_the_record_says_how_an_answer_ended_early(held: Held) -> None:
    chat = Chat(held)
    first = chat.ask("one")
    streaming(first)
    first.stop()
    first.wait(WAIT_S)
    record = chat._saved.record(chat._kept)
    assert "one:" in record.html
    assert "Stopped by you after 1 token" in record.html
    assert "Q: one\nA: one: [stopped]" in record.digest


def test_a_long_chat_has_a_record_of_its_newest_turns_within_the_bounds() -> None:
    from streamwidget.record.bounds import DIGEST_BYTES, HTML_BYTES, TEXT_BYTES

    chat = Chat(lambda message: [f"answer {message}. ", "words " * 800])
    for number in range(150):
        chat.ask(f"question {number}")
    chat.turns[-1].wait(WAIT_S)
    record = chat._saved.record(chat._kept)
    assert len(record.html.encode()) <= HTML_BYTES
    assert len(record.text.encode()) <= TEXT_BYTES
    assert len(record.digest.encode()) <= DIGEST_BYTES
    assert "question 149" in record.html
    assert "question 149" in record.digest
    assert "question 0<" not in record.html
    assert "Left out in this record" in record.html


@measured_again
def test_the_record_of_a_long_chat_takes_a_fraction_of_a_second() -> None:
    from streamwidget.record import ChatTurn, Facts, make_chat

    text = "Sentence with **strong** words and `code`.\n\n" * 100
    parts = [{"id": "t1", "kind": "text", "text": text, "step_id": None}]
    turn = ChatTurn(question="why?", status="finished", sentence="Finished.", parts=parts)
    facts = Facts(title="Long", sentence="500 turns.", status="finished", run_id="chat.500")
    started = time.monotonic()
    record = make_chat(facts, [turn] * 500)
    assert time.monotonic() - started < 1.5
    assert record.html.count("<p>why?</p>") >= 4


# --- what pages get


def test_a_page_gets_the_turns_and_the_text_of_each_answer() -> None:
    chat = Chat(echo)
    page = Page(chat)
    request_id = page.command("ask", text="one")
    until(lambda: page.outcomes.get(request_id) == "taken")
    until(lambda: page.turns.get("1", {}).get("state") == "finished")
    page.command("ask", text="two")
    until(lambda: page.turns.get("2", {}).get("state") == "finished")
    until(lambda: page.texts.get(f"{chat._id}.2") == "2 before: two", lambda: page.texts)
    assert page.texts[f"{chat._id}.1"] == "0 before: one"
    assert [turn["parent"] for turn in page.turns.values()] == [None, "1"]


def test_a_request_that_arrives_twice_asks_once() -> None:
    chat = Chat(echo)
    message = {"cmd": "ask", "run_id": f"{chat._id}.0", "request_id": "same", "text": "one"}
    chat._port.on_command(message)
    chat._port.on_command(message)
    until(lambda: chat.turns and chat.turns[0].over)
    assert len(chat.turns) == 1


def test_a_page_can_stop_one_answer_and_take_back_a_question(held: Held) -> None:
    chat = Chat(held)
    page = Page(chat)
    page.command("ask", text="one")
    until(lambda: chat.turns and chat.turns[0].text)
    page.command("ask", text="two")
    until(lambda: page.turns.get("2", {}).get("state") == "queued")
    page.command("stop", run="2")
    until(lambda: page.turns["2"]["state"] == "stopped")
    assert chat.turns[0].status == "streaming"
    page.command("stop", run="1")
    until(lambda: page.turns["1"]["state"] == "stopped")
    assert held.closed == 1


def test_a_refused_question_is_reported_to_the_page_that_asked(held: Held) -> None:
    chat = Chat(held, when_busy="refuse")
    page = Page(chat)
    page.command("ask", text="one")
    until(lambda: chat.turns and chat.turns[0].text)
    request_id = page.command("ask", text="two")
    until(lambda: page.outcomes.get(request_id) == "refused")
    assert len(chat.turns) == 1


def test_a_page_that_opens_later_gets_all_turns_and_the_newest_answers() -> None:
    chat = Chat(lambda message: [f"{message} ", "x" * 50_000])
    for number in range(12):
        chat.ask(str(number))
    chat.turns[-1].wait(WAIT_S)
    page = Page(chat)
    assert len(page.turns) == 12
    assert page.texts[f"{chat._id}.12"].startswith("11 ")
    assert 1 <= len(page.texts) <= 3, "the others are requested when they are shown"
    page.command("resync", run="1", seq=0)
    until(lambda: f"{chat._id}.1" in page.texts)
    assert page.texts[f"{chat._id}.1"].startswith("0 ")


@pytest.mark.parametrize(
    "content",
    [None, 5, {}, {"cmd": "ask"}, {"cmd": "ask", "text": 5}, {"cmd": "ask", "text": " "}]
    + [{"cmd": "hello", "rev": "x", "page": 5}, {"cmd": "stop", "run_id": "else.9"}],
)
def test_a_malformed_message_of_a_page_is_ignored(content: object) -> None:
    chat = Chat(echo)
    chat._port.on_command(content)
    assert chat.turns == []
    assert chat.ask("still").wait(WAIT_S).status == "finished"


def test_a_page_cannot_write_a_trait() -> None:
    chat = Chat(echo)
    chat.set_state({"patch": {"evil": 1}, "_chat": {}})
    assert chat.patch == {}
    assert chat._chat["title"] == "Chat"


def test_a_chat_lists_the_names_that_people_call() -> None:
    names = dir(Chat(echo))
    for name in ("ask", "turns", "history", "to_markdown", "stop", "busy", "title"):
        assert name in names
    for name in ("flush", "on_command", "patch", "comm"):
        assert name not in names


def test_the_cell_that_created_a_chat_stops_its_answers_when_it_runs_again(held: Held) -> None:
    from streamwidget.widget.live import stop_views_of

    chat = Chat(held)
    chat._owners = frozenset({"cell-1"})
    first, second = chat.ask("one"), chat.ask("two")
    streaming(first)
    stop_views_of("another cell")
    assert first.status == "streaming"
    stop_views_of("cell-1")
    assert first.wait(WAIT_S).status == "stopped"
    assert second.wait(WAIT_S).status == "stopped"

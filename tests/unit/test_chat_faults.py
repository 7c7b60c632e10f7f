"""What goes wrong in a chat: each fault ends its own turn, and the chat continues."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from streamwidget import Chat, UsageError
from unit.chat_page import Held, Page, streaming
from unit.waiting import WAIT_S, until


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


@pytest.fixture
def held() -> Iterator[Held]:
    answer = Held()
    yield answer
    answer.may_end.set()


def silent(may_end: threading.Event) -> Any:
    """An answer that sends nothing until the test lets it."""

    def answer(message: str) -> Iterator[str]:
        may_end.wait(WAIT_S)
        yield message

    return answer


def test_a_question_from_python_is_shown_as_queued_while_nothing_streams() -> None:
    may_end = threading.Event()
    chat = Chat(silent(may_end))
    page = Page(chat)
    first = chat.ask("one")
    until(lambda: page.turns.get("1", {}).get("state") == "connecting", lambda: page.turns)
    until(lambda: not chat._channel.queued, "everything is sent")
    second = chat.ask("two")
    assert (first.queued, second.queued) == (False, True)
    assert repr(second) == "Turn('two', queued, 0 tokens)"
    until(lambda: page.turns.get("2", {}).get("state") == "queued", lambda: page.turns)
    reloaded = Page(chat)
    assert reloaded.turns["2"]["state"] == "queued"
    assert f"{chat._id}.2" not in reloaded.texts
    may_end.set()
    second.wait(WAIT_S)
    until(lambda: reloaded.turns["2"]["state"] == "finished")
    assert not second.queued


def test_a_question_whose_answer_begins_is_no_longer_listed_as_queued() -> None:
    may_end = threading.Event()
    chat = Chat(silent(may_end))
    with chat._conversation.lock:
        turn = chat._scheduler.add("one")
        assert turn is not None
        chat._conversation.take_next()
        listed = chat._outbox.snapshot()["turns"]
    assert [one["state"] for one in listed] == ["connecting"]
    turn._run.producer_closed()


class Unreadable(str):
    """A text that cannot be put into any message."""

    def strip(self, *_: object) -> str:
        raise RuntimeError("the history cannot be read")


def test_a_history_that_cannot_be_built_fails_its_turn_and_the_chat_continues() -> None:
    chat = Chat(lambda message, history: [message])
    first = chat.ask("one")
    first.wait(WAIT_S)
    first.__class__ = type(
        "Broken", (type(first),), {"text": property(lambda self: Unreadable("x"))}
    )
    second, third = chat.ask("two"), chat.ask("three", instead=first)
    failed = second.wait(WAIT_S)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.message == "RuntimeError: the history cannot be read"
    assert third.wait(WAIT_S).text == "three"
    until(lambda: not chat.busy)


def test_a_source_that_cannot_be_made_fails_its_turn_and_the_next_is_answered() -> None:
    class Answerer:
        """Stands for whatever makes a source, as an adapter of a library does."""

        def source(self, message: str, history: list[Any]) -> object:
            if message == "bad":
                raise OSError("no such socket")
            return lambda: [message]

    chat = Chat(lambda message: [message])
    chat._scheduler._answerer = Answerer()  # type: ignore[assignment]
    turns = [chat.ask(text) for text in ("bad", "good", "bad", "fine")]
    results = [turn.wait(WAIT_S) for turn in turns]
    assert [result.status for result in results] == ["failed", "finished", "failed", "finished"]
    assert results[0].error is not None
    assert results[0].error.message == "OSError: no such socket"
    page = Page(chat)
    assert [turn["state"] for turn in page.turns.values()] == [one.status for one in results]


def test_a_journal_that_cannot_be_opened_does_not_block_the_chat(tmp_path: Any) -> None:
    (tmp_path / "file").write_text("not a folder")
    chat = Chat(lambda message: [message], journal=tmp_path / "file" / "runs")
    assert [chat.ask(text).wait(WAIT_S).text for text in ("one", "two")] == ["one", "two"]


@pytest.mark.parametrize("answer", ["error", "exit"])
def test_an_answer_that_raises_anything_fails_its_turn_only(answer: str) -> None:
    def raising(message: str) -> list[str]:
        if message == "bad":
            raise SystemExit(3) if answer == "exit" else ModuleNotFoundError("No module named 'x'")
        return [message]

    chat = Chat(raising)
    bad, good = chat.ask("bad"), chat.ask("good")
    assert bad.wait(WAIT_S).status == "failed"
    assert good.wait(WAIT_S).text == "good"


@pytest.mark.parametrize("asks", ["the chat", "its history"])
def test_a_library_that_is_missing_is_refused_at_once(
    asks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with pytest.raises(UsageError, match=r"needs pydantic-ai: pip install pydantic-ai\.$"):
        if asks == "the chat":
            Chat(lambda message: [message], history="pydantic-ai")
        else:
            Chat(lambda message: [message]).history("pydantic-ai")


def test_a_question_that_is_stopped_just_before_its_answer_begins_is_not_asked() -> None:
    asked: list[str] = []
    chat = Chat(lambda message: asked.append(message) or [message])
    with chat._conversation.lock:
        turn = chat._scheduler.add("one")
        assert turn is not None
        turn.stop()
        assert chat._conversation.take_next() is None, "it is being taken back"
    assert turn.wait(WAIT_S).status == "stopped"
    chat._scheduler.begin_next()
    assert chat.ask("two").wait(WAIT_S).text == "two"
    assert asked == ["two"]


def test_a_closed_chat_takes_no_question_and_what_it_has_can_be_read(held: Held) -> None:
    chat = Chat(held)
    first, second = chat.ask("one"), chat.ask("two")
    streaming(first)
    chat.close()
    chat.close()
    assert [turn.wait(WAIT_S).status for turn in (first, second)] == ["stopped"] * 2
    for ask in (lambda: chat.ask("three"), first.retry):
        with pytest.raises(UsageError, match="The chat is closed"):
            ask()
    assert first.text == "one:"
    assert held.closed == 1


def test_a_question_of_a_page_to_a_closed_chat_is_refused(held: Held) -> None:
    chat = Chat(held)
    page = Page(chat)
    chat._scheduler.close()
    request_id = page.command("ask", text="one")
    until(lambda: page.outcomes.get(request_id) == "refused")


def test_an_abandoned_branch_that_continues_is_shown_again_as_it_was() -> None:
    chat = Chat(lambda message: [message])
    one, two = chat.ask("one"), chat.ask("two")
    two.wait(WAIT_S)
    uno = chat.ask("uno", instead=one)
    uno.wait(WAIT_S)
    again = two.retry()
    again.wait(WAIT_S)
    assert chat.turns == [one, again]
    chat.show(uno)
    chat.show(one)
    assert chat.turns == [one, again], "on to the turns that were shown last after it"


def test_outcomes_of_many_threads_are_all_sent() -> None:
    chat = Chat(lambda message: [message])
    outbox = chat._outbox
    taken: list[str] = []
    done = threading.Event()

    def take() -> None:
        while not done.is_set():
            taken.extend(one["asked"] for one in outbox.take_outcomes())

    def report(name: str) -> None:
        for number in range(2_000):
            outbox.report(f"{name}{number}", "taken")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        taker = threading.Thread(target=take)
        threads = [threading.Thread(target=report, args=(name,)) for name in "abcd"]
        for thread in (taker, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        taker.join()
    finally:
        sys.setswitchinterval(interval)
    taken.extend(one["asked"] for one in outbox.take_outcomes())
    assert len(set(taken)) == len(taken) == 8_000


def test_a_question_that_arrives_again_is_asked_once_and_its_outcome_is_repeated() -> None:
    chat = Chat(lambda message: [message])
    page = Page(chat)
    taken = page.command("ask", text="one")
    until(lambda: page.outcomes.get(taken) == "taken")
    page.outcomes.clear()
    chat._port.on_command(
        {"cmd": "ask", "run_id": f"{chat._id}.0", "request_id": taken, "text": "one"}
    )
    until(lambda: page.outcomes == {taken: "taken"}, lambda: page.outcomes)
    assert len(chat.turns) == 1

"""Whatever readers, pages and threads do to a chat, in any order: no state is undefined."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import ipywidgets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget import Chat, Turn, UsageError
from unit.chat_page import Page
from unit.waiting import WAIT_S, until

Act = tuple[str, int]
ENDS = {"finished", "failed", "stopped"}
CALLED = ("finished", "failed")
"""The ends of turns whose answer has been called: one that was stopped may have been taken back."""


class Answers:
    """Answers that take a moment, and count how many are live; the text says which call it was."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.live = self.most = 0
        self.ended = threading.Event()

    async def __call__(self, message: str, history: list[Any]) -> AsyncIterator[str]:
        number = len(self.calls)
        self.calls.append(message)
        self.live += 1
        self.most = max(self.most, self.live)
        try:
            yield f"{number}"
            for _ in range(number % 4):
                if not self.ended.is_set():
                    await asyncio.sleep(0.001)
            if number % 5 == 3:
                raise ValueError("a model that fails")
        finally:
            self.live -= 1


class Session:
    """One chat with the pages that show it."""

    def __init__(self, when_busy: Literal["queue", "interrupt", "refuse"]) -> None:
        self.answers = Answers()
        self.chat = Chat(self.answers, when_busy=when_busy)
        self.pages = [Page(self.chat)]
        self.asked: list[Turn] = []
        self.is_closed = False

    def do(self, act: Act) -> None:
        kind, at = act
        with contextlib.suppress(UsageError):  # refused, or closed
            getattr(self, kind)(at)

    def ask(self, at: int) -> None:
        self.asked.append(self.chat.ask(f"{threading.get_ident()} {len(self.asked)}"))

    def ask_from_page(self, at: int) -> None:
        self.page.command("ask", text=f"page {at} {len(self.asked)}")

    def edit(self, at: int) -> None:
        if turn := self.turn(at):
            self.chat.ask(f"edited {turn.id}", instead=turn)

    def retry(self, at: int) -> None:
        if turn := self.turn(at):
            turn.retry()

    def retry_from_page(self, at: int) -> None:
        if turn := self.turn(at):
            self.page.command("retry", run=turn.id)

    def stop(self, at: int) -> None:
        if turn := self.turn(at):
            turn.stop()
            turn.stop()

    def stop_from_page(self, at: int) -> None:
        if turn := self.turn(at):
            self.page.command("stop", run=turn.id)

    def stop_all(self, _: int) -> None:
        self.chat.stop()

    def show(self, at: int) -> None:
        if turn := self.turn(at):
            self.chat.show(turn)

    def reload(self, _: int) -> None:
        self.pages.append(Page(self.chat, name=f"page{len(self.pages)}"))

    def close(self, _: int) -> None:
        self.is_closed = True
        self.chat._scheduler.close()  # the widget's comm stays, so that the page can be read
        self.chat.stop()

    def wait(self, at: int) -> None:
        if turn := self.turn(at):
            with contextlib.suppress(TimeoutError):
                turn.wait(0.002)

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def turn(self, at: int) -> Turn | None:
        turns = list(self.chat._conversation)
        return turns[at % len(turns)] if turns else None

    # --- what must hold

    def check(self) -> None:
        self.answers.ended.set()
        turns = list(self.chat._conversation)
        for turn in turns:
            turn.wait(WAIT_S)
        until(lambda: not self.chat.busy, lambda: turns)
        turns = list(self.chat._conversation)
        assert {turn.status for turn in turns} <= ENDS
        assert [turn.id for turn in turns] == [str(at + 1) for at in range(len(turns))]
        self.check_answers(turns)
        path = [turn.id for turn in self.chat.turns]
        page, states = self.page, {turn.id: turn.status for turn in turns}
        until(lambda: self.shown(page) == states, lambda: (self.shown(page), states))
        until(lambda: page.path() == path, lambda: (page.path(), path))
        questions = {turn["id"]: turn["question"] for turn in page.turns.values()}
        assert questions == {turn.id: turn.question for turn in turns}

    def check_answers(self, turns: list[Turn]) -> None:
        asked, calls = Counter(turn.question for turn in turns), Counter(self.answers.calls)
        assert calls <= asked, "each question is answered at most once"
        assert self.answers.most <= 1, "one answer at a time"
        order = [int(turn.text) for turn in turns if turn.text]
        assert order == sorted(order), "in the order in which they were asked"
        called = Counter(turn.question for turn in turns if turn.status in CALLED)
        assert called <= calls, "and what was not stopped is answered"

    def shown(self, page: Page) -> dict[str, str]:
        return {turn["id"]: turn["state"] for turn in page.turns.values()}


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


ACTS = st.tuples(
    st.sampled_from(
        ["ask", "ask_from_page", "edit", "retry", "retry_from_page", "stop", "stop_from_page"]
        + ["stop_all", "show", "reload", "wait", "wait", "close"]
    ),
    st.integers(0, 11),
)
MODES = st.sampled_from(["queue", "interrupt", "refuse"])


@settings(max_examples=150)
@given(MODES, st.lists(ACTS, max_size=25))
def test_any_order_of_acts_leaves_every_question_answered_or_stopped(
    when_busy: Literal["queue", "interrupt", "refuse"], acts: list[Act]
) -> None:
    session = Session(when_busy)
    for act in acts:
        session.do(act)
    session.check()


@settings(max_examples=50)
@given(MODES, st.lists(st.lists(ACTS, min_size=1, max_size=8), min_size=2, max_size=8))
def test_eight_threads_at_once_leave_every_question_answered_or_stopped(
    when_busy: Literal["queue", "interrupt", "refuse"], scripts: list[list[Act]]
) -> None:
    session = Session(when_busy)
    ready = threading.Barrier(len(scripts))
    errors: list[BaseException] = []

    def play(acts: list[Act]) -> None:
        ready.wait()
        try:
            for act in acts:
                session.do(act)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=play, args=(acts,)) for acts in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    session.check()


def test_questions_of_eight_threads_are_answered_in_the_order_in_which_they_were_asked() -> None:
    session = Session("queue")
    chat = session.chat

    def ask(name: int) -> None:
        for number in range(25):
            chat.ask(f"{name} {number}")

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.check()
    assert len(chat.turns) == 200
    assert session.answers.calls == [turn.question for turn in chat.turns]

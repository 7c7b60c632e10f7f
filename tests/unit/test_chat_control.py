"""A chat in control: what is live, questions of its answers, edits of what waits, retries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest

from streamwidget import Budget, Chat, Emitter, Limits, StreamBoard, StreamView, UsageError, collect
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


# --- what is live


def test_live_answers_and_questions_that_wait_are_listed_and_stopped(held: Held) -> None:
    before = list(StreamView.live())
    chat = Chat(held, budget=Budget(output_price=1_000_000.0))
    first, second = chat.ask("<b>one</b>"), chat.ask("two")
    streaming(first)
    live = StreamView.live()
    live[:] = [one for one in live if one not in before]
    assert live == [first, second]
    assert live.cost == pytest.approx(first.cost)
    assert live.cost
    assert "streaming" in repr(live)
    assert "queued" in repr(live)
    assert "<td>&lt;b&gt;one&lt;/b&gt;</td>" in live._repr_html_()
    live.stop()
    assert [turn.wait(WAIT_S).status for turn in live] == ["stopped", "stopped"]
    assert second.text == "", "a question that waits is not asked"
    assert not [one for one in StreamView.live() if one in (first, second)]


def test_only_views_of_a_subclass_are_listed_by_it(held: Held) -> None:
    class Other(StreamView):
        """A view of the user's own."""

    turn = Chat(held).ask("one")
    streaming(turn)
    assert list(Other.live()) == []


# --- questions of an answer


def _asking(message: str, history: list[Any], emit: Emitter) -> None:
    emit.text(f"Reading: {emit.ask('Which?', ['a', 'b'])}")


@pytest.mark.parametrize("of", ["the turn", "the chat"])
def test_a_question_of_an_answer_can_be_answered_in_python(
    of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamwidget.widget.asked._has_page", lambda: True)
    chat = Chat(_asking)
    first, second = chat.ask("one"), chat.ask("two")
    asked: Any = first if of == "the turn" else chat
    until(lambda: asked.asks)
    assert [ask.question for ask in asked.asks] == ["Which?"]
    assert second.asks == ()
    with pytest.raises(UsageError, match=r"does not|one of|choose|Pass"):
        asked.answer("neither")
    assert asked.answer("b")
    assert first.wait(WAIT_S).text == "Reading: b"
    until(lambda: chat.asks)
    chat.asks[0].answer("a")
    assert second.wait(WAIT_S).text == "Reading: a"
    for one in (chat, first):
        assert one.asks == ()
        with pytest.raises(UsageError, match=r"No question of this (run|chat) waits"):
            one.answer("a")
    assert Chat(_asking).asks == ()


# --- edits while questions wait


def test_an_edit_of_a_question_that_waits_runs_the_new_branch_only(held: Held) -> None:
    chat = Chat(held)
    one, two, three, four = (chat.ask(text) for text in ("one", "two", "three", "four"))
    streaming(one)
    again = chat.ask("two again", instead=two)
    after = chat.ask("after")
    assert [turn.wait(WAIT_S).status for turn in (two, three, four)] == ["stopped"] * 3
    held.may_end.set()
    assert [turn.wait(WAIT_S).text for turn in (again, after)] == [
        "two again: done",
        "after: done",
    ]
    assert one.text == "one: done"
    assert held.closed == 3, "the others were never asked"
    assert chat.turns == [one, again, after]
    assert chat.versions(again) == [two, again]
    chat.show(two)
    assert [turn.question for turn in chat.turns] == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda chat, page, turn: turn.retry(),
        lambda chat, page, turn: chat.ask("two again", instead=turn),
        lambda chat, page, turn: page.command("ask", text="two again", instead=turn.id),
    ],
)
def test_any_way_to_ask_in_the_place_of_a_waiting_question_takes_it_back(
    held: Held, edit: Callable[..., Any]
) -> None:
    chat = Chat(held)
    page = Page(chat)
    one, two, three = (chat.ask(text) for text in ("one", "two", "three"))
    streaming(one)
    edit(chat, page, two)
    until(lambda: len(chat._conversation) == 4)
    held.may_end.set()
    until(lambda: not chat.busy)
    assert [(turn.status, turn.text) for turn in (two, three)] == [("stopped", "")] * 2
    assert len(chat.turns) == 2
    wanted = ["stopped", "stopped", "finished"]
    until(lambda: [page.turns.get(one, {}).get("state") for one in "234"] == wanted)


def test_an_edit_of_the_live_question_takes_back_what_waits_behind_it(held: Held) -> None:
    chat = Chat(held)
    one, two = chat.ask("one"), chat.ask("two")
    streaming(one)
    again = chat.ask("one again", instead=one)
    assert two.wait(WAIT_S).status == "stopped"
    held.may_end.set()
    assert again.wait(WAIT_S).text == "one again: done"
    assert one.text == "one: done", "the live answer ends as when_busy says"
    assert chat.turns == [again]


def test_an_edit_leaves_what_waits_in_another_branch(held: Held) -> None:
    chat = Chat(held)
    one, two = chat.ask("one"), chat.ask("two")
    streaming(one)
    beside = chat.ask("beside", instead=one)
    two_again = chat.ask("below")
    chat.show(one)
    chat.ask("two again", instead=two)
    held.may_end.set()
    assert [turn.wait(WAIT_S).status for turn in (beside, two_again)] == ["finished"] * 2


# --- a retry that is refused


def test_a_retry_from_a_page_while_an_answer_streams_is_refused_and_says_so(held: Held) -> None:
    chat = Chat(held, when_busy="refuse")
    page = Page(chat)
    held.may_end.set()
    first = chat.ask("one")
    first.wait(WAIT_S)
    held.may_end.clear()
    second = chat.ask("two")
    streaming(second)
    request_id = page.command("retry", run=first.id)
    until(lambda: page.outcomes.get(request_id) == "refused", lambda: page.outcomes)
    assert len(chat._conversation) == 2
    page.outcomes.clear()
    chat._port.on_command(
        {"cmd": "retry", "run_id": f"{chat._id}.{first.id}", "request_id": request_id}
    )
    until(lambda: page.outcomes == {request_id: "refused"})
    held.may_end.set()
    second.wait(WAIT_S)
    until(lambda: not chat.busy)
    request_id = page.command("retry", run=first.id)
    until(lambda: page.outcomes.get(request_id) == "taken")
    until(lambda: len(chat._conversation) == 3)


def test_a_retry_from_a_page_of_an_answer_that_streams_is_left_out(held: Held) -> None:
    chat = Chat(held)
    page = Page(chat)
    first = chat.ask("one")
    streaming(first)
    request_id = page.command("retry", run=first.id)
    until(lambda: page.outcomes.get(request_id) == "refused", lambda: page.outcomes)
    assert len(chat._conversation) == 1


# --- wrong arguments


def _turn() -> Any:
    return Chat(lambda message: "x").ask("one")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda chat: chat.ask(5), 'A question is a text, not int: chat.ask("Why?").'),
        (lambda chat: chat.ask(None), "A question is a text, not NoneType"),
        (lambda chat: chat.ask(b"x"), "A question is a text, not bytes"),
        (lambda chat: chat.ask(["x"]), "A question is a text, not list"),
        (lambda chat: chat.ask(""), "The question is empty."),
        (lambda chat: chat.ask("x", instead="x"), "'x' is not a turn of this chat."),
        (lambda chat: chat.ask("x", instead=0), "0 is not a turn of this chat."),
        (lambda chat: chat.ask("x", instead=_turn()), "is not a turn of this chat."),
        (lambda chat: chat.show(None), "None is not a turn of this chat."),
        (lambda chat: chat.show("1"), "'1' is not a turn of this chat."),
        (lambda chat: chat.versions(None), "None is not a turn of this chat."),
        (lambda chat: chat.history("x"), "history='x' is unknown"),
        (lambda chat: Chat(print, budget=3), "budget must be a Budget, not int"),
        (lambda chat: Chat(print, limits=3), "limits must be a Limits, not int"),
        (lambda chat: Chat(print, limits=None), "limits must be a Limits, not NoneType"),
        (lambda chat: Chat(print, title=5), "title must be a text, not int"),
        (lambda chat: Chat(print, title=None), "title must be a text, not NoneType"),
        (lambda chat: Chat(print, placeholder=b"x"), "placeholder must be a text, not bytes"),
        (lambda chat: Chat(print, suggestions="Why?"), "suggestions must be a list of texts"),
        (lambda chat: Chat(print, suggestions=[5]), "suggestions must be a list of texts"),
        (lambda chat: Chat(print, suggestions=5), "suggestions must be a list of texts"),
        (lambda chat: Chat(print, height="tall"), "height must be a number of CSS pixels above 0"),
        (lambda chat: Chat(print, height=0), "height must be a number of CSS pixels above 0"),
        (lambda chat: StreamView("x", budget=5), "budget must be a Budget, not int"),
        (lambda chat: StreamView("x", limits={}), "limits must be a Limits, not dict"),
        (lambda chat: StreamView("x", title=5), "title must be a text, not int"),
        (lambda chat: StreamView("x", height="1"), "height must be a number of CSS pixels above 0"),
        (lambda chat: StreamBoard([], title=5), "title must be a text, not int"),
        (lambda chat: collect(["x"], budget=5), "budget must be a Budget, not int"),
        (lambda chat: collect(["x"], limits=5), "limits must be a Limits, not int"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_sentence(
    call: Callable[[Chat], object], words: str
) -> None:
    chat = Chat(lambda message: "x")
    with pytest.raises(UsageError) as caught:
        call(chat)
    assert words in caught.value.message
    assert len(chat.turns) == 0


def test_what_is_right_is_taken() -> None:
    assert StreamView(["x"], title=None, budget=None).wait(WAIT_S).text == "x"
    assert Chat(lambda message: "x", limits=Limits(), suggestions=("a", "b")).ask("?")

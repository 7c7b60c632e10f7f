"""A job asks its reader: who answers, what it gets, and what happens if nobody does."""

from __future__ import annotations

import asyncio
import enum
import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from streamwidget import Ask, Budget, Emitter, StreamView, UnansweredError, UsageError, collect
from streamwidget.emit.prompts import ask_on
from streamwidget.errors import StopRequested
from streamwidget.events import AskEnd, AskRejected, AskStart, Event, ToolResult
from streamwidget.export.jsonl import from_json, to_json
from streamwidget.run import Run
from streamwidget.run.drive import drive
from streamwidget.run.silence import Silence
from streamwidget.sources.resolve import resolve

WAIT_S = 20.0


class Reader:
    """Sees the questions of a run as a page does, and answers when a test says so."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self._came = threading.Semaphore(0)

    def present(self, ask: Ask) -> bool:
        self.asks.append(ask)
        self._came.release()
        return True

    def next(self) -> Ask:
        assert self._came.acquire(timeout=WAIT_S)
        return self.asks[-1]


def started(job: Callable[[Emitter], object], budget: Budget | None = None) -> tuple[Run, Reader]:
    run, reader = Run(budget=budget), Reader()
    run.asks.present = reader.present
    drive(run, resolve(job))
    return run, reader


def ended(run: Run) -> Run:
    assert run.finished.wait(WAIT_S)
    return run


def events_of(run: Run, *kinds: type[Event]) -> list[Any]:
    return [event for event in run.result().events if isinstance(event, kinds)]


def test_the_job_gets_the_chosen_value_itself() -> None:
    got: list[object] = []
    options = {"newest": 2026, "all": None}
    run, reader = started(lambda emit: got.append(emit.ask("Which?", options)))
    ask = reader.next()
    assert ask.question == "Which?"
    assert ask.options == ("newest", "all")
    assert ask.answer("newest")
    ended(run)
    assert got == [2026]
    assert [(e.outcome, e.answer) for e in events_of(run, AskEnd)] == [("answered", "newest")]


def test_a_question_without_options_takes_one_line_of_text() -> None:
    got: list[object] = []
    run, reader = started(lambda emit: got.append(emit.ask("Name?")))
    assert reader.next().answer("Ada")
    ended(run)
    assert got == ["Ada"]


class Color(enum.Enum):
    RED = "red"
    DARK_BLUE = "blue"


@dataclass
class Plan:
    name: str
    epochs: int = 3
    rate: float = 0.5
    fast: bool = False
    color: Color = Color.RED
    mode: Literal["a", "b"] = "a"
    note: str | None = None


def test_a_dataclass_makes_a_form_and_comes_back_as_an_instance() -> None:
    got: list[object] = []
    run, reader = started(lambda emit: got.append(emit.ask("Plan?", schema=Plan)))
    ask = reader.next()
    fields = {field["name"]: field for field in ask.form.fields}
    assert [field["type"] for field in fields.values()] == [
        "string", "integer", "number", "boolean", "string", "string", "string",
    ]  # fmt: skip
    assert fields["name"].get("required")
    assert not fields["note"].get("required")
    assert fields["color"]["options"] == [["red", "Red"], ["blue", "Dark blue"]]
    assert fields["epochs"]["default"] == 3
    assert ask.answer({"name": "x", "epochs": "7", "color": "blue", "fast": True})
    ended(run)
    assert got == [Plan("x", 7, 0.5, True, Color.DARK_BLUE)]


PYDANTIC = pytest.importorskip("pydantic")


def test_a_pydantic_model_is_validated_by_itself_and_stays_open_when_it_refuses() -> None:
    class Order(PYDANTIC.BaseModel):  # type: ignore[name-defined,misc]
        count: int = PYDANTIC.Field(ge=1, le=9)
        token: PYDANTIC.SecretStr | None = None

        @PYDANTIC.field_validator("count")
        @classmethod
        def odd(cls, count: int) -> int:
            if count % 2 == 0:
                raise ValueError("even numbers are sold out")
            return count

    got: list[Any] = []
    run, reader = started(lambda emit: got.append(emit.ask("Order", schema=Order)))
    ask = reader.next()
    with pytest.raises(UsageError, match="at least 1"):
        ask.answer({"count": 0})
    with pytest.raises(UsageError, match=r"^Count: even numbers are sold out$"):
        ask.answer({"count": 2})
    assert ask.reply is None
    assert ask.answer({"count": 3, "token": "hush-hush"})
    ended(run)
    assert got[0].count == 3
    assert got[0].token.get_secret_value() == "hush-hush"
    assert "hush-hush" not in str(run.result().to_jsonl())


JSON_SCHEMA = {
    "type": "object",
    "properties": {
        "email": {"type": "string", "format": "email", "title": "Email"},
        "age": {"type": "integer", "minimum": 18},
        "size": {"enum": ["S", "M"]},
        "ratio": {"type": "number", "exclusiveMaximum": 1},
        "go": {"type": "boolean"},
    },
    "required": ["email", "size"],
}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({}, "Email is required."),
        ({"email": "x", "size": "S"}, "Email must be an email address."),
        ({"email": "a@b.de", "size": "L"}, "size must be one of: S, M."),
        ({"email": "a@b.de", "size": "S", "age": 17}, "age must be at least 18."),
        ({"email": "a@b.de", "size": "S", "age": 1.5}, "age must be a whole number."),
        ({"email": "a@b.de", "size": "S", "ratio": 1}, "ratio must be less than 1."),
        ({"email": "a@b.de", "size": "S", "go": "perhaps"}, "go must be yes or no."),
        ({"email": "a@b.de", "size": "S", "zip": 1}, "There is no field 'zip'."),
    ],
)
def test_a_wrong_answer_is_refused_in_one_sentence(answer: object, sentence: str) -> None:
    run, reader = started(lambda emit: emit.ask("Who?", schema=JSON_SCHEMA, default=None))
    with pytest.raises(UsageError) as caught:
        reader.next().answer(answer)
    assert caught.value.message == sentence
    run.request_stop()
    ended(run)


def test_a_json_schema_gives_a_dict_of_what_was_entered() -> None:
    got: list[object] = []
    run, reader = started(lambda emit: got.append(emit.ask("Who?", schema=JSON_SCHEMA)))
    reader.next().answer({"email": "a@b.de", "size": "M", "age": ""})
    ended(run)
    assert got == [{"email": "a@b.de", "size": "M"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": []},
        {"options": ["a", "a"]},
        {"options": "ab"},
        {"options": ["a"], "schema": str},
        {"schema": {"type": "object", "properties": {"x": {"type": "array"}}}},
        {"schema": list},
        {"timeout": 0},
    ],
)
def test_what_cannot_be_a_form_is_refused_on_the_line_that_asks(wrong: dict[str, Any]) -> None:
    run, _ = started(lambda emit: emit.ask("?", **wrong))
    assert ended(run).status == "failed"
    assert run.result().steps == []
    assert not run.asks.waiting


def test_the_first_answer_wins() -> None:
    run, reader = started(lambda emit: emit.text(emit.ask("Which?", ["a", "b"])))
    ask = reader.next()
    first = [ask.answer("a"), ask.answer("b"), ask.answer("a")]
    assert first == [True, False, False]
    assert ended(run).result().text == "a"
    assert len(events_of(run, AskEnd)) == 1


def test_without_an_answer_in_time_the_default_counts() -> None:
    run, _ = started(lambda emit: emit.text(emit.ask("?", ["a", "b"], timeout=0.05, default="b")))
    assert ended(run).result().text == "b"
    end = events_of(run, AskEnd)[0]
    assert (end.outcome, end.answer, end.by_default) == ("timeout", "b", True)


def test_without_an_answer_and_a_default_the_error_says_what_to_do() -> None:
    run, _ = started(lambda emit: emit.ask("Go on?", timeout=0.05))
    assert ended(run).status == "failed"
    assert isinstance(run.error, UnansweredError)
    assert run.error.reason == "timeout"
    assert "within 0.05 s" in run.error.message
    assert "default=" in run.error.message
    assert run.summary == "A question was not answered."


def test_where_nobody_can_answer_the_default_counts_at_once() -> None:
    assert collect(lambda emit: emit.text(emit.ask("?", default="x"))).text == "x"
    result = collect(lambda emit: emit.ask("?"))
    assert isinstance(result.error, UnansweredError)
    assert result.error.reason == "headless"


def test_a_stop_ends_the_wait_and_no_default_is_acted_on() -> None:
    deleted: list[bool] = []

    def job(emit: Emitter) -> None:
        try:
            deleted.append(emit.ask("Delete?", {"yes": True, "no": False}, default=True))
        except StopRequested:
            deleted.append(False)
            raise

    run, reader = started(job)
    reader.next()
    run.request_stop()
    assert ended(run).status == "stopped"
    assert deleted == [False]
    assert events_of(run, AskEnd)[0].outcome == "stopped"


def test_an_answer_after_the_stop_does_nothing() -> None:
    run, reader = started(lambda emit: emit.ask("?", ["a"]))
    ask = reader.next()
    run.request_stop()
    ended(run)
    assert not ask.answer("a")


def test_a_coroutine_awaits_the_answer_and_its_loop_goes_on() -> None:
    async def job(emit: Emitter) -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.ensure_future(tick())
        answer = await emit.ask("Which?", ["a", "b"])  # type: ignore[misc]
        ticking.cancel()
        emit.text(f"{answer}{ticks > 0}")

    run, reader = started(job)
    reader.next().answer("b")
    assert ended(run).result().text == "bTrue"


def test_a_cancelled_wait_closes_the_question() -> None:
    async def job(emit: Emitter) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(emit.ask("?"), 0.05)  # type: ignore[arg-type]
        emit.text("later")

    run, _ = started(job)
    assert ended(run).result().text == "later"
    assert events_of(run, AskEnd)[0].outcome == "withdrawn"


def test_the_end_of_a_run_closes_its_questions() -> None:
    run, reader = started(lambda emit: emit.text("before"))
    ended(run)
    run = Run()
    run.asks.present = reader.present
    run.start("by hand")
    ask = run.ask("Still there?", ["yes"])
    run.end("complete")
    assert ask.reply is not None
    assert ask.reply.outcome == "withdrawn"
    part = run.document.part(ask.part_id)
    assert part is not None
    assert (part.state, part.fields["outcome"]) == ("closed", "withdrawn")


def test_code_inside_the_kernel_asks_with_a_callback_or_awaits() -> None:
    run, replies = Run(), []
    run.asks.present = lambda _: True
    run.start("by hand")
    ask = run.ask("Raise the budget?", {"yes": 2.0, "no": 0.0}, on_end=replies.append)
    assert [one.part_id for one in run.asks.waiting] == [ask.part_id]

    async def waits() -> object:
        asyncio.get_running_loop().call_later(0.01, ask.answer, "yes")
        return await ask

    assert asyncio.run(waits()) == 2.0
    assert [(reply.outcome, reply.value) for reply in replies] == [("answered", 2.0)]


def test_a_denied_call_is_shown_as_denied_and_the_job_goes_on() -> None:
    def job(emit: Emitter) -> None:
        with emit.tool_call("delete_file", {"path": "/tmp/x"}) as call:
            if call.approve():
                call.result("deleted")
        emit.text("after")

    run, reader = started(job)
    ask = reader.next()
    assert ask.question == "Allow this call of delete_file?"
    part = run.document.part(ask.part_id)
    assert part is not None
    assert json.loads(str(part.fields["detail"])) == {"path": "/tmp/x"}
    ask.answer("Deny")
    assert ended(run).result().text == "after"
    results = events_of(run, ToolResult)
    assert [(r.result, r.is_denied) for r in results] == [("The call was denied.", True)]
    call = run.document.part(str(part.fields["about_part_id"]))
    assert call is not None
    assert call.fields["is_denied"] is True


def test_an_approved_call_returns_true_also_in_a_coroutine() -> None:
    async def job(emit: Emitter) -> None:
        call = emit.tool_call("search", {"q": "x"})
        allowed = await call.approve()  # type: ignore[misc]
        emit.text(str(allowed))

    run, reader = started(job)
    reader.next().answer(True)
    assert ended(run).result().text == "True"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_time_of_waiting_counts_neither_for_the_budget_nor_as_silence() -> None:
    clock = Clock()
    run = Run(budget=Budget(max_time_s=10), now=clock)
    run.asks.present = lambda _: True
    run.start("by hand")
    clock.now = 4.0
    ask = run.ask("?", ["a"])
    clock.now = 1_004.0
    run.check_budget()
    assert run.status != "stopping"
    assert run.spent().elapsed_s == pytest.approx(4.0)
    ask.answer("a")
    clock.now = 1_011.0
    run.check_budget()
    assert run.status == "stopping"


def test_silence_while_the_run_waits_is_not_a_stall() -> None:
    clock, waits = Clock(), [True]
    silence = Silence(clock, 5.0, is_excused=lambda: waits[0])
    clock.now = 60.0
    silence.look()
    assert silence.stalled_s is None
    waits[0] = False
    clock.now = 66.0
    silence.look()
    assert silence.stalled_s == 6.0


def test_events_of_a_question_survive_their_file() -> None:
    events: list[Event] = [
        AskStart("q1", "?", ("a", "b"), ({"name": "x", "type": "string"},), default="a"),
        AskRejected("q1", "x is required."),
        AskEnd("q1", "timeout", {"x": 1}, True),
    ]
    for event in events:
        assert from_json(json.loads(json.dumps(to_json(event))))[0] == event


def test_a_replay_shows_question_and_answer_and_asks_nobody(tmp_path: Path) -> None:
    run, reader = started(lambda emit: emit.text(emit.ask("Which?", ["a", "b"])))
    reader.next().answer("b")
    path = tmp_path / "run.jsonl"
    path.write_text(ended(run).result().to_jsonl(), "utf-8")
    view = StreamView.replay(path, speed=None)
    assert view.wait(timeout=WAIT_S).text == "b"
    assert view.asks == ()
    assert "Answered: b" in view.to_markdown()
    assert "Which?" in view.to_html()


def test_the_exports_of_a_live_question_say_that_it_waits() -> None:
    run, reader = started(lambda emit: emit.ask("Which?", ["a"]))
    reader.next()
    assert "Waiting for you" in run.result().to_markdown()
    run.request_stop()
    ended(run)


def in_terminal(typed: str, **question: Any) -> tuple[object, str]:
    run, screen = Run(), io.StringIO()
    run.asks.present = lambda _: True
    run.start("by hand")
    ask = run.ask("Which\x1b[2J one?", **question)
    ask_on(ask, io.StringIO(typed), screen, lambda: False)
    assert ask.reply is not None
    return ask.reply.value if ask.reply.outcome == "answered" else ask.reply, screen.getvalue()


def test_a_terminal_takes_the_number_or_the_beginning_of_an_option() -> None:
    assert in_terminal("2\n", options=["all", "newest"])[0] == "newest"
    assert in_terminal("NEW\n", options=["all", "newest"])[0] == "newest"


def test_a_terminal_asks_again_after_a_wrong_answer_and_shows_no_control_characters() -> None:
    answer, screen = in_terminal("9\nall\n", options=["all", "newest"])
    assert answer == "all"
    assert "Choose one of: all, newest." in screen
    assert "\x1b" not in screen


def test_a_terminal_asks_for_each_field() -> None:
    answer, screen = in_terminal("Ada" + "\n" * 7, schema=Plan)
    assert answer == Plan("Ada")
    assert "Epochs (default 3): " in screen


def test_the_end_of_the_input_is_no_answer() -> None:
    reply, _ = in_terminal("", options=["a"], default="a")
    assert getattr(reply, "outcome", None) == "headless"


def test_a_permission_of_an_agent_is_a_question_about_its_call() -> None:
    call = {"toolCallId": "k", "title": "Delete rows", "kind": "edit", "rawInput": {"n": 812}}
    options = [
        {"optionId": "once", "name": "Allow once", "kind": "allow_once"},
        {"optionId": "no", "name": "Reject", "kind": "reject_once"},
    ]
    params = {"sessionId": "s", "toolCall": call, "options": options}
    update = {"sessionId": "s", "update": {"sessionUpdate": "tool_call", **call}}
    records = [
        {"jsonrpc": "2.0", "method": "session/update", "params": update},
        {"jsonrpc": "2.0", "id": 5, "method": "session/request_permission", "params": params},
        {"jsonrpc": "2.0", "id": 1, "result": {"stopReason": "end_turn"}},
    ]
    result = collect(records)
    (part,) = [part for part in result.document.parts if part.kind == "ask"]
    assert part.fields["question"] == "Allow this call of Delete rows?"
    assert part.fields["options"] == ["Allow once", "Reject"]
    assert part.fields["detail"] == '{"n": 812}'
    assert (part.state, part.fields["outcome"]) == ("closed", None)
    assert "Not answered. Answer it in the client" in result.to_markdown()


def test_the_examples_of_the_documentation_run() -> None:
    text = (Path(__file__).parents[2] / "docs" / "asking.md").read_text("utf-8")
    names: dict[str, Any] = {"StreamView": lambda *_, **__: None}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        code = block.replace("from streamwidget import StreamView\n", "").replace("0.01", "0")
        exec(code, names)
    assert collect(names["review"]).text.endswith("Reading: The newest 50.")
    assert collect(names["train"]).metrics["loss"].last == pytest.approx(1 / (1 + 999 * 3e-4))


SCRIPT = """
from streamwidget import collect
result = collect(lambda emit: emit.text(emit.ask("Which?", ["newest", "all"])))
print("CHOSE", result.text, result.status)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_script_in_a_terminal_asks_there() -> None:
    import pty

    main, side = pty.openpty()
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdin=side, stderr=side, stdout=subprocess.PIPE, text=True
    )
    os.close(side)
    shown = ""
    while not shown.endswith("> "):
        shown += os.read(main, 1024).decode()
    assert "Which?\r\n  1. newest\r\n  2. all\r\n" in shown
    os.write(main, b"2\n")
    printed, _ = script.communicate(timeout=WAIT_S)
    os.close(main)
    assert printed.strip() == "CHOSE all finished"


VIEW_SCRIPT = """
from streamwidget import StreamView
def job(emit):
    emit.text("before ")
    emit.text("chose " + emit.ask("Which?", ["newest", "all"]))
view = StreamView(job, title="Review", markdown=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_view_in_a_terminal_prints_nothing_over_its_question() -> None:
    import pty

    main, side = pty.openpty()
    script = subprocess.Popen(
        [sys.executable, "-c", VIEW_SCRIPT], stdin=side, stderr=side, stdout=side
    )
    os.close(side)
    shown = ""
    while not shown.endswith("> "):
        shown += os.read(main, 1024).decode()
    assert shown.endswith("Which?\r\n  1. newest\r\n  2. all\r\n> "), "nothing came between"
    os.write(main, b"1\n")
    rest = ""
    while "Finished" not in rest:
        rest += os.read(main, 1024).decode()
    assert script.wait(WAIT_S) == 0
    os.close(main)
    assert (shown + rest).index("before") < rest.index("chose newest") + len(shown)
    assert rest.index("Answered: newest") < rest.index("chose newest")


def test_a_script_without_a_terminal_does_not_wait() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=WAIT_S,
    )
    assert done.stdout.strip() == "CHOSE  failed"


def test_a_cell_that_feeds_by_hand_awaits_the_answer_or_is_refused() -> None:
    async def cell(*, awaits: bool) -> str:
        with StreamView(title="by hand") as emit:
            if awaits:
                question = emit.ask("Which?", ["a", "b"], default="b")
                return f"{await question}"  # type: ignore[misc]

            def plain() -> None:
                emit.ask("Which?", ["a", "b"], default="b")

            with pytest.raises(UsageError, match=r"await emit\.ask"):
                plain()
        return "refused"

    assert asyncio.run(cell(awaits=True)) == "b"
    assert asyncio.run(cell(awaits=False)) == "refused"


def test_a_forgotten_await_is_not_a_yes() -> None:
    async def job(emit: Emitter) -> None:
        call = emit.tool_call("delete", {})
        if call.approve(default=False):
            emit.text("DELETED")

    view = StreamView(job)
    view.wait(WAIT_S)
    assert (view.status, view.text) == ("failed", "")
    assert "await call.approve()" in str(view.error)

"""Questions of real agent libraries become forms, and the answers go back to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import pytest

from streamwidget import Ask, Emitter, Result, UsageError, langgraph
from streamwidget.events import AskEnd
from streamwidget.run import Run
from streamwidget.run.drive import drive
from streamwidget.sources.resolve import resolve

pytest.importorskip("langgraph")
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

WAIT_S = 30.0
Answer = Callable[[Ask], object]


class State(TypedDict, total=False):
    answers: list[object]


def graph(*questions: object) -> Any:
    """A graph that asks each question in its own node, one after the other."""
    builder = StateGraph(State)
    names = [f"ask {number}" for number, _ in enumerate(questions)]
    for name, question in zip(names, questions, strict=True):

        def node(state: State, question: object = question) -> State:
            return {"answers": [*state.get("answers", []), interrupt(question)]}

        builder.add_node(name, node)
    for before, after in zip([START, *names], [*names, END], strict=True):
        builder.add_edge(before, after)
    return builder.compile(checkpointer=InMemorySaver())


def ran(source: object, answer: Answer | None) -> Result:
    run = Run()

    def present(ask: Ask) -> bool:
        return answer is not None and (ask.answer(answer(ask)) or True)

    run.asks.present = present
    drive(run, resolve(source))
    assert run.finished.wait(WAIT_S)
    return run.result()


CONFIG = {"configurable": {"thread_id": "1"}}
REVIEW = {
    "action_requests": [{"name": "delete_rows", "args": {"where": "cited = 0"}}],
    "review_configs": [{"action_name": "delete_rows", "allowed_decisions": ["approve", "reject"]}],
}


def test_a_graph_continues_with_the_answers_to_its_interrupts() -> None:
    made = graph("Your name?", {"question": "How many?", "options": [5, 50]}, REVIEW)
    given = {"Your name?": "Ada", "How many?": "50", "Allow this call of delete_rows?": "Reject"}
    result = ran(langgraph(made, {"answers": []}, CONFIG), lambda ask: given[ask.question])
    assert result.status == "finished"
    assert made.get_state(CONFIG).values["answers"] == [
        "Ada",
        50,
        {"decisions": [{"type": "reject"}]},
    ]
    ended = [event.answer for event in result.events if isinstance(event, AskEnd)]
    assert ended == ["Ada", "50", "Reject"]


def test_a_graph_that_nobody_answers_waits_and_says_so() -> None:
    made = graph("Your name?")
    result = ran(langgraph(made, {"answers": []}, CONFIG), None)
    assert result.status == "finished"
    assert "Nobody could answer" in result.to_markdown()
    assert made.get_state(CONFIG).next == ("ask 0",)


def test_an_iterated_graph_shows_how_to_answer() -> None:
    chunks = graph({"question": "How many?", "options": [5, 50]}).stream(
        {"answers": []}, CONFIG, stream_mode=["updates", "values"]
    )
    result = ran(chunks, None)
    parts = [part for part in result.document.parts if part.kind == "ask"]
    assert [part.fields["options"] for part in parts] == [["5", "50"]]
    assert "Command(resume=...)" in str(parts[0].fields["hint"])


def test_what_is_not_compiled_is_refused() -> None:
    with pytest.raises(UsageError, match="compile"):
        langgraph(StateGraph(State), {})


SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Name"},
        "adult": {"type": "boolean"},
    },
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"name": "Ada", "adult": True}, ("accept", {"name": "Ada", "adult": True})),
        (None, ("decline", None)),
    ],
)
def test_an_mcp_elicitation_is_a_form_and_its_answer_goes_back(
    answer: object, result: object
) -> None:
    types = pytest.importorskip("mcp.types")
    got: list[Any] = []

    async def job(emit: Emitter) -> None:
        kind = next(
            kind
            for name in ("ElicitRequestFormParams", "ElicitRequestParams")
            if isinstance(kind := getattr(types, name, None), type)
        )
        params = kind.model_validate(
            {"mode": "form", "message": "Who are you?", "requestedSchema": SCHEMA}
        )
        got.append(await emit.elicit(None, params))

    ran(job, lambda ask: answer)
    assert isinstance(got[0], types.ElicitResult)
    assert (got[0].action, got[0].content) == result


def test_an_mcp_elicitation_without_a_reader_is_cancelled() -> None:
    types = pytest.importorskip("mcp.types")
    got: list[Any] = []

    class Params:
        message = "Who?"
        requestedSchema = SCHEMA

    async def job(emit: Emitter) -> None:
        got.append(await emit.elicit(None, Params()))

    ran(job, None)
    assert got == [types.ElicitResult(action="cancel")]

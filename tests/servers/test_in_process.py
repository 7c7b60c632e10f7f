"""Agents in this process: what LangChain, LangGraph, pydantic-ai and the others yield."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import agents
import openai
import pytest
from a2a.types import (
    Artifact,
    Part,
    StreamResponse,
    Task,
    TaskArtifactUpdateEvent,
    TaskState,
    TaskStatus,
    TaskStatusUpdateEvent,
)
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Value

from servers.apps import agents as scripted
from servers.graph import build, model
from servers.reading import Read
from servers.replay import ARGUMENTS, TEXT, USAGE, replaying
from streamwidget.sources.plain_values import plain

Reads = Callable[[Callable[[], object]], Read]
INPUT = {"messages": [{"role": "user", "content": "Weather in Oslo?"}]}
WEATHER = ("weather", {"city": "Oslo"}, "18 °C in Oslo")
MODES: dict[str, Any] = {
    "messages": "messages",
    "updates": "updates",
    "values": "values",
    "several": ["messages", "updates", "custom"],
    "twice told": ["messages", "values"],
}


@pytest.mark.parametrize("subgraphs", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_each_mode_of_a_graph_tells_the_same(mode: str, subgraphs: bool, reads: Reads) -> None:
    got = reads(lambda: build().stream(INPUT, stream_mode=MODES[mode], subgraphs=subgraphs))
    assert (got.format, got.status, got.finish) == ("langgraph", "finished", "stop")
    assert (got.reasoning, got.text, got.usage) == ("They ask.", "It is 18 °C.", (30, 9))
    assert got.calls == [WEATHER]
    kinds = [part["kind"] for part in got.parts]
    assert kinds.count("step") == (3 if "messages" in MODES[mode] else 0)
    assert kinds.count("progress") == ("custom" in MODES[mode])
    assert "unknown" not in kinds


def test_a_graph_is_read_asynchronously(reads: Reads) -> None:
    got = reads(lambda: build().astream(INPUT, stream_mode="messages"))
    assert (got.text, got.calls, got.usage) == ("It is 18 °C.", [WEATHER], (30, 9))


def test_events_of_a_graph_are_read(reads: Reads) -> None:
    got = reads(lambda: build().astream_events(INPUT, version="v2"))
    assert (got.format, got.text, got.usage) == ("langchain-events", "It is 18 °C.", (30, 9))
    assert got.calls == [WEATHER]


def test_chunks_of_a_chat_model_are_read(reads: Reads) -> None:
    got = reads(lambda: model.stream("Weather in Oslo?"))
    assert (got.format, got.status, got.finish) == ("langchain-events", "finished", "tool_calls")
    assert (got.reasoning, got.usage) == ("They ask.", (10, 5))
    assert got.calls == [(*WEATHER[:2], None)]
    assert got.parts == []


async def run_events(prompt: str) -> AsyncIterator[object]:
    async with scripted.agent.run_stream_events(prompt) as stream:
        async for event in stream:
            yield event


def test_events_of_a_pydantic_ai_agent_are_read(reads: Reads) -> None:
    got = reads(lambda: run_events("Weather in Oslo?"))
    assert (got.format, got.status, got.error) == ("pydantic-ai", "finished", None)
    assert (got.reasoning, got.text) == ("They ask about weather.", "It is 18 °C in Oslo.")
    assert got.calls == [WEATHER]
    assert got.usage is not None
    assert got.parts == []


def test_an_agent_that_breaks_keeps_its_text(reads: Reads) -> None:
    got = reads(lambda: run_events("Please fail"))
    assert (got.status, got.text, got.error) == (
        "failed",
        "So far",
        "RuntimeError: The model broke",
    )


@agents.function_tool
def weather(city: str) -> str:
    """The weather."""
    return f"18 °C in {city}"


@pytest.fixture
def url() -> Iterator[str]:
    agents.set_tracing_disabled(True)
    with replaying() as url:
        yield url


async def agent_events(url: str) -> AsyncIterator[object]:
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k")
    chat = agents.OpenAIChatCompletionsModel(model="m", openai_client=client)
    agent = agents.Agent(
        name="Helper", model=chat, tools=[weather], tool_use_behavior="stop_on_first_tool"
    )
    async for event in agents.Runner.run_streamed(agent, "Weather?").stream_events():
        yield event


@pytest.mark.filterwarnings("ignore")  # the SDK's own
def test_events_of_the_agents_sdk_are_read(url: str, reads: Reads) -> None:
    got = reads(lambda: agent_events(url))
    assert (got.format, got.status, got.finish) == ("openai-agents", "finished", "completed")
    assert (got.text, got.usage) == (TEXT, USAGE)
    assert got.calls == [("weather", ARGUMENTS, "18 °C in Oslo")]
    assert [part["name"] for part in got.parts] == ["Helper"]


def a2a_messages() -> Iterator[StreamResponse]:
    """Items of the A2A client: protobuf messages."""

    def status(state: TaskState) -> TaskStatus:
        return TaskStatus(state=state)

    yield StreamResponse(task=Task(id="t", status=status(TaskState.TASK_STATE_SUBMITTED)))
    for number, text in enumerate(("Hi ", "there.")):
        artifact = Artifact(artifact_id="a", parts=[Part(text=text)])
        update = TaskArtifactUpdateEvent(task_id="t", append=number > 0, artifact=artifact)
        yield StreamResponse(artifact_update=update)
    done = TaskStatusUpdateEvent(task_id="t", status=status(TaskState.TASK_STATE_COMPLETED))
    yield StreamResponse(status_update=done)


def test_protobuf_messages_of_a2a_are_read(reads: Reads) -> None:
    got = reads(a2a_messages)
    assert (got.format, got.status, got.text) == ("a2a", "finished", "Hi there.")
    assert got.finish == "TASK_STATE_COMPLETED"


def test_protobuf_messages_become_what_their_json_is() -> None:
    value = json_format.Parse('{"a": [1, "b", null, {"c": true}], "d": {}}', Value())
    part = Part(data=value, media_type="application/json", metadata={"n": 1})
    for message in (part, *a2a_messages()):
        assert plain(message) == json_format.MessageToDict(message)

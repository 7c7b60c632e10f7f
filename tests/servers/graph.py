"""A LangGraph agent over a scripted LangChain model: thinks, asks for a tool, answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph

CALL = {"name": "weather", "id": "w1"}
TURNS: list[list[dict[str, Any]]] = [
    [
        {"content": [{"type": "reasoning", "reasoning": "They ask.", "index": 0}]},
        {"tool_call_chunks": [{**CALL, "args": '{"city": ', "index": 0}]},
        {"tool_call_chunks": [{"name": None, "id": None, "args": '"Oslo"}', "index": 0}]},
        {"response_metadata": {"finish_reason": "tool_calls"}, "usage_metadata": (10, 5)},
    ],
    [
        {"content": "It is "},
        {"content": "18 °C."},
        {"response_metadata": {"finish_reason": "stop"}, "usage_metadata": (20, 4)},
    ],
]


class Scripted(BaseChatModel):
    """A model that answers with its first turn until a tool has answered, then with its second."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(
        self, messages: list[BaseMessage], *_: Any, **__: Any
    ) -> Iterator[ChatGenerationChunk]:
        turn = int(any(message.type == "tool" for message in messages))
        for turn_fields in TURNS[turn]:
            chunk_fields = {"content": "", "id": f"turn-{turn}", **turn_fields}
            if counts := turn_fields.get("usage_metadata"):
                names = ("input_tokens", "output_tokens", "total_tokens")
                chunk_fields["usage_metadata"] = dict(
                    zip(names, (*counts, sum(counts)), strict=True)
                )
            yield ChatGenerationChunk(message=AIMessageChunk(**chunk_fields))

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        chunks = [chunk.message for chunk in self._stream(messages)]
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole = whole + chunk
        kept = ("content", "tool_calls", "usage_metadata", "response_metadata", "id")
        message = AIMessage(**{key: getattr(whole, key) for key in kept})
        return ChatResult(generations=[ChatGeneration(message=message)])


model = Scripted()


def agent(state: MessagesState) -> dict[str, Any]:
    return {"messages": [model.invoke(state["messages"])]}


def tools(state: MessagesState) -> dict[str, Any]:
    get_stream_writer()({"progress": 50, "message": "Asking"})
    call = state["messages"][-1].tool_calls[0]
    return {"messages": [ToolMessage("18 °C in Oslo", tool_call_id=call["id"])]}


def build() -> Any:
    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", tools)
    graph.add_edge(START, "agent")
    graph.add_edge("tools", "agent")
    graph.add_conditional_edges(
        "agent", lambda state: "tools" if state["messages"][-1].tool_calls else END
    )
    return graph.compile()

"""Up to eight messages grow at once: each is one text, whole, in every vocabulary with ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from format_cases import document_of, events_of
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import Make

from streamwidget.formats.a2a import A2AFormat
from streamwidget.formats.ag_ui import AGUIFormat
from streamwidget.formats.ai_sdk_ui import AISDKUIFormat
from streamwidget.formats.anthropic import AnthropicFormat
from streamwidget.formats.bedrock import BedrockFormat
from streamwidget.formats.cohere import CohereFormat
from streamwidget.formats.gemini import GeminiFormat
from streamwidget.formats.gemini_interactions import GeminiInteractionsFormat
from streamwidget.formats.generic import GenericFormat
from streamwidget.formats.langchain_events import LangChainEventsFormat
from streamwidget.formats.langgraph import LangGraphFormat
from streamwidget.formats.langgraph_protocol import LangGraphProtocolFormat
from streamwidget.formats.openai_chat import OpenAIChatFormat
from streamwidget.formats.openai_realtime import OpenAIRealtimeFormat
from streamwidget.formats.openai_responses import OpenAIResponsesFormat
from streamwidget.formats.pydantic_ai import PydanticAIFormat

Row = Any


def _langgraph(at: int, text: str) -> Row:
    meta = {"langgraph_node": f"n{at}", "langgraph_step": 1, "langgraph_checkpoint_ns": f"n{at}:1"}
    return ("messages", [{"type": "AIMessageChunk", "id": f"m{at}", "content": text}, meta])


def _langchain(at: int, text: str) -> Row:
    chunk = {"type": "AIMessageChunk", "content": text}
    return {"event": "on_chat_model_stream", "run_id": f"r{at}", "data": {"chunk": chunk}}


def _artifact(at: int, text: str) -> Row:
    artifact = {"artifactId": f"a{at}", "parts": [{"text": text}]}
    return {"artifactUpdate": {"taskId": "t", "artifact": artifact, "append": True}}


def _responses(at: int, text: str) -> Row:
    place = {"output_index": at, "item_id": f"i{at}", "content_index": 0}
    return {"type": "response.output_text.delta", **place, "delta": text}


def _anthropic(at: int, text: str) -> Row:
    delta = {"type": "text_delta", "text": text}
    return {"type": "content_block_delta", "index": at, "delta": delta}


def _chat(at: int, text: str) -> Row:
    return {"id": f"c{at}", "choices": [{"index": 0, "delta": {"content": text}}]}


def _realtime(at: int, text: str) -> Row:
    return _responses(at, text)


def _bedrock(at: int, text: str) -> Row:
    return {"contentBlockDelta": {"contentBlockIndex": at, "delta": {"text": text}}}


def _cohere(at: int, text: str) -> Row:
    delta = {"message": {"content": {"text": text}}}
    return {"type": "content-delta", "index": at, "delta": delta}


def _gemini(at: int, text: str) -> Row:
    return {"candidates": [{"index": at, "content": {"parts": [{"text": text}]}}]}


def _interactions(at: int, text: str) -> Row:
    return {"event_type": "step.delta", "index": at, "delta": {"type": "text", "text": text}}


def _protocol(at: int, text: str) -> Row:
    delta = {"type": "text-delta", "text": text}
    data = {"event": "content-block-delta", "index": 0, "delta": delta}
    return {"method": "messages", "params": {"namespace": [f"n{at}:1"], "data": data}}


def _pydantic_ai(at: int, text: str) -> Row:
    delta = {"part_delta_kind": "text", "content_delta": text}
    return {"event_kind": "part_delta", "index": at, "delta": delta}


VOCABULARIES: dict[str, tuple[Make, Callable[[int, str], Row]]] = {
    "ai-sdk-ui": (AISDKUIFormat, lambda at, t: {"type": "text-delta", "id": f"{at}", "delta": t}),
    "ag-ui": (
        AGUIFormat,
        lambda at, t: {"type": "TEXT_MESSAGE_CONTENT", "messageId": f"m{at}", "delta": t},
    ),
    "langgraph": (LangGraphFormat, _langgraph),
    "langchain-events": (LangChainEventsFormat, _langchain),
    "openai-responses": (OpenAIResponsesFormat, _responses),
    "anthropic": (AnthropicFormat, _anthropic),
    "openai-chat": (OpenAIChatFormat, _chat),
    "openai-realtime": (OpenAIRealtimeFormat, _realtime),
    "bedrock-converse": (BedrockFormat, _bedrock),
    "cohere": (CohereFormat, _cohere),
    "gemini": (GeminiFormat, _gemini),
    "gemini-interactions": (GeminiInteractionsFormat, _interactions),
    "langgraph-protocol": (LangGraphProtocolFormat, _protocol),
    "pydantic-ai": (PydanticAIFormat, _pydantic_ai),
    "a2a": (A2AFormat, _artifact),
    "generic": (
        lambda new_id: GenericFormat(new_id),
        lambda at, t: {"type": "text", "message_id": f"m{at}", "content": t},
    ),
}


def _cohere_start(at: int) -> Row:
    delta = {"message": {"content": {"type": "text", "text": ""}}}
    return {"type": "content-start", "index": at, "delta": delta}


ANNOUNCED: dict[str, Callable[[int], Row]] = {
    "openai-chat": lambda at: _chat(at, ""),  # there an id that comes once means little
    "cohere": _cohere_start,
    "gemini-interactions": lambda at: {
        "event_type": "step.start",
        "index": at,
        "step": {"type": "model_output"},
    },
}
"""The row that announces a message, in vocabularies that need one."""


@pytest.mark.parametrize("name", VOCABULARIES)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_each_message_is_one_whole_text_in_its_own_step(name: str, order: list[int]) -> None:
    make, row = VOCABULARIES[name]
    wanted: dict[int, str] = {}
    rows = []
    for count, at in enumerate(order):
        piece = f"{at}.{count} "
        if name in ANNOUNCED and at not in wanted:
            rows.append(ANNOUNCED[name](at))
        wanted[at] = wanted.get(at, "") + piece
        rows.append(row(at, piece))
    document = document_of(events_of(make, *rows))
    texts = [part for part in document.parts if part.kind == "text"]
    assert [part.text for part in texts] == list(wanted.values())
    if name == "langgraph":
        names = {part.id: part.fields["name"] for part in document.parts if part.kind == "step"}
        steps = [names[str(part.fields["step_id"])] for part in texts]
        assert steps == [f"n{at}" for at in wanted]

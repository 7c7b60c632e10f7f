"""Raw bytes in, the recorded result out: framing and vocabulary detected, however it is cut.

The recordings are read where they lie beside the repository; the small streams here stand alone.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from feeding import ids
from recordings import STREAMS, cases, expected, outcome_of

from streamwidget.events import Event
from streamwidget.formats.pipeline import FORMATS, open_pipeline

CONTENT_TYPES = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".bin": "application/vnd.amazon.eventstream",
}
# folder: the name that must be detected; the recordings in FILES speak another vocabulary
NAMES = {
    "a2a": "a2a",
    "ag_ui": "ag-ui",
    "ai_sdk_data": "ai-sdk-data",
    "ai_sdk_ui": "ai-sdk-ui",
    "anthropic": "anthropic",
    "bedrock_converse": "bedrock-converse",
    "cohere_v2": "cohere",
    "gemini_array": "gemini",
    "gemini_interactions": "gemini-interactions",
    "gemini_sse": "gemini",
    "generic_sse": "sse",
    "langchain_events": "langchain-events",
    "langgraph": "langgraph",
    "langgraph_protocol": "langgraph-protocol",
    "mcp": "mcp",
    "mistral": "openai-chat",
    "ollama": "ollama",
    "open_responses": "openai-responses",
    "openai_agents": "openai-agents",
    "openai_chat": "openai-chat",
    "openai_realtime_ws": "openai-realtime",
    "openai_responses": "openai-responses",
    "tgi": "tgi",
}
FILES = {"watsonx.sse": "watsonx"}  # and TGI's Messages API, which is Chat Completions
# small streams of our own: content type, bytes, name, text
OWN: dict[str, tuple[str, bytes, str, str]] = {
    "chat": (
        "text/event-stream",
        b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"hi"},'
        b'"finish_reason":null}]}\n\ndata: [DONE]\n\n',
        "openai-chat",
        "hi",
    ),
    "generic typed": (
        "text/event-stream",
        b'data: {"type":"start"}\n\ndata: {"type":"response","content":"hi"}\n\n',
        "sse",
        "hi",
    ),
    "plain": ("text/event-stream", b"data: hi\n\n", "sse", "hi"),
    "lines": ("", b'{"text":"hi"}\n', "ndjson", "hi"),
    "codes": ("text/plain", b'0:"hi"\nd:{"finishReason":"stop"}\n', "ai-sdk-data", "hi"),
    "text that looks like codes": ("text/plain", b"0: the first\n1: the second\n", "text", ""),
    "array": (
        "application/json",
        b'[{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}\n]',
        "gemini",
        "hi",
    ),
    "unknown array": ("application/json", b'[{"text":"hi"}]', "json-array", "hi"),
}


def feed(data: bytes, cuts: list[int], content_type: str) -> tuple[list[Event], str | None]:
    pipeline = open_pipeline(ids(), content_type=content_type)
    ends = [*sorted(cuts), len(data)]
    events = [
        event
        for start, end in zip([0, *ends], ends, strict=False)
        for event in pipeline.feed(data[start:end])
    ]
    return [*events, *pipeline.flush()], pipeline.format_name


def partitions(data: bytes) -> list[list[int]]:
    rng = random.Random(len(data))
    return [[], list(range(len(data))), [rng.randrange(len(data) + 1) for _ in range(20)]]


@pytest.mark.parametrize("name", OWN)
def test_small_streams_are_recognised_however_cut(name: str) -> None:
    content_type, data, format_name, text = OWN[name]
    for cuts in partitions(data):
        events, found = feed(data, cuts, content_type)
        assert found == format_name
        assert not text or outcome_of(events)["text"] == text


def check(folder: str, path: Path) -> None:
    expectation = expected(path)
    wanted = {
        key: expectation[key] for key in ("text", "reasoning", "tool_calls", "usage", "finish")
    }
    wanted["finish"] = (
        None if expectation["finish"] is None else str(expectation["finish"])
    )  # Gemini: also 1
    wanted["error"] = expectation["error"] and expectation["error"]["message"]
    data = path.read_bytes()
    for cuts in partitions(data):
        events, found = feed(data, cuts, CONTENT_TYPES[path.suffix])
        is_chat = folder == "tgi" and path.name.startswith("chat")
        assert found == FILES.get(path.name, "openai-chat" if is_chat else NAMES[folder])
        assert outcome_of(events) == wanted


@pytest.mark.parametrize("folder", NAMES)
def test_recordings_are_recognised_and_read(folder: str) -> None:
    failed = {}
    for path in cases(folder):
        try:
            check(folder, path)
        except AssertionError as error:
            failed[path.name] = str(error)[:300]
    assert not failed


def test_every_recorded_folder_has_its_name() -> None:
    folders = {path.name for path in STREAMS.iterdir()} if STREAMS.is_dir() else set()
    assert folders <= {*NAMES, "sse_conformance", "INDEX.md"}


def test_every_name_can_be_passed() -> None:
    assert set(NAMES.values()) <= set(FORMATS)


@pytest.mark.parametrize("head", [b'{"text": "', b"data: ", b"\n", b" ", b"[ ", b'0:"'])
def test_detection_is_linear_in_the_bytes_however_small_the_pieces(head: bytes) -> None:
    """Each byte of a head that says nothing may be looked at some times, not once for each byte."""
    pipeline, looked = open_pipeline(ids()), 0
    fill = head[-1:] if head.isspace() else b"x"
    for byte in head + fill * 20_000:
        pipeline.feed(bytes([byte]))
        looked = max(looked, pipeline._scanned_bytes)
    assert looked <= 40 * 20_000

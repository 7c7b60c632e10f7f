"""Content that only the final object of a stream has, and whole answers to streaming requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamwidget import Result, collect

HI = "Hi **you**"
F1 = ("f", {"q": 1})
USAGE = {"input_tokens": 5, "output_tokens": 7}
ARGUMENTS = '{"q": 1}'


def collected(body: bytes, content_type: str) -> list[Result]:
    """The results of the body whole and byte by byte."""
    pieces = [[body], [body[at : at + 1] for at in range(len(body))]]
    return [collect(piece, content_type=content_type) for piece in pieces]


def calls_of(result: Result) -> list[tuple[str, Any]]:
    return [(call.tool_name, call.arguments) for call in result.tool_calls]


def part(text: str, *notes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": list(notes)}


NOTE = {"type": "url_citation", "url": "https://a.test", "title": "A"}
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "content": [part(HI, NOTE)]}
REASONING = {"id": "rs", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}
CALL = {"id": "f", "type": "function_call", "call_id": "k", "name": "f", "arguments": ARGUMENTS}
AT_0, AT_1 = {"output_index": 0}, {"output_index": 1}
TEXT_AT = {**AT_1, "item_id": "m", "content_index": 0}


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{name}", **fields}


def responses(*between: dict[str, Any], status: str = "completed", **more: Any) -> bytes:
    response = {"id": "r", "object": "response", "status": "in_progress", "output": []}
    output = [REASONING, MESSAGE, CALL]
    last = {**response, "status": status, "output": output, "usage": USAGE, **more}
    rows = [event("created", response=response), *between, event(status, response=last)]
    return b"".join(f"event: {row['type']}\ndata: {json.dumps(row)}\n\n".encode() for row in rows)


STREAMED: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "placeholders": [
        event("output_item.added", **AT_1, item={"id": "m", "type": "message", "content": []}),
        event("content_part.added", **TEXT_AT, part=part("")),
    ],
    "the reasoning": [
        event("reasoning_summary_text.delta", **AT_0, item_id="rs", summary_index=0, delta="Hm")
    ],
    "the first half of the text": [event("output_text.delta", **TEXT_AT, delta="Hi **")],
    "all of the text": [event("output_text.delta", **TEXT_AT, delta=HI)],
    "the end of the text": [event("output_text.done", **TEXT_AT, text=HI)],
    "the part, whole": [event("content_part.done", **TEXT_AT, part=part(HI))],
    "the item, whole": [event("output_item.done", **AT_1, item=MESSAGE)],
    "the item under another id": [
        event("output_text.delta", **{**TEXT_AT, "item_id": "other"}, delta=HI)
    ],
    "the call": [event("output_item.done", output_index=2, item=CALL)],
    "the arguments, without a name": [
        event("function_call_arguments.delta", output_index=2, item_id="f", delta=ARGUMENTS)
    ],
}


@pytest.mark.parametrize("name", STREAMED)
def test_the_final_object_completes_what_had_streamed(name: str) -> None:
    for result in collected(responses(*STREAMED[name]), "text/event-stream"):
        assert (result.status, result.text, result.reasoning) == ("finished", HI, "Hm")
        assert calls_of(result) == [F1]
        assert [(source.url, source.title) for source in result.sources] == [
            ("https://a.test", "A")
        ]


@pytest.mark.parametrize("status", ["failed", "completed"])
def test_a_final_object_with_an_error_is_a_failure_that_keeps_its_output(status: str) -> None:
    body = responses(status=status, error={"code": "server_error", "message": "Gone"})
    for result in collected(body, "text/event-stream"):
        assert (result.status, result.text) == ("failed", HI)
        assert "Gone" in str(result.error)


def choice(**message: Any) -> dict[str, Any]:
    call = {"id": "k", "type": "function", "function": {"name": "f", "arguments": ARGUMENTS}}
    content = {"role": "assistant", "content": HI, "tool_calls": [call], **message}
    return {"index": 0, "message": content, "finish_reason": "stop"}


CALLED = {"functionCall": {"name": "f", "args": {"q": 1}}}
GEMINI = {"parts": [{"text": "Hm", "thought": True}, {"text": HI}, CALLED]}
COUNTS = {"prompt_tokens": 5, "completion_tokens": 7}
WHOLE: dict[str, dict[str, Any]] = {
    "chat completions": {
        "object": "chat.completion", "choices": [choice(reasoning_content="Hm")], "usage": COUNTS
    },
    "Responses": {
        "id": "r", "object": "response", "status": "completed",
        "output": [REASONING, MESSAGE, CALL], "usage": USAGE,
    },
    "Anthropic": {
        "id": "m", "type": "message", "role": "assistant", "stop_reason": "end_turn",
        "content": [
            {"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": HI},
            {"type": "tool_use", "id": "k", "name": "f", "input": {"q": 1}},
        ],
        "usage": USAGE,
    },
    "Gemini": {
        "candidates": [{"content": GEMINI, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 7},
    },
    "Ollama": {
        "model": "m", "created_at": "t", "done": True, "done_reason": "stop",
        "message": {"role": "assistant", "content": HI, "thinking": "Hm",
                    "tool_calls": [{"function": {"name": "f", "arguments": {"q": 1}}}]},
        "prompt_eval_count": 5, "eval_count": 7,
    },
    "Cohere": {
        "id": "x", "finish_reason": "COMPLETE", "usage": {"tokens": USAGE},
        "message": {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": HI}],
            "tool_calls": choice()["message"]["tool_calls"],
        },
    },
    "Bedrock": {
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "Hm"}}}, {"text": HI},
            {"toolUse": {"toolUseId": "k", "name": "f", "input": {"q": 1}}}]}},
        "stopReason": "end_turn", "usage": {"inputTokens": 5, "outputTokens": 7},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("form", ["one line", "many lines", "as an event stream", "one event"])
def test_a_whole_answer_to_a_streaming_request_is_read(name: str, form: str) -> None:
    body = json.dumps(WHOLE[name], indent=2 if form == "many lines" else None).encode()
    body = b"data: " + body + b"\n\n" if form == "one event" else body
    kind = "application/json" if form in ("one line", "many lines") else "text/event-stream"
    for result in collected(body, kind):
        assert (result.status, result.text, result.reasoning) == ("finished", HI, "Hm")
        assert calls_of(result) == [F1]
        assert result.usage is not None
        assert {key: getattr(result.usage, key) for key in USAGE} == USAGE


def step(tool_call_id: str, number: int, *, output: bool) -> list[dict[str, Any]]:
    call = {"toolCallId": tool_call_id, "toolName": "f"}
    rows = [
        {"type": "start-step"},
        {"type": "tool-input-start", **call},
        {"type": "tool-input-delta", **call, "inputTextDelta": f'{{"q": {number}}}'},
        {"type": "tool-input-available", **call, "input": {"q": number}},
    ]
    rows += [{"type": "tool-output-available", **call, "output": number}] * output
    return [*rows, {"type": "finish-step"}]


AGAIN: dict[str, tuple[list[dict[str, Any]], list[tuple[str, Any]]]] = {
    "in the next step": (
        step("k", 1, output=True) + step("k", 2, output=True), [F1, ("f", {"q": 2})]
    ),
    "in the next step, without results": (
        step("k", 1, output=False) + step("k", 2, output=False), [F1, ("f", {"q": 2})]
    ),
    "in the same step, with its input again": (
        step("k", 1, output=False)[:-1] + step("k", 1, output=True)[3:], [F1]
    ),
    "another id in the next step": (
        step("k", 1, output=True) + step("l", 1, output=True), [F1, F1]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AGAIN)
def test_the_id_of_a_call_may_come_again(name: str) -> None:
    rows, wanted = AGAIN[name]
    rows = [{"type": "start"}, *rows, {"type": "finish"}]
    body = b"".join(b"data: %s\n\n" % json.dumps(row).encode() for row in rows)
    for result in collected(body + b"data: [DONE]\n\n", "text/event-stream"):
        assert calls_of(result) == wanted
        assert result.status == "finished"

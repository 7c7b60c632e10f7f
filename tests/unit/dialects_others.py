"""The vocabularies of libraries and of clouds that the other tables leave out."""

from __future__ import annotations

import base64
import json
from typing import Any

from dialect import HI, Dialect, Row, tokens


def _b64(inner: Any) -> dict[str, Any]:
    return {"chunk": {"bytes": base64.b64encode(json.dumps(inner).encode()).decode(), "p": "ab"}}


def _watsonx(text: str, stop: str, **counts: int) -> dict[str, Any]:
    fields = {"generated_text": text, "stop_reason": stop, **counts}
    return {"model_id": "m", "created_at": "t", "results": [fields]}


def _dify(event: str, **more: Any) -> dict[str, Any]:
    return {"event": event, "task_id": "t", "message_id": "m", **more}


def _coze(phase: str, kind: str, content: str, **more: Any) -> Row:
    message = {"id": "m", "role": "assistant", "type": kind, "content": content, **more}
    return (f"conversation.message.{phase}", message)


def _protocol(seq: int, method: str, data: Any) -> dict[str, Any]:
    params = {"namespace": [], "timestamp": 1, "data": data}
    return {"type": "event", "seq": seq, "method": method, "params": params}


def _realtime(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "event_id": f"event_{kind}", **more}


def _raw(name: str, **data: Any) -> dict[str, Any]:
    return {"type": "raw_response_event", "data": {"type": f"response.{name}", **data}}


def _langchain(tag: str, **data: Any) -> dict[str, Any]:
    fields = {"event": f"on_{tag}", "run_id": "m", "name": "Chat", "parent_ids": ["root"]}
    return {**fields, "tags": [], "metadata": {}, "data": data}


def _step(kind: str, index: int, **more: Any) -> dict[str, Any]:
    return {"event_type": f"step.{kind}", "index": index, **more}


def _part(kind: str, **more: Any) -> dict[str, Any]:
    return {"event_kind": kind, "index": 0, **more}


_AT = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
_USAGE = {"input_tokens": 5, "output_tokens": 7}

OTHERS: dict[str, Dialect] = {
    "watsonx": Dialect(
        "watsonx",
        [
            _watsonx("", "not_finished", input_token_count=5, generated_token_count=0),
            _watsonx("Hi", "not_finished", input_token_count=0, generated_token_count=3),
            _watsonx(" you", "eos_token", input_token_count=0, generated_token_count=7),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "eos_token"},
    ),
    "the AI SDK's data stream": Dialect(
        "ai-sdk-data",
        [
            'f:{"messageId":"m"}', 'g:"Hm"', '0:"Hi"', '0:" you"',
            '9:{"toolCallId":"k","toolName":"find","args":{"q":"x"}}',
            'a:{"toolCallId":"k","result":{"n":1}}',
            'e:{"finishReason":"stop","usage":{"promptTokens":5,"completionTokens":7}}',
            'd:{"finishReason":"stop","usage":{"promptTokens":5,"completionTokens":7}}',
        ],
        {
            **HI, "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})], "usage": tokens(5, 7),
            "finish": "stop",
        },
        lines=True,
    ),
    "LangGraph's event protocol": Dialect(
        "langgraph-protocol",
        [
            _protocol(1, "lifecycle", {"event": "running", "graph_name": "g"}),
            _protocol(2, "messages", {"event": "message-start", "role": "ai", "id": "m"}),
            _protocol(3, "messages", {"event": "content-block-delta", "index": 0, "delta": {
                "type": "text-delta", "text": "Hi you"}}),
            _protocol(4, "messages", {"event": "message-finish", "usage": _USAGE,
                                      "metadata": {"finish_reason": "stop"}}),
            _protocol(5, "lifecycle", {"event": "completed", "graph_name": "g"}),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop"},
    ),
    "Bedrock, dicts of ConverseStream": Dialect(
        "bedrock-converse",
        [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {
                "reasoningContent": {"text": "Hm"}}}},
            {"contentBlockStop": {"contentBlockIndex": 0}},
            {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": "Hi you"}}},
            {"contentBlockStop": {"contentBlockIndex": 1}},
            {"contentBlockStart": {"contentBlockIndex": 2, "start": {
                "toolUse": {"toolUseId": "t", "name": "find"}}}},
            {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {
                "toolUse": {"input": '{"q": "x"}'}}}},
            {"contentBlockStop": {"contentBlockIndex": 2}},
            {"messageStop": {"stopReason": "tool_use"}},
            {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12},
                          "metrics": {"latencyMs": 1}}},
        ],
        {
            **HI, "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})], "usage": tokens(5, 7),
            "finish": "tool_use",
        },
        lines=True,
    ),
    "Bedrock, which throttles in the middle": Dialect(
        "bedrock-converse",
        [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hi"}}},
            {"throttlingException": {"message": "Too many tokens"}},
        ],
        {"text": "Hi", "error": "Too many tokens", "status": "failed"},
        lines=True,
    ),
    "Bedrock, envelopes": Dialect(
        "bedrock-invoke",
        [
            _b64({"generation": "Hi", "prompt_token_count": 5, "generation_token_count": 1,
                  "stop_reason": None}),
            _b64({"generation": " you", "prompt_token_count": None, "generation_token_count": 7,
                  "stop_reason": "stop", "amazon-bedrock-invocationMetrics": {
                      "inputTokenCount": 5, "outputTokenCount": 7}}),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop"},
        lines=True,
    ),
    "OpenAI Realtime": Dialect(
        "openai-realtime",
        [
            _realtime("session.created", session={"id": "s", "object": "realtime.session"}),
            _realtime("response.created", response={"id": "r", "object": "realtime.response"}),
            _realtime("response.output_text.delta", **_AT, delta="Hi"),
            _realtime("response.output_text.delta", **_AT, delta=" you"),
            _realtime("response.done", response={"id": "r", "object": "realtime.response",
                                                 "status": "completed", "usage": _USAGE}),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "completed"},
        lines=True,
    ),
    "OpenAI's agents": Dialect(
        "openai-agents",
        [
            {"type": "agent_updated_stream_event", "new_agent": {"name": "A"}},
            _raw("created", response={"id": "r"}),
            _raw("output_text.delta", output_index=0, delta="Hi you"),
            _raw("completed", response={"id": "r", "status": "completed", "usage": _USAGE}),
            {"type": "run_item_stream_event", "name": "message_output_created", "item": {
                "raw_item": {"type": "message", "id": "m", "content": [{"text": "Hi you"}]}}},
        ],
        {**HI, "usage": tokens(5, 7), "finish": "completed"},
        lines=True,
    ),
    "LangChain's events": Dialect(
        "langchain-events",
        [
            _langchain("chat_model_start", input={"messages": []}),
            _langchain("chat_model_stream", chunk={"type": "AIMessageChunk", "content": "Hi"}),
            _langchain("chat_model_stream", chunk={"type": "AIMessageChunk", "content": " you"}),
            _langchain("chat_model_end", output={
                "type": "ai", "content": "Hi you", "usage_metadata": _USAGE,
                "response_metadata": {"finish_reason": "stop"}}),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop"},
        lines=True,
    ),
    "Gemini Interactions": Dialect(
        "gemini-interactions",
        [
            {"event_type": "interaction.created", "interaction": {
                "id": "x", "status": "in_progress", "object": "interaction"}},
            _step("start", 0, step={"type": "thought"}),
            _step("delta", 0, delta={"type": "thought_summary", "content": {
                "type": "text", "text": "Hm"}}),
            _step("stop", 0),
            _step("start", 1, step={"type": "model_output"}),
            _step("delta", 1, delta={"type": "text", "text": "Hi you"}),
            _step("stop", 1),
            {"event_type": "interaction.completed", "interaction": {
                "id": "x", "status": "completed", "usage": {
                    "total_input_tokens": 5, "total_output_tokens": 3,
                    "total_thought_tokens": 4}}},
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "completed"},
    ),
    "Dify, a chat": Dialect(
        "dify",
        [
            _dify("workflow_started", data={"id": "w"}),
            _dify("node_started", data={"id": "n", "title": "LLM"}),
            _dify("message", answer="Hi"),
            _dify("message", answer=" you"),
            _dify("node_finished", data={"id": "n", "status": "succeeded"}),
            _dify("workflow_finished", data={"id": "w", "status": "succeeded", "outputs": {
                "answer": "Hi you"}}),
            _dify("message_end", metadata={
                "usage": {"prompt_tokens": 5, "completion_tokens": 7},
                "retriever_resources": [{"document_name": "A", "url": "https://a.test"}]}),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop", "sources": ["https://a.test"]},
    ),
    "Dify, an agent": Dialect(
        "dify",
        [
            _dify("agent_thought", id="x", tool="find", tool_input='{"q": 1}', observation=""),
            _dify("agent_thought", id="x", tool="find", tool_input='{"q": 1}', observation="2"),
            _dify("agent_message", answer="Hi you"),
            _dify("message_end", metadata={}),
        ],
        {**HI, "tool_calls": [("find", {"q": 1})], "finish": "stop"},
    ),
    "Dify, moderated": Dialect(
        "dify",
        [
            _dify("message", answer="Bad"),
            _dify("message_replace", answer="Hi you"),
            _dify("message_end", metadata={}),
        ],
        {**HI, "finish": "stop"},
    ),
    "Dify, a workflow that fails": Dialect(
        "dify",
        [
            _dify("text_chunk", data={"text": "Hi"}),
            _dify("workflow_finished", data={"id": "w", "status": "failed", "error": "Gone"}),
        ],
        {"status": "failed", "text": "Hi", "finish": "failed", "error": "Gone"},
    ),
    "Dify, an error": Dialect(
        "dify",
        [
            _dify("message", answer="Hi"),
            _dify("error", status=400, code="bad_request", message="Gone"),
        ],
        {"status": "failed", "text": "Hi", "error": "Gone"},
    ),
    "Coze": Dialect(
        "coze",
        [
            ("conversation.chat.created", {"id": "1", "status": "created"}),
            _coze("delta", "answer", "", reasoning_content="Hm"),
            _coze("delta", "answer", "Hi"),
            _coze("delta", "answer", " you"),
            _coze("completed", "answer", "Hi you"),
            ("conversation.chat.completed", {"id": "1", "status": "completed", "usage": {
                "input_count": 5, "output_count": 7, "token_count": 12}}),
            ("done", "[DONE]"),
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "completed"},
    ),
    "Coze, the answer only at its end": Dialect(
        "coze",
        [
            _coze("completed", "function_call", '{"name": "find", "arguments": {"q": 1}}', id="f"),
            _coze("completed", "tool_response", "2", id="g"),
            _coze("completed", "answer", "Hi you"),
            ("conversation.chat.completed", {"id": "1", "status": "completed"}),
        ],
        {**HI, "tool_calls": [("find", {"q": 1})], "finish": "completed"},
    ),
    "Coze, a failure": Dialect(
        "coze",
        [
            _coze("delta", "answer", "Hi"),
            ("conversation.chat.failed", {"status": "failed", "last_error": {
                "code": 5000, "msg": "Gone"}}),
            ("done", "[DONE]"),
        ],
        {"status": "failed", "text": "Hi", "error": "Gone"},
    ),
    "pydantic-ai": Dialect(
        "pydantic-ai",
        [
            _part("part_start", part={"content": "Hi", "part_kind": "text"}),
            _part("part_delta", delta={"content_delta": " you", "part_delta_kind": "text"}),
            _part("part_end", part={"content": "Hi you", "part_kind": "text"}),
        ],
        HI,
        lines=True,
    ),
}  # fmt: skip

"""Agents and their protocols."""

from __future__ import annotations

from typing import Any

from dialect import HI, Dialect, tokens


def _rpc(**result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": result}


def _progress(n: int, message: str) -> dict[str, Any]:
    params = {"progressToken": 1, "progress": n, "total": 2, "message": message}
    return {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}


def _status(state: str, *, final: bool = False, **more: Any) -> dict[str, Any]:
    status = {"state": state, "timestamp": "t", **more}
    ids = {"taskId": "t", "contextId": "c"}
    return _rpc(kind="status-update", **ids, status=status, final=final)


def _artifact(text: str, *, append: bool, last: bool) -> dict[str, Any]:
    artifact = {"artifactId": "a", "parts": [{"kind": "text", "text": text}]}
    ids = {"taskId": "t", "contextId": "c"}
    return _rpc(kind="artifact-update", **ids, artifact=artifact, append=append, lastChunk=last)


_ENDED = "The server ended the answer early ({})."
_META = {"langgraph_node": "agent", "langgraph_step": 1}

AGENTS: dict[str, Dialect] = {
    "MCP, with progress": Dialect(
        "mcp",
        [
            _progress(1, "one"),
            _progress(2, "two"),
            _rpc(content=[{"type": "text", "text": "Hi you"}], isError=False),
        ],
        {**HI, "finish": "result"},
    ),
    "MCP, which does not know the tool": Dialect(
        "mcp",
        [
            _progress(1, "one"),
            {"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "Unknown tool"}},
        ],
        {"error": "Unknown tool", "status": "failed"},
    ),
    "A2A 0.3, an artifact in chunks": Dialect(
        "a2a",
        [
            _rpc(kind="task", id="t", contextId="c", status={"state": "submitted"}),
            _status("working"),
            _artifact("Hi", append=False, last=False),
            _artifact(" you", append=True, last=True),
            _status("completed", final=True),
        ],
        {**HI, "finish": "completed"},
    ),
    "A2A 1.0, which fails": Dialect(
        "a2a",
        [
            _rpc(task={"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_SUBMITTED"}}),
            _rpc(artifactUpdate={"taskId": "t", "contextId": "c", "artifact": {
                "artifactId": "a", "parts": [{"text": "Hi"}]}}),
            _rpc(statusUpdate={"taskId": "t", "contextId": "c", "status": {
                "state": "TASK_STATE_FAILED", "message": {
                    "role": "ROLE_AGENT", "messageId": "m", "parts": [{"text": "No."}]}}}),
        ],
        {
            "text": "Hi", "error": "No.", "finish": "TASK_STATE_FAILED", "status": "failed",
        },
    ),
    "LangGraph, several modes at once": Dialect(
        "langgraph",
        [
            ("metadata", {"run_id": "r", "attempt": 1}),
            ("messages", [{"type": "AIMessageChunk", "id": "m1", "content": "Hi",
                           "tool_call_chunks": []}, _META]),
            ("messages", [{"type": "AIMessageChunk", "id": "m1", "content": " you",
                           "response_metadata": {"finish_reason": "stop"}}, _META]),
            ("updates", {"agent": {"messages": [
                {"type": "ai", "id": "m1", "content": "Hi you", "tool_calls": [],
                 "usage_metadata": {"input_tokens": 5, "output_tokens": 7}}]}}),
            ("values", {"messages": [
                {"type": "human", "id": "h", "content": "Hello"},
                {"type": "ai", "id": "m1", "content": "Hi you", "tool_calls": [],
                 "usage_metadata": {"input_tokens": 5, "output_tokens": 7}}]}),
            ("end", "null"),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop"},
    ),
    "LangGraph, whose graph fails": Dialect(
        "langgraph",
        [
            ("metadata", {"run_id": "r", "attempt": 1}),
            ("messages", [{"type": "AIMessageChunk", "id": "m1", "content": "Hi"}, _META]),
            ("error", {"error": "GraphRecursionError", "message": "Recursion limit of 25"}),
        ],
        {"text": "Hi", "error": "Recursion limit of 25", "status": "failed"},
    ),
    "AI SDK 5 with data parts": Dialect(
        "ai-sdk-ui",
        [
            {"type": "start", "messageId": "m", "messageMetadata": {"model": "x"}},
            {"type": "start-step"},
            {"type": "data-weather", "id": "w", "data": {"status": "loading"}},
            {"type": "data-note", "data": {"level": "info"}, "transient": True},
            {"type": "reasoning-start", "id": "r"},
            {"type": "reasoning-delta", "id": "r", "delta": "Hm"},
            {"type": "reasoning-end", "id": "r"},
            {"type": "tool-input-start", "toolCallId": "t", "toolName": "find"},
            {"type": "tool-input-delta", "toolCallId": "t", "inputTextDelta": '{"q": "x"}'},
            {"type": "tool-input-available", "toolCallId": "t", "toolName": "find",
             "input": {"q": "x"}},
            {"type": "tool-output-available", "toolCallId": "t", "output": {"n": 1}},
            {"type": "data-weather", "id": "w", "data": {"status": "sunny"}},
            {"type": "source-url", "sourceId": "s", "url": "https://a.test/1", "title": "A"},
            {"type": "text-start", "id": "0"},
            {"type": "text-delta", "id": "0", "delta": "Hi you"},
            {"type": "text-end", "id": "0"},
            {"type": "finish-step"},
            {"type": "finish", "finishReason": "stop"},
            "[DONE]",
        ],
        {
            **HI, "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})], "finish": "stop",
            "sources": ["https://a.test/1"],
        },
    ),
    "AI SDK 6, a tool to be approved": Dialect(
        "ai-sdk-ui",
        [
            {"type": "start"},
            {"type": "tool-input-available", "toolCallId": "t", "toolName": "rm",
             "input": {"path": "x"}},
            {"type": "tool-approval-request", "approvalId": "a", "toolCallId": "t"},
            {"type": "tool-output-denied", "toolCallId": "t"},
            {"type": "finish", "finishReason": "tool-calls"},
            "[DONE]",
        ],
        {
            "tool_calls": [("rm", {"path": "x"})], "finish": "tool-calls",
            "status": "finished",
        },
    ),
    "AI SDK, an error": Dialect(
        "ai-sdk-ui",
        [
            {"type": "start"}, {"type": "text-start", "id": "0"},
            {"type": "text-delta", "id": "0", "delta": "Hi"},
            {"type": "error", "errorText": "An error occurred."}, "[DONE]",
        ],
        {"text": "Hi", "error": "An error occurred.", "status": "failed"},
    ),
    "AI SDK, stopped by its server": Dialect(
        "ai-sdk-ui",
        [
            {"type": "start"}, {"type": "text-start", "id": "0"},
            {"type": "text-delta", "id": "0", "delta": "Hi"},
            {"type": "abort", "reason": "out of time"}, "[DONE]",
        ],
        {"text": "Hi", "finish": "abort", "error": _ENDED.format("abort"), "status": "incomplete"},
    ),
    "A2A, cancelled": Dialect(
        "a2a",
        [
            _rpc(kind="task", id="t", contextId="c", status={"state": "submitted"}),
            _artifact("Hi", append=False, last=False),
            _status("canceled", final=True),
        ],
        {"text": "Hi", "finish": "canceled", "error": _ENDED.format("canceled"),
         "status": "incomplete"},
    ),
    "AG-UI in chunks, with an error": Dialect(
        "ag-ui",
        [
            {"type": "RUN_STARTED", "threadId": "t", "runId": "r"},
            {"type": "TEXT_MESSAGE_CHUNK", "messageId": "m", "role": "assistant", "delta": "Hi"},
            {"type": "TOOL_CALL_CHUNK", "toolCallId": "c", "toolCallName": "find",
             "delta": '{"q": '},
            {"type": "TOOL_CALL_CHUNK", "toolCallId": "c", "delta": '"x"}'},
            {"type": "RUN_ERROR", "message": "No more.", "code": "E1"},
        ],
        {
            "text": "Hi", "tool_calls": [("find", {"q": "x"})], "error": "No more.",
            "status": "failed",
        },
    ),
    "Cohere, thinking and planning": Dialect(
        "cohere",
        [
            ("message-start", {"type": "message-start", "id": "x", "delta": {"message": {
                "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [],
                "citations": []}}}),
            ("tool-plan-delta", {"type": "tool-plan-delta", "delta": {"message": {
                "tool_plan": "Hm"}}}),
            ("tool-call-start", {"type": "tool-call-start", "index": 0, "delta": {"message": {
                "tool_calls": {"id": "t", "type": "function", "function": {
                    "name": "find", "arguments": ""}}}}}),
            ("tool-call-delta", {"type": "tool-call-delta", "index": 0, "delta": {"message": {
                "tool_calls": {"function": {"arguments": '{"q": "x"}'}}}}}),
            ("tool-call-end", {"type": "tool-call-end", "index": 0}),
            ("message-end", {"type": "message-end", "delta": {
                "finish_reason": "TOOL_CALL", "usage": {"tokens": {
                    "input_tokens": 5, "output_tokens": 7}}}}),
        ],
        {
            "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})], "usage": tokens(5, 7),
            "finish": "TOOL_CALL", "status": "finished",
        },
    ),
}  # fmt: skip

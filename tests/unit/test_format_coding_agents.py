"""Coding agents: Claude Code, Codex and the Agent Client Protocol, whole and at every cut."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamwidget import collect
from streamwidget.run import Result

CLAUDE: list[dict[str, Any]] = [
    {"type": "system", "subtype": "init", "session_id": "s", "model": "claude-x", "tools": []},
    {
        "type": "assistant",
        "session_id": "s",
        "parent_tool_use_id": None,
        "message": {
            "id": "m1",
            "model": "claude-x",
            "content": [
                {"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": "I look. "},
                {"type": "tool_use", "id": "c1", "name": "Bash", "input": {"command": "ls"}},
            ],
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 2, "output_tokens": 5},
        },
    },
    {
        "type": "user",
        "session_id": "s",
        "message": {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "a.py"}],
        },
    },
    {
        "type": "assistant",
        "session_id": "s",
        "message": {
            "id": "m2",
            "model": "claude-x",
            "content": [{"type": "text", "text": "Done."}],
        },
    },
    {
        "type": "result",
        "subtype": "success",
        "is_error": False,
        "result": "Done.",
        "session_id": "s",
    },
]


def piece(**event: Any) -> dict[str, Any]:
    return {"type": "stream_event", "session_id": "s", "parent_tool_use_id": None, "event": event}


def delta(index: int, **fields: str) -> dict[str, Any]:
    return piece(type="content_block_delta", index=index, delta=fields)


CLAUDE_PIECES = [
    CLAUDE[0],
    piece(type="message_start", message={"id": "m1", "model": "claude-x"}),
    piece(type="content_block_start", index=0, content_block={"type": "thinking"}),
    delta(0, type="thinking_delta", thinking="hm"),
    piece(type="content_block_start", index=1, content_block={"type": "text", "text": ""}),
    delta(1, type="text_delta", text="I "),
    delta(1, type="text_delta", text="look. "),
    piece(
        type="content_block_start",
        index=2,
        content_block={"type": "tool_use", "id": "c1", "name": "Bash"},
    ),
    delta(2, type="input_json_delta", partial_json='{"command":'),
    delta(2, type="input_json_delta", partial_json='"ls"}'),
    piece(type="message_stop"),
    *CLAUDE[1:],
]

CODEX: list[dict[str, Any]] = [
    {"type": "thread.started", "thread_id": "t"},
    {"type": "turn.started"},
    {"type": "item.completed", "item": {"id": "i0", "type": "reasoning", "text": "hm"}},
    {"type": "item.completed", "item": {"id": "i1", "type": "agent_message", "text": "I look. "}},
    {
        "type": "item.started",
        "item": {
            "id": "c1",
            "type": "command_execution",
            "command": "ls",
            "aggregated_output": "",
            "exit_code": None,
            "status": "in_progress",
        },
    },
    {
        "type": "item.completed",
        "item": {
            "id": "c1",
            "type": "command_execution",
            "command": "ls",
            "aggregated_output": "a.py",
            "exit_code": 0,
            "status": "completed",
        },
    },
    {
        "type": "item.updated",
        "item": {
            "id": "i3",
            "type": "todo_list",
            "items": [{"text": "a", "completed": True}, {"text": "b", "completed": False}],
        },
    },
    {"type": "item.completed", "item": {"id": "i2", "type": "agent_message", "text": "Done."}},
    {
        "type": "turn.completed",
        "usage": {"input_tokens": 5, "cached_input_tokens": 2, "output_tokens": 5},
    },
]


def update(tag: str, **fields: Any) -> dict[str, Any]:
    params = {"sessionId": "s", "update": {"sessionUpdate": tag, **fields}}
    return {"jsonrpc": "2.0", "method": "session/update", "params": params}


def block(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


ACP: list[dict[str, Any]] = [
    {"jsonrpc": "2.0", "id": 0, "result": {"protocolVersion": 1, "agentCapabilities": {}}},
    update("agent_thought_chunk", content=block("hm")),
    update("agent_message_chunk", content=block("I ")),
    update("agent_message_chunk", content=block("look. ")),
    update("tool_call", toolCallId="c1", title="Bash", kind="execute", status="pending"),
    update("tool_call_update", toolCallId="c1", rawInput={"command": "ls"}, status="in_progress"),
    update(
        "tool_call_update",
        toolCallId="c1",
        status="completed",
        content=[{"type": "content", "content": block("a.py")}],
    ),
    update("plan", entries=[{"content": "a", "priority": "high", "status": "in_progress"}]),
    update("agent_message_chunk", content=block("Done.")),
    {"jsonrpc": "2.0", "id": 2, "result": {"stopReason": "end_turn"}},
]

STREAMS = {
    "claude-code": CLAUDE,
    "claude-code in pieces": CLAUDE_PIECES,
    "codex": CODEX,
    "acp": ACP,
}


def run(lines: list[dict[str, Any]], size: int = 1 << 20) -> Result:
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return collect(iter(chunks), content_type="application/x-ndjson")


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", STREAMS)
def test_an_agent_that_looks_calls_and_answers(name: str, size: int) -> None:
    result = run(STREAMS[name], size)
    assert result.document.format == name.split()[0]
    assert (result.status, result.text, result.reasoning) == ("finished", "I look. Done.", "hm")
    (call,) = [part for part in result.document.parts if part.kind == "tool-call"]
    assert json.loads(call.text) == {"command": "ls"}
    assert (call.fields["result"], call.fields["is_error"]) == ("a.py", False)
    assert call.fields["tool_name"] in ("Bash", "command_execution")
    assert "unknown" not in {part.kind for part in result.document.parts}
    if name != "acp":
        assert result.usage is not None
        assert (result.usage.input_tokens, result.usage.output_tokens) == (5, 5)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_without_its_end_marker_is_incomplete(name: str) -> None:
    assert run(STREAMS[name][:-1]).status == "incomplete"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([*CLAUDE[:2], {"type": "result", "subtype": "error_max_turns", "is_error": True,
                        "session_id": "s"}], "error_max_turns"),
        ([*CODEX[:3], {"type": "turn.failed", "error": {"message": "no quota"}}], "no quota"),
        ([*ACP[:3], {"jsonrpc": "2.0", "id": 2, "error": {"code": -1, "message": "no"}}], "no"),
    ],
)  # fmt: skip
def test_a_failure_of_the_agent_fails_the_run(lines: list[dict[str, Any]], message: str) -> None:
    result = run(lines)
    assert result.status == "failed"
    assert result.error is not None
    assert message in result.error.message


def test_a_subagent_has_a_step_and_a_session_file_is_complete_at_its_end() -> None:
    task = {"type": "tool_use", "id": "c9", "name": "Task", "input": {}}
    inner = {"id": "m8", "content": [{"type": "text", "text": "inner"}]}
    done = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c9",
                                         "content": [{"type": "text", "text": "ok"}]}]}  # fmt: skip
    lines = [
        {"type": "user", "sessionId": "s", "message": {"role": "user", "content": "please"}},
        {"type": "assistant", "sessionId": "s", "message": {"id": "m7", "content": [task]}},
        {"type": "assistant", "sessionId": "s", "parent_tool_use_id": "c9", "message": inner},
        {"type": "user", "sessionId": "s", "message": done},
    ]
    result = run(lines)
    assert result.status == "finished"
    (step,) = result.steps
    assert (step.name, step.state) == ("Task", "done")
    (text,) = [part for part in result.document.parts if part.kind == "text"]
    assert text.fields["step_id"] == step.step_id
    (notice,) = [part for part in result.document.parts if part.kind == "notice"]
    assert (notice.fields["message"], notice.fields["level"]) == ("You: please", "sent")


def test_the_updates_are_those_of_the_protocol() -> None:
    acp = pytest.importorskip("acp")
    for message in ACP:
        if message.get("method") == "session/update":
            acp.schema.SessionNotification.model_validate(message["params"])

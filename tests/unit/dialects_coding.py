"""Streams of coding agents, in short."""

from __future__ import annotations

from typing import Any

from dialect import HI, Dialect, tokens


def _claude(tag: str, **more: Any) -> dict[str, Any]:
    return {"type": tag, "session_id": "s", **more}


def _said(text: str, **more: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    return _claude("assistant", message={"id": "m", "content": content, **more})


def _codex(text: str, id_: str) -> dict[str, Any]:
    item = {"id": id_, "type": "agent_message", "text": text}
    return {"type": "item.completed", "item": item}


def _acp(text: str) -> dict[str, Any]:
    content = {"type": "text", "text": text}
    update = {"sessionUpdate": "agent_message_chunk", "content": content}
    params = {"sessionId": "s", "update": update}
    return {"jsonrpc": "2.0", "method": "session/update", "params": params}


CODING = {
    "Claude Code": Dialect(
        "claude-code",
        [
            _claude("system", subtype="init", model="m"),
            _said("Hi"),
            _said(" you", usage={"input_tokens": 5, "output_tokens": 7}),
            _claude("result", subtype="success", result=" you"),
        ],
        {**HI, "usage": tokens(5, 7), "finish": "success"},
        lines=True,
    ),
    "Codex": Dialect(
        "codex",
        [
            {"type": "thread.started", "thread_id": "t"},
            {"type": "turn.started"},
            _codex("Hi", "a"),
            _codex(" you", "b"),
            {"type": "turn.completed", "usage": {"input_tokens": 5, "output_tokens": 7}},
        ],
        {**HI, "usage": tokens(5, 7)},
        lines=True,
    ),
    "Agent Client Protocol": Dialect(
        "acp",
        [
            _acp("Hi"),
            _acp(" you"),
            {"jsonrpc": "2.0", "id": 1, "result": {"stopReason": "end_turn"}},
        ],
        {**HI, "finish": "end_turn"},
        lines=True,
    ),
}

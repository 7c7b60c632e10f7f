"""An A2A agent of the official SDK, over JSON-RPC in two versions and over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from servers.apps.a2a_agent import PIECES
from servers.reading import Read
from streamwidget import http

Reads = Callable[[Callable[[], object]], Read]
Address = Callable[[str], str]
HEADERS = {"A2A-Version": "1.0"}
WRITING = {"kind": "notice", "state": "closed", "message": "Writing", "level": "info"}


def message(prompt: str) -> dict[str, Any]:
    return {"message": {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": prompt}]}}


def json_rpc(url: str, prompt: str) -> object:
    call = {"jsonrpc": "2.0", "id": 1, "method": "SendStreamingMessage", "params": message(prompt)}
    return http(f"{url}/rpc", method="POST", headers=HEADERS, json=call)


def json_rpc_0_3(url: str, prompt: str) -> object:
    fields = {"kind": "message", "messageId": "m", "role": "user"}
    params = {"message": {**fields, "parts": [{"kind": "text", "text": prompt}]}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "message/stream", "params": params}
    return http(f"{url}/rpc", method="POST", json=call)


def rest(url: str, prompt: str) -> object:
    return http(f"{url}/message:stream", method="POST", headers=HEADERS, json=message(prompt))


BINDINGS = {"json-rpc": json_rpc, "json-rpc 0.3": json_rpc_0_3, "rest": rest}
ENDS = {
    "write": ("finished", "".join(PIECES), None, "completed"),
    "fail": ("failed", "".join(PIECES), "The disk is full", "failed"),
    "ask": ("finished", "", None, "input_required"),
}


@pytest.mark.parametrize("prompt", ENDS)
@pytest.mark.parametrize("binding", BINDINGS)
def test_an_artifact_grows_and_the_state_of_the_task_ends_the_run(
    binding: str, prompt: str, address: Address, reads: Reads
) -> None:
    status, text, error, state = ENDS[prompt]
    got = reads(lambda: BINDINGS[binding](address("a2a_agent"), prompt))
    assert (got.format, got.status, got.text, got.error) == ("a2a", status, text, error)
    assert (got.finish or "").lower().replace("-", "_").removeprefix("task_state_") == state
    assert got.parts[0] == WRITING
    if prompt == "ask":
        assert got.parts[1]["message"] == "Which one?"

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


def message(said: str) -> dict[str, Any]:
    return {"message": {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": said}]}}


def json_rpc(url: str, said: str) -> object:
    call = {"jsonrpc": "2.0", "id": 1, "method": "SendStreamingMessage", "params": message(said)}
    return http("POST", f"{url}/rpc", headers=HEADERS, json=call)


def json_rpc_0_3(url: str, said: str) -> object:
    told = {"kind": "message", "messageId": "m", "role": "user"}
    params = {"message": {**told, "parts": [{"kind": "text", "text": said}]}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "message/stream", "params": params}
    return http("POST", f"{url}/rpc", json=call)


def rest(url: str, said: str) -> object:
    return http("POST", f"{url}/message:stream", headers=HEADERS, json=message(said))


BINDINGS = {"json-rpc": json_rpc, "json-rpc 0.3": json_rpc_0_3, "rest": rest}
ENDS = {
    "write": ("complete", "".join(PIECES), None, "completed"),
    "fail": ("failed", "".join(PIECES), "The disk is full", "failed"),
    "ask": ("complete", "", None, "input_required"),
}


@pytest.mark.parametrize("said", ENDS)
@pytest.mark.parametrize("binding", BINDINGS)
def test_an_artifact_grows_and_the_state_of_the_task_ends_the_run(
    binding: str, said: str, address: Address, reads: Reads
) -> None:
    outcome, text, error, state = ENDS[said]
    got = reads(lambda: BINDINGS[binding](address("a2a_agent"), said))
    assert (got.format, got.outcome, got.text, got.error) == ("a2a", outcome, text, error)
    assert (got.finish or "").lower().replace("-", "_").removeprefix("task_state_") == state
    assert got.parts[0] == WRITING
    if said == "ask":
        assert got.parts[1]["message"] == "Which one?"

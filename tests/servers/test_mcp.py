"""The official MCP server over streamable HTTP, in both revisions of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from servers.reading import Read
from streamwidget import http

Reads = Callable[[Callable[[], object]], Read]
Address = Callable[[str], str]
ACCEPT = {"Accept": "application/json, text/event-stream"}
META = "io.modelcontextprotocol/"
CLIENT = {"name": "tests", "version": "1"}


def message(method: str, id: int | None = 1, **params: Any) -> dict[str, Any]:
    fields = {"jsonrpc": "2.0", "method": method, "params": params}
    return fields if id is None else {**fields, "id": id}


def opened_2025(url: str) -> dict[str, str]:
    """The headers of a session that was begun as the revision wants it."""
    begin = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
    answer = httpx.post(url, headers=ACCEPT, json=message("initialize", **begin))
    session = {"MCP-Session-Id": answer.headers["mcp-session-id"]}
    headers = {**ACCEPT, **session, "MCP-Protocol-Version": "2025-11-25"}
    httpx.post(url, headers=headers, json=message("notifications/initialized", None))
    return headers


def opened_2026(_url: str) -> dict[str, str]:
    return {**ACCEPT, "MCP-Protocol-Version": "2026-07-28", "MCP-Method": "tools/call"}


def called(revision: str, url: str, name: str, **arguments: Any) -> Callable[[], object]:
    """A source that calls a tool and asks for its progress."""
    meta: dict[str, Any] = {"progressToken": "tok"}
    headers = OPENED[revision](url)
    if revision == "2026-07-28":
        headers["MCP-Name"] = name
        meta |= {f"{META}protocolVersion": revision, f"{META}clientCapabilities": {}}
        meta |= {f"{META}clientInfo": CLIENT}
    call = message("tools/call", name=name, arguments=arguments, _meta=meta)
    return lambda: http(url, method="POST", headers=headers, json=call)


OPENED = {"2025-11-25": opened_2025, "2026-07-28": opened_2026}


@pytest.mark.parametrize("revision", OPENED)
def test_a_tool_tells_its_progress_and_its_result(
    revision: str, address: Address, reads: Reads
) -> None:
    got = reads(called(revision, f"{address('mcp_tools')}/mcp", "count", n=3))
    assert (got.format, got.status, got.finish) == ("mcp", "finished", "result")
    assert got.text == "Counted to 3."
    [progress] = got.parts
    assert (progress["completed"], progress["total"]) == (3, 3)
    assert progress["message"] == "Counted 3"


@pytest.mark.parametrize("revision", OPENED)
def test_a_tool_that_fails_says_so(revision: str, address: Address, reads: Reads) -> None:
    got = reads(called(revision, f"{address('mcp_tools')}/mcp", "fail"))
    assert (got.status, got.finish) == ("finished", "error")
    assert "Error executing tool fail" in got.text
    assert [part["kind"] for part in got.parts] == ["progress", "notice"]
    assert got.parts[0].get("total") is None


def test_the_answer_to_initialize_is_known_as_mcp(address: Address, reads: Reads) -> None:
    begin = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
    url = f"{address('mcp_tools')}/mcp"
    got = reads(
        lambda: http(url, method="POST", headers=ACCEPT, json=message("initialize", **begin))
    )
    assert (got.format, got.status) == ("mcp", "finished")
    assert "serverInfo" in got.parts[0]["data"]

"""A pydantic-ai agent that speaks AG-UI and the AI SDK's UI stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from servers.reading import Read
from streamwidget import http

Reads = Callable[[Callable[[], object]], Read]
Address = Callable[[str], str]
CALL = ("weather", {"city": "Oslo"}, "18 °C in Oslo")


def ag_ui(url: str, prompt: str) -> Callable[[], object]:
    message = {"id": "1", "role": "user", "content": prompt}
    empty: dict[str, Any] = {"tools": [], "context": [], "state": {}, "forwardedProps": {}}
    body = {"threadId": "t", "runId": "r", "messages": [message], **empty}
    headers = {"Accept": "text/event-stream"}
    return lambda: http(f"{url}/ag-ui", method="POST", headers=headers, json=body)


def ai_sdk(url: str, prompt: str, version: int) -> Callable[[], object]:
    message = {"id": "1", "role": "user", "parts": [{"type": "text", "text": prompt}]}
    body = {"trigger": "submit-message", "id": "c", "messages": [message]}
    return lambda: http(f"{url}/ai-sdk/{version}", method="POST", json=body)


def test_ag_ui_gives_reasoning_the_call_with_its_result_and_text(
    address: Address, reads: Reads
) -> None:
    got = reads(ag_ui(address("agents"), "Weather in Oslo?"))
    assert (got.format, got.status, got.finish) == ("ag-ui", "finished", "success")
    assert (got.reasoning, got.text) == ("They ask about weather.", "It is 18 °C in Oslo.")
    assert got.calls == [CALL]
    assert got.parts == []


@pytest.mark.parametrize("version", [5, 6, 7])
def test_the_ui_stream_of_each_ai_sdk_gives_the_same_in_two_steps(
    version: int, address: Address, reads: Reads
) -> None:
    got = reads(ai_sdk(address("agents"), "Weather in Oslo?", version))
    assert (got.format, got.status) == ("ai-sdk-ui", "finished")
    assert (got.reasoning, got.text) == ("They ask about weather.", "It is 18 °C in Oslo.")
    assert got.calls == [CALL]
    assert [(part["kind"], part["state"]) for part in got.parts] == [("step", "done")] * 2


@pytest.mark.parametrize("speak", [ag_ui, lambda url, prompt: ai_sdk(url, prompt, 6)])
def test_a_model_that_breaks_fails_the_run_and_keeps_the_text(
    speak: Callable[[str, str], Callable[[], object]], address: Address, reads: Reads
) -> None:
    got = reads(speak(address("agents"), "Please fail"))
    assert (got.status, got.text, got.error) == ("failed", "So far", "The model broke")

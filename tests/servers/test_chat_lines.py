"""The one line for each provider in docs/chat.md: two questions through the real SDK."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anthropic
import ollama
import openai
import pytest
from google import genai

from servers.apps.agents import agent
from servers.graph import build
from servers.replay import TEXT, replaying
from streamwidget import Chat, http

PAGE = Path(__file__).parents[2] / "docs" / "chat.md"
WAIT_S = 60.0
FIRST, SECOND = "Explain quantum computing", "Wait, go deeper on qubits"


def lines() -> dict[str, str]:
    """The lines of the page by provider."""
    section = PAGE.read_text("utf-8").partition("## One line for each provider")[2]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert code is not None
    blocks = re.findall(r"^# (.+?)\n(Chat\(.*?)(?=\n\n|\Z)", code[1], re.DOTALL | re.MULTILINE)
    return dict(blocks)


def names(url: str) -> dict[str, dict[str, Any]]:
    """What each line needs besides `Chat`: clients of the local server, an agent, a graph."""
    return {
        "OpenAI, and every server that speaks its protocol": {
            "client": openai.OpenAI(base_url=f"{url}/v1", api_key="k")
        },
        "Anthropic": {"client": anthropic.Anthropic(base_url=url, api_key="k")},
        "Gemini": {"client": genai.Client(api_key="k", http_options={"base_url": url})},
        "Ollama": {"ollama": ollama.Client(host=url)},
        "LangGraph": {"graph": build()},
        "pydantic-ai": {"agent": agent},
        "HTTP, without an SDK": {"http": http, "url": f"{url}/v1/chat/completions"},
    }


ANSWERS = {"LangGraph": "It is 18 °C.", "pydantic-ai": "It is 18 °C in Oslo."}
"""Of those without a server; the others say `TEXT`."""


def test_every_line_of_the_page_is_run() -> None:
    assert lines().keys() == names("http://127.0.0.1:1").keys()


@pytest.mark.parametrize("provider", lines())
def test_the_line_of_a_provider_answers_and_sends_the_conversation(provider: str) -> None:
    requests: list[str] = []
    with replaying(requests) as url:
        given = names(url)[provider]
        chat: Chat = eval(lines()[provider], {"Chat": Chat, "model": "m", **given})
        for question in (FIRST, SECOND):
            turn = chat.ask(question)
            assert turn is not None
            turn.wait(WAIT_S)
            assert turn.status == "finished", turn.error
            assert turn.text == ANSWERS.get(provider, TEXT)
    if provider not in ANSWERS:
        first, second = requests
        assert FIRST in first
        assert SECOND not in first
        assert second.index(FIRST) < second.index(TEXT) < second.index(SECOND)

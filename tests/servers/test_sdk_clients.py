"""Items of the vendors' clients, synchronous and asynchronous, are recognised by their shape.

A client is opened for each read: what `StreamView` and `collect` get are the SDK's open streams.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anthropic
import cohere
import ollama
import openai
import pytest
from google import genai
from mistralai.client import Mistral

from servers.reading import Read
from servers.replay import ARGUMENTS, TEXT, USAGE, replaying

Reads = Callable[[Callable[[], object]], Read]
SAID: list[Any] = [{"role": "user", "content": "Weather in Oslo?"}]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with replaying() as url:
        yield url


async def awaited(opening: Awaitable[Any]) -> AsyncIterator[Any]:
    """The items of a stream that is opened on the loop that reads it."""
    async for item in await opening:
        yield item


def chat(url: str) -> Any:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k")
    return client.chat.completions.create(model="m", messages=SAID, stream=True)


def chat_async(url: str) -> Any:
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k")
    return awaited(client.chat.completions.create(model="m", messages=SAID, stream=True))


def chat_helper(url: str) -> Any:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k")
    with client.chat.completions.stream(model="m", messages=SAID) as stream:
        yield from stream


def responses(url: str) -> Any:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k")
    return client.responses.create(model="m", input="x", stream=True)


def responses_async(url: str) -> Any:
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k")
    return awaited(client.responses.create(model="m", input="x", stream=True))


def responses_helper(url: str) -> Any:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k")
    with client.responses.stream(model="m", input="x") as stream:
        yield from stream


def messages(url: str) -> Any:
    client = anthropic.Anthropic(base_url=url, api_key="k")
    return client.messages.create(model="m", max_tokens=9, messages=SAID, stream=True)


def messages_async(url: str) -> Any:
    client = anthropic.AsyncAnthropic(base_url=url, api_key="k")
    return awaited(client.messages.create(model="m", max_tokens=9, messages=SAID, stream=True))


def messages_helper(url: str) -> Any:
    client = anthropic.Anthropic(base_url=url, api_key="k")
    with client.messages.stream(model="m", max_tokens=9, messages=SAID) as stream:
        yield from stream


def gemini(url: str) -> Any:
    client = genai.Client(api_key="k", http_options={"base_url": url})
    yield from client.models.generate_content_stream(model="m", contents="x")


async def gemini_async(url: str) -> Any:
    client = genai.Client(api_key="k", http_options={"base_url": url})
    async for item in await client.aio.models.generate_content_stream(model="m", contents="x"):
        yield item


def ollama_chat(url: str) -> Any:
    return ollama.Client(host=url).chat(model="m", messages=SAID, stream=True)


def ollama_async(url: str) -> Any:
    return awaited(ollama.AsyncClient(host=url).chat(model="m", messages=SAID, stream=True))


def mistral(url: str) -> Any:
    return Mistral(api_key="k", server_url=url).chat.stream(model="m", messages=SAID)


def mistral_async(url: str) -> Any:
    client = Mistral(api_key="k", server_url=url)
    return awaited(client.chat.stream_async(model="m", messages=SAID))


def cohere_chat(url: str) -> Any:
    return cohere.ClientV2(api_key="k", base_url=url).chat_stream(model="m", messages=SAID)


def cohere_async(url: str) -> Any:
    return cohere.AsyncClientV2(api_key="k", base_url=url).chat_stream(model="m", messages=SAID)


CLIENTS = {
    "openai-chat": (chat, chat_async, chat_helper, mistral, mistral_async),
    "openai-responses": (responses, responses_async, responses_helper),
    "anthropic": (messages, messages_async, messages_helper),
    "gemini": (gemini, gemini_async),
    "ollama": (ollama_chat, ollama_async),
    "cohere": (cohere_chat, cohere_async),
}
FINISH = {
    "openai-chat": "tool_calls",
    "openai-responses": "completed",
    "anthropic": "tool_use",
    "gemini": "STOP",
    "ollama": "stop",
    "cohere": "TOOL_CALL",
}
ROWS = [(name, client) for name, clients in CLIENTS.items() for client in clients]


@pytest.mark.filterwarnings("ignore")  # the SDKs' own, such as of sockets closed by the collector
@pytest.mark.parametrize(("name", "client"), ROWS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_client_of_the_vendor_gives_text_calls_usage_and_the_reason(
    name: str, client: Callable[[str], object], url: str, reads: Reads
) -> None:
    got = reads(lambda: client(url))
    assert (got.format, got.status, got.error) == (name, "finished", None)
    assert (got.text, got.usage, got.finish) == (TEXT, USAGE, FINISH[name])
    assert got.calls == [("weather", ARGUMENTS, None)]
    assert got.reasoning == ("Hmm." if name == "gemini" else "")
    assert got.parts == []  # nothing was left that was not understood

"""A pydantic-ai agent over a scripted model, spoken to in AG-UI and in the AI SDK's UI stream."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel
from pydantic_ai.ui.ag_ui import AGUIAdapter
from pydantic_ai.ui.vercel_ai import VercelAIAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from servers.apps.serve import serve

Delta = str | dict[int, DeltaToolCall] | dict[int, DeltaThinkingPart]


async def script(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Delta]:
    """Thinks and asks for a tool; answers once it has the tool's result; fails when asked to."""
    parts = [part for message in messages for part in message.parts]
    if any("fail" in str(getattr(part, "content", "")) for part in parts):
        yield "So far"
        raise RuntimeError("The model broke")
    if any(isinstance(part, ToolReturnPart) for part in parts):
        for word in ("It is ", "18 °C ", "in Oslo."):
            yield word
        return
    yield {0: DeltaThinkingPart(content="They ask ")}
    yield {0: DeltaThinkingPart(content="about weather.")}
    yield {1: DeltaToolCall(name="weather", json_args='{"city": ', tool_call_id="w1")}
    yield {1: DeltaToolCall(json_args='"Oslo"}')}


def answer(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
    raise AssertionError("only streams are asked for")


agent = Agent(FunctionModel(answer, stream_function=script))


@agent.tool_plain
def weather(city: str) -> str:
    """The weather of a city."""
    return f"18 °C in {city}"


async def ag_ui(request: Request) -> Response:
    return await AGUIAdapter.dispatch_request(request, agent=agent)


async def ai_sdk(request: Request) -> Response:
    version = int(request.path_params["version"])
    return await VercelAIAdapter.dispatch_request(request, agent=agent, sdk_version=version)


if __name__ == "__main__":
    routes = [
        Route("/ag-ui", ag_ui, methods=["POST"]),
        Route("/ai-sdk/{version}", ai_sdk, methods=["POST"]),
    ]
    serve(Starlette(routes=routes))

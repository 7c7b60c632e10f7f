"""What `resume=` may be; a new design is one line here. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from ...errors import UsageError
from ..request import HttpRequest
from .by_characters import ByFunction, ResumableStream
from .by_event_id import MCP, EventSource, LangGraphRuns
from .by_number import GeminiInteractions, LangGraphProtocol, OpenAIResponses
from .design import Design
from .durable import DurableStreams
from .position import Position

DesignName: TypeAlias = Literal[
    "last-event-id",
    "openai-responses",
    "gemini-interactions",
    "langgraph",
    "durable-streams",
    "resumable-stream",
    "mcp",
]
Resume: TypeAlias = "DesignName | Callable[[Position], object] | None"


def _langgraph(first: HttpRequest) -> Design:
    subscribes = urlsplit(first.url).path.rstrip("/").endswith("/stream/events")
    return LangGraphProtocol(first) if subscribes else LangGraphRuns(first)


DESIGNS: Final[Mapping[str, Callable[[HttpRequest], Design]]] = {
    "last-event-id": EventSource,
    "openai-responses": OpenAIResponses,
    "gemini-interactions": GeminiInteractions,
    "langgraph": _langgraph,
    "durable-streams": DurableStreams,
    "resumable-stream": ResumableStream,
    "mcp": MCP,
}


def design_maker(
    resume: object,
    first: HttpRequest,
    request_of: Callable[[object], HttpRequest | None],
) -> Callable[[], Design] | None:
    """Makes a fresh design for each run of `first`; None if none was declared.

    Raises:
        UsageError: `resume` is no design, or not one for such a request.
    """
    if resume is None:
        return None
    if callable(resume):
        return lambda: ByFunction(first, resume, request_of)
    make = DESIGNS.get(resume) if isinstance(resume, str) else None
    if make is None:
        known = ", ".join(repr(name) for name in DESIGNS)
        raise UsageError(
            f"resume={resume!r} is not known: it is one of {known}, or a function of the position "
            "that gives a request (resume=lambda position: http('GET', ...)) or None."
        )
    make(first)  # says at once what is wrong with it
    return lambda: make(first)

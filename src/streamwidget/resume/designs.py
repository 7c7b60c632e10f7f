"""The values of `resume=`; a new design is one line here. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from ..errors import UsageError
from ..io.request import HttpRequest
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
    """Return a function that makes a fresh design for each run of `first`; None without `resume`.

    Raises:
        UsageError: `resume` is unknown, or not possible for this request.
    """
    if resume is None:
        return None
    if callable(resume):
        return lambda: ByFunction(first, resume, request_of)
    make = DESIGNS.get(resume) if isinstance(resume, str) else None
    if make is None:
        known = ", ".join(repr(name) for name in DESIGNS)
        raise UsageError(
            f"resume={resume!r} is not known: pass one of {known}, or a function of the position "
            "that returns a request (resume=lambda position: http(...)) or None."
        )
    make(first)  # raises now if the design does not fit the request
    return lambda: make(first)

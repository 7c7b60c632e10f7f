"""The values of `StreamView.attach(path, resume=...)`, and how each continues a stream."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import IncompleteError, UsageError
from ..io.source import AsyncSource, Source, SyncSource
from ..resume.position import Position

Continuation: TypeAlias = Callable[[Position], object] | Source
"""A function of the last position that returns the source that begins there; `http(...)` with
`resume=`, or `websocket(...)`."""


@dataclass(frozen=True, slots=True)
class Next:
    """The source that continues a recorded stream."""

    source: Source
    keeps: str
    """The share of the recording that stays: `all`, `place` (up to the position) or `nothing`,
    because the server sends the stream from its start again."""
    notice: str | None = None
    """A sentence about data that is missing; None: nothing is."""


def continuing(resume: Continuation | None) -> Callable[[Position | None], Next] | None:
    """Return a function of the last recorded position (None: there is none); None for None.

    Raises:
        UsageError: `resume` cannot continue a stream.
    """
    if resume is None:
        return None
    from ..io.websocket import WebSocketSource
    from .http import can_continue

    if isinstance(resume, WebSocketSource):
        return lambda _: _connected_again(resume)
    if can_continue(resume):
        return lambda place: _requested(resume, place)
    if isinstance(resume, (SyncSource, AsyncSource)) or not callable(resume):
        raise UsageError(
            f"resume= is a {type(resume).__name__}, which cannot continue a stream. Pass "
            "http(url, resume=...), websocket(url), or a function of the position that returns "
            "a source."
        )
    if not _takes_one(resume):
        raise UsageError(
            "The function passed as resume= takes no position, so it cannot know where to "
            "continue: resume=lambda position: http(...)."
        )
    function = resume
    return lambda place: _called(function, place)


def _requested(source: object, place: Position | None) -> Next:
    from ..io.httpx import AsyncHttp, SyncHttp
    from .http import continued

    assert isinstance(source, (AsyncHttp, SyncHttp))
    following, starts_over = continued(source, place or Position())
    return Next(following, "nothing" if starts_over else "place")


def _connected_again(source: Source) -> Next:
    notice = "A WebSocket has no positions: what the server sent in the meantime is missing."
    return Next(source, "all", notice)


def _called(function: Callable[[Position], object], place: Position | None) -> Next:
    from .resolve import resolve

    if place is None:
        raise IncompleteError(
            "It has no position to continue from: only a source with resume= records positions."
        )
    return Next(resolve(function(place)), "place")


def _takes_one(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind(Position())
    except TypeError:
        return False
    except ValueError:
        return True  # a built-in function without a signature
    return True

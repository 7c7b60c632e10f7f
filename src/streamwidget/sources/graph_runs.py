"""A LangGraph graph as a source: its interrupts are asked in the view, and the graph continues.

The library is never imported unless a graph is interrupted. Must not know runs.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from ..emit.asking import Ask, Asks
from ..errors import UnansweredError, UsageError
from ..events import Event
from ..formats.questions import PeerQuestion, interrupt_questions, resume_value
from ..io.source import AsyncSource, Context, Kind
from .items import Items

MODES = ("messages", "updates", "custom")
"""The modes of `astream` that show all of a run once."""
_INTERRUPTS = "__interrupt__"


class GraphSource:
    """One run of a graph, continued after each of its interrupts."""

    restartable = True
    kind = Kind(noun="graph")
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(
        self, graph: Any, given: object, config: Mapping[str, object] | None, **options: object
    ) -> None:
        self.name = str(getattr(graph, "name", "") or "graph")
        self._graph, self._given, self._config = graph, given, config
        self._options = {"stream_mode": list(MODES), **options}

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Stream the graph; ask the reader at each interrupt, and continue with the answers."""
        items, given = Items(context, self.name), self._given
        while True:
            interrupts: list[Any] = []
            chunks = self._graph.astream(given, self._config, **self._options)
            async with aclosing(chunks):
                async for chunk in chunks:
                    found = interrupts_in(chunk)
                    interrupts += found
                    if not found or context.controls is None:
                        yield items.feed(chunk)
            if not interrupts or context.controls is None:
                break
            try:
                answers = await _answers(context.controls.asks, interrupts)
            except UnansweredError:
                break  # nobody can answer; the view shows the questions, and the graph waits
            given = importlib.import_module("langgraph.types").Command(resume=answers)
        yield items.end()


def langgraph(
    graph: object,
    input: object,
    config: Mapping[str, object] | None = None,
    **options: object,
) -> AsyncSource:
    """Run a compiled LangGraph graph, and ask the reader where the graph calls `interrupt`.

    The value of an interrupt becomes the question: text, a dict with `question` and `options`, or a
    request for approval as LangChain's `HumanInTheLoopMiddleware` sends it. The graph continues
    with the answer, by `Command(resume=...)`; that needs a checkpointer and a `thread_id` in
    `config`. Where nobody can answer, the run ends and the graph waits.

    Args:
        graph: the compiled graph.
        input: the input of its first run.
        config: its configuration, such as `{"configurable": {"thread_id": "1"}}`.
        options: further arguments of `graph.astream`, such as `context=` or `stream_mode=`.

    Raises:
        UsageError: `graph` has no `astream`; compile it first.
    """
    if not callable(getattr(graph, "astream", None)):
        raise UsageError(
            f"A {type(graph).__name__} is not a compiled graph: pass builder.compile(...)."
        )
    return GraphSource(graph, input, config, **options)


def interrupts_in(chunk: object) -> list[Any]:
    """Return the interrupts that a chunk of `astream` reports."""
    payload = chunk[-1] if isinstance(chunk, tuple) and chunk else chunk
    found = payload.get(_INTERRUPTS) if isinstance(payload, Mapping) else None
    return list(found) if isinstance(found, (list, tuple)) else []


async def _answers(asks: Asks, interrupts: Sequence[Any]) -> object:
    """Ask all questions at once, and return the value to resume with when all are answered.

    Raises:
        UnansweredError: nobody has answered one of them.
    """
    unique = {str(getattr(one, "id", at)): one.value for at, one in enumerate(interrupts)}
    asked = {
        key: (value, [(question, _ask(asks, question)) for question in interrupt_questions(value)])
        for key, value in unique.items()
    }
    resumed = {
        key: resume_value(value, [question.sent(await ask) for question, ask in pairs])
        for key, (value, pairs) in asked.items()
    }
    return resumed if len(resumed) > 1 else next(iter(resumed.values()))


def _ask(asks: Asks, question: PeerQuestion) -> Ask:
    return asks.ask(
        question.question,
        options=question.options or None,
        schema=question.schema,
        detail=question.detail,
    )

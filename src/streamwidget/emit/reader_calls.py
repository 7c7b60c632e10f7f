"""The calls of an emitter that wait for the reader or read what the reader sets."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast, overload

from ..errors import StopRequested, UnansweredError, UsageError
from ..threads import check_can_block
from .asking import MISSING, Ask
from .emitter_base import EmitterBase
from .event_sink import EventSink
from .knobs import KnobHandle

T = TypeVar("T")
D = TypeVar("D")


class ReaderCalls(EmitterBase):
    """Questions to the reader, and knobs."""

    @overload
    def ask(
        self,
        question: object,
        options: Mapping[str, T] | Sequence[T],
        *,
        timeout: float | None = None,
    ) -> T: ...

    @overload
    def ask(
        self,
        question: object,
        options: Mapping[str, T] | Sequence[T],
        *,
        timeout: float | None = None,
        default: D,
    ) -> T | D: ...

    @overload
    def ask(
        self,
        question: object,
        *,
        schema: type[T],
        timeout: float | None = None,
    ) -> T: ...

    @overload
    def ask(
        self,
        question: object,
        *,
        schema: type[T],
        timeout: float | None = None,
        default: D,
    ) -> T | D: ...

    @overload
    def ask(
        self,
        question: object,
        *,
        schema: Mapping[str, object],
        timeout: float | None = None,
    ) -> dict[str, object]: ...

    @overload
    def ask(
        self,
        question: object,
        *,
        schema: Mapping[str, object],
        timeout: float | None = None,
        default: D,
    ) -> dict[str, object] | D: ...

    @overload
    def ask(
        self,
        question: object,
        *,
        timeout: float | None = None,
    ) -> str: ...

    @overload
    def ask(
        self,
        question: object,
        *,
        timeout: float | None = None,
        default: D,
    ) -> str | D: ...

    def ask(
        self,
        question: object,
        options: object = None,
        *,
        schema: object = None,
        timeout: float | None = None,
        default: object = MISSING,
    ) -> object:
        """Ask the reader, wait for the answer and return it.

        The view shows the question as buttons or as a form. A plain function waits on its own
        thread, so that neither the kernel nor other jobs are blocked. In a coroutine, or in a cell
        that feeds a view by hand, write `await emit.ask(...)`: on a thread with a running event
        loop the call returns something to await.

        Args:
            question: text.
            options: answers to choose from, any values; a dict has their labels as its keys. The
                chosen value itself is returned.
            schema: the fields of a form: a pydantic model, a dataclass, `str`, `int`, `float`,
                `bool`, an `Enum`, a `Literal`, or a JSON Schema as a dict. The answer is an
                instance of the class, or for a JSON Schema of an object a dict.
            timeout: seconds to wait; None: no limit.
            default: returned if nobody answers in time, before the run ends, or at all because no
                page and no terminal shows the question. Without it that is an error.

        Without `options` and `schema` the answer is one line of text. The time of waiting counts
        neither for `Budget.max_time_s` nor as a silence.

        Raises:
            StopRequested: a stop was requested; also while waiting, with or without a default.
            UnansweredError: nobody has answered, and there is no `default`.
            UsageError: the options or the schema cannot be shown as a form, or the call would
                block the kernel: in a cell that feeds a view by hand and does not await, or in a
                browser, where Python has no threads.
        """
        return ask_reader(
            self._sink,
            question,
            options,
            schema=schema,
            timeout=timeout,
            default=default,
            step_id=self._step(),
        )

    async def elicit(self, context: object, params: object) -> object:
        """Ask the reader what an MCP server asks; for `ClientSession(elicitation_callback=...)`.

        `ClientSession(read, write, elicitation_callback=emit.elicit)` shows each
        `elicitation/create` as a form. Returns the library's `ElicitResult`: accepted with the
        content, declined, or cancelled if nobody has answered.

        Raises:
            StopRequested: a stop was requested.
        """
        del context  # what the session knows of the request, which the question does not need
        return await elicited(self._sink, params, self._step())

    def knob(
        self,
        name: object,
        value: float,
        *,
        min: float | None = None,
        max: float | None = None,
        step: float | None = None,
        log: bool | None = None,
    ) -> KnobHandle:
        """Show a number that the reader can change while the job runs, and return it.

        The job reads `knob.value` or `float(knob)`; each change is an event. With `min` and `max`
        the view shows a slider beside the number. If all numbers are whole, so is the value.

        Args:
            name: the label; a second call with the same name returns the same knob, with the value
                that it has by then.
            value: the first value, moved into the bounds.
            min: the least value; None: no bound.
            max: the greatest value; None: no bound.
            step: the distance of two values; None: any value, or whole numbers.
            log: True for a logarithmic slider, which needs `min` above 0 and `max`; None: it is one
                if `max` is at least 1,000 times `min`, there is no `step`, and not all numbers are
                whole.

        Raises:
            StopRequested: a stop was requested.
            TypeError: a number is not one.
            UsageError: the bounds contradict each other.
        """
        sink, step_id = self._sink, self._step()
        sink.check()
        return sink.controls.knobs.add(
            name,
            value,
            minimum=min,
            maximum=max,
            step=step,
            is_log=log,
            step_id=step_id,
            before=lambda: sink.close(step_id),
        )


async def elicited(sink: EventSink, params: object, step_id: str | None) -> object:
    """Ask the question of an MCP elicitation and return its result as the library has it."""
    address = getattr(params, "url", None)
    schema = getattr(params, "requestedSchema", getattr(params, "requested_schema", None))
    decline = "Decline"
    options = {"I have opened it": {}, decline: decline} if address else None
    result: Any = importlib.import_module("mcp.types").ElicitResult
    try:
        answer = await cast(
            "Awaitable[object]",
            ask_reader(
                sink,
                str(getattr(params, "message", "")) or "The server asks.",
                options,
                schema=None if address else schema,
                step_id=step_id,
                detail=address,
                decline=None if address else decline,
            ),
        )
    except UnansweredError:
        return result(action="cancel")
    if answer is None or answer == decline:
        return result(action="decline")
    return result(action="accept", content=None if address else answer)


class Answer(Awaitable[T], Generic[T]):
    """The answer of a question that a coroutine has asked; await it."""

    def __init__(self, sink: EventSink, ask: Ask) -> None:
        self._sink = sink
        self._ask = ask
        self._then: Callable[[Any], Any] = _same

    def then(self, function: Callable[[Any], Any]) -> Answer[T]:
        """Await what `function` returns for the answer."""
        self._then = function
        return self

    def __await__(self) -> Generator[Any, None, T]:
        return self._settled().__await__()

    async def _settled(self) -> T:
        return cast("T", self._then(await self._wait()))

    def __bool__(self) -> bool:
        """Refuse to be a condition: a forgotten `await` must not count as yes.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            "The reader has not answered yet. In a coroutine, write `await emit.ask(...)` and "
            "`await call.approve()`."
        )

    async def _wait(self) -> T:
        try:
            return cast("T", await self._ask)
        finally:
            _check_stop(self._sink, self._ask)


def _same(answer: object) -> object:
    return answer


def ask_reader(
    sink: EventSink,
    question: object,
    options: object = None,
    *,
    schema: object = None,
    timeout: float | None = None,
    default: object = MISSING,
    step_id: str | None = None,
    about_part_id: str | None = None,
    detail: str | None = None,
    decline: str | None = None,
) -> object:
    """Ask the reader of a run; return the answer, or on an event loop what is to be awaited.

    Raises:
        StopRequested: a stop was requested.
        UnansweredError: nobody has answered, and there is no `default`.
        UsageError: see `Emitter.ask`.
    """
    sink.check()
    awaits = _has_loop()
    if awaits:
        sink.check_await()
    else:
        check_can_block("`await emit.ask(...)` in a coroutine")
    sink.settle()
    ask = sink.controls.asks.ask(
        question,
        options=options,
        schema=schema,
        timeout=timeout,
        default=default,
        step_id=step_id,
        about_part_id=about_part_id,
        detail=detail,
        decline=decline,
        before=sink.close(step_id),
    )
    if awaits:
        return Answer[object](sink, ask)
    try:
        return ask.wait()
    finally:
        _check_stop(sink, ask)


def _check_stop(sink: EventSink, ask: Ask) -> None:
    """Raise `StopRequested` if the question was closed by a stop."""
    if ask.reply is not None and ask.reply.outcome == "stopped":
        raise StopRequested
    sink.check()


def _has_loop() -> bool:
    """True on a thread whose event loop is running: blocking it would block everything on it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

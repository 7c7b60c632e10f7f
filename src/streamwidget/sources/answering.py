"""The function that answers in a chat, as the source of one answer."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..emit import Emitter
from ..errors import UsageError

Answer: TypeAlias = Callable[..., object]
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Answering:
    """A function that answers, with the number of arguments that it takes."""

    function: Answer
    takes_history: bool
    takes_emitter: bool
    is_coroutine: bool

    def source(self, message: str, history: Sequence[Any]) -> Answer:
        """Return a function that `StreamView` takes: it calls this one, again at each call."""
        arguments = (message, history) if self.takes_history else (message,)
        call = functools.partial(self.function, *arguments)
        job = _MAKERS[self.is_coroutine, self.takes_emitter](call)
        job.__name__ = getattr(self.function, "__name__", "answer")
        return job

    def close(self) -> None:
        """Do nothing: a function keeps nothing open between two answers."""


def answering(function: object) -> Answering:
    """Return how `function` is called: with the message, the history, and an emitter if it takes
    three arguments.

    Raises:
        UsageError: it is not a function, or takes no argument, or more than three.
    """
    if not callable(function):
        raise UsageError(
            f"A chat takes a function, not {type(function).__name__}: Chat(answer), where "
            "answer(message, history) returns a stream."
        )
    count = argument_count(function)
    if not 1 <= count <= 3:
        raise UsageError(
            f"answer takes {count} arguments. It must take the message, the history if it needs "
            "it, and an emitter if it calls one: answer(message, history, emit)."
        )
    call = getattr(function, "__call__", None)  # noqa: B004 (objects with an async __call__)
    is_coroutine = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
    return Answering(function, count > 1, count > 2, is_coroutine)


def argument_count(function: Callable[..., object]) -> int:
    """Return how many arguments to pass: those without a default, and `history` and `emit`."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a function of C without a signature
        return 2
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters):
        return 2
    positional = [one for one in parameters if one.kind in _POSITIONAL]
    asked = (one.default is one.empty or one.name in ("history", "emit") for one in positional)
    return sum(asked)


# --- one function for each way to call


def _plain(call: Callable[..., object]) -> Answer:
    return lambda: _returned(call())


def _emitting(call: Callable[..., object]) -> Answer:
    def job(emit: Emitter) -> object:
        return call(emit)

    return job


def _awaiting(call: Callable[..., Any]) -> Answer:
    async def job() -> object:
        return _returned(await call())

    return job


def _awaiting_emitting(call: Callable[..., Any]) -> Answer:
    async def job(emit: Emitter) -> object:
        return await call(emit)

    return job


_MAKERS = {
    (False, False): _plain,
    (False, True): _emitting,
    (True, False): _awaiting,
    (True, True): _awaiting_emitting,
}


def _returned(value: object) -> object:
    """Return the value of a function without an emitter.

    Raises:
        UsageError: it is None.
    """
    if value is None:
        raise UsageError(
            "answer returned None. Return a text or a stream, or take an emitter: "
            "answer(message, history, emit)."
        )
    return value

"""A conversation as the list of messages that a model takes, in the shapes of several libraries."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

from ..errors import UsageError

HistoryFormat: TypeAlias = Literal["openai", "anthropic", "gemini", "langchain", "pydantic-ai"]
_LIBRARIES: dict[str, str] = {"pydantic-ai": "pydantic_ai"}
"""The formats whose messages are objects of a library, with the name of its module."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question, and the text of its answer, which may be partial."""

    question: str
    answer: str


def messages(exchanges: Iterable[Exchange], format: str = "openai") -> list[Any]:
    """Return the messages of a conversation, oldest first, without unanswered questions.

    `openai`, also for Ollama and most other servers, and `anthropic`: dicts with `role` and
    `content`. `gemini`: dicts with `role` and `parts`. `langchain`: pairs of a role and a text, for
    LangChain and LangGraph. `pydantic-ai`: its `ModelMessage` objects.

    Raises:
        UsageError: the format is unknown, or pydantic-ai is not installed.
    """
    answered = [exchange for exchange in exchanges if exchange.answer.strip()]
    return _WRITERS[history_format(format)](answered)


def history_format(value: str) -> HistoryFormat:
    """Return `value` if it is the name of a format of messages that can be made here.

    Raises:
        UsageError: it is not, or the library whose messages these are is not installed.
    """
    known = get_args(HistoryFormat)
    if value not in known:
        raise UsageError(f"history={value!r} is unknown. Pass one of {', '.join(known)}.")
    if value in _LIBRARIES and importlib.util.find_spec(_LIBRARIES[value]) is None:
        raise _not_installed(value)
    return cast("HistoryFormat", value)


def _not_installed(library: str) -> UsageError:
    return UsageError(f"history={library!r} needs {library}: pip install {library}.")


def _roles(exchanges: list[Exchange]) -> list[Any]:
    return [
        {"role": role, "content": text}
        for one in exchanges
        for role, text in (("user", one.question), ("assistant", one.answer))
    ]


def _gemini(exchanges: list[Exchange]) -> list[Any]:
    return [
        {"role": role, "parts": [{"text": text}]}
        for one in exchanges
        for role, text in (("user", one.question), ("model", one.answer))
    ]


def _langchain(exchanges: list[Exchange]) -> list[Any]:
    return [
        pair for one in exchanges for pair in (("user", one.question), ("assistant", one.answer))
    ]


def _pydantic_ai(exchanges: list[Exchange]) -> list[Any]:
    try:
        library: Any = importlib.import_module("pydantic_ai.messages")
    except ImportError as error:
        raise _not_installed("pydantic-ai") from error
    return [
        message
        for one in exchanges
        for message in (
            library.ModelRequest(parts=[library.UserPromptPart(content=one.question)]),
            library.ModelResponse(parts=[library.TextPart(content=one.answer)]),
        )
    ]


_WRITERS: dict[HistoryFormat, Callable[[list[Exchange]], list[Any]]] = {
    "openai": _roles,
    "anthropic": _roles,
    "gemini": _gemini,
    "langchain": _langchain,
    "pydantic-ai": _pydantic_ai,
}

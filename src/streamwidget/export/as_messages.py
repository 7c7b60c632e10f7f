"""A conversation as the list of messages that a model takes, in the shapes of several libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..attachments import Attachment
from ..message import HistoryFormat, Message, content, history_format, pydantic_messages


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question, and the text of its answer, which may be partial."""

    question: str
    answer: str
    attachments: tuple[Attachment, ...] = ()
    """The attachments of the question."""


def messages(exchanges: Iterable[Exchange], format: str = "openai") -> list[Any]:
    """Return the messages of a conversation, oldest first, without unanswered questions.

    `openai`, also for Ollama and most other servers, and `anthropic`: dicts with `role` and
    `content`. `gemini`: dicts with `role` and `parts`. `langchain`: pairs of a role and a text, for
    LangChain and LangGraph. `pydantic-ai`: its `ModelMessage` objects. A question with attachments
    has a list of content parts in place of its text.

    Raises:
        UsageError: the format is unknown, or pydantic-ai is not installed.
    """
    answered = [exchange for exchange in exchanges if exchange.answer.strip()]
    return _WRITERS[history_format(format)](answered)


def _question(one: Exchange, format: str) -> Any:
    return content(Message(one.question, one.attachments), format)


def _roles(exchanges: list[Exchange], format: str) -> list[Any]:
    return [
        {"role": role, "content": words}
        for one in exchanges
        for role, words in (("user", _question(one, format)), ("assistant", one.answer))
    ]


def _gemini(exchanges: list[Exchange]) -> list[Any]:
    return [
        {"role": role, "parts": parts}
        for one in exchanges
        for role, parts in (
            ("user", _question(one, "gemini")),
            ("model", [{"text": one.answer}]),
        )
    ]


def _langchain(exchanges: list[Exchange]) -> list[Any]:
    return [
        pair
        for one in exchanges
        for pair in (("user", _question(one, "langchain")), ("assistant", one.answer))
    ]


def _pydantic_ai(exchanges: list[Exchange]) -> list[Any]:
    library = pydantic_messages()
    return [
        message
        for one in exchanges
        for message in (
            library.ModelRequest(
                parts=[library.UserPromptPart(content=_question(one, "pydantic-ai"))]
            ),
            library.ModelResponse(parts=[library.TextPart(content=one.answer)]),
        )
    ]


_WRITERS: dict[HistoryFormat, Callable[[list[Exchange]], list[Any]]] = {
    "openai": lambda exchanges: _roles(exchanges, "openai"),
    "anthropic": lambda exchanges: _roles(exchanges, "anthropic"),
    "gemini": _gemini,
    "langchain": _langchain,
    "pydantic-ai": _pydantic_ai,
}
